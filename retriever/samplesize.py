"""How many people a study was done on, where its abstract says so; None in doubt."""

import re
from collections.abc import Iterator, Sequence

_WORDS = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
} | {word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_WORD = "|".join(sorted(_WORDS, key=lambda word: (-len(word), word)))
# "1,204" and "1 204" are whole; "1.204" may be a decimal, "312-patient" or "2×10" no count.
# Atomic and bounded: a table of numbers would else be tried at every length of every run.
_NUMBER = rf"""(?P<number>(?>(?<![\d.,·/<>≥≤=~±+–-])(?<![<>≥≤=~±]\s)\d{{1,3}}(?:[,\s]\d{{3}}){{1,3}}(?![\d.,·]\d|\d)
    |(?<![\d.,·/<>≥≤=~±+–-])(?<![<>≥≤=~±]\s)\d+(?![\d%/+–-]|[.,·]\d)|(?<![\w-])(?:{_WORD})(?:[-\s](?:{_WORD}))?\b(?!-)))"""
_PEOPLE = """(?:patients|participants|subjects|adults|children|individuals|people|persons|women|men|volunteers
    |adolescents|infants|survivors|recipients|respondents|cases)"""
# Words that end a count of people or make it one of something else: "12 of the patients", "45 samples from patients".
_NO_MODIFIER = """(?:of|from|in|with|without|and|or|to|for|per|by|on|at|vs|versus|than|were|was|who|had|the|these|those
    |all|other|samples?|specimens?|cells?|mice|rats|mg|kg|g|ml|years?|months?|weeks?|days?|hours?|cycles?|doses?|courses?
    |stud(?:y|ies)|trials?|cent(?:er|re)s?|hospitals?|countries|genes?|out|percent|grade|episodes?|million|hundred
    |thousand|consecutive\\s(?:years|months)|additional|further|more|fewer|control|controls|healthy|normal|percent)"""
_POPULATION = rf"""{_NUMBER}\s(?:(?!{_NO_MODIFIER}\b)[^\W\d_][\w+/:'’-]*,?\s){{0,6}}?{_PEOPLE}\b
    (?![\s-]?(?:years?|months?|days?|samples?|cells?|visits?|cycles?|with[\s-]in)\b)"""
# After a count of people: a share of a larger group, or the next group of a list.
_NOT_AFTER = re.compile(
    r"""\s*(?:\([^)]{0,15}\d\s?%|\(\d+(?:\.\d+)?\s?(?:%|percent)|(?:\([^)]*\)\s?)?,?\s?(?:and|vs\.?|versus|or|plus)\s
    (?:an?\sadditional\s)?(?:\d|healthy|controls?\b|(?:"""
    + _WORD
    + r""")\b)|\s(?:screened|approached|invited)\b|\sper\b|\severy\b|\sworldwide\b|\seach\b
    |\s(?:\w+\s)?(?:in|per|to)\s(?:each|every)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# Somewhere in the rest of the sentence: "329 patients with it and 1400 patients without".
_NEXT_GROUP = re.compile(
    rf"""(?:,|\b(?:and|vs\.?|versus))\s(?:the\s)?(?:other\s|remaining\s)?\d[\d,]*\s
    (?:(?!of\b|years?\b|months?\b)[\w-]+\s){{0,3}}?(?:{_PEOPLE}|controls?|to|with|without|in\sthe)\b
    |\bthe\sother\s\d""",
    re.VERBOSE | re.IGNORECASE,
)
_ASIDE = re.compile(r"\s?\([^)]*\)")
# "46 patients were assigned to treatment" is one arm, unless the next words name another.
_ONE_ARM = re.compile(r"(?:randomi[sz]ed|assigned|allocated)$", re.IGNORECASE)
_ARMS = re.compile(
    r"\s(?!to\b)|[.,;:]|[^.;]{0,150}\b(?:or|either|versus|vs|two|three|four|groups|arms|each)\b", re.IGNORECASE
)
# Before it: a share, a bound, an estimate, a year, a part of the whole, the next group of a list.
_NOT_BEFORE = re.compile(
    r"""(?:\d\s?\)?|\bout|\bone|\beach|\bmost|\bnone|\bsome|\bmany|\bany)\s(?:\([^)]*\)\s)?of\s(?:the\s)?$
    |\b(?:each|literature|published|reported\scases)\b[^.;]*$|\b(?:aged?|per|every|each|least|most|than|over|under|about|approximately|around|nearly|almost|up\sto|estimated
    |other|another|remaining|first|last|next|the|these|those|grade|phase|stage|day|week|month|year|group|arm|cohort\s\#?
    |and|or|versus|vs\.?|to|between|additional|further|1\sin|one\sin|in\s1|healthy|only)\s$""",
    re.VERBOSE | re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
# What happened to some of the patients: "a total of 24 patients relapsed" counts no study.
_OUTCOME = re.compile(
    r"""\s(?:\w+ly\s)?(?:achieved|had|have|died|relapsed|responded|experienced|developed|showed|survived|discontinued
    |withdrew|progressed|remained|reported|presented|did|underwent|required|completed|declined|refused|tested|became
    |were\s(?:alive|excluded|lost|found|positive|negative|in\s|still|not|screened|withdrawn|refractory))""",
    re.VERBOSE | re.IGNORECASE,
)
_JOINED = "enrolled|included|recruited|randomi[sz]ed|accrued|registered|entered|studied|enlisted"
_LOOKED_AT = (
    "analy[sz]ed|evaluated|reviewed|assessed|examined|investigated|identified|treated|followed|surveyed|selected"
)
_MAKING = (
    "enroll?ing|including|recruiting|randomi[sz]ing|involving|comprising|studying|analy[sz]ing|reviewing|evaluating"
)
_RECORDS = r"""(?:(?:the\s)?(?:medical\s|clinical\s|individual\s|patient-level\s)*(?:data|records|charts|outcomes?
    |results|samples|characteristics|course|files)\s(?:of|from|on|in)\s)?"""
_STUDY = """(?:stud(?:y|ies)|cohorts?|series|trials?|analys[ie]s|sample|population|report|survey|review|registry
    |database|data|records|charts|outcomes?|experience|meta-analysis|comparison|evaluation|samples|group)"""


def _tier(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.VERBOSE | re.IGNORECASE) for pattern in patterns)


# Ways of saying it, the plainest first.
_TIERS = (
    _tier(
        rf"\b(?:total|totals|totalling|sum)\s(?:number\s|sample\s|cohort\s|population\s)?(?:of\s)?{_POPULATION}",
        rf"\b(?:in\stotal|altogether|overall),?\s{_POPULATION}",
    ),
    _tier(
        rf"\b(?:{_JOINED}|randomly\s(?:assigned|allocated))\s(?:a\stotal\sof\s)?{_RECORDS}{_POPULATION}",
        rf"{_POPULATION}(?:\s(?!were\b|was\b)[^\s.;]+){{0,12}}?\s(?:were|have\sbeen|was)\s(?:\w+ly\s)?(?:{_JOINED}|assigned)\b",
        rf"{_POPULATION}\s(?:\w+ly\s)?(?:{_JOINED})\b",
    ),
    _tier(
        rf"\b(?:{_LOOKED_AT}|{_MAKING})\s{_RECORDS}{_POPULATION}",
        rf"\b{_STUDY}\s(?:(?:was|were)\s(?:\w+ly\s)?(?:performed|conducted|done|carried\sout)\s)?"
        rf"(?:of|in|from|on|with|among|for)\s{_POPULATION}",
        rf"\b(?:comprised|consisted\sof|composed\sof|enrolment\sof|enrollment\sof|consisting\sof)\s{_POPULATION}",
        rf"(?:^|(?<=[.:;]\s))(?:Of|Among)\s(?:the\s)?{_POPULATION}\s(?:\w+ly\s)?"
        rf"(?:{_JOINED}|analy[sz]ed|evaluated|assessed|treated|eligible|evaluable)\b",
    ),
    _tier(
        rf"{_POPULATION}(?:\s(?!were\b|was\b)[^\s.;]+){{0,12}}?\s(?:were|have\sbeen|was)\s(?:\w+ly\s)?"
        rf"(?:analy[sz]ed|evaluated|reviewed|assessed|examined|investigated|treated|eligible|evaluable)\b",
    ),
)
# A few people in the weaker ways of saying it are mostly some of the study's.
_FEWEST = (2, 2, 5, 5)
# Numbers of a study yet to be done, or of people made up.
_NOT_DONE = re.compile(
    r"\bwill\sbe\s(?:\w+ly\s)?(?:randomi|recruit|enroll?|includ|allocat|assign|invit|follow)|\bsimulat|\bhypothetical\b|\bMarkov\b",
    re.IGNORECASE,
)
_N_EQUALS = re.compile(r"\b[nN]\s?=\s?(?P<number>\d{1,3}(?:,\d{3})+|\d+)(?![\d%]|[.,]\d)")
_CAPITAL_N = re.compile(r"\bN\s?=\s?(?P<number>\d{1,3}(?:,\d{3})+|\d+)(?![\d%]|[.,]\d)")
_PEOPLE_BEFORE_N = re.compile(rf"{_PEOPLE}\s(?:\w+\s){{0,3}}\(?$", re.VERBOSE | re.IGNORECASE)
_SOME_BEFORE_N = re.compile(
    r"\b(?:complet|respond|remain|subset|subgroup|control|arm\b|final|relaps|excluded|placebo|event)[^.;]*$",
    re.IGNORECASE,
)
_HYPHENS = str.maketrans("\u2010\u2011", "--")
_SPACES = re.compile(r"\s+")


def sample_size(text: str) -> int | None:
    """The number of people studied, where the text states it plainly.

    The ways of saying it are tried from the plainest ("a total of 312 patients", "312 patients were randomised", "a
    cohort of 312", "312 patients were analysed") to "N = 312". Counts that are shares of a group ("12 of 45", "24
    patients (20%)"), parts of a list, bounds ("more than 300"), outcomes or years are left out.

    Args:
        text: an abstract, or the opening of a paper on people; animals are for the caller to leave out.

    Returns:
        At least 2; None if nothing is stated, if the study is yet to be done or simulated, or if statements disagree
        and are not a whole and its parts, or a larger group is stated in another way.
    """
    plain = _SPACES.sub(" ", text.translate(_HYPHENS))
    if _NOT_DONE.search(plain):
        return None
    tiers = [
        [number for pattern in tier for number in _counts(pattern, plain) if number >= fewest]
        for tier, fewest in zip(_TIERS, _FEWEST, strict=True)
    ]
    everything = [number for tier in tiers for number in tier]
    for numbers in tiers:
        if numbers:
            whole = _whole(numbers)
            return whole if whole is not None and whole >= max(everything) else None
    return _from_n(plain)


def _counts(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    for found in pattern.finditer(text):
        before, after = text[max(0, found.start("number") - 40) : found.start("number")], text[found.end() :]
        number = _value(found["number"])
        rest = re.split("[.;]", _ASIDE.sub("", text[found.end("number") : found.end() + 200]))[0]
        tail = _OUTCOME.match(after) or _NOT_AFTER.match(after) or _NEXT_GROUP.search(rest[:160])
        year = _YEAR.fullmatch(found["number"]) and re.search(r"\b(?:in|since|from|until|of|during)\s$", before, re.I)
        one_arm = _ONE_ARM.search(found[0]) and not _ARMS.match(after)
        if number is not None and not (tail or year or one_arm or _NOT_BEFORE.search(before)):
            yield number


def _value(text: str) -> int | None:
    digits = re.sub(r"[,\s]", "", text)
    if digits.isdigit():
        return int(digits) if len(digits) <= 9 else None
    parts = [_WORDS[word] for word in re.split(r"[-\s]", text.lower())]
    if len(parts) == 2 and not (parts[0] >= 20 and 1 <= parts[1] <= 9):
        return None
    return sum(parts)


def _whole(numbers: Sequence[int]) -> int | None:
    """The number they agree on, or the whole of which the others are the parts."""
    distinct, largest = set(numbers), max(numbers)
    rest = sum(numbers) - largest
    return largest if len(distinct) == 1 or rest == largest or sum(distinct) - largest == largest else None


def _from_n(text: str) -> int | None:
    """What a single "N = 312" says, or "patients (n = 312)"; several are groups, whose sum may not be the whole."""
    found = list(_N_EQUALS.finditer(text))
    if len(found) != 1:
        return None
    before = text[max(0, found[0].start() - 80) : found[0].start()]
    plain = _CAPITAL_N.match(text, found[0].start()) or _PEOPLE_BEFORE_N.search(before)
    if _SOME_BEFORE_N.search(before):
        return None
    number = _value(found[0]["number"])
    return number if plain and number is not None and number >= 2 else None
