"""Who a plan is for: the form as it arrives, checked, with every word read as a key of our tables."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator, model_validator

from generator.diet import words
from generator.diet.sorting import TooMuch, sorted_out, split
from generator.diet.urgent import urgency, urgency_of_form
from generator.diet.vocabulary import Kind, plain
from generator.diet.words import Problem, Unclear
from generator.records import Triage
from ingest.errors import BadRequest
from retriever.records import Record

Sex = Literal["F", "M"]
Activity = Literal["bed", "sedentary", "light", "moderate", "active"]
Budget = Literal["low", "middle", "high"]
MAX_DAYS, ADULT_YEARS = 14, 18
_CM_PER_INCH, _INCHES_PER_FOOT, _KG_PER_LB, _LB_PER_STONE = 2.54, 12.0, 0.45359237, 14.0
_SEXES = {"F": "f female woman girl w weiblich femme mujer", "M": "m male man boy maennlich homme hombre"}
_BMI = (8.0, 100.0)
_CHANGE = (0.4, 2.5)
_MAX_NEUTROPHILS = 50.0
_UNITS = {
    "age": " years", "height_cm": " cm", "weight_kg": " kg", "weight_6_months_ago_kg": " kg", "neutrophils": "",
    "days": "", "days_eating_little": "",
}  # fmt: skip
_NUMBERS = frozenset(_UNITS)


def _words(read: Callable[[tuple[str, ...]], tuple[str, ...]]) -> BeforeValidator:
    """A field of words that is read as keys."""

    def keys(value: object) -> object:
        value = split(value)
        return read(value) if isinstance(value, tuple) and all(isinstance(word, str) for word in value) else value

    return BeforeValidator(keys)


def _listed(kind: Kind) -> BeforeValidator:
    return _words(lambda given: words.keys_of(kind, given))


def _one(kind: Kind, *, field: str) -> BeforeValidator:
    """A field with one word of a kind; empty where nothing was said."""

    def key(value: object) -> object:
        if not isinstance(value, str) or not value.strip():
            return "" if value is None or value == "" else value
        return words.one_of(kind, value, field=field)

    return BeforeValidator(key)


def _sex(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = next((sex for sex, names in _SEXES.items() if plain(value) in names.split()), None)
    if found is None:
        reason = "Give sex as F or M: the equations for energy were made for female and for male bodies."
        raise Unclear(Problem(field="sex", given=value[: words.MAX_WORDS], reason=reason, suggestions=("F", "M")))
    return found


_Keys = tuple[str, ...]
_Names = Annotated[tuple[Annotated[str, Field(max_length=words.MAX_WORDS)], ...], Field(max_length=40)]


def _foods(field: str) -> BeforeValidator:
    return _words(lambda given: words.foods_of(field, given))


def _tastes(field: str) -> BeforeValidator:
    return _words(lambda given: words.tastes_of(field, given))


class Profile(Record):
    """A person on treatment; only age, sex, height and weight are needed.

    Words are taken in any spelling of vocabulary.toml and of the ingredient tables, in lists or with commas between,
    and held as keys; validating a profile again changes nothing. Length and weight may come as `height_in` or
    `height_ft` (+ `height_in`), `weight_lb` or `weight_st` (+ `weight_lb`), `weight_6_months_ago_lb`.

    Attributes:
        age: years.
        sex: of the body that the equations are for.
        height_cm, weight_kg: as they are now.
        weight_6_months_ago_kg: None where it is not known.
        days_eating_little: days, up to now, with little or nothing eaten.
        activity: how much the person moves.
        leukemia_type, treatment_phase: keys of vocabulary.toml; "" where nothing was said.
        drugs: keys, see `vocabulary.terms("drugs")`; `other_drugs` are names for which there is no rule here.
        neutrophils: 10*9/L; None where not known.
        symptoms, conditions, restrictions: keys of vocabulary.toml; `other_conditions` are names without a rule.
        allergies: keys of ingredients; what these are part of or what is a kind of them is meant too.
        other_allergies: allergies to what is no food, such as penicillin: keys of vocabulary.toml, `not_food`.
        avoid: keys of ingredients that the person does not eat ("no pork"), as binding as a restriction.
        likes, dislikes: keys of ingredients, "#spicy" for a property, "food:KEY" for a food or a dish of the tables.
        cuisine: keys of foods/groups.toml; empty is any.
        budget: "high" is any.
        days: how many to plan.
    """

    age: float = Field(ge=0.0, le=120.0, allow_inf_nan=False)
    sex: Annotated[Sex, BeforeValidator(_sex)]
    height_cm: float = Field(ge=40.0, le=250.0, allow_inf_nan=False)
    weight_kg: float = Field(ge=2.0, le=400.0, allow_inf_nan=False)
    weight_6_months_ago_kg: float | None = Field(default=None, ge=2.0, le=500.0, allow_inf_nan=False)
    days_eating_little: int = Field(default=0, ge=0, le=365)
    activity: Annotated[Activity, _one("activities", field="activity")] = "light"
    leukemia_type: Annotated[str, _one("leukemia_types", field="leukemia_type")] = ""
    treatment_phase: Annotated[str, _one("treatment_phases", field="treatment_phase")] = ""
    drugs: Annotated[_Keys, _listed("drugs")] = ()
    other_drugs: _Names = ()
    neutrophils: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    symptoms: Annotated[_Keys, _listed("symptoms")] = ()
    conditions: Annotated[_Keys, _listed("conditions")] = ()
    other_conditions: _Names = ()
    allergies: Annotated[_Keys, _foods("allergies")] = ()
    other_allergies: Annotated[_Keys, _listed("not_food")] = ()
    restrictions: Annotated[_Keys, _listed("restrictions")] = ()
    avoid: Annotated[_Keys, _foods("avoid")] = ()
    likes: Annotated[_Keys, _tastes("likes")] = ()
    dislikes: Annotated[_Keys, _tastes("dislikes")] = ()
    cuisine: Annotated[_Keys, _words(words.cuisines)] = ()
    budget: Annotated[Budget, _one("budgets", field="budget")] = "high"
    days: int = Field(default=7, ge=1, le=MAX_DAYS)
    pregnant: bool = False
    breastfeeding: bool = False
    tube_feeding: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read_form(cls, data: object) -> object:
        return sorted_out(_metric(data)) if isinstance(data, Mapping) else data

    @field_validator("neutrophils")
    @classmethod
    def _neutrophils_in_billions(cls, value: float | None) -> float | None:
        if value is not None and value > _MAX_NEUTROPHILS:
            reason = (
                f"Give neutrophils in 10*9/L (thousands in a microliter): {value:g} in a microliter are "
                f"{value / 1000:g}. Leave it out if it really is above {_MAX_NEUTROPHILS:g}."
            )
            raise Unclear(Problem(field="neutrophils", given=f"{value:g}", reason=reason))
        return value

    @field_validator("other_drugs", "other_conditions")
    @classmethod
    def _hides_nothing(cls, names: _Names, info: ValidationInfo) -> _Names:
        return words.without_rules(info.field_name or "", names)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        problems = [*_body_problems(self), *_sex_problems(self)]
        if problems:
            raise Unclear(*problems)
        return self

    @property
    def triage(self) -> Triage:
        """How urgent it is what the person tells."""
        return urgency(self.symptoms, (*self.other_drugs, *self.other_conditions))

    @property
    def bmi(self) -> float:
        """Body mass index, kg/m²."""
        return self.weight_kg / (self.height_cm / 100) ** 2

    @property
    def weight_loss_percent(self) -> float:
        """How much of the weight of 6 months ago is gone, in percent; 0 where none is, or it is not known."""
        if self.weight_6_months_ago_kg is None:
            return 0.0
        return max(0.0, 100 * (1 - self.weight_kg / self.weight_6_months_ago_kg))


def _body_problems(profile: Profile) -> list[Problem]:
    problems = []
    low, high = _BMI
    if not low <= profile.bmi <= high:
        reason = (
            f"{profile.height_cm:g} cm and {profile.weight_kg:g} kg do not go together (body mass index "
            f"{profile.bmi:.0f}, possible is {low:g} to {high:g}). Check the numbers and their units."
        )
        problems.append(Problem(field="weight_kg", given=f"{profile.weight_kg:g}", reason=reason))
    before = profile.weight_6_months_ago_kg
    if before is not None and not _CHANGE[0] <= profile.weight_kg / before <= _CHANGE[1]:
        reason = (
            f"From {before:g} to {profile.weight_kg:g} kg in 6 months is hardly possible. Check both and their units."
        )
        if profile.age >= ADULT_YEARS:
            problems.append(Problem(field="weight_6_months_ago_kg", given=f"{before:g}", reason=reason))
    return problems


def _sex_problems(profile: Profile) -> list[Problem]:
    told = [name for name in ("pregnant", "breastfeeding") if getattr(profile, name)]
    if profile.sex == "F" or not told:
        return []
    reason = "Sex is M and pregnancy or breastfeeding is ticked: correct one of them."
    return [Problem(field=name, given="true", reason=reason) for name in told]


def _metric(data: Mapping[str, Any]) -> dict[str, Any]:
    """The form with imperial lengths and weights turned into metric ones.

    Raises:
        Unclear: if a measure is given twice, or is no number.
    """
    form = {name: value for name, value in data.items() if value is not None}
    for name in _NUMBERS & form.keys():
        if isinstance(form[name], bool):
            raise Unclear(Problem(field=name, given=f"{form[name]}", reason="Give a number."))
    height = _sum(form, {"height_ft": _INCHES_PER_FOOT * _CM_PER_INCH, "height_in": _CM_PER_INCH})
    weight = _sum(form, {"weight_st": _LB_PER_STONE * _KG_PER_LB, "weight_lb": _KG_PER_LB})
    before = _sum(form, {"weight_6_months_ago_st": _LB_PER_STONE * _KG_PER_LB, "weight_6_months_ago_lb": _KG_PER_LB})
    for field, value in (("height_cm", height), ("weight_kg", weight), ("weight_6_months_ago_kg", before)):
        if value is None:
            continue
        if field in form:
            reason = "Give it once, either in metric or in imperial units."
            raise Unclear(Problem(field=field, given=f"{form[field]}"[: words.MAX_WORDS], reason=reason))
        form[field] = value
    return form


def _sum(form: dict[str, Any], units: Mapping[str, float]) -> float | None:
    """Take the imperial parts of a measure out of a form and add them up; None where there are none."""
    parts = {name: form.pop(name) for name in units if name in form}
    for name, value in parts.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unclear(Problem(field=name, given=f"{value}"[: words.MAX_WORDS], reason="Give a number."))
    return sum(units[name] * value for name, value in parts.items()) if parts else None


class BadProfile(BadRequest):
    """A form that no plan can be made from as it stands; `problems` names every part that has to be put right.

    If what it tells is urgent (`triage`), the fixed words for that come before the problems.
    """

    default_hint = "Correct what is named and send the form again; nothing was left out or guessed."

    def __init__(self, problems: tuple[Problem, ...], *, triage: Triage) -> None:
        """Keep the problems; the message names each with its field."""
        told = "; ".join(f"{problem.field}: {problem.reason}" for problem in problems)
        super().__init__(f"{triage.message}\n{told}" if triage.message else told)
        self.problems = problems
        self.triage = triage


def read_profile(form: Mapping[str, Any]) -> Profile:
    """A profile from the form of the command line, the chat or REST.

    Raises:
        BadProfile: naming every field that is missing, impossible, unknown or not understood.
    """
    try:
        return Profile.model_validate(dict(form))
    except ValidationError as error:
        found = [problem for part in error.errors() for problem in _problems(part)]
        problems = tuple(dict.fromkeys(found))
        faulty = {problem.field.split(".")[0]: problem.given for problem in problems}
        raise BadProfile(problems, triage=urgency_of_form(form, faulty)) from error


def _problems(part: Mapping[str, Any]) -> tuple[Problem, ...]:
    cause = part.get("ctx", {}).get("error")
    if isinstance(cause, Unclear):
        return cause.problems
    field = ".".join(str(step) for step in part["loc"]) or "profile"
    if isinstance(cause, TooMuch):
        return (Problem(field=cause.field, given="", reason=f"{cause}"),)
    if part["type"] == "missing":
        return (Problem(field=field, given="", reason="This is needed."),)
    given = f"{part['input']}"[: words.MAX_WORDS]
    if part["type"] == "extra_forbidden":
        alike = tuple(get_close_matches(field, Profile.model_fields, n=2))
        meant = f" Did you mean {' or '.join(alike)}?" if alike else ""
        return (Problem(field=field, given=given, reason=f"There is no such field.{meant}", suggestions=alike),)
    return (Problem(field=field, given=given, reason=_reason(part, field)),)


def _reason(part: Mapping[str, Any], field: str) -> str:
    """What is wrong with a value, in the words of the form."""
    bounds = part.get("ctx", {})
    for bound, told in (("ge", "at least"), ("le", "at most")):
        if bound in bounds:
            return f"It has to be {told} {bounds[bound]:g}{_UNITS.get(field, '')}."
    if "max_length" in bounds:
        of = "characters for each" if part["type"] == "string_too_long" else "entries"
        return f"Use at most {bounds['max_length']} {of}."
    return "Give a number." if field in _NUMBERS else f"{part['msg']}."
