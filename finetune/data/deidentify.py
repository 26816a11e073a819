"""Personal data out of texts to train on: what the service does with uploads, and names of the field left alone."""

import re
from collections import Counter
from functools import cache, lru_cache

from generator.labs.redact import lab_words
from ingest.deidentify import DeidentifyConfig, find_identifiers, put_placeholders
from ingest.privacy.forms import Removed, find_by_form, fold
from ingest.privacy.names import degrees_end, titled_names
from ingest.privacy.persons import find_persons
from retriever.vocabulary import concepts

_REMEMBERED = 8_192
# Names of statistics, which stand in every abstract. Source: MeSH, Statistics as Topic and its entry terms.
_STATISTICS = (
    "kaplan meier cox wilcoxon mann whitney kruskal wallis student bonferroni kolmogorov smirnov mantel haenszel"
)
_PLACEHOLDER = re.compile(r"\[[A-Z]+(?: [A-Z\d+]+)*\]")
_SAYS = re.compile(r"\b(?:said|says|told|explained|wrote|added|commented|named|called)\b")
_SAYS_AFTER = re.compile(rf"[,\s]{{1,2}}(?:who\s)?{_SAYS.pattern}")
_SAYS_BEFORE = re.compile(rf"{_SAYS.pattern}(?:\s(?:(?:lead|senior|first|study)\s)?(?:co-)?author)?[,\s]{{1,2}}$")
_WITH_DEGREE = re.compile(
    r"(?:[^\W\d_a-z][\w'’.-]{0,30}\s){1,3}[^\W\d_a-z][\w'’-]{1,30}(?=,\s(?:M\.?D|Ph\.?D|M\.?B|D\.?O|R\.?N|Pharm\.?D)\b)"
)
_YEAR_OLD = re.compile(r"[-\s]years?[-\s]old\b")


def deidentify(text: str, *, published: bool = False) -> tuple[str, Counter[str]]:
    """Put placeholders such as "[NAME]" where personal data stand.

    Names of drugs, brands, genes, diseases and analytes stay, and so do eponyms ("Burkitt lymphoma"), authors in lists
    of references, ages below 90 and the year of a day: "[DATE 2024]".

    Args:
        text: English for names in running text; labels of reports and forms of numbers also in other languages.
        published: the text is literature: only names with a title, a degree or a verb of saying, e-mails and ages of
            patients from 90 go; days, phones, web addresses, numbers and other words in capitals stay.

    Returns:
        The text, and how many of each kind were removed: name, birth_date, number, address, phone, email, url, age,
        date.

    Raises:
        MissingPart: if Presidio or its language model is not installed.
    """
    found = spans(text, published=published)
    return put_placeholders(text, found), Counter(one.kind for one in found)


@lru_cache(maxsize=_REMEMBERED)  # a passage is a fact of many examples
def spans(text: str, *, published: bool = False) -> tuple[Removed, ...]:
    """Where personal data stand, in order, without overlap; arguments and errors are those of `deidentify`."""
    found = _in_publication(text) if published else find_identifiers(text, _config())
    return tuple(one for one in found if not _PLACEHOLDER.fullmatch(text, one.start, one.end))


def _in_publication(text: str) -> list[Removed]:
    """What is a person's in literature: its phones, days and numbers are those of help lines, approvals and trials.

    A name needs a title, a degree or a verb of saying beside it: of other phrases in capitals that look like names,
    nearly all are headings, species, procedures and firms.
    """
    found = [Removed(start, degrees_end(text, end), "name") for start, end in titled_names(text)]
    found += [Removed(match.start(), match.end(), "name") for match in _WITH_DEGREE.finditer(text)]
    if _SAYS.search(text):
        persons = (one for one in find_persons(text, keep=_field_words()) if one.kind == "name")
        found += [one for one in persons if _SAYS_AFTER.match(text, one.end) or _SAYS_BEFORE.search(text[: one.start])]
    for one in find_by_form(fold(text)):
        if one.kind == "email" or (one.kind == "age" and _YEAR_OLD.match(text, one.end)):
            found.append(one)
    apart: list[Removed] = []
    for one in sorted(found):
        if not apart or one.start >= apart[-1].end:
            apart.append(one)
    return apart


@cache
def _config() -> DeidentifyConfig:
    return DeidentifyConfig(keep=_field_words())


@cache
def _field_words() -> frozenset[str]:
    """What is no name, folded: the words of analytes, and of all forms of the retriever's tables but for eponyms.

    Those are read as eponyms where a noun follows, and else may be somebody's name: Parkinson, Wilson, Christmas.
    """
    forms = [form for concept in concepts() for form in (*concept.forms, *concept.cased, *concept.in_context)]
    words = [word for form in forms for word in form.split() if " " not in form or not word.istitle()]
    return frozenset(map(fold, (*lab_words().keep, *_STATISTICS.split(), *words)))
