"""Names whose words are cut short: "Mean corpusc. haemogl. conc." is the known name that all its words begin."""

from collections.abc import Iterable, Mapping, Sequence

Words = tuple[str, ...]

# Letters that a cut word keeps; a word that is the whole name keeps more, and still more where no dot says it is cut:
# "Standard" is no "Standardbikarbonat".
_KEPT = 3
_KEPT_ALONE = 4
_KEPT_UNDOTTED = 6
_SHARE_UNDOTTED = 0.5


def by_initials(names: Iterable[Words]) -> dict[Words, tuple[Words, ...]]:
    """Names by the first letters of their words, for `spelt_out`."""
    grouped: dict[Words, list[Words]] = {}
    for name in names:
        if name:
            grouped.setdefault(tuple(word[0] for word in name), []).append(name)
    return {initials: tuple(group) for initials, group in grouped.items()}


def spelt_out(words: Sequence[str], known: Mapping[Words, tuple[Words, ...]], *, dotted: bool) -> tuple[Words, ...]:
    """The known names that the words of a name begin, word by word; none where no word is cut short.

    Args:
        words: of a folded name.
        known: names by their initials.
        dotted: whether a word of it ends with a dot.
    """
    least = _KEPT if len(words) > 1 else _KEPT_ALONE if dotted else _KEPT_UNDOTTED
    share = 0.0 if dotted or len(words) > 1 else _SHARE_UNDOTTED
    initials = tuple(word[0] for word in words)
    return tuple(
        name
        for name in known.get(initials, ())
        if name != tuple(words)
        and all(
            full == word or (len(word) >= max(least, share * len(full)) and full.startswith(word))
            for word, full in zip(words, name, strict=True)
        )
    )
