"""Names that show by their own words: a title, a degree, an introduction, or nothing but capitals."""

import re
from collections.abc import Collection, Iterator
from functools import cache

from ingest.privacy.forms import fold
from ingest.privacy.labels import find_labels, words

# The words of a person who says who they are.
_INTRODUCED = re.compile(
    r"\b(?i:my (?:full |last |first |maiden )?name is|her name is|his name is"
    r"|maiden name is|calls? me|called me|signed,|sincerely,|kind regards,"
    r"|best regards,|mein name ist|ich heisse|je m'appelle|me llamo|mi nombre es|mi chiamo|meu nome e|meu nome é)\s+"
    r"([^\W\d_a-z][\w'’-]+(?:\s(?:[^\W\d_]\.\s)?(?:(?:de|van|von|der|al|bin|la)\s)*[^\W\d_a-z][\w'’-]+){0,3})"
)


def looks_like_name(text: str, known: Collection[str]) -> bool:
    """Whether a cell is two to five capitalised words, none of them a common one."""
    found = re.findall(r"[^\W\d_][\w'’.-]*", text)
    plain = [fold(word).strip(".'’-") for word in found]
    capital = all(word[0].isupper() or fold(word) in words().particles for word in found)
    rest = re.sub(r"[\w'’.,\s-]", "", text)
    usual = any(word in known and len(word) > 2 and word not in words().particles for word in plain)
    return 2 <= len(found) <= 5 and capital and not rest and not re.search(r"\d", text) and not usual


def titled_names(text: str) -> Iterator[tuple[int, int]]:
    """Names behind a title ("Mr. Rajesh Kumar", "Prof. Dr. med. Anna Bauer") or before a degree ("A. Rao, MD")."""
    for match in _titled().finditer(text):
        yield match.start(), match.start(1) + len(match.group(1).rstrip(" .,-"))
    for match in re.finditer(_INTRODUCED, text):
        yield match.span(1)
    for match in _signed().finditer(text):
        labels = find_labels(fold(match.group(1)))
        start = match.start(1) + (labels[-1].end if labels else 0)
        if all(word[0].isupper() for word in text[start : match.end(1)].split()):
            yield start, match.end(1)


def degrees_end(text: str, end: int) -> int:
    """Where the degrees behind a name that ends at `end` end: ", MD (Path)" belongs to "A. Rao"."""
    match = _degrees().match(text, end)
    return match.end() if match else end


@cache
def _degrees() -> re.Pattern[str]:
    field = _any_of(words().credentials | words().fields)
    return re.compile(rf"(?:[ ,]{{0,2}}\(?(?i:{_degree()})\b\.?\)?(?:\s?[(,]\s?(?i:{field})\b\.?\)?)*)+")


@cache
def _titled() -> re.Pattern[str]:
    tables = words()
    title = _any_of(tables.certain_titles)
    between = _any_of(tables.certain_titles | tables.title_parts | {"mrs", "mr", "ms"})
    chain = rf"(?:[ .()-]{{0,3}}(?:{between})\b\.?\)?){{0,5}}"
    particle = r"(?:de|da|do|dos|van|von|der|den|del|di|la|le|bin|al|el|ten|of)"
    return re.compile(
        rf"(?<![^\W_])(?i:(?:{title})\b{chain}[.:]?[ \t]{{0,2}})"
        rf"((?:(?:{particle}[ ]){{0,2}}[^\W\d_a-zß-öø-ÿ][\w'’.-]*[ ]?){{1,5}})"
    )


@cache
def _signed() -> re.Pattern[str]:
    name = r"[^\W\d_](?:[\w'’-]*[\w])?\.?"
    return re.compile(rf"((?:{name}\s){{1,3}}{name}),?\s\(?(?i:{_degree()})\b")


@cache
def _degree() -> str:
    return _any_of(words().credentials)


def _any_of(listed: Collection[str]) -> str:
    """A pattern of any of them, the longest first; dots may stand where a space or a dash is."""
    return "|".join(
        re.escape(one).replace(r"\ ", r"[\s.]{0,2}").replace(r"\-", r"[\s.-]{0,2}")
        for one in sorted(listed, key=lambda one: (-len(one), one))
    )
