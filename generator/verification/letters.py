"""Letters of one script that stand for those of another: "Τhe" with a Greek capital, "gH2AX" for "γH2AX"."""

import re

_CAPITALS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")
_POSING = re.compile(r"[ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ](?=[a-z]{2})")
# No mu: "mg" is not "μg".
_STAND_INS = str.maketrans("αβγδεζκλ", "abgdezkl")
_GREEK_NAME = re.compile(r"(?<![\w-])[\w-]{0,20}[αβγδεζκλ][\w-]{0,20}(?![\w-])")


def with_latin_capitals(text: str) -> str:
    """A text in which no Greek capital poses as the first letter of a Latin word; its length stays."""
    return _POSING.sub(lambda capital: capital[0].translate(_CAPITALS), text)


def with_greek_names(sentence: str, source: str) -> str:
    """A sentence with the Greek letters of the names of its source, where it has the whole name in Latin letters."""
    for name in dict.fromkeys(_GREEK_NAME.findall(source)):
        latin = name.translate(_STAND_INS)
        # "11b-HSD1" is the source's "11β-HSD1"; a lone "a" is no alpha.
        if len(latin) > 2 and "μ" not in name and latin in sentence and latin not in source:
            sentence = re.sub(rf"(?<![\w-]){re.escape(latin)}(?![\w-])", name, sentence)
    return sentence
