"""Units as laboratories print them, read as UCUM; conversion by pint, with the molar mass or charge of the analyte."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Protocol

import pint

from generator.errors import GeneratorError


class UnitMismatch(GeneratorError):
    """A value's unit cannot be converted to the analyte's: it measures something else."""

    default_hint = "Compare the unit with the report and correct it."


class Measured(Protocol):
    """What conversion needs to know of an analyte."""

    @property
    def key(self) -> str:
        """Its key in analytes.toml."""

    @property
    def unit(self) -> str:
        """Its UCUM unit."""

    @property
    def molar_mass(self) -> float | None:
        """In g/mol, None where amounts of substance are not used."""

    @property
    def valence(self) -> int:
        """Charges of the ion, 0 where it is none."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A printed unit.

    Attributes:
        ucum: in UCUM, such as "10*3/uL"; as printed, not yet the analyte's unit.
        certainty: 0..1; 1 as printed, less where OCR damage was mended.
        alternatives: other UCUM units that the print can mean ("mil/mm3": millions, or Spanish thousands).
    """

    ucum: str
    certainty: float = 1.0
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Tables:
    counts: dict[str, int]
    amounts: dict[str, str]
    volumes: dict[str, str]
    whole: dict[str, str]
    ambiguous: dict[str, tuple[str, ...]]
    pint: dict[str, str]
    usual: dict[str, tuple[str, ...]]


# Certainties of a reading: as printed, with what OCR confuses mended, with the slash put back,
# and with the exponent or the last letter lost.
_AS_PRINTED, _MENDED, _SPLIT, _LOST = 1.0, 0.9, 0.75, 0.6
_POWER = re.compile(r"(?:x?[1il|][0o])[\^*ae'’`\"~ˆ+∧°-]*(2|3|4|5|6|9|12|g|q)")
_LOST_POWER = re.compile(r"x?10[°%º?^*'\"’]*")
_CUT_SHORT = {"3": "uL", "6": "uL", "9": "L", "12": "L"}
_ANNOTATED = re.compile(r"[(\[{]?(feu|ddu)[)\]}]?")
_MENDS = (
    ("den", str.maketrans("1i|!", "llll")),
    ("num", str.maketrans("9q0", "ggo")),
)


def read_unit(printed: str, *, analyte: Measured | None = None) -> Unit | None:
    """Read a printed unit, None where it is none that is known.

    Args:
        printed: the unit alone; spacing, case and common OCR damage do not matter.
        analyte: what was measured, if known; it settles prints with several meanings.
    """
    unit = _read(unicodedata.normalize("NFKC", printed).strip())
    if unit is None or analyte is None or not unit.alternatives:
        return unit
    meanings = (unit.ucum, *unit.alternatives)
    usual = _tables().usual.get(analyte.key, (analyte.unit,))
    fitting = [ucum for ucum in meanings if _same(ucum, usual, analyte)]
    fitting = fitting or [ucum for ucum in meanings if commensurable(ucum, analyte)]
    return Unit(fitting[0], unit.certainty, tuple(fitting[1:])) if fitting else unit


def convert(value: float, unit: str, analyte: Measured) -> float:
    """A value in the analyte's unit.

    Args:
        value: in `unit`.
        unit: UCUM, as `read_unit` gives it.
        analyte: with its unit, molar mass and charge.

    Raises:
        UnitMismatch: if the unit measures something else, such as percent for seconds, or FEU for DDU.
    """
    factor = _factor(unit, analyte.unit, analyte.molar_mass, analyte.valence, analyte.key)
    # Twelve digits: 132 g/L are 13.2 g/dL, not 13.200000000000001.
    return float(f"{value * factor:.12g}")


def commensurable(unit: str, analyte: Measured) -> bool:
    """Whether values in a UCUM unit can be converted to the analyte's."""
    try:
        convert(1.0, unit, analyte)
    except UnitMismatch:
        return False
    return True


def usual_units(analyte: Measured) -> tuple[str, ...]:
    """The UCUM units in which an analyte is usually printed, its own first."""
    return _tables().usual.get(analyte.key, (analyte.unit,))


def _same(ucum: str, usual: Sequence[str], analyte: Measured) -> bool:
    """Whether a unit is one of the usual ones under any name: 10*3/uL is 10*9/L."""
    if not commensurable(ucum, analyte):
        return False
    mine = convert(1.0, ucum, analyte)
    return any(abs(convert(1.0, other, analyte) / mine - 1) < 1e-9 for other in usual)


@lru_cache(maxsize=1024)
def _read(printed: str) -> Unit | None:
    if not printed:
        return None
    tables = _tables()
    # Case tells giga from gram only in these.
    bare = re.sub(r"\s", "", printed).lstrip("*·•").replace("1", "l")
    if bare in ("G/L", "G/l", "G/I", "T/L", "T/l", "T/I", "M/L"):
        return _meanings(f"{bare[0]}/L", _AS_PRINTED)
    # A thin last letter is easily lost.
    if bare in ("G/", "T/", "Giga/"):
        return _meanings(f"{bare[0]}/L", _LOST)
    folded = _fold(printed)
    annotation = _ANNOTATED.search(folded)
    if annotation:
        inner = _parse(folded[: annotation.start()] + folded[annotation.end() :])
        return Unit(f"{inner.ucum}{{{annotation[1].upper()}}}", inner.certainty) if inner else None
    for key in (folded, folded.strip("()[]{}")):
        if key in tables.whole:
            return Unit(tables.whole[key])
    return _parse(folded.strip("()[]{}"))


