"""Questions in the words that sources answer: what letters stand for, and brands, are told where a thing is defined."""

import re

_NAME = r"(?P<name>[^?]{2,60}?)"
_ASKED_AS = tuple(
    (re.compile(rf"^\W*{pattern}(?P<rest>(?: (?:in|for) [^?]{{2,60}})?)\W*$", re.IGNORECASE), asked)
    for pattern, asked in (
        (rf"what (?:do|does|did) (?:the )?(?:abbreviation |acronym |letters )?{_NAME} stands? for", "What is {name}"),
        (rf"what(?: is|'s|’s) (?:the|an?) (?:brand ?|trade ?)names? (?:of|for) {_NAME}", "What is {name}"),
        (rf"what(?: is|'s|’s) the active (?:ingredient|substance) (?:of|in) {_NAME}", "What is {name}"),
        (rf"what(?: is|'s|’s) the (?:route|mode) of administration (?:of|for) {_NAME}", "How is {name} given"),
        (rf"what(?: is|'s|’s) the mode of action of {_NAME}", "What is the mechanism of action of {name}"),
        (rf"what (?:is|are) the indications? (?:of|for) {_NAME}", "What is {name} used for"),
    )
)


def rephrased(question: str) -> str:
    """Ask "What does MRD stand for?" as "What is MRD?"; a question of any other form stays as it is."""
    for pattern, asked in _ASKED_AS:
        if match := pattern.match(question):
            return f"{asked.format(name=match['name'])}{match['rest']}?"
    return question
