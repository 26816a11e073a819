"""Foods, needs and the plan made of them; these models cross the command line, REST and the chat."""

from typing import Literal

from generator.records import Answer, Citation, Triage
from retriever.records import Record

MealName = Literal["breakfast", "morning snack", "lunch", "afternoon snack", "dinner", "evening snack"]
Priority = Literal["allergy", "safety", "drug", "restriction", "condition", "symptom", "dislike"]


class Nutrients(Record):
    """Figures of a food or a meal; None where the table has none, which is not zero."""

    energy_kcal: float
    protein_g: float
    fat_g: float
    carbohydrate_g: float
    fibre_g: float | None = None
    iron_mg: float | None = None
    calcium_mg: float | None = None
    potassium_mg: float | None = None
    sodium_mg: float | None = None
    vitamin_k_ug: float | None = None
    vitamin_c_mg: float | None = None
    folate_ug: float | None = None


class Food(Record):
    """A food of the table, as it is eaten.

    Attributes:
        key: its name in our tables, such as "rice_white_cooked".
        name: its name for people: "White rice, cooked".
        ndb: its number in the USDA Standard Reference, five digits.
        group: where it stands in a shop and on a plate, a key of groups.toml.
        household: one portion in household measures: "1 cup", "1 medium egg".
        grams: that portion.
        step: amounts are whole multiples of this, in grams (an egg, a slice, 25 g of rice).
        least, most: the smallest and the largest amount at one meal, in grams.
        contains: ingredients it is made of, keys of the ingredient tables; what these contain is contained too.
        properties: keys of properties.toml, such as "raw", "soft", "high_oxalate".
        meals: where it can be eaten on its own; empty for a mere ingredient.
        role: what it is on the plate, if eaten on its own: "main", "staple", "vegetable", "fruit", "drink", ….
        cuisines: where it is at home; empty is everywhere.
        cost: 1 cheap, 2 middling, 3 dear.
        per_100g: its figures for 100 g.
    """

    key: str
    name: str
    ndb: str
    group: str
    household: str
    grams: float
    step: float
    least: float
    most: float
    contains: frozenset[str]
    properties: frozenset[str] = frozenset()
    meals: tuple[str, ...] = ()
    role: str = ""
    cuisines: tuple[str, ...] = ()
    cost: int = 1
    per_100g: Nutrients


class Dish(Record):
    """A dish made of foods of the table: what it contains and its figures are those of its ingredients.

    `ingredients` are grams of each food, as eaten, in one portion. `properties` are those of the finished dish and are
    not taken over from raw ingredients. `served_with` are roles or keys that go with it on a plate; empty where it is a
    meal by itself. `method` is how to cook it, in a sentence or two, with the temperature that makes it safe.
    """

    key: str
    name: str
    meals: tuple[str, ...]
    role: str
    cuisines: tuple[str, ...]
    ingredients: dict[str, float]
    properties: frozenset[str] = frozenset()
    served_with: tuple[str, ...] = ()
    method: str = ""
    minutes: int = 0


class Source(Record):
    """A public source of a rule or a figure."""

    title: str
    url: str
    year: int | None = None


class Need(Record):
    """A computed target: every number says how it was found.

    `low` and `high` bound what a day may hold where there is a range, else None. `formula` is in words and symbols,
    `inputs` name each value with its unit.
    """

    key: str
    name: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    formula: str
    inputs: dict[str, str]
    sources: tuple[Source, ...]


class Screening(Record):
    """The score of a screening for malnutrition with what it means."""

    tool: str
    score: int
    parts: dict[str, int]
    meaning: str
    sources: tuple[Source, ...]


class Exclusion(Record):
    """A food, a dish or a supplement that the person must not or should not have, the gravest reason first.

    `food_id` is empty for what is not in the table (St John's wort). `citation` numbers the plan's citations; 0 where
    the index holds no sentence that carries the reason, which then rests on `source` alone. What the person does not
    want, or does not eat, needs no source: there `source` is None.
    """

    food: str
    food_id: str = ""
    reason: str
    rule: str
    priority: Priority
    source: Source | None = None
    citation: int = 0
    also: tuple[str, ...] = ()


class Missed(Record):
    """What a person likes (`liked`, in words) and cannot have, with the reason as in an `Exclusion`."""

    liked: str
    text: str
    source: Source | None = None
    citation: int = 0


class Timing(Record):
    """When to take a drug beside food: "with a meal", "two hours after and one hour before food"."""

    drug: str
    rule: str
    text: str
    source: Source
    citation: int = 0


class Ingredient(Record):
    """A food in a dish, with its amount as eaten."""

    food: str
    food_id: str
    grams: float


class Item(Record):
    """A food or a dish at a meal; `ingredients` are what a dish is made of, `household` what the grams look like."""

    food: str
    food_id: str
    grams: float
    energy_kcal: float
    protein_g: float
    household: str = ""
    ingredients: tuple[Ingredient, ...] = ()
    method: str = ""


class Swap(Record):
    """What can stand in the place of an item of the meal at the same energy and protein, or nearly."""

    instead_of: str
    item: Item


class Meal(Record):
    """What is eaten together; `at` is about when, "13:00", for what has to wait after an earlier meal."""

    name: MealName
    at: str
    items: tuple[Item, ...]
    swaps: tuple[Swap, ...] = ()


class Day(Record):
    """A day's meals and what they add up to; a total is a least where a food's figure is not known (`unknown`)."""

    meals: tuple[Meal, ...]
    totals: Nutrients
    unknown: tuple[str, ...] = ()


class ShoppingItem(Record):
    """What to buy for all days together, in grams as eaten."""

    group: str
    food: str
    grams: float


class Advice(Record):
    """A sentence of advice with its source: a tip for a symptom, a rule of the kitchen."""

    about: str
    text: str
    source: Source


class Relaxation(Record):
    """A constraint that stands in the way of a plan, and what would do if it were relaxed."""

    constraint: str
    text: str


class DietPlan(Record):
    """A plan, or the reason why there is none.

    Where what the person told is urgent (`triage`), its fixed words are the first of the `warnings`.

    There are no `days` where the person needs a dietitian's own plan (`referral` says why; then there are no targets
    either) and where the constraints cannot be met together (`relax` names which).
    """

    targets: dict[str, float]
    needs: tuple[Need, ...] = ()
    screening: Screening | None = None
    days: tuple[Day, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    missed: tuple[Missed, ...] = ()
    timings: tuple[Timing, ...] = ()
    triage: Triage = Triage(level="none")
    warnings: tuple[str, ...] = ()
    referral: tuple[str, ...] = ()
    relax: tuple[Relaxation, ...] = ()
    advice: tuple[Advice, ...] = ()
    shopping: tuple[ShoppingItem, ...] = ()
    questions: tuple[str, ...] = ()
    explanation: Answer | None = None
    citations: tuple[Citation, ...] = ()
    index_version: str = ""
