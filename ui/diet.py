"""Diet plans, wired together: a profile becomes needs, exclusions, meals and their explanation; none is kept."""

from collections.abc import Callable, Iterator
from itertools import combinations

from generator.diet.advice import advice_for, notes_of, questions_for, texture_notes
from generator.diet.exclusions.exclude import exclude
from generator.diet.exclusions.records import Excluded
from generator.diet.explain import Ask, explain
from generator.diet.foods.dishes import dishes
from generator.diet.foods.table import foods
from generator.diet.gates import referral
from generator.diet.liked import missed, taste_name
from generator.diet.needs import Needs, needs_of
from generator.diet.planning.plan import plan_days
from generator.diet.planning.records import Allowed, Droppable, Planned, Wait
from generator.diet.planning.shopping import shopping
from generator.diet.planning.waiting import followed_too_soon
from generator.diet.planning.wishes import wishes_of
from generator.diet.profile import Profile
from generator.diet.records import Day, DietPlan
from generator.diet.screening import screen
from generator.diet.swapping import Change, now_over, swapped
from generator.diet.vocabulary import name_of
from generator.quoting import Search
from ingest.errors import BadRequest

MAX_SEED = 1_000_000


class DietDesk:
    """Makes diet plans; what is read of tables is read once and shared by all threads."""

    def __init__(self, *, search: Search | None, ask: Ask | None) -> None:
        """Wire the desk.

        Args:
            search: finds the sentences that exclusions cite; None for no citations.
            ask: answers a question from the index, for the explanation; None for none.
        """
        self._search = search
        self._ask = ask

    def warm_up(self) -> None:
        """Read the tables and ask the index what a plan asks of it, so that the first plan is as fast as the next.

        Raises:
            MarrowError: if the index cannot be searched.
        """
        anyone = Profile(age=60, sex="F", height_cm=165, weight_kg=65, days=1)
        self.explain(anyone, self.plan(anyone))

    def plan(self, profile: Profile, *, seed: int = 0) -> DietPlan:
        """Plan days for a person, not yet explained; the same profile and seed give the same plan.

        Returns:
            The plan; without days where the person needs a dietitian's own plan (`referral`) or where what is asked for
            cannot be met together (`relax`).
        """
        excluded = exclude(profile, foods=foods(), dishes=dishes(), search=self._search)
        reasons = referral(profile)
        if reasons:
            return _guidance(profile, excluded, reasons)
        needs = needs_of(profile)
        planned = plan_days(
            needs.needs,
            _allowed(excluded),
            wishes=wishes_of(profile),
            days=profile.days,
            seed=seed,
            droppable=_droppable(profile),
        )
        return _plan(profile, needs, excluded, planned)

    def explain(self, profile: Profile, plan: DietPlan) -> DietPlan:
        """Add why the plan is so, in cited sentences of the index.

        Raises:
            MarrowError: if the index cannot be searched.
        """
        if self._ask is None:
            return plan
        return plan.model_copy(update={"explanation": explain(profile, plan, self._ask)})

    def swap(self, profile: Profile, plan: DietPlan, change: Change) -> DietPlan:
        """Put a food that a plan offers into the place of another; what must not be eaten is looked at once more.

        Raises:
            BadRequest: if it is not offered there, must not be eaten, does not go with the rest of the meal, or brings
                the day over a limit.
        """
        days = swapped(plan.days, change, foods=foods(), dishes=dishes())
        excluded = exclude(profile, foods=foods(), dishes=dishes())
        _check(days[change.day], excluded)
        over = now_over(plan.days[change.day], days[change.day], plan.needs)
        if over:
            raise BadRequest(f"with it the day is over the limit for {', '.join(over)}", hint="Choose another swap.")
        return plan.model_copy(update={"days": days, "shopping": shopping(days, foods())})