def _fold(printed: str) -> str:
    text = unicodedata.normalize("NFD", printed.replace("µ", "u").replace("μ", "u").casefold())
    text = re.sub(r"[\u0300-\u036f]|(?<=10)\((?=\d)|(?<=10\(\d)\)|(?<=10\(\d\d)\)", "", text)
    text = re.sub(r"[\s_]", "", text).replace("×", "x").replace("⁄", "/").replace("∕", "/").replace("\\", "/")
    text = re.sub(r"(?<!\d)[.·•]|[.·•](?!\d)", "", text)
    text = re.sub(r"^(?:[*✕✖]+|x-?(?=\d|[il|][0o]|/))+", "", text)
    return re.sub(r"(?<=[a-z0-9])per(?=[a-z1])", "/", text.strip(",;:'"))


def _parse(folded: str) -> Unit | None:
    """Numerator and denominator of a folded unit, mended where it cannot be read as it stands."""
    top, slash, bottom = folded.partition("/")
    if slash:
        return _quotient(top, bottom)
    for at in range(len(folded) - 1, 0, -1):
        top, bottom = folded[:at], folded[at:]
        for numerator in dict.fromkeys((top, top.rstrip("1il|7"))):
            unit = _quotient(numerator, bottom) if len(numerator) > 1 or numerator in "gku" else None
            if numerator and unit and unit.certainty == _AS_PRINTED:
                return Unit(unit.ucum, _SPLIT, unit.alternatives)
    return None


def _quotient(top: str, bottom: str) -> Unit | None:
    tables = _tables()
    mended = _AS_PRINTED
    # A power of ten with its last letter lost: "10^9/" is per litre, "10^3/" per microlitre.
    if not bottom and (cut := _POWER.fullmatch(top)) and (volume := _CUT_SHORT.get(cut[1])):
        return Unit(f"10*{cut[1]}/{volume}", _LOST)
    volume = tables.volumes.get(bottom)
    if volume is None:
        volume, mended = tables.volumes.get(bottom.translate(_MENDS[0][1])), _MENDED
    if volume is None:
        return None
    if _LOST_POWER.fullmatch(top) and volume in ("L", "uL"):
        return _meanings(f"10?/{volume}", _LOST)
    power = _POWER.fullmatch(top)
    exponent = (
        int(power[1].replace("g", "9").replace("q", "9"))
        if power
        else tables.counts.get(top, tables.counts.get(top.replace("1", "l")))
    )
    if top == "mil" and volume == "uL":
        return _meanings("mil/uL", mended)
    if exponent is not None:
        # A power of ten per picolitre is the micro sign misread.
        if volume == "pL" and exponent in (3, 6):
            volume, mended = "uL", min(mended, _MENDED)
        return _meanings(f"10*{exponent}/{volume}" if exponent else f"/{volume}", mended)
    amount = tables.amounts.get(top)
    if amount is None:
        amount, mended = tables.amounts.get(top.translate(_MENDS[1][1]).replace("rn", "m")), min(mended, _MENDED)
    return _meanings(f"{amount}/{volume}", mended) if amount else None


def _meanings(ucum: str, certainty: float) -> Unit:
    first, *others = _tables().ambiguous.get(ucum, (ucum,))
    return Unit(first, certainty, tuple(others))


@lru_cache(maxsize=1024)
def _factor(unit: str, target: str, molar_mass: float | None, valence: int, key: str) -> float:
    if unit == target:
        return 1.0
    # MCHC in percent is grams per 100 mL.
    if key == "mchc" and unit == "%":
        unit = "g/dL"
    registry = _registry()
    try:
        given, wanted = (_quantity(ucum, valence) for ucum in (unit, target))
    except (pint.UndefinedUnitError, ValueError) as error:
        raise UnitMismatch(f"{unit} is no unit of {key}") from error
    ways = [given]
    if molar_mass is not None:
        mass = molar_mass * registry("g/mol")
        ways += [given * mass, given / mass]
    for way in ways:
        if way.check(wanted.dimensionality):
            return float((way / wanted).to("").magnitude)
    raise UnitMismatch(f"{unit} cannot be converted to {target} for {key}")


def _quantity(ucum: str, valence: int) -> "pint.Quantity[Any]":
    text = _tables().pint.get(ucum)
    if text is None:
        text = re.sub(r"\{(FEU|DDU)\}", r" * \1", ucum).replace("[IU]", "U").replace("10*", "1e")
        text = f"1{text}" if text.startswith("/") else text
        if "meq" in text:
            if not valence:
                raise ValueError(f"{ucum}: no charge is known")
            text = text.replace("meq", f"{1 / valence!r} mmol")
    quantity: pint.Quantity[Any] = _registry().Quantity(text)
    return quantity


@cache
def _registry() -> "pint.UnitRegistry[Any]":
    registry: pint.UnitRegistry[Any] = pint.UnitRegistry()
    for name in ("plain_ratio", "standard_surface", "ifcc_share", "osmol_unit", "FEU", "DDU"):
        registry.define(f"{name} = [{name}]")
    return registry


@cache
def _tables() -> _Tables:
    table = tomllib.loads(files("generator.labs.parsing").joinpath("units.toml").read_text("utf-8"))
    return _Tables(
        counts={spelling: int(power) for power, spellings in table["counts"].items() for spelling in spellings},
        amounts={spelling: ucum for ucum, spellings in table["amounts"].items() for spelling in spellings},
        volumes={spelling: ucum for ucum, spellings in table["volumes"].items() for spelling in spellings},
        whole={spelling: ucum for ucum, spellings in table["whole"].items() for spelling in spellings},
        ambiguous={print_: tuple(meanings) for print_, meanings in table["ambiguous"].items()},
        pint=dict(table["pint"]),
        usual={key: tuple(units) for key, units in table["usual"].items()},
    )
