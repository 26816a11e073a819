"""Text to terms for the lexical index: compounds of the field stay whole, words are stemmed."""

import re
import threading
import unicodedata

import Stemmer

# Letters and digits of any script, joined by the characters that hold a name of the field together: BCR::ABL1, 6-MP,
# t(9;22), IDH1/2, p.R132H, 10^9/L.
_TERM = re.compile(r"t\(\d+;\d+\)|[^\W_]+(?:(?:::|[-/.;^+'’])[^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s\b")
_RAISED = re.compile(r"(?<=\d)[⁰¹²³⁴-⁹]+")
_PART = re.compile(r"[^\W_]+")
# The stop words of Lucene's EnglishAnalyzer, and question words, which every question has and no passage is about.
# Source: https://lucene.apache.org/core/9_0_0/analysis/common/org/apache/lucene/analysis/en/EnglishAnalyzer.html
STOP_WORDS = frozenset(
    """a an and are as at be but by for if in into is it no not of on or such that the their then there these they
    this to was will with what which who whom whose when where why how do does did can could should would may might
    i me my we our you your he she his her has have had been being am than from about""".split()
)
_LOCAL = threading.local()


def terms(text: str) -> list[str]:
    """Split text into index terms, in order, repeats kept.

    A compound yields itself without its joints, and its parts: "BCR::ABL1" gives "bcrabl1", "bcr", "abl1".
    Words of more than three letters are stemmed (Snowball English); stop words are left out.
    """
    found: list[str] = []
    # Before NFKC, which would turn 10⁹ into 109.
    spelled = _RAISED.sub(lambda match: "^" + match.group(), text)
    plain = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", spelled).casefold())
    for match in _TERM.finditer(plain):
        token = match.group()
        parts = _PART.findall(token)
        if len(parts) > 1:
            found.append("".join(parts))
        found += [_stem(part) for part in parts if part not in STOP_WORDS]
    return found


def _stem(word: str) -> str:
    # A PyStemmer is not safe to share between threads.
    if not hasattr(_LOCAL, "stemmer"):
        _LOCAL.stemmer = Stemmer.Stemmer("english")
    return str(_LOCAL.stemmer.stemWord(word)) if len(word) > 3 and word.isalpha() else word
