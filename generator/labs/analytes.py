"""The analytes of analytes.toml."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

_PERCENT_UNITS = ("%", "/100{WBCs}")


@dataclass(frozen=True, slots=True)
class Analyte:
    """A row of analytes.toml.

    Attributes:
        key: what results call it, such as "platelets".
        name: its name for people.
        loinc: its LOINC code; empty where none was found in a public source.
        unit: the one UCUM unit of its values.
        plausible: the lowest and highest possible value in `unit`; not a reference interval.
        decimals: how many to show.
        share: the count that this is the percentage of, whose names it shares; empty for others.
        molar_mass: g/mol, None where amounts of substance are not used.
        valence: charges of the ion, 0 where it is none.
        names: as printed, by language.
    """

    key: str
    name: str
    loinc: str
    unit: str
    plausible: tuple[float, float]
    decimals: int
    share: str = ""
    molar_mass: float | None = None
    valence: int = 0
    names: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    @property
    def percent(self) -> bool:
        """Whether it is printed in percent, or per hundred white cells."""
        return self.unit in _PERCENT_UNITS


@cache
def analytes() -> dict[str, Analyte]:
    """The analytes by key, in the order of the table; read once.

    Raises:
        ValueError: if a key is there twice, a share or molar mass is unknown, or limits are the wrong way round.
    """
    table = tomllib.loads(files("generator.labs").joinpath("analytes.toml").read_text("utf-8"))
    made: dict[str, Analyte] = {}
    for row in table["analyte"]:
        analyte = Analyte(
            key=row["key"],
            name=row["name"],
            loinc=row["loinc"],
            unit=row["unit"],
            plausible=(float(row["plausible"][0]), float(row["plausible"][1])),
            decimals=row["decimals"],
            share=row.get("share", ""),
            molar_mass=table["molar_mass"][row["molar_mass"]]["value"] if "molar_mass" in row else None,
            valence=row.get("valence", 0),
            names={language: tuple(names) for language, names in row.get("names", {}).items()},
        )
        if analyte.key in made or analyte.plausible[0] >= analyte.plausible[1]:
            raise ValueError(f"{analyte.key} is twice in analytes.toml, or its limits are the wrong way round")
        if analyte.share and analyte.share not in made:
            raise ValueError(f"{analyte.key} shares the names of {analyte.share}, which does not come before it")
        made[analyte.key] = analyte
    return made
