"""Plates that could stand at a meal: drawn from what is allowed, by habit and liking, with what goes together."""

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from generator.diet.planning.liking import taste, weight_of
from generator.diet.planning.patterns import MealTime, PlateForm, Slot, patterns
from generator.diet.planning.portions import Portion, dish_portion, food_portion
from generator.diet.planning.records import Allowed, Wishes
from generator.diet.records import Dish

_COST = 0.3  # what is drawn e times more rarely costs as much as a portion 30 % beside the usual
_TRIES = 8
_YESTERDAY = 0.1
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Plate:
    """What could be eaten at one meal, its head first.

    Attributes:
        kind: of the meal: "breakfast", "lunch", "dinner", "snack".
        portions: no two of the same.
        cost: how unwelcome it is: 0 for nothing to say against it, below 0 for what is liked.
    """

    kind: str
    portions: tuple[Portion, ...]
    cost: float

    @property
    def keys(self) -> tuple[str, ...]:
        """What is on it, in an order that does not depend on which was drawn first."""
        return tuple(sorted(portion.key for portion in self.portions))


@dataclass(frozen=True, slots=True)
class Larder:
    """What may be eaten, ready to be drawn from.

    Attributes:
        allowed: as given.
        pools: by kind of meal and role; each by key.
        slots: what fills a slot at a kind of meal, as far as it has been asked for.
        weights: how gladly each is drawn, above 0.
        costs: how unwelcome each is, by all that is known of the person.
        cuisines: the person's own.
    """

    allowed: Allowed
    pools: Mapping[tuple[str, str], Sequence[Portion]]
    weights: Mapping[str, float]
    costs: Mapping[str, float]
    cuisines: tuple[str, ...] = ()
    slots: dict[tuple[str, Slot], Sequence[Portion]] = field(default_factory=dict)

    def welcome(self, key: str) -> float:
        """How gladly something is eaten by all that is known of the person; 1 where nothing speaks for or against."""
        return math.exp(-self.costs[key] / _COST)

    def fill(self, kind: str, slot: Slot) -> Sequence[Portion]:
        """What fills a slot at a kind of meal; a slot names roles, or keys of foods and dishes."""
        if (kind, slot) not in self.slots:
            found = [portion for role in slot.roles for portion in self.pools.get((kind, role), ())]
            named = set(slot.roles) & set(self.weights)
            if named:
                found += [one for (of, _), pool in self.pools.items() if of == kind for one in pool if one.key in named]
            self.slots[kind, slot] = [portion for portion in found if _fits(portion, slot)]
        return self.slots[kind, slot]

    def role(self, word: str) -> str:
        """The role of a food or dish; any other word is a role itself."""
        dish = self.allowed.dishes.get(word)
        food = self.allowed.table.get(word)
        return dish.role if dish else food.role if food else word


@dataclass(slots=True)
class Eaten:
    """What the days so far have held; the last seven count."""

    days: list[dict[str, str]] = field(default_factory=list)

    def add(self, portions: Iterable[Portion]) -> None:
        """Put down a day."""
        self.days.append({portion.key: portion.family for portion in portions})

    def freshness(self, portion: Portion, *, strict: bool) -> float:
        """How far something is still welcome, 0 to 1, by how often it was eaten in the last six days and when."""
        week = self.days[1 - _WEEK :]
        habits, more = patterns().habits, 0 if strict else 1
        most = min(habits.most_days[portion.role], habits.dish_days if portion.dish else _WEEK)
        if sum(portion.key in day for day in week) >= most + more:
            return 0.0
        of_family = sum(portion.family in day.values() for day in week)
        if of_family >= habits.most_family_days.get(portion.family, _WEEK) + more:
            return 0.0
        daily = portion.role in habits.daily and not portion.dish
        return _YESTERDAY if week and portion.key in week[-1] and not daily else 1.0


def larder(allowed: Allowed, wishes: Wishes, *, scale: float, seed: int, known: Sequence[int]) -> Larder:
    """Everything that may be eaten as portions of the size that the person needs.

    Args:
        allowed: what may be eaten.
        wishes: what would be welcome.
        scale: 1 for an ordinary appetite; usual amounts of mains and staples are that many times the table's.
        seed: of the person's tastes: what is drawn often over all days.
        known: places in `FIGURES` that have to be known, since the person has an upper limit there.
    """
    pools: dict[tuple[str, str], list[Portion]] = defaultdict(list)
    weights: dict[str, float] = {}
    costs: dict[str, float] = {}
    for portion in _portions(allowed, scale):
        if any(math.isnan(portion.figures[place]) for place in known):
            continue
        weight = weight_of(portion, allowed, wishes)
        weights[portion.key] = weight * taste(seed, portion.key)
        costs[portion.key] = -_COST * math.log(weight)
        for kind in portion.source.meals:
            pools[kind, portion.role].append(portion)
    return Larder(allowed, pools, weights, costs, wishes.cuisines)


def _portions(allowed: Allowed, scale: float) -> Iterable[Portion]:
    scaled, never = patterns().habits.scaled, patterns().habits.never
    for key in sorted(allowed.foods):
        food = allowed.foods[key]
        if food.role and never.isdisjoint(food.properties):
            yield food_portion(food, scale=scale if food.role in scaled else 1.0)
    for key in sorted(allowed.dishes):
        dish = allowed.dishes[key]
        if never.isdisjoint(dish.properties):
            yield dish_portion(dish, allowed.table, scale=scale if dish.role in scaled else 1.0)


