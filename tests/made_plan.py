"""A small plan written by hand, whose totals can be added up in the head."""

from generator.diet.records import (
    Advice,
    Day,
    DietPlan,
    Exclusion,
    Ingredient,
    Item,
    Meal,
    Need,
    Nutrients,
    Relaxation,
    Screening,
    ShoppingItem,
    Source,
    Swap,
    Timing,
)
from generator.records import Citation

LABEL = Source(title="Venclexta prescribing information", url="https://www.accessdata.fda.gov/label.pdf", year=2022)
GUIDE = Source(
    title="ESPEN guideline: nutrition in cancer", url="https://doi.org/10.1016/j.clnu.2021.02.005", year=2021
)

OATS = Item(food="Oatmeal, cooked", food_id="oatmeal", grams=240, energy_kcal=160, protein_g=6, household="1 cup")
DAL = Item(
    food="Dal with rice",
    food_id="dal_rice",
    grams=400,
    energy_kcal=540,
    protein_g=24,
    household="1 bowl",
    ingredients=(
        Ingredient(food="Lentils, cooked", food_id="lentils", grams=200),
        Ingredient(food="White rice, cooked", food_id="rice", grams=200),
    ),
    method="Simmer the lentils until soft; keep hot above 60 °C until eaten.",
)
CURRY = Item(food="Chickpea curry", food_id="chana", grams=380, energy_kcal=520, protein_g=23, household="1 bowl")
BANANA = Item(food="Banana", food_id="banana", grams=118, energy_kcal=100, protein_g=1, household="1 medium")

NEEDS = (
    Need(key="energy_kcal", name="Energy", value=800, unit="kcal", formula="27.5 kcal × weight",
         inputs={"weight": "29.1 kg"}, sources=(GUIDE,)),
    Need(key="protein_g", name="Protein", value=40, unit="g", formula="1.2 g × weight",
         inputs={"weight": "33.3 kg"}, sources=(GUIDE,)),
    Need(key="fibre_g", name="Fiber", value=25, unit="g", low=20, high=35, formula="14 g per 1,000 kcal", inputs={},
         sources=(GUIDE,)),
    Need(key="sodium_mg", name="Sodium", value=2300, unit="mg", high=2300, formula="fixed", inputs={},
         sources=(GUIDE,)),
    Need(key="fluid_ml", name="Fluid", value=2100, unit="mL", formula="30 mL × weight", inputs={"weight": "70 kg"},
         sources=(GUIDE,)),
)  # fmt: skip


def day(main: Item = DAL) -> Day:
    """160 + 540 + 100 = 800 kcal and 6 + 24 + 1 = 31 g protein with dal; sodium is not known for all foods."""
    totals = Nutrients(
        energy_kcal=260 + main.energy_kcal, protein_g=7 + main.protein_g, fat_g=12, carbohydrate_g=150, fibre_g=26,
        sodium_mg=900, iron_mg=None,
    )  # fmt: skip
    meals = (
        Meal(name="breakfast", at="08:00", items=(OATS,)),
        Meal(
            name="lunch",
            at="13:00",
            items=(main,),
            swaps=(Swap(instead_of=main.food_id, item=CURRY if main is DAL else DAL),),
        ),
        Meal(name="evening snack", at="21:30", items=(BANANA,)),
    )
    return Day(meals=meals, totals=totals, unknown=("sodium_mg", "iron_mg"))


def citation(n: int = 1) -> Citation:
    quote = "Avoid grapefruit while taking venetoclax."
    return Citation(n=n, doc_id="sha256:0f", passage_id="aaaa0000aaaa0000aaaa", title="Venetoclax", quote=quote,
                    start=0, end=len(quote))  # fmt: skip


EXCLUDED = (
    Exclusion(food="Grapefruit, raw", food_id="grapefruit", reason="It raises the level of venetoclax.",
              rule="D60", priority="drug", source=LABEL, citation=1),
    Exclusion(food="Pomelo, raw", food_id="pomelo", reason="It raises the level of venetoclax.", rule="D60",
              priority="drug", source=LABEL, citation=1),
    Exclusion(food="Peanut butter", food_id="peanut_butter", reason="It contains peanut.", rule="peanut",
              priority="allergy", source=GUIDE),
)  # fmt: skip


def plan() -> DietPlan:
    """Two days out of the three foods above."""
    return DietPlan(
        targets={"energy_kcal": 800, "protein_g": 40, "fibre_g": 25, "sodium_mg": 2300, "fluid_ml": 2100},
        needs=NEEDS,
        screening=Screening(tool="MST", score=1, parts={"weight loss": 0, "appetite": 1}, meaning="Low risk.",
                            sources=(GUIDE,)),
        days=(day(), day(CURRY)),
        excluded=EXCLUDED,
        timings=(Timing(drug="Venetoclax", rule="D60", text="Take it with a meal and water.", source=LABEL),),
        warnings=("Do not start a supplement without asking your team.",),
        advice=(Advice(about="Poor appetite", text="Eat small meals every two to three hours.", source=GUIDE),),
        shopping=(ShoppingItem(group="Grains", food="Oatmeal, cooked", grams=480),),
        questions=("May I eat out?",),
        citations=(citation(),),
        index_version="v1",
    )  # fmt: skip


def referred() -> DietPlan:
    """No numbers, but a reason."""
    return DietPlan(targets={}, excluded=EXCLUDED, referral=("Pregnancy: a dietitian works out what you need.",))


def stuck() -> DietPlan:
    """Targets, and no plan that meets them."""
    return DietPlan(
        targets={"energy_kcal": 800}, needs=NEEDS,
        relax=(Relaxation(constraint="restriction: low-fibre", text="Without low-fibre a plan is possible."),),
    )  # fmt: skip
