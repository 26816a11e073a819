"""Body temperatures in a message, in the ways people write them."""

import re
from dataclasses import dataclass

# The least temperature that counts as fever, in °C (100.4 °F).
# Source: CDC, Watch Out for Fever, https://www.cdc.gov/cancer/preventinfections/fever.htm
FEVER_C = 38.0
# What a thermometer for people can show, in °C and °F; numbers outside are something else.
_RANGE_C, _RANGE_F = (34.0, 43.5), (93.0, 111.0)

_READING = re.compile(
    r"(?:(?<![A-Za-z0-9.,/-])|(?<=\bt)|(?<=\btemp))(?P<number>\d{2,3}(?:[.,·']\d{1,2})?)(?!\d|[.,·']\d)"
    r"\s*(?P<sign>[°º˚℃℉度]|deg(?:rees?|s)?\b|grad\b)?\s*(?P<unit>[cf]\b|celsius|centigrade|fahrenheit)?"
    r"(?!\s*-?\s*(?:[%/×]|x ?10|10\^|(?:percent|[mkµu]?g|mcg|m?l|[mµu]mol|iu|units?|k|wks?|weeks?|days?|mos?|months?|"
    r"yrs?|"
    r"years?|yo|hrs?|hours?|mins?|minutes?|bpm|beats|[cm]m|lbs?|pounds|kilos?|patients|people|times|tablets?|pills?|"
    r"cells|copies|fl)\b))",
    re.IGNORECASE,
)
_TEMPERATURE = re.compile(r"\b(?:t|t-?max|temp\w*|fever\w*|febrile|thermometer|burning up)(?=\W|\d|$)", re.IGNORECASE)
# "39 fever", "39 dangerous for a fever"; but not "39 with no fever", which is an age.
_BESIDE = re.compile(
    r"\s*(?:of )?temp|\s*(?:(?!with|no|not|without|and|has|have|had)\w+ ){0,3}(?:fever|febrile)", re.IGNORECASE
)
# A message that is nothing but a number answers "what does the thermometer say?".
_ALONE = re.compile(r"\W*(?:it(?:'s| is| was| says| reads) |now |about )?\d{2,3}(?:[.,·']\d{1,2})?\W*", re.IGNORECASE)
# A number behind one of these is another quantity.
_OTHER = re.compile(
    r"\b(?:wbc|white|hb|hgb|ha?emoglobin|hct|ha?ematocrit|plt|platelets?|anc|neutrophils?|lymph\w*|mono\w*|blasts?|"
    r"albumin|"
    r"glucose|sugar|a1c|bmi|weigh\w*|aged?|height|crp|ferritin|creatinine|alt|ast|ldh|bilirubin|potassium|sodium|"
    r"calcium|"
    r"mcv|mchc?|rdw|inr|ratio|hr|ci|mean|median|average|score|dose|counts?|pulse|rate|spo2|sats?|bp|pressure|version|"
    r"chapter|page|room|bed|protein|mrd|os|pfs|efs|survival|remission|cd\d*)\b",
    re.IGNORECASE,
)
_THRESHOLD = re.compile(
    r"(?:\b(?:below|under|less than|lower than)|[<≤]|(?:n't|\bnot|\bnever) (?:been |gone |go |went |get |got )?"
    r"(?:above|over|higher than|reach(?:ed)?))\s*$",
    re.IGNORECASE,
)
# A child that "is 39" is not of that age.
_CHILD = re.compile(
    r"\b(?:baby|toddler|infant|kid|child|girl|boy)\b(?:[^.;!?)]*\))?(?: \w+){0,2} (?:is|at|has|hit|reached)\s*$",
    re.IGNORECASE,
)
# Behind low counts, a number is no count: "low counts + 38", "neutrophils 0.2 and 38.4".
_BEHIND_LOW = re.compile(
    r"\b(?:(?:low|no|zero) counts?|counts? (?:is |are |were )?(?:so |very )?(?:low|down|zero|rock bottom)|"
    r"neutropeni[ac]|(?:anc|neut(?:rophil)?s?)\W{0,3}(?:of |is |are )?0?[.,]\d{1,2})"
    r"\s*(?:[+&,/]|and|with|plus)\s*(?:an? )?$",
    re.IGNORECASE,
)
_WINDOW_CHARS = 60


@dataclass(frozen=True, slots=True)
class Reading:
    """A temperature in °C and the offset in the sentence where its number stands."""

    celsius: float
    start: int


def readings(sentence: str) -> list[Reading]:
    """Body temperatures that a sentence names: beside a unit, a degree sign or a word for temperature, or bare.

    A bare number counts when it has a decimal, would be a fever, and does not follow the name of another quantity
    ("38,5" does, "WBC 38.5" and "I am 39" do not), or when it is all there is. What is only said not to be reached
    ("below 38") is left out.
    """
    found = []
    for match in _READING.finditer(sentence):
        celsius = _celsius(match)
        if (
            celsius is not None
            and not _THRESHOLD.search(sentence, max(match.start() - _WINDOW_CHARS, 0), match.start())
            and _is_body(sentence, match, celsius)
        ):
            found.append(Reading(celsius, match.start()))
    return found


def _celsius(match: re.Match[str]) -> float | None:
    value = float(re.sub(r"[,·']", ".", match["number"]))
    scale = {"℃": "c", "℉": "f"}.get(match["sign"] or "", (match["unit"] or "")[:1].casefold())
    if scale != "f" and _RANGE_C[0] <= value <= _RANGE_C[1]:
        return value
    if scale != "c" and _RANGE_F[0] <= value <= _RANGE_F[1]:
        return round((value - 32) / 1.8, 2)
    return None


def _is_body(sentence: str, match: re.Match[str], celsius: float) -> bool:
    if match["sign"] or match["unit"] or _BESIDE.match(sentence, match.end()):
        return True
    before = sentence[max(match.start() - _WINDOW_CHARS, 0) : match.start()]
    if celsius >= FEVER_C and _CHILD.search(before):
        return True
    if celsius >= FEVER_C and _BEHIND_LOW.search(before):
        return True
    named, other = _last(_TEMPERATURE, before), _last(_OTHER, before)
    if named >= 0 or other >= 0:
        return named > other
    return celsius >= FEVER_C and (not match["number"].isdigit() or bool(_ALONE.fullmatch(sentence)))


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match starts; -1 without one."""
    return max((match.start() for match in pattern.finditer(text)), default=-1)