@dataclass(frozen=True, slots=True)
class Draw:
    """Drawing plates for a day.

    Attributes:
        larder: to draw from.
        weights: how gladly each thing is drawn on this day, 0 for not at all.
        dice: the only source of chance.
        one_kitchen: whether what stands on a plate has to be of one kitchen.
    """

    larder: Larder
    weights: Mapping[str, float]
    dice: random.Random
    one_kitchen: bool = True

    def plates(self, meal: MealTime, count: int) -> list[Plate]:
        """Up to `count` different plates for a meal."""
        forms = [form for form in patterns().plates if meal.kind in form.kinds]
        weights = [form.weight * self._welcome(form, meal.kind) for form in forms]
        dear = {form: _COST * math.log(max(one.weight for one in forms) / form.weight) for form in forms}
        if not any(weights):
            return []
        found: dict[tuple[str, ...], Plate] = {}
        for _ in range(_TRIES * count):
            if len(found) >= count:
                break
            form = self.dice.choices(forms, weights)[0]
            plate = self._plate(form, meal.kind)
            if plate:
                found.setdefault(plate.keys, replace(plate, cost=plate.cost + dear[form]))
        return list(found.values())

    def _welcome(self, form: PlateForm, kind: str) -> float:
        """How welcome the most welcome head of a form is, 0 to 1; 0 where there is none."""
        heads = (self.larder.welcome(one.key) for one in self.larder.fill(kind, form.slots[0]) if self.weights[one.key])
        return min(1.0, max(heads, default=0.0))

    def _plate(self, form: PlateForm, kind: str) -> Plate | None:
        head = self._pick(self.larder.fill(kind, form.slots[0]), ())
        if head is None:
            return None
        wanted = served_with(head, self.larder)
        brought = {self.larder.role(word) for slot in wanted for word in slot.roles}
        on_plate = [head]
        for slot in [*wanted, *(slot for slot in form.slots[1:] if brought.isdisjoint(slot.roles))]:
            if slot.chance < 1 and self.dice.random() >= slot.chance:
                continue
            pool = self._at_home(self.larder.fill(kind, slot), head)
            found = self._pick(pool, on_plate)
            if found is not None:
                on_plate.append(found)
            elif slot.chance == 1 and pool:
                return None
        return Plate(kind, tuple(on_plate), sum(self.larder.costs[one.key] for one in on_plate))

    def _at_home(self, pool: Sequence[Portion], head: Portion) -> Sequence[Portion]:
        """Of staples those of the kitchen of the head, if any of them may be eaten; all of anything else."""
        home = patterns().kitchens.staples_of(head.source.cuisines, own=self.larder.cuisines)
        kept = [one for one in pool if one.role != "staple" or one.key in home]
        return kept if any(self.weights[one.key] for one in kept) else pool

    def _pick(self, pool: Sequence[Portion], beside: Sequence[Portion]) -> Portion | None:
        weights = [self.weights[one.key] for one in pool]
        for _ in range(_TRIES):
            if not any(weights):
                return None
            place = self.dice.choices(range(len(pool)), weights)[0]
            if goes_with(pool[place], beside, self.larder.allowed, one_kitchen=self.one_kitchen):
                return pool[place]
            weights[place] = 0.0
        return None


def _fits(portion: Portion, slot: Slot) -> bool:
    dish = isinstance(portion.source, Dish)
    if slot.only and dish != (slot.only == "dish"):
        return False
    if slot.groups and not dish and portion.family not in slot.groups:
        return False
    return slot.without.isdisjoint(portion.source.properties)


def drawing(larder: Larder, eaten: Eaten, *, dice: random.Random, strict: bool) -> Draw:
    """Drawing for the day after those `eaten`; if not `strict`, each thing may come once more, and of any kitchen."""
    portions = {portion.key: portion for pool in larder.pools.values() for portion in pool}
    weights = {key: larder.weights[key] * eaten.freshness(one, strict=strict) for key, one in portions.items()}
    return Draw(larder, weights, dice, one_kitchen=strict)


def goes_with(one: Portion, beside: Sequence[Portion], allowed: Allowed, *, one_kitchen: bool = True) -> bool:
    """Whether something can stand on a plate: not there yet, of one kitchen with the rest, and without a clash."""
    if any(one.key == other.key or one.source.name == other.source.name for other in beside):
        return False
    related = patterns().kitchens.related
    if one_kitchen and not all(related(_kitchens(one), _kitchens(other)) for other in beside):
        return False
    return not any(allowed.clash(allowed.contains[one.key], allowed.contains[other.key]) for other in beside)


def _kitchens(portion: Portion) -> tuple[str, ...]:
    """The cuisines that something belongs to; what is common belongs to all."""
    return () if portion.key in patterns().habits.common else portion.source.cuisines


def served_with(head: Portion, larder: Larder) -> list[Slot]:
    """What a dish wants to be served with: a slot for each role, those keys together that have a role in common."""
    if not isinstance(head.source, Dish):
        return []
    by_role: dict[str, list[str]] = defaultdict(list)
    for word in head.source.served_with:
        by_role[larder.role(word)].append(word)
    return [Slot(tuple(words)) for words in by_role.values()]
