"""The rows of the table as the reader left them become results; each is converted, placed and checked anew."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from generator.labs.corrections import checked, corrected, for_patient, rechecked
from generator.labs.judging.resolve import Person
from generator.labs.records import LabResult
from ingest.errors import BadRequest, MarrowError
from retriever.records import Record
from ui.lab_view import rows_of


class EditedRow(Record):
    """A row: its number, value and unit as they stand, whether the reader compared it, and whether it was taken out."""

    id: int = Field(ge=0, lt=300)
    value: str = Field(max_length=40)
    unit: str = Field(default="", max_length=40)
    checked: bool = False
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """Results with the numbers of their rows; `faults` say by row what cannot be used, and then there are none."""

    results: tuple[LabResult, ...]
    ids: tuple[int, ...]
    faults: dict[int, str]


def edited(results: Sequence[LabResult], rows: Sequence[EditedRow], patient: Person) -> Edited:
    """Apply the edits of a table to the results it showed.

    A row that is neither changed nor compared keeps its doubts, and a row that was not sent is kept as it is.

    Raises:
        BadRequest: if a row is not one of the table's, is there twice, or none is left.
    """
    given = {row.id: row for row in rows}
    if len(given) != len(rows) or any(number >= len(results) for number in given):
        raise BadRequest("the table has other rows than were sent", hint="Upload the report again.")
    kept: dict[int, LabResult] = {}
    faults: dict[int, str] = {}
    for number, result in enumerate(results):
        row = given.get(number)
        if row is not None and row.removed:
            continue
        try:
            kept[number] = _edited(result, row, patient)
        except MarrowError as error:
            message = str(error)
            faults[number] = f"{message[:1].upper()}{message[1:]}. {error.hint}"
    if not kept and not faults:
        raise BadRequest("no value is left", hint="Keep at least one row.")
    if faults:
        return Edited((), (), faults)
    return Edited(rechecked(list(kept.values())), tuple(kept), {})


def _edited(result: LabResult, row: EditedRow | None, patient: Person) -> LabResult:
    if row is None:
        return for_patient(result, patient)
    (shown,) = rows_of([result])
    if (row.value.strip(), row.unit.strip()) != (shown.value.strip(), shown.unit.strip()):
        unit = None if row.unit.strip() == shown.unit.strip() else row.unit
        return corrected(result, value=row.value, unit=unit, patient=patient)
    placed = for_patient(result, patient)
    return checked(placed) if row.checked else placed
