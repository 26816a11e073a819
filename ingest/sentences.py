"""Sentence boundaries in biomedical prose, by rules.

A stop followed by white space is a candidate; the word before it and the word after it decide. A split too
few costs a longer quote, a split too many tears a statement from its condition: doubtful stops do not split.
"""

import re


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Never the last word of a sentence: something always follows.
_OPEN_ABBREVIATIONS = _words("""
e.g eg i.e ie vs v cf ca approx resp viz fig figs tab eq eqs ref refs suppl vol pp pg dr drs prof mr mrs ms st ste sr
jr mt chap sect def subsp ssp cv nr nos incl excl avg est esp dept gen col lt sen rev hon messrs
ed eds med clin biol chem int proc univ acad assoc natl
""")
# May close a sentence, so the next word must be one that opens sentences.
_CLOSING_ABBREVIATIONS = _words("""
al etc i.v iv p.o po s.c sc i.m im i.p ip i.t q.d qd b.i.d bid t.i.d tid q.i.d qid q.o.d qod q.h q.w h.s p.r.n prn
inc ltd corp co llc gmbh s.a bros sp spp a.m p.m u.s u.s.a u.k e.u m.d ph.d b.s m.s d.o r.n
no jan feb mar apr jun jul aug sep sept oct nov dec ave blvd
""")
_OPENERS = _words("""
the this these those that there their they it its we our in on at as an a after although among and because before both
but by despite during each finally for from further furthermore given he her here his how however i if importantly
most moreover no none of one only other overall patients results several she since some such subsequently then
therefore thus to treatment two three under until using when where whereas whether which while with within without you
your all also another any are aim aims background conclusion conclusions discussion interpretation introduction
methods objective objectives purpose
""")
# After these a capital letter is a name, and may end a sentence: "vitamin C. Patients".
_LETTERED = _words("""
vitamin hepatitis type group arm class factor cohort influenza stage grade panel part appendix table figure population
protein category subtype level regimen course cycle phase score scenario study drug plan option
""")
_NUMBERED = frozenset({"no", "p", "art", "sec"})
_LOWER_OPENERS = _OPENERS - {
    "a",
    "no",
    "i",
    "of",
    "one",
    "and",
    "to",
    "with",
    "by",
    "as",
    "in",
    "for",
    "from",
    "at",
    "on",
}

