"""What the values of a report can be consistent with: findings by the table rules.toml, never a diagnosis."""

from collections.abc import Collection, Sequence

from generator.labs.judging.conditions import Value, Values, parse_condition
from generator.labs.judging.derived import as_value, report_values, shown
from generator.labs.judging.fixed_words import Rest, provisional_words, rest, step_words
from generator.labs.judging.rulebook import Rule, rule_units, rulebook
from generator.labs.records import Finding, LabResult, Severity, Sex
from generator.records import AnswerAudience
from ingest.errors import BadRequest

_ORDER: dict[Severity, int] = {"emergency": 0, "urgent": 1, "routine": 2, "info": 3}
# A total calcium inside its interval can hide one that is not.
_CORRECTED = "calcium_corrected"
_CORRECTED_OUTSIDE = parse_condition(f"{_CORRECTED} < low | {_CORRECTED} > high")


def judge(
    results: Sequence[LabResult], *, sex: Sex | None, age: float | None, audience: AnswerAudience
) -> tuple[Finding, ...]:
    """The findings of a report, the most urgent first, then in the order of the table.

    A value that needs review counts like any other, and the finding is marked provisional: a doubtful critical value
    warns too. Where every value is inside its interval that is said, without a word of reassurance; where none is
    outside but some have no interval, which.

    Args:
        results: the values in the one unit of their analyte.
        sex: None where it is not known.
        age: in years, None where it is not known.
        audience: whom the words are for.

    Raises:
        BadRequest: if a value is in another unit than its thresholds.
    """
    _check_units(results)
    values = report_values(results, sex=sex, age=age)
    found: list[tuple[Rule, tuple[Value, ...]]] = []
    spoken: set[str] = set()
    for rule in rulebook():
        if rule.ladder in spoken or not rule.persons.include(sex, age):
            continue
        if used := rule.met(values):
            found.append((rule, used))
            spoken.add(rule.ladder)
    findings = [_finding(rule, used, audience) for rule, used in found]
    findings += _remaining(results, values, found=found, audience=audience)
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity]))


def _check_units(results: Sequence[LabResult]) -> None:
    for result in results:
        unit = rule_units().get(result.analyte, result.unit)
        if unit != result.unit:
            raise BadRequest(
                f"{result.name} is given in {result.unit or 'no unit'}; its limits are in {unit}",
                hint=f"Convert the value to {unit} first.",
            )


def _finding(rule: Rule, used: Sequence[Value], audience: AnswerAudience) -> Finding:
    doubtful = any(value.doubtful for value in used)
    parts = [rule.about.text[audience], rule.criterion if audience == "clinician" else ""]
    return Finding(
        rule=rule.key,
        title=rule.title,
        severity=rule.severity,
        text=_joined(*parts, provisional_words(audience) if doubtful else ""),
        used=tuple(value.shown for value in used),
        also=rule.about.also,
        next_steps=(*step_words(rule.severity, audience), *rule.about.steps[audience]),
        basis=rule.about.basis,
        basis_url=rule.about.url,
        provisional=doubtful,
    )


def _remaining(
    results: Sequence[LabResult],
    values: Values,
    *,
    found: Sequence[tuple[Rule, Sequence[Value]]],
    audience: AnswerAudience,
) -> list[Finding]:
    """What no rule speaks of: values past an alert limit, other values out of range, or that none is known to be."""
    warned = {value.analyte for rule, used in found if rule.severity in ("emergency", "urgent") for value in used}
    spoken = {value.analyte for _, used in found for value in used}
    critical = [r for r in results if (r.critical or r.flag in ("LL", "HH")) and r.analyte not in warned]
    outside = [r for r in results if r.flag in ("L", "H") and r.analyte not in spoken and r not in critical]
    others = [as_value(r) for r in outside] + _worked_out(results, values, spoken)
    made = [_rest_finding(rest()["critical"], "urgent", [as_value(r) for r in critical], audience)] if critical else []
    made += [_rest_finding(rest()["outside"], "routine", others, audience)] if others else []
    if not made and not found and any(result.flag == "N" for result in results):
        made.append(_none_outside(results, audience))
    return made


def _worked_out(results: Sequence[LabResult], values: Values, spoken: Collection[str]) -> list[Value]:
    """A corrected calcium outside the interval that the report does not print and no rule speaks of."""
    if _CORRECTED in spoken or any(result.analyte == _CORRECTED for result in results):
        return []
    outside = _CORRECTED_OUTSIDE.met(values)
    return [outside] if outside else []


def _none_outside(results: Sequence[LabResult], audience: AnswerAudience) -> Finding:
    """That every value is inside its interval, or which of them could not be compared."""
    missing = [result for result in results if result.flag != "N"]
    words = rest()["not_compared" if missing else "in_range"]
    made = _rest_finding(words, "info", [as_value(result) for result in results], audience)
    used = [f"{len(results) - len(missing)} of {len(results)} values are inside their interval"]
    used += [f"{shown(result)}: could not be compared" for result in missing]
    return made.model_copy(update={"used": tuple(used)})


def _rest_finding(words: Rest, severity: Severity, some: Collection[Value], audience: AnswerAudience) -> Finding:
    doubtful = any(value.doubtful for value in some)
    return Finding(
        rule=words.key,
        title=words.title,
        severity=severity,
        text=_joined(words.text[audience], provisional_words(audience) if doubtful else ""),
        used=tuple(value.shown for value in some),
        next_steps=(*step_words(severity, audience), *words.steps[audience]),
        basis=words.basis,
        basis_url=words.url,
        provisional=doubtful,
    )


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
