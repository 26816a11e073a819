"""Headers of lab reports as text, with where personal data stand in them: what de-identification is measured on.

    python benchmarks/lab_headers.py [--count 3] [--set test|development]

Labels, orders, separators and layouts vary as they do among vendors; lines of results stand below, which are not
personal. People of the development set and of the test set share no name, doctor or address.
"""

import argparse
import datetime as dt
import random
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["name", "doctor", "birth_date", "number", "address", "phone"]
Part = Literal["development", "test"]
SEEDS: dict[Part, int] = {"development": 41, "test": 42}


@dataclass(frozen=True, slots=True)
class Header:
    """A header and the first results below it; `items` are (kind, start, end): text[start:end] is personal."""

    text: str
    items: tuple[tuple[Kind, int, int], ...]
    culture: str


class _Text:
    """A text being written, which remembers where personal words were put."""

    def __init__(self) -> None:
        self.text = ""
        self.items: list[tuple[Kind, int, int]] = []

    def add(self, words: str, kind: Kind | None = None) -> None:
        if kind:
            self.items.append((kind, len(self.text), len(self.text) + len(words)))
        self.text += words


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "lab_headers.toml").read_text("utf-8"))


def rendered_headers(count: int = 300, *, part: Part = "test") -> list[Header]:
    """Headers of a set, the cultures in turn; the same count gives the same headers."""
    cultures = sorted(_table()["cultures"])
    return [
        _header(cultures[number % len(cultures)], random.Random(f"{SEEDS[part]}/{number}"), part=part)
        for number in range(count)
    ]


def _half(rows: list[str], part: Part) -> list[str]:
    return rows[0 if part == "development" else 1 :: 2]


def _header(culture: str, rng: random.Random, *, part: Part) -> Header:
    facts = _table()["cultures"][culture]
    shared = _table()["shared"]
    written = _Text()
    address = rng.choice(_half(facts["addresses"], part))
    written.add(f"{rng.choice(shared['labs'])}\n")
    if rng.random() < 0.4:
        written.add(rng.choice(_half(facts["addresses"], part)), "address")
        written.add("   ")
        written.add(rng.choice(facts["phones"]), "phone")
        written.add("\n")
    written.add(f"{rng.choice(shared['titles'])}\n")
    fields = _fields(facts, rng, part=part, address=address)
    _write_fields(written, fields, rng)
    for line in rng.sample(shared["results"], 4):
        written.add(f"{line}\n")
    if rng.random() < 0.5:
        written.add(rng.choice(["Verified by ", "Authorised by: ", "Signed: "]))
        written.add(rng.choice(_half(facts["doctors"], part)), "doctor")
        written.add("\n")
    return Header(written.text, tuple(written.items), culture)


def _fields(
    facts: dict[str, Any], rng: random.Random, *, part: Part, address: str
) -> list[tuple[str, str, Kind | None]]:
    """Label, words and kind of each field, in an order of the vendor's."""
    labels = facts["labels"]
    birth = dt.date(1930, 1, 1) + dt.timedelta(days=rng.randrange(32_000))
    collected = dt.date(2025, 1, 1) + dt.timedelta(days=rng.randrange(500))
    form = rng.choice(facts["dates"])
    age = f"{collected.year - birth.year} {labels['years']} / {rng.choice('FM')}"
    fields: list[tuple[str, str, Kind | None]] = [
        (rng.choice(labels["name"]), _name(facts, rng, part=part), "name"),
        (rng.choice(labels["birth_date"]), birth.strftime(form), "birth_date"),
        (rng.choice(labels["number"]), _number(rng), "number"),
        (rng.choice(labels["doctor"]), rng.choice(_half(facts["doctors"], part)), "doctor"),
        (labels["age"], age, None),
        (labels["collected"], collected.strftime(form), None),
    ]
    if rng.random() < 0.5:
        fields.append((rng.choice(labels["number"]), _number(rng), "number"))
    if rng.random() < 0.6:
        fields.append((rng.choice(labels["address"]), address, "address"))
    if rng.random() < 0.6:
        fields.append((rng.choice(labels["phone"]), rng.choice(facts["phones"]), "phone"))
    rng.shuffle(fields)
    return fields


def _name(facts: dict[str, Any], rng: random.Random, *, part: Part) -> str:
    given, family = rng.choice(_half(facts["given"], part)), rng.choice(_half(facts["family"], part))
    title = (
        rng.choice(["", "", "", "Mr. ", "Mrs ", "Ms. "]) if facts["labels"]["years"] in ("Years", "Yrs", "Y") else ""
    )
    name = rng.choice([f"{given} {family}", f"{family}, {given}", f"{family} {given}", f"{given[0]}. {family}"])
    return rng.choice([title + name, title + name, (title + name).upper()])


def _number(rng: random.Random) -> str:
    digits = "".join(rng.choices("0123456789", k=rng.randint(6, 11)))
    letters = "".join(rng.choices("ABCDEHKLMPRSX", k=2))
    return rng.choice(
        [
            digits,
            f"{letters}{digits}",
            f"{digits[:3]}-{digits[3:]}",
            f"{letters[0]}-{digits}",
            f"{digits[:4]}/{digits[4:]}",
        ]
    )


def _write_fields(written: _Text, fields: list[tuple[str, str, Kind | None]], rng: random.Random) -> None:
    """One field a line, two side by side, or the label on the line above its words."""
    mark, style = rng.choice([": ", " : ", ":", "  "]), rng.randrange(4)
    for number, (label, words, kind) in enumerate(fields):
        if style == 3 and number % 2 == 0:
            written.add(f"{label.rstrip(':')}\n")
        else:
            written.add(f"{label}{mark if style != 3 else ': '}")
        written.add(words, kind)
        beside = style in (1, 2) and number % 2 == 0 and number + 1 < len(fields)
        written.add(rng.choice(["    ", "   |   ", "      "]) if beside else "\n")


def main() -> None:
    """Print some headers, personal words in brackets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("--set", choices=SEEDS, default="development")
    asked = parser.parse_args()
    for header in rendered_headers(asked.count, part=asked.set):
        shown = header.text
        for kind, start, end in sorted(header.items, key=lambda item: -item[1]):
            shown = f"{shown[:start]}[{kind} {shown[start:end]}]{shown[end:]}"
        print(shown)


if __name__ == "__main__":
    main()
