"""What every passage can be filtered by, as memory-mapped arrays beside `passages.db`.

    passages.columns/year.npy       int16 (n_passages,): the year, 0 for none
    passages.columns/profile.npy    uint32 (n_passages,): which profile the passage's document has
    passages.columns/profiles.npy   uint32 (n_profiles, n_facets): which set of values each profile has in each facet
    passages.columns/facets.json    the sets of values, and the counts

Documents share few combinations of types, diseases, language and the like, so that a filter is decided once for each
profile and then looked up for each passage: 1 ms for a million passages, however many conditions it has.
"""

import json
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from retriever.errors import IndexBroken
from retriever.lexical import Mask
from retriever.postings import damage_named
from retriever.records import Filters

Facet = Literal["types", "diseases", "audience", "language", "source", "evidence", "retracted"]
Condition = Callable[[frozenset[str]], bool]
FACETS: tuple[Facet, ...] = get_args(Facet)
_NEWEST_YEAR = 9999
# What numpy and json raise on files that are missing, cut or not theirs.
_DAMAGE = (OSError, EOFError, ValueError, LookupError, TypeError)


@dataclass(slots=True)
class ColumnsWriter:
    """Collects the columns of documents in the order of their passages."""

    years: "array[int]" = field(default_factory=lambda: array("h"))
    profiles: "array[int]" = field(default_factory=lambda: array("I"))
    documents: int = 0
    _profile_numbers: dict[tuple[int, ...], int] = field(default_factory=dict)
    _sets: dict[Facet, dict[tuple[str, ...], int]] = field(default_factory=lambda: {facet: {} for facet in FACETS})

    def add(self, *, passages: int, year: int | None, values: Mapping[Facet, Sequence[str]]) -> None:
        """Add a document.

        Args:
            passages: how many it has.
            year: its year; one beyond 1 to 9999 counts as none.
            values: what it has in each facet; a facet left out is empty.
        """
        numbers = []
        for facet in FACETS:
            known = self._sets[facet]
            numbers.append(known.setdefault(tuple(sorted(set(values.get(facet, ())))), len(known)))
        profile = self._profile_numbers.setdefault(tuple(numbers), len(self._profile_numbers))
        dated = year if year is not None and 1 <= year <= _NEWEST_YEAR else 0
        self.years.extend([dated] * passages)
        self.profiles.extend([profile] * passages)
        self.documents += 1

    def write(self, folder: Path) -> None:
        """Write the columns into a new folder.

        Raises:
            OSError: if it cannot be written.
        """
        folder.mkdir(parents=True)
        np.save(folder / "year.npy", np.array(self.years, np.int16))
        np.save(folder / "profile.npy", np.array(self.profiles, np.uint32))
        profiles = np.array(list(self._profile_numbers), np.uint32).reshape(-1, len(FACETS))
        np.save(folder / "profiles.npy", profiles)
        facets = {facet: list(sets) for facet, sets in self._sets.items()}
        counts = {"documents": self.documents, "passages": len(self.years), "facets": facets}
        (folder / "facets.json").write_text(json.dumps(counts, ensure_ascii=False), "utf-8")


class Columns:
    """Columns opened for reading; safe to use from several threads. Nothing of the long arrays is read yet."""

    def __init__(self, folder: Path) -> None:
        """Open what `ColumnsWriter` wrote.

        Raises:
            IndexBroken: if a file is missing, cut, or does not fit the others.
        """
        try:
            counts: dict[str, Any] = json.loads((folder / "facets.json").read_text("utf-8"))
            self.documents, self.passages = int(counts["documents"]), int(counts["passages"])
            self._sets: dict[str, list[list[str]]] = counts["facets"]
            self._year = np.load(folder / "year.npy", mmap_mode="r")
            self._profile = np.load(folder / "profile.npy", mmap_mode="r")
            self._profiles: NDArray[np.uint32] = np.load(folder / "profiles.npy")
            fits = (
                self._year.shape == self._profile.shape == (self.passages,)
                and (self._year.dtype, self._profile.dtype) == (np.int16, np.uint32)
                and self._profiles.ndim == 2
                and all(self._profiles[:, i].max(initial=0) < max(1, len(self._sets[f])) for i, f in enumerate(FACETS))
            )
        except _DAMAGE as error:
            raise IndexBroken(f"{folder} is damaged: {error}") from error
        if not fits:
            raise IndexBroken(f"the files of {folder} do not fit together")
        self._folder = folder
        self.any_retracted = ["yes"] in self._sets["retracted"]

    def values(self, facet: Facet) -> tuple[str, ...]:
        """All values that any document has in a facet, sorted."""
        return tuple(sorted({value for values in self._sets[facet] for value in values}))

    def of(self, rows: Sequence[int], facet: Facet) -> list[tuple[str, ...]]:
        """The values in a facet of the documents of these rows.

        Raises:
            IndexBroken: if the columns are damaged.
        """
        place = FACETS.index(facet)
        with damage_named(self._folder):
            return [tuple(self._sets[facet][self._profiles[self._profile[row], place]]) for row in rows]

    def years(self, rows: Sequence[int]) -> list[int | None]:
        """The years of the documents of these rows.

        Raises:
            IndexBroken: if they have no such row.
        """
        with damage_named(self._folder):
            return [int(self._year[row]) or None for row in rows]

    def meeting(self, filters: Filters) -> Mask | None:
        """Which rows meet all filters but `doc_ids`, shape (n_passages,); None where there is nothing to meet.

        Raises:
            IndexBroken: if the columns are damaged.
        """
        facets = self._having(_conditions(filters, any_retracted=self.any_retracted))
        years = self._between(filters.year_from, filters.year_to)
        if facets is None or years is None:
            return years if facets is None else facets
        facets &= years
        return facets

    def _between(self, first: int | None, last: int | None) -> Mask | None:
        if first is None and last is None:
            return None
        low = min(max(1 if first is None else first, 1), _NEWEST_YEAR + 1)
        mask: Mask = self._year >= np.int16(low)
        if last is not None:
            mask &= self._year <= np.int16(min(max(last, 0), _NEWEST_YEAR))
        return mask

    def _having(self, conditions: Mapping[Facet, Condition]) -> Mask | None:
        if not conditions:
            return None
        good = np.ones(len(self._profiles), np.bool_)
        with damage_named(self._folder):
            for facet, condition in conditions.items():
                meets = np.array([condition(frozenset(values)) for values in self._sets[facet]], np.bool_)
                good &= meets[self._profiles[:, FACETS.index(facet)]]
            mask: Mask = good.take(self._profile)
        return mask


def _conditions(filters: Filters, *, any_retracted: bool) -> dict[Facet, Condition]:
    """What the values of a document in each facet must meet."""
    conditions: dict[Facet, Condition] = {}
    wanted: tuple[tuple[Facet, Sequence[str]], ...] = (
        ("types", [name.casefold() for name in filters.types]),
        ("diseases", filters.diseases),
        ("audience", (filters.audience,) if filters.audience else ()),
        ("language", filters.languages),
        ("source", filters.sources),
    )
    for facet, values in wanted:
        if values:
            conditions[facet] = _has_one_of(frozenset(values))
    if any_retracted and not filters.retracted:
        conditions["retracted"] = _has_none
    return conditions


def _has_one_of(wanted: frozenset[str]) -> Condition:
    return lambda values: not wanted.isdisjoint(values)


def _has_none(values: frozenset[str]) -> bool:
    return not values
