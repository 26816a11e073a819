"""What a person must not eat, and should rather not: every food and dish judged before any plan is made."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from generator.diet.exclusions.allergies import allergy_rules, avoid_rules, dislike_rules, kin_warnings
from generator.diet.exclusions.cite import Citations
from generator.diet.exclusions.edibles import table_of
from generator.diet.exclusions.matching import Edible, parse_pattern
from generator.diet.exclusions.people import Named, named
from generator.diet.exclusions.records import Apart, Excluded, Person, Wait
from generator.diet.exclusions.rulebook import GRAVITY, Remark, Rule, rulebook
from generator.diet.records import Dish, Exclusion, Food, Timing
from generator.diet.vocabulary import name_of
from generator.quoting import Search
from generator.records import AnswerAudience


def exclude(
    person: Person,
    *,
    foods: Mapping[str, Food],
    dishes: Mapping[str, Dish],
    search: Search | None = None,
    audience: AnswerAudience = "patient",
) -> Excluded:
    """Judge every food and dish for a person.

    Any rule that says never excludes a food; the gravest is its reason, and `also` has the others. A dish is judged by
    all that its foods contain, by what it is as it comes to the table, and by the gravest rules with every food in it.
    Herbs and supplements are named beside them.

    Args:
        person: a profile.
        foods: the foods to judge, and all that the dishes are made of, by key.
        dishes: the dishes to judge by key.
        search: finds the sentence of the index that carries a rule; None leaves the rules with their source alone.
        audience: whom the sentences are for.

    Raises:
        BadRequest: if an allergy, or what is avoided or disliked, is no ingredient of the tables.
        KeyError: if a dish is made of a food that is not there.
    """
    table = table_of(foods, dishes)
    who, rules = _rules(person)
    citations = Citations(search, audience)
    judged = {key: _Judged(edible) for key, edible in table.edibles.items()}
    for rule in rules:
        for key in table.included(rule.kinds):
            judged[key].add(rule)
    never = [one for one in judged.values() if one.never]
    rather = [one for one in judged.values() if one.rather_not and not one.never]
    made = Excluded(
        exclusions=_ordered(
            [*(_exclusion(one.edible, one.never, citations) for one in never), *_herbs(rules, citations)]
        ),
        forbidden=frozenset(one.edible.key for one in never),
        discouraged=_ordered(_exclusion(one.edible, one.rather_not, citations) for one in rather),
        penalties={key: one.penalty for key, one in judged.items() if one.penalty and not one.never},
        timings=tuple(_timings(who, citations)),
        warnings=tuple(dict.fromkeys(_warnings(person, who))),
        apart=tuple(_apart(who)),
        waits=tuple(_waits(who)),
        edibles=table.edibles,
    )
    return replace(made, citations=tuple(citations.numbered.citations), index_version=citations.index_version)


@dataclass(slots=True)
class _Judged:
    """A food or dish with the rules that speak of it, gravest first."""

    edible: Edible
    never: list[Rule] = field(default_factory=list)
    rather_not: list[Rule] = field(default_factory=list)
    weight: float = 0.0

    def add(self, rule: Rule) -> None:
        if rule.weight is None:
            self.never.append(rule)
            return
        self.weight += rule.weight
        if rule.weight > 0:
            self.rather_not.append(rule)

    @property
    def penalty(self) -> float:
        """The sum of the weights within -1..1."""
        return max(-1.0, min(1.0, self.weight))


def _rules(person: Person) -> tuple[Named, list[Rule]]:
    """The rules that speak of a person, with {who} filled in, gravest first."""
    who = named(person)
    own = [*allergy_rules(person.allergies), *avoid_rules(person.avoid), *dislike_rules(person.dislikes)]
    for rule in rulebook().rules:
        names = who.who(rule.priority, rule.people)
        if names is not None:
            own.append(replace(rule, reason=_filled(rule.reason, names)))
    return who, sorted(own, key=lambda rule: GRAVITY.index(rule.priority))


def _filled(text: str, names: Sequence[str]) -> str:
    """A text with the names in the place of {who}: "ibrutinib and venetoclax"."""
    *others, last = names or ("",)
    return text.replace("{who}", f"{', '.join(others)} and {last}" if others else last)


def _warnings(person: Person, who: Named) -> Iterator[str]:
    """What to say before the plan: of medicines first, and of those that no rule speaks of; then the rest."""
    remarks = tuple(_remarks(rulebook().warnings, who))
    yield from (remark.text for remark in remarks if remark.priority == "drug")
    tables = (rulebook().rules, rulebook().timings, rulebook().warnings)
    ruled = {key for rows in tables for row in rows for key in row.people}
    classed = {drug for name, members in rulebook().classes.items() if name in ruled for drug in members}
    unruled = [name_of("drugs", drug) for drug in person.drugs if drug not in ruled | classed]
    if names := (*unruled, *person.other_drugs):
        yield _filled(rulebook().unruled, names)
    yield from kin_warnings(person.allergies)
    yield from (remark.text for remark in remarks if remark.priority != "drug")


def _remarks(remarks: Iterable[Remark], who: Named) -> Iterator[Remark]:
    for remark in remarks:
        names = who.who(remark.priority, remark.people)
        if names is not None:
            yield replace(remark, text=_filled(remark.text, names))


def _exclusion(edible: Edible, met: Sequence[Rule], citations: Citations) -> Exclusion:
    gravest, *others = met
    also = dict.fromkeys(rule.reason for rule in others if rule.reason != gravest.reason)
    return Exclusion(
        food=edible.name,
        food_id=edible.key,
        reason=gravest.reason,
        rule=gravest.key,
        priority=gravest.priority,
        source=gravest.basis.source if gravest.basis else None,
        citation=citations.number(gravest.basis) if gravest.basis else 0,
        also=tuple(also),
    )


def _herbs(rules: Sequence[Rule], citations: Citations) -> Iterator[Exclusion]:
    """Herbs and supplements, each once with its gravest reason."""
    for name in dict.fromkeys(herb for rule in rules for herb in rule.herbs):
        gravest, *others = (rule for rule in rules if name in rule.herbs)
        yield Exclusion(
            food=name,
            reason=gravest.reason,
            rule=gravest.key,
            priority=gravest.priority,
            source=gravest.basis.source if gravest.basis else None,
            citation=citations.number(gravest.basis) if gravest.basis else 0,
            also=tuple(dict.fromkeys(rule.reason for rule in others)),
        )


def _ordered(exclusions: Iterable[Exclusion]) -> tuple[Exclusion, ...]:
    return tuple(sorted(exclusions, key=lambda one: (GRAVITY.index(one.priority), one.food.casefold(), one.food_id)))


def _timings(who: Named, citations: Citations) -> Iterator[Timing]:
    for remark in rulebook().timings:
        names = who.who(remark.priority, remark.people)
        for name in names or ():
            yield Timing(
                drug=name,
                rule=remark.key,
                text=_filled(remark.text, (name,)),
                source=remark.basis.source,
                citation=citations.number(remark.basis),
            )


def _apart(who: Named) -> Iterator[Apart]:
    for rule in rulebook().apart:
        if who.who("restriction", rule.people) is not None:
            yield Apart(parse_pattern(rule.one), parse_pattern(rule.other), rule.reason)


def _waits(who: Named) -> Iterator[Wait]:
    for rule in rulebook().waits:
        if who.who("restriction", rule.people) is not None:
            yield Wait(parse_pattern(rule.first), parse_pattern(rule.then), rule.hours, rule.reason)