_BOUNDARY = re.compile(
    r"""
    (?P<blank>\n[^\S\n]*\n\s*)
    | (?P<bullet>\n(?=[^\S\n]*(?:[-*•‣▪–]|\d{1,2}[.)])[^\S\n]))
    | (?P<glued>(?:(?<=[a-z][a-z][a-z%])|(?<=[^\W_]\))|(?<=\d%))\.(?=[A-Z][a-z]{2}|[A-Z]{4}))
    | (?P<wide>[。！？]+["'”’」』）)]*)
    | (?P<stop>\.\.\.+|[.!?…]+)
      (?P<close>["'”’»)\]]*)
      (?P<cite>(?:\[[^\[\]\n]{1,60}\]|\s\[\d[\d,;\s–-]*\])*|\d{1,3}(?:[,–-]\d{1,3})*)
      (?=\s|\Z)
    """,
    re.VERBOSE,
)
_NEXT = re.compile(r"\s*(?P<open>[\"'“‘«(\[¿¡]*)(?P<word>[^\W\d_]*)(?P<after>\S?)")
_GENE_LIKE = re.compile(r"[a-z]{1,6}-?(?:[A-Z0-9]|\()")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_LIST_NUMBER = re.compile(r"(?:\d{1,3}|[ivx]{1,4}|[a-z])", re.IGNORECASE)
_OPENING = "\"'“‘«([{"


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Find the sentences of a text.

    A blank line always ends a sentence, and so does a line that opens with a bullet or number. Citations in
    brackets or raised right after a stop belong to the sentence before them.

    Returns:
        (start, end) offsets in order, not overlapping, without white space at their ends; together they
        cover every character that is no white space. About 5 MB/s on one core.
    """
    sentences: list[tuple[int, int]] = []
    start = 0
    for match in _BOUNDARY.finditer(text):
        if match["stop"] and not _ends(text, start, match):
            continue
        _keep(text, start, match.end(), into=sentences)
        start = match.end()
    _keep(text, start, len(text), into=sentences)
    return sentences


def _keep(text: str, start: int, end: int, *, into: list[tuple[int, int]]) -> None:
    stretch = text[start:end]
    left = len(stretch) - len(stretch.lstrip())
    if left == len(stretch):
        return
    kept = stretch.strip()
    if len(kept) <= 3 and into and not any(c.isalnum() for c in kept) and "\n" not in text[into[-1][1] : start + left]:
        into[-1] = (into[-1][0], start + left + len(kept))  # a stray stop or bracket is no sentence
    else:
        into.append((start + left, start + left + len(kept)))


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the stop of this match ends the sentence that began at `start`."""
    at = match.start()
    follow = _NEXT.match(text, match.end())
    if follow is None or follow.end() == len(text) == match.end():
        return True
    raised = match["cite"][:1].isdigit()
    if raised and not (text[max(at - 3, 0) : at].isalpha() and _upper(follow)):
        return False
    token_start = max(text.rfind(" ", start, at), text.rfind("\n", start, at), start - 1) + 1
    token = text[token_start:at].lstrip(_OPENING)
    if match["stop"] != ".":
        return _ends_after_mark(match, follow)
    return _ends_after_word(text, token, follow, before=text[max(start, token_start - 20) : token_start])


def _ends_after_mark(match: re.Match[str], follow: re.Match[str]) -> bool:
    lower = follow["word"][:1].islower() and not follow["open"]
    if match["stop"][0] in "!?" and not match["close"]:
        return not lower or len(match["stop"]) == 1
    return not lower


def _ends_after_word(text: str, token: str, follow: re.Match[str], *, before: str) -> bool:
    word = token.lower()
    opens = follow["word"].lower() in _OPENERS and follow["word"][:1].isupper() and follow["after"] != "."
    if word in _OPEN_ABBREVIATIONS:
        return False
    if word in _NUMBERED and follow["after"].isdigit() and not follow["word"]:
        return False
    # "IV" in capitals is a stage or a route; either may close a sentence like any word.
    if (word in _CLOSING_ABBREVIATIONS and not token.isupper()) or _DOTTED.fullmatch(token):
        return opens
    if not before.strip() and _LIST_NUMBER.fullmatch(token):
        return False
    if len(token) == 1 and token.isalpha():
        return opens or (_upper(follow) and _takes_letter(before.split()[-1:], token))
    if len(token) <= 3 and token.isdigit() and follow["after"].isdigit() and not follow["word"]:
        return False  # "P = 0. 05", as old records print it
    if follow["word"][:1].islower():
        return _opens_in_lower_case(text, token, follow)
    return True


def _takes_letter(before: list[str], letter: str) -> bool:
    """Whether a single letter belongs to the word before it: "hepatitis B", "12 h"."""
    word = before[0] if before else ""
    return word.lower() in _LETTERED or (letter.islower() and word[-1:].isdigit())


def _upper(follow: re.Match[str]) -> bool:
    return follow["word"][:1].isupper()


def _opens_in_lower_case(text: str, token: str, follow: re.Match[str]) -> bool:
    # p53, mTOR, miR-21, t(9;22) open sentences; so do plain words in hurried prose, if the stop is beyond doubt.
    if _GENE_LIKE.match(text, follow.start("word")):
        return True
    if not follow["word"].isascii():
        return follow["word"][:1] in "αβγδεκλμ"
    return len(token) > 3 and token.isalpha() and token.islower() and follow["word"] in _LOWER_OPENERS