def _guidance(profile: Profile, excluded: Excluded, reasons: tuple[str, ...]) -> DietPlan:
    """What holds without numbers, for a person who needs a dietitian's own plan."""
    return DietPlan(
        targets={},
        excluded=excluded.exclusions,
        missed=missed(profile.likes, excluded),
        timings=excluded.timings,
        triage=profile.triage,
        warnings=_warnings(profile, excluded),
        referral=reasons,
        advice=advice_for(profile, unwelcome=_unwelcome(excluded)),
        questions=questions_for(profile),
        citations=excluded.citations,
        index_version=excluded.index_version,
    )


def _plan(profile: Profile, needs: Needs, excluded: Excluded, planned: Planned) -> DietPlan:
    return DietPlan(
        targets=needs.targets(),
        needs=needs.needs,
        screening=screen(profile),
        days=planned.days,
        excluded=excluded.exclusions,
        missed=missed(profile.likes, excluded),
        timings=excluded.timings,
        triage=profile.triage,
        warnings=(*_warnings(profile, excluded), *needs.notes),
        relax=planned.relax,
        advice=advice_for(profile, unwelcome=_unwelcome(excluded)),
        questions=questions_for(profile),
        shopping=planned.shopping,
        citations=excluded.citations,
        index_version=excluded.index_version,
    )


def _warnings(profile: Profile, excluded: Excluded) -> tuple[str, ...]:
    """What is urgent, what a specialist has to see, medicines, and then the rest."""
    urgent = profile.triage.message
    return (*([urgent] if urgent else []), *texture_notes(profile), *excluded.warnings, *notes_of(profile))


def _unwelcome(excluded: Excluded) -> frozenset[str]:
    """What no tip may name: the foods and dishes that are excluded, or better left out."""
    return excluded.forbidden | {one.food_id for one in excluded.discouraged}


def _allowed(excluded: Excluded) -> Allowed:
    """What is left to plan with."""
    forbidden = excluded.forbidden
    return Allowed(
        foods={key: food for key, food in foods().items() if food.meals and key not in forbidden},
        dishes={key: dish for key, dish in dishes().items() if key not in forbidden},
        table=foods(),
        contains={key: edible.contains for key, edible in excluded.edibles.items()},
        penalties=excluded.penalties,
        clash=excluded.clash,
        waits=tuple(
            Wait(rule.first.ingredients, rule.then.ingredients, rule.hours, rule.reason) for rule in excluded.waits
        ),
    )


def _droppable(profile: Profile) -> tuple[Droppable, ...]:
    """What could be left out to see what stands in the way: dislikes first; never an allergy, safety or a drug."""
    return tuple(_droppables(profile))


def _droppables(profile: Profile) -> Iterator[Droppable]:
    for field, what in (("dislikes", "your wish: no"), ("avoid", "what you do not eat:"), ("restrictions", "")):
        for key in getattr(profile, field):
            less = profile.model_copy(update={field: tuple(one for one in getattr(profile, field) if one != key)})
            name = name_of("restrictions", key) if field == "restrictions" else f"{what} {taste_name(key)}"
            yield Droppable(name, _left_for(less), giving_up=field == "dislikes")


def _left_for(profile: Profile) -> Callable[[], Allowed]:
    return lambda: _allowed(exclude(profile, foods=foods(), dishes=dishes()))


def _check(day: Day, excluded: Excluded) -> None:
    """Look at a changed day.

    Raises:
        BadRequest: if something on it must not be eaten, not at one meal, or not so soon after another.
    """
    for meal in day.meals:
        eaten = [item.food_id for item in meal.items]
        if not excluded.forbidden.isdisjoint(eaten):
            raise BadRequest("this must not be eaten", hint="Choose another swap.")
        for one, other in combinations(eaten, 2):
            reason = excluded.clash(excluded.edibles[one].contains, excluded.edibles[other].contains)
            if reason:
                raise BadRequest(f"it does not go with the rest of the meal: {reason}", hint="Choose another swap.")
    for earlier, later, wait in followed_too_soon(day.meals, _allowed(excluded)):
        raise BadRequest(
            f"{later.name} comes too soon after {earlier.name}: {wait.reason}", hint="Choose another swap."
        )
