"""What of a profile the planner takes as a wish."""

from generator.diet.planning.patterns import patterns
from generator.diet.planning.records import Wishes
from generator.diet.profile import Profile


def wishes_of(profile: Profile) -> Wishes:
    """The likes, cuisines and budget of a person, and small meals for those whose symptoms ask for them.

    Source: meals.toml, `small_meals`.
    """
    table = patterns()
    return Wishes(
        likes=frozenset(profile.likes),
        cuisines=profile.cuisine,
        budget=table.budgets[profile.budget],
        small_meals=not table.small_meals.isdisjoint(profile.symptoms),
    )
