"""Diet plans for people drawn at random, held against an independent checker; and how long a week takes.

Run: .venv/bin/python benchmarks/diet.py [--profiles 20000] [--weeks 60] [--seed 2026] [--workers 2] [--show 20]
For every profile (diet_profiles.py) the checker (diet_checker.py: tags, ingredients and names, no rule of ours) looks
at all that is left to eat, not only at what the plan chose, and at the plan: forbidden foods, sums, energy and protein
within 5 %, or what stands in the way by name, or why a dietitian is needed, or what has to be asked first. Nine in ten
plans are of one day, so that many people can be tried. Then `--weeks` plans of 7 days are timed one after another,
exclusions included, without the search for citations (the index is not needed here).
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
from diet_checker import faults, forbidden
from diet_profiles import forms
from report import print_json, print_table

from generator.diet.exclusions.exclude import exclude
from generator.diet.foods.dishes import dishes
from generator.diet.foods.table import foods
from generator.diet.profile import BadProfile, read_profile
from ui.diet import DietDesk

_CHUNK = 50
_MORE_DAYS = {7: 3, 3: 6}  # every 100th to so many
Result = tuple[Counter[str], list[str]]


def main() -> None:
    """Plan, check, time and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=20_000)
    parser.add_argument("--weeks", type=int, default=60)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--show", type=int, default=20)
    given = parser.parse_args()
    counts, wrong = Counter[str](), list[str]()
    for found, faulty in _checked(given.profiles, seed=given.seed, workers=given.workers):
        counts += found
        wrong += faulty
    for line in wrong[: given.show]:
        print(line)
    seconds = week_seconds(given.weeks, seed=given.seed + 1)
    _report(counts, seconds, profiles=given.profiles)


def _checked(count: int, *, seed: int, workers: int) -> Iterator[Result]:
    every = list(enumerate(forms(count, seed=seed)))
    chunks = [every[start : start + _CHUNK] for start in range(0, count, _CHUNK)]
    if workers < 2:
        yield from map(check_forms, chunks)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(check_forms, chunks)


def check_forms(numbered: list[tuple[int, dict[str, Any]]]) -> Result:
    """How many of these forms came to a plan, a referral or a named obstacle, and everything that is wrong."""
    desk = DietDesk(search=None, ask=None)
    counts, wrong = Counter[str](), list[str]()
    for number, form in numbered:
        days = next((days for days, upto in _MORE_DAYS.items() if number % 100 < upto), 1)
        try:
            outcome, faulty = check(desk, {**form, "days": days}, seed=number)
        except BadProfile:
            outcome, faulty = "asked back", []
        except Exception as error:  # noqa: BLE001 - a crash of any kind is what is counted
            outcome, faulty = "crashed", [repr(error)]
        counts.update([outcome, *(["faulty"] if faulty else [])])
        wrong += [f"{number}: {fault}" for fault in faulty]
    return counts, wrong


def check(desk: DietDesk, form: Mapping[str, Any], *, seed: int) -> tuple[str, list[str]]:
    """What a form comes to: "planned", "referred" or "obstacle named", and what is wrong with it."""
    profile = read_profile(form)
    person = profile.model_dump()
    excluded = exclude(profile, foods=foods(), dishes=dishes())
    left = [key for key in (*foods(), *dishes()) if key not in excluded.forbidden]
    wrong = [f"left to eat: {fault}" for fault in forbidden(person, left)]
    plan = desk.plan(profile, seed=seed).model_dump()
    if plan["referral"]:
        return "referred", wrong + (["a referral with days"] if plan["days"] else [])
    if not plan["days"]:
        return "obstacle named", wrong + ([] if plan["relax"] else ["no plan, and no reason"])
    if len(plan["days"]) != form["days"]:
        wrong.append(f"{len(plan['days'])} days instead of {form['days']}")
    return "planned", wrong + list(faults(person, plan))


def week_seconds(count: int, *, seed: int) -> list[float]:
    """The seconds of each of so many plans of 7 days."""
    desk, seconds = DietDesk(search=None, ask=None), list[float]()
    for number, form in enumerate(forms(20 * count, seed=seed)):
        try:
            profile = read_profile({**form, "days": 7})
        except BadProfile:
            continue
        begin = time.perf_counter()
        plan = desk.plan(profile, seed=number)
        if plan.days:
            seconds.append(time.perf_counter() - begin)
        if len(seconds) == count:
            break
    return seconds


def _report(counts: Counter[str], seconds: list[float], *, profiles: int) -> None:
    rows = [(outcome, f"{counts[outcome]:,}") for outcome in ("planned", "referred", "obstacle named", "asked back")]
    rows += [("with a fault found by the checker", f"{counts['faulty']:,}"), ("crashed", f"{counts['crashed']:,}")]
    print_table(f"{profiles:,} random profiles", rows)
    p50, p95 = (round(float(np.percentile(seconds, share)), 2) for share in (50, 95)) if seconds else (0.0, 0.0)
    print_table("A plan of 7 days", [(f"p50 of {len(seconds)}", f"{p50} s"), ("p95", f"{p95} s")])
    figures = {name.replace(" ", "_"): counts[name] for name in ("planned", "referred", "obstacle named", "asked back")}
    faults_found = {"faulty": counts["faulty"], "crashed": counts["crashed"]}
    print_json("diet", {"profiles": profiles, **figures, **faults_found, "week_s": {"p50": p50, "p95": p95}})


if __name__ == "__main__":
    main()
