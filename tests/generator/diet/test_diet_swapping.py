import pytest

from generator.diet.records import Day, Dish, Food, Ingredient, Item, Meal, Need, Nutrients, Swap
from generator.diet.swapping import Change, now_over, swapped
from ingest.errors import BadRequest


def _food(key, energy, protein, potassium=100.0, **changes):
    figures = Nutrients(energy_kcal=energy, protein_g=protein, fat_g=0, carbohydrate_g=0, potassium_mg=potassium)
    return Food(key=key, name=key, ndb="00000", group="g", household="1 piece", grams=100, step=50, least=50, most=300,
                contains=frozenset({key}), per_100g=figures, **changes)  # fmt: skip


FOODS = {food.key: food for food in (_food("rice", 130, 3), _food("lentil", 110, 9), _food("bread", 260, 9, None))}
PARTS = {"rice": 100.0, "lentil": 300.0}
DISHES = {"dal": Dish(key="dal", name="Dal", meals=("lunch",), role="main", cuisines=(), ingredients=PARTS)}
RICE = Item(food="rice", food_id="rice", grams=200, energy_kcal=260, protein_g=6)
BREAD = Item(food="bread", food_id="bread", grams=100, energy_kcal=260, protein_g=9)
DAL = Item(food="Dal", food_id="dal", grams=400, energy_kcal=460, protein_g=30,
           ingredients=(Ingredient(food="rice", food_id="rice", grams=100),))  # fmt: skip
LENTIL = Item(food="lentil", food_id="lentil", grams=250, energy_kcal=275, protein_g=22.5)


def _days():
    swaps = (Swap(instead_of="rice", item=BREAD), Swap(instead_of="rice", item=LENTIL))
    lunch = Meal(name="lunch", at="13:00", items=(RICE,), swaps=swaps)
    dinner = Meal(name="dinner", at="19:00", items=(DAL,), swaps=(Swap(instead_of="dal", item=BREAD),))
    totals = Nutrients(energy_kcal=720, protein_g=36, fat_g=0, carbohydrate_g=0, potassium_mg=600)
    return (Day(meals=(lunch, dinner), totals=totals),)


CHANGE = Change(day=0, meal="lunch", instead_of="rice", food="bread")


def test_the_day_adds_up_anew():
    (day,) = swapped(_days(), CHANGE, foods=FOODS, dishes=DISHES)
    assert [item.food_id for meal in day.meals for item in meal.items] == ["bread", "dal"]
    # 260 of the bread; of the dal 1.0 * 130 + 3.0 * 110 = 460. Protein 9 + 3 + 27 = 39.
    assert (day.totals.energy_kcal, day.totals.protein_g) == (720.0, 39.0)
    # The bread has no figure for potassium: 400 g of dal hold 400 mg, and that is a least.
    assert day.totals.potassium_mg == 400.0 and "potassium_mg" in day.unknown


def test_what_was_there_is_offered_and_what_stands_on_the_day_is_not():
    (day,) = swapped(_days(), CHANGE, foods=FOODS, dishes=DISHES)
    lunch, dinner = day.meals
    assert [(swap.instead_of, swap.item.food_id) for swap in lunch.swaps] == [("bread", "rice"), ("bread", "lentil")]
    assert dinner.swaps == ()


def test_swapping_back_restores_the_day_but_for_other_offers():
    there = swapped(_days(), CHANGE, foods=FOODS, dishes=DISHES)
    back = Change(day=0, meal="lunch", instead_of="bread", food="rice")
    (day,) = swapped(there, back, foods=FOODS, dishes=DISHES)
    assert [meal.items for meal in day.meals] == [meal.items for meal in _days()[0].meals]
    assert day.totals.energy_kcal == _days()[0].totals.energy_kcal


@pytest.mark.parametrize(
    "change",
    [
        Change(day=0, meal="dinner", instead_of="rice", food="bread"),
        Change(day=0, meal="lunch", instead_of="rice", food="peanut"),
        Change(day=0, meal="breakfast", instead_of="rice", food="bread"),
        Change(day=3, meal="lunch", instead_of="rice", food="bread"),
    ],
)
def test_only_what_is_offered_can_be_put_in(change):
    with pytest.raises(BadRequest, match="not offered"):
        swapped(_days(), change, foods=FOODS, dishes=DISHES)


def test_a_limit_that_a_swap_breaks_is_named():
    need = Need(key="potassium_mg", name="Potassium", value=650, unit="mg", high=650, formula="", inputs={}, sources=())
    before = _days()[0]
    after = before.model_copy(update={"totals": before.totals.model_copy(update={"potassium_mg": 700.0})})
    assert now_over(before, after, [need]) == ("Potassium",)
    # What was over it before is not the swap's doing.
    assert now_over(after, after, [need]) == () and now_over(after, before, [need]) == ()
