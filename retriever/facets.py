"""What a document can be filtered by, in one spelling: languages, diseases, publication types; from tables."""

import functools
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

# The opening of a text: an abstract whole, of a book its first page.
OPENING_CHARS = 3_000
_DASHES = str.maketrans("‐‑‒–", "----")
_LEUKAEMIA = re.compile(r"(?<=leuk)ae(?=mi)|(?<=an)ae(?=mi)|(?<=cyth)ae(?=mi)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Disease:
    """A disease of the table: `key` is what documents carry; the patterns match its names and abbreviations.

    `asked` matches either in any case, for what a person asks for.
    """

    key: str
    name: str
    within: tuple[str, ...]
    mesh: frozenset[str]
    names: re.Pattern[str]
    abbreviations: re.Pattern[str]
    asked: re.Pattern[str]


def read_table(name: str) -> dict[str, Any]:
    """A TOML table of `retriever/tables`."""
    return tomllib.loads(files("retriever").joinpath("tables", name).read_text("utf-8"))


@functools.cache
def _languages() -> dict[str, tuple[str, str]]:
    """(two-letter code, English name) by every code and name, in lower case."""
    spelled: dict[str, tuple[str, str]] = {}
    for code, (name, *codes) in read_table("languages.toml").items():
        spelled |= {spelling.casefold(): (code, str(name)) for spelling in (code, name, *codes)}
    return spelled


def language_code(text: str | None) -> str | None:
    """The two-letter code of a language; None for none, or one the table lacks ("mul", "und").

    Args:
        text: "eng", "en", "en-GB", "en_US" or "English", in any case.
    """
    known = _languages()
    spelled = (text or "").strip().casefold()
    found = known.get(spelled) or known.get(re.split("[-_]", spelled, maxsplit=1)[0])
    return found[0] if found else None


def known_language(text: str) -> str:
    """The two-letter code of a language that a search asks for.

    Raises:
        ValueError: if the table lacks it, naming all it has.
    """
    code = language_code(text)
    if code is None:
        names = sorted({f"{code} ({name})" for code, name in _languages().values()})
        raise ValueError(f"there is no language {text!r}; there are {', '.join(names)}")
    return code


@functools.cache
def _diseases() -> tuple[tuple[Disease, ...], re.Pattern[str]]:
    table = read_table("disease_filters.toml")
    found = tuple(
        Disease(
            key=row["key"],
            name=row["name"],
            within=tuple(row.get("within", ())),
            mesh=frozenset(map(_plain, row["mesh"])),
            names=_whole_words(map(_plain, [row["name"], *row["names"]]), re.IGNORECASE),
            abbreviations=_whole_words(row["abbreviations"], re.NOFLAG),
            asked=_whole_words(
                map(_plain, [row["key"], row["name"], *row["names"], *row["abbreviations"]]), re.IGNORECASE
            ),
        )
        for row in table["disease"]
    )
    return found, re.compile(table["context"], re.IGNORECASE)


def _plain(text: str) -> str:
    """One hyphen for all; leukaemia, anaemia and thrombocythaemia in American spelling, so that both are one."""
    return _LEUKAEMIA.sub("e", text.translate(_DASHES))


def _whole_words(words: Iterable[str], flags: int) -> re.Pattern[str]:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    either = "|".join(re.escape(word).replace(r"\ ", r"[\s-]+") for word in longest_first)
    # A joint before an abbreviation is another name: "non-AML"; one after it is not: "AML-MRC", "BCP-ALL/LBL".
    return re.compile(rf"(?<![\w-])(?:{either})s?(?!\w)", flags) if either else re.compile(r"(?!)")


def diseases_of(title: str, mesh: Sequence[str], text: str) -> tuple[str, ...]:
    """The keys of the diseases a document is on, in the order of the table.

    Args:
        title: the document's title.
        mesh: its MeSH headings.
        text: its text, of which the opening is read.

    Returns:
        Those that its MeSH headings, or names and abbreviations in its title, name; where there is none, those that the
        opening names at least twice; with each, the diseases it belongs to. A name within a longer one does not count:
        "atypical chronic myeloid leukemia" is no chronic myeloid leukemia.
    """
    diseases, context = _diseases()
    heading, opening, descriptors = _plain(title), _plain(text[:OPENING_CHARS]), set(map(_plain, mesh))
    of_blood = bool(context.search(f"{heading} {opening}"))
    # In a title in capitals every word looks like an abbreviation.
    readable = of_blood and sum(map(str.isupper, heading)) < 0.6 * sum(map(str.isalpha, heading))

    titled = _times_named(diseases, heading)

    def named(disease: Disease) -> bool:
        return (
            not disease.mesh.isdisjoint(descriptors)
            or titled[disease.key] > 0
            or (readable and disease.abbreviations.search(heading) is not None)
        )

    found = _keys(diseases, named)
    if found:
        return found
    opened = _times_named(diseases, opening)

    def repeated(disease: Disease) -> bool:
        said = opened[disease.key]
        return said + (len(disease.abbreviations.findall(opening)) if of_blood and said else 0) >= 2

    return _keys(diseases, repeated)


def _times_named(diseases: Sequence[Disease], text: str) -> Counter[str]:
    """How often a text names each disease, by key, names within longer names left out."""
    said = [(*match.span(), disease.key) for disease in diseases for match in disease.names.finditer(text)]
    counts: Counter[str] = Counter()
    longest = (0, 0)
    for start, end, key in sorted(said, key=lambda name: (name[0], -name[1])):
        if end > longest[1] or (start, end) == longest:
            longest = (start, end)
            counts[key] += 1
    return counts


def _keys(diseases: Sequence[Disease], on: Callable[[Disease], bool]) -> tuple[str, ...]:
    found = {key for disease in diseases if on(disease) for key in (disease.key, *disease.within)}
    return tuple(disease.key for disease in diseases if disease.key in found)


def known_disease(text: str) -> str:
    """The key of a disease that a search asks for by key, name or abbreviation.

    Raises:
        ValueError: if the table lacks it, naming all it has.
    """
    diseases, _ = _diseases()
    wanted = _plain(text.strip())
    for disease in diseases:
        if disease.asked.fullmatch(wanted):
            return disease.key
    known = ", ".join(f"{disease.key} ({disease.name})" for disease in diseases)
    raise ValueError(f"there is no disease {text!r}; there are {known}")


@functools.cache
def _short_names() -> dict[str, list[str]]:
    names: dict[str, list[str]] = read_table("evidence.toml")["short_names"]
    return names


def publication_types(text: str) -> tuple[str, ...]:
    """The publication types that a search means by a word: "RCT" for three of them; any other word stands for itself.

    PubMed's list is long and other sources have their own types, so that an unknown one is no error: nothing has it.
    """
    return tuple(_short_names().get(text.strip().casefold().replace(" ", "-"), [text.strip()]))
