"""What takes a sign back: it is denied, long past, only feared, of somebody dead, or asked about in general."""

import re

# How far around a sign is looked, in characters; so that time grows with the length of the message alone.
_REACH = 160

_SIGN = (
    r"(?:(?:chest|stomach|belly|abdominal|back|joint) pain|pains?|cough\w*|nausea|vomit\w*|diarrh\w+|chills|fevers?|"
    r"rigors?|bleed\w*|bruis\w+|rash|headaches?|shortness of breath|short of breath|breathlessness|breathless|dyspnea|"
    r"sob|sweats?|dizz\w+|weakness|night sweats|swelling|seizures?|confusion|infections?|symptoms|shiver\w*|"
    r"sore throat|nose ?bleeds?|palpitations|collapse|fainting|numbness|hives|wheez\w*|edema|petechiae|jaundice|"
    r"vision changes?|blood|temps?|temperature|cp|loc)"
)
_FILLER = (
    r"(?: (?:have|has|had|having|got|been|be|running|get|gets|getting|feel|feeling|felt|seen|see|noticed|any|a|an|the|"
    r"my|more|longer|new|(?:signs?|symptoms?|evidence|history|complaints?) of|really|at all|high|current|further|other|"
    r"single|actual|obvious|active|acute|significant|major|serious|severe|bad|terrible|sudden|experienced|experiencing|"
    r"spiked|yet|run|develop\w*|chest|belly|stomach|abdominal|back|joint|skin|gum|nose|leg))*"
)
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:no|not|never|neither|nor|absent|nil|zero|kein\w*|sin|sans|pas de)|(?<!ca)(?<!could)(?<!wo)n't)"
    rf"{_FILLER}(?P<list>(?: ?(?:any |new )?{_SIGN}(?:,|,? (?:or|nor)(?: any| a)?|/))*)\s*$",
    re.IGNORECASE,
)
# These deny all of a list; "no" denies what follows a comma only before "or".
_DENIED_ALL = re.compile(
    r"\b(?:without|den(?:y|ies|ied|ying)|ruled? out|neg(?:ative)? for|free of|absence of)"
    rf"{_FILLER}(?:(?: (?!has |have |had |but |now |is |with )[a-z'-]+){{1,4}}(?:,|,? (?:or|nor|and)(?: any| a)?|"
    rf"/))*\s*$",
    re.IGNORECASE,
)
_LIST_GOES_ON = re.compile(rf"(?:(?:,|/) ?{_SIGN})*(?:,? (?:or|nor|and) |/)(?:any )?{_SIGN}", re.IGNORECASE)
# "Never had a fever this high" is no denial.
_AFTER_ALL = re.compile(
    r"^[^.!?]{0,30}\b(?:(?:this|that|so) (?:high|bad|long|much|strong|severe)|like (?:this|that)|before|until|till|"
    r"except|but (?:now|today|tonight|this|since))\b",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"\s*[:=]\s*(?:no|none|nil|neg\w*|absent|0)\b|\s*[(]-[)]|"
    r"[- ](?:free|risks?|prevention|prophylaxis|gene|switch|disorders?|diary|chart|card|clinic|guidelines?|"
    r"threshold)\b|"
    r"(?: \w+){0,2} (?:was |is |has been |were )?(?:ruled out|absent|denied|negative)\b|"
    r" (?:is |has been |was )?(?:gone|absent|away) (?:for|since) (?:\w+ )?(?:\w+ )?(?:days|weeks|months|years|ages)\b|"
    r" (?:has |have )?(?:gone away|went away|resolved|disappeared|stopped (?:weeks|months|years))\b"
    r"(?=[^.!?]*\b(?:weeks?|months?|years?) ago|[^.!?]*\blong)",
    re.IGNORECASE,
)
_NOT_NOW = re.compile(
    r"\b(?:(?:risks?|chances?|history|fear|prevention|cause|signs|symptoms|management|treatment|incidence|rates?|"
    r"mortality|frequency|prophylaxis|definition|percentage|number|episodes?|onset|duration|timing|course|grade|"
    r"types?) of|"
    r"prevent\w*|avoid\w*|in (?:the )?(?:case|event) of|in case|previous|prior|past|h/o|hx of|pmh(?:x)?:?|fh(?:x)?:?|"
    r"family history\W+(?:of )?(?:\w+ (?:with|had|has) )?|(?:died|dead|death|passed away) (?:of|from|after|with)|"
    r"(?:scared|afraid|worried|nervous|anxious|terrified) (?:of|about)(?: getting| having)?)"
    r"(?: (?:a|an|any|more|serious|severe|my|the|another|possible|sudden))*\s*$",
    re.IGNORECASE,
)
_FAMILY = re.compile(r"\bfamily history\b|\bruns in (?:the|my|our) family\b|\b(?:fhx?|pmhx?|hx)\b\W", re.IGNORECASE)
_ASKED = re.compile(
    r"\b(?:causes?|lead to|watch (?:out )?for|look out for|such as|side effects? (?:like|such as)|"
    r"(?:can|could|will|might|may|would) (?:i|he|she|we|it|this) (?:get|cause|develop|have))"
    r"(?: (?:a|an|any|more|serious|severe))*\s*$",
    re.IGNORECASE,
)
# "If I start bleeding", "in case my temperature goes up"; but not "I don't know if I have a fever".
_IF = re.compile(
    r"(?<!know )(?<!sure )(?<!tell )(?<!wonder )(?<!wondering )(?<!see )(?<!check )(?<!asking )(?<!say )(?<!doubt )"
    r"(?<!ask )\b(?:(?:what )?if|in case|unless)"
    r" (?:i|he|she|we|they|you|it|there(?:'s| is)?|my|his|her|our|your|the|someone|somebody|a|an|"
    r"any)\b(?P<then>[^,;.!?]*)$",
    re.IGNORECASE,
)
# Somebody has the sign already, or the condition has ended before it.
_MEANWHILE = re.compile(
    r"\b(?:and|but|because|since|as) (?:i|he|she|now|my|we)\b|\b(?:has|have|having|is|are|am|been)\b|'(?:s|m|re|ve)\b",
    re.IGNORECASE,
)
_NUMBER_OF = r"(?:\d+|a|an|a few|some|several|many|couple of|two|three|four|five|six|seven|eight|nine|ten|twenty)"
_LONG_AGO = (
    rf"(?:(?:in|since|around|from|during) (?:early |late |the )?(?:19|20)\d\ds?|{_NUMBER_OF} (?:years?|months?|weeks?|"
    r"decades?) (?:ago|earlier|before|back)|(?:years|months|weeks|ages|long) ago|last (?:year|month|summer|winter|"
    r"spring|"
    r"autumn|fall|christmas)|as a (?:child|kid|baby|teenager|teen|student)|in (?:my|his|her) (?:childhood|youth|teens|"
    r"twenties|thirties)|when (?:i|he|she) (?:was|were) (?:a |an |\d|little|young|small)\w*|"
    r"at (?:age )?\d+\b(?! ?[:%])|"
    r"(?:in|last) (?:january|february|march|april|may|june|july|august|september|october|november|december))"
)
_HAD = (
    r"\b(?:had|got|suffered(?: from)?|experienced|developed|was|were|did|tried|attempted|committed|went|died|took|"
    r"used to|"
    r"last)\b"
)
# The verb and the sign stand on one side of the time: "had a fever in 2010", "in 2010 he had a fever".
_PAST_BEFORE = re.compile(rf"\b{_LONG_AGO}\b[^;.!?]*?{_HAD}[^,;.!?]*$", re.IGNORECASE)
_PAST_AROUND = re.compile(rf"{_HAD}(?:(?!\b{_LONG_AGO}\b)[^,;.!?])*$", re.IGNORECASE)
_PAST_VERB = re.compile(r"^[^,;.!?]{0,40}\b(?:was|were|went|ended|stopped|resolved|happened|died|in)\b", re.IGNORECASE)
_PAST_AFTER = re.compile(rf"[^;.!?]*?\b{_LONG_AGO}\b", re.IGNORECASE)
_NOW = re.compile(
    r"\b(?:now|today|tonight|currently|again|still|(?<!none )(?<!nothing )(?<!ever )since(?! (?:19|20)\d\d)(?! then)|"
    r"this (?:morning|afternoon|evening|"
    r"week|am|pm)|last night|overnight|yesterday|suddenly|help|urgent\w*|keeps?|\d+ (?:hours?|minutes?|mins?|hrs?)|"
    r"hours|"
    r"minutes|won't stop|can't)\b",
    re.IGNORECASE,
)
# "My grandfather had a heart attack, is it safe for me?"
_FORBEAR = re.compile(
    r"\b(?:grand\w+|uncle|aunt|cousin|mother|father|mum|mom|dad|parents?) (?:\w+ )?had\b", re.IGNORECASE
)
_FOR_ME = re.compile(
    r"\b(?:for me|my risk|can i|should i|do i|am i|affect me|will i|hereditary|genetic)\b", re.IGNORECASE
)
_YEAR_AFTER = re.compile(r"\w+ (?:back )?in (?:19|20)\d\d\b", re.IGNORECASE)
_PRESENT = re.compile(r"\b(?:is|are|am|i'm|i've|he's|she's|has|have|having)\b", re.IGNORECASE)
_DEAD = re.compile(
    r"\b(?:grand\w+|uncle|aunt|cousin|friend|neighbou?r|father|mother|dad|mum|mom|brother|sister|he|she|who) "
    r"(?:\w+ ){0,2}(?:died|committed|passed away)\b",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"\b(?:gone|went|back|normal|came|settled|broke|resolved|stopped|over|better|fine|down|away)(?: \w+)? "
    r"(?:now|today|again|this (?:morning|afternoon|evening)|since|by itself|on its own)\b|"
    r"\b(?:gone|normal|stopped|resolved|away|fine)\W*$|"
    r"\b(?:now|today) (?:it's |it is |is |i'm |he's |she's )?(?:gone|normal|fine|better|ok|okay|stopped)\b",
    re.IGNORECASE,
)
_RECENT = re.compile(
    r"\b(?:yesterday|last (?:night|evening)|overnight|the other (?:day|night)|(?:two|2|three|3|few) (?:days|"
    r"nights) ago|"
    r"earlier|this morning|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|had)\b",
    re.IGNORECASE,
)
QUESTION = re.compile(
    r"^\W*(?:(?:hi|hello|hey|so|and|ok|please|just wondering|quick question)\W+)?"
    r"(?:what(?!'s the point)|which|who|how|why|when|where|can|could|does|do|is|are|will|should|has|have|would|may|"
    r"any)\b",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"^\W*(?:define|definition|explain|describe|tell me (?:about|what|how|why)|incidence|management|treatment|"
    r"prevention|"
    r"symptoms?|signs?|causes?|risk|difference|rate|mortality|meaning|first[- ]line|second[- ]line|therapy|dose|dosing|"
    r"outcomes?|choice|evidence|literature|review|info(?:rmation)?|list|prophylaxis|role of|use of)\b|"
    r"\b(?:patients|incidence|guidelines?|criteria|mechanisms?|prevalence|pathophysiology|randomi[sz]ed|meta-analysis|"
    r"mortality|choice (?:of|for)|rates?|common(?:ly)?|side effects?|adverse (?:events?|effects?)|first-line|"
    r"literature|according to|"
    r"defined as|grading|monitoring|versus|vs|prophylaxis|management|frequency|prognosis|studies|trials?|leaflet|"
    r"is listed|are listed|listed as|means?|in general|evidence|mechanism|etiology|workup|differential)\b",
    re.IGNORECASE,
)
PERSONAL = re.compile(
    r"\b(?<!phase )(?<!type )(?<!grade )(?<!class )(?<!arm )(?<!stage )i(?![\w.-])|\b(?:i'm|i've|i'd|my|mine|this|"
    r"(?<!tell )(?<!show )(?<!give )(?<!for )me|myself|we|we're|our|us(?= )|he|he's|she|she's|his|her|him|"
    r"im (?:not|so|on|very|\w+ing|\w+ed)|son|daughter|husband|wife|mom|mum|mommy|mama|dad|daddy|mother|father|"
    r"brother|sister|partner|gran\w*|hubby|kiddo|nephew|niece|(?:the|this|our) (?:child|baby|kid|boy|girl|patient)|"
    r"patient (?:has|is|presents|with)|pt|pts|\d+ ?(?:yo|y/o|yom|yof|[mf])|day \+?\d+)\b",
    re.IGNORECASE,
)
_WHEN_TO_CALL = re.compile(
    r"^\W*(?:when|how (?:high|bad|long|low|much|many)|at what|what (?:temperature|temp|level|number|count))\b"
    r"(?!.*\b(?:my|his|her|i have|i've|he has|she has|with a)\b).*\b(?:i|we|you|one)\b (?:\w+ ){0,2}"
    r"(?:call|phone|ring|go|worry|come|contact|seek|be worried)\b",
    re.IGNORECASE,
)
_DEFINES = re.compile(
    r"\b(?:defin\w+|criteri\w+|guidelines?|threshold|cut-? ?off|the limit|counts as|considered)\b", re.IGNORECASE
)


_ANY = re.compile(
    r"n't\b|\b(?:no|not|none|never|neither|nor|absen\w*|nil|zero|kein\w*|sin|sans|pas|without|den\w+|ruled?|negative|"
    r"neg|"
    r"free|risks?|prevent\w*|prophylaxis|gene|switch|disorders?|diary|chart|card|clinic|guidelines?|threshold|gone|"
    r"went|"
    r"stopped|resolved|disappeared|chances?|history|fear|cause\w*|signs?|symptoms?|management|treatment|incidence|"
    r"rates?|"
    r"mortality|frequency|definition|percentage|number|episodes?|onset|duration|timing|course|grade|types?|avoid\w*|"
    r"in case|event|previous|prior|past|h/o|"
    r"[hf]?hx|"
    r"pmhx?|fh|family|died|dead|death|passed|scared|afraid|worried|nervous|anxious|terrified|lead|watch|look|such|"
    r"side effects?|can|could|will|might|may|would|if|unless|ago|back|before|earlier|last|as a|in|since|around|from|"
    r"during|"
    r"when|at|committed|grand\w+|uncle|aunt|cousin|mother|father|mum|mom|dad|parents?)\b|[(]-[)]",
    re.IGNORECASE,
)


def is_general(sentence: str) -> bool:
    """Whether a sentence asks about a subject, or when to call, and tells nothing of anybody or of now."""
    if _WHEN_TO_CALL.match(sentence) and not _NOW.search(sentence):
        return True
    asks = QUESTION.match(sentence) or _TOPIC.search(sentence)
    return bool(asks) and not PERSONAL.search(sentence) and not _NOW.search(sentence)


def defines(sentence: str) -> bool:
    """Whether a sentence is about a threshold rather than about a reading."""
    return bool(_DEFINES.search(sentence))


def is_gone(sentence: str) -> bool:
    """Whether a sentence tells of something lately that is over: "fever yesterday, gone today"."""
    return bool(_GONE.search(sentence) and _RECENT.search(sentence))


def takes_back(sentence: str) -> bool:
    """Whether a sentence has any word that could take a sign back; most have none, and need no closer look."""
    return bool(_ANY.search(sentence))


def denied(sentence: str, start: int, end: int) -> bool:
    """Whether what stands at start..end of a sentence is denied, only feared, of the family, or asked about."""
    before, after = sentence[max(start - _REACH, 0) : start], sentence[end : end + _REACH]
    if _DENIED_AFTER.match(after) or _NOT_NOW.search(before) or _FAMILY.search(before):
        return True
    if _ASKED.search(before) and (sentence.rstrip().endswith("?") or QUESTION.match(sentence)):
        return True
    if only_if(sentence, start):
        return True
    if _AFTER_ALL.match(after):
        return False
    denial = _DENIED_BEFORE.search(before)
    if denial is None:
        return bool(_DENIED_ALL.search(before))
    # "No energy, fever, chills" complains of fever; a list of signs is denied only with "or" before its last.
    listed = denial["list"].strip()
    return not listed.endswith((",", "/")) or bool(_LIST_GOES_ON.match(after)) or " or" in listed


def only_if(sentence: str, start: int) -> bool:
    """Whether what stands at `start` of a sentence is only imagined: "if I get a fever", "what if he starts to "
    "bleed"."""
    before, after = sentence[max(start - _REACH, 0) : start], sentence[start : start + _REACH]
    clause = _IF.search(before)
    return clause is not None and not _MEANWHILE.search(clause[0]) and not _NOW.search(before + after)


def past(sentence: str, start: int) -> bool:
    """Whether what stands at `start` of a sentence is said to be long over."""
    before, after = sentence[max(start - _REACH, 0) : start], sentence[start : start + _REACH]
    clause = re.split("[,;]", before)[-1] + re.split("[,;]", after)[0]
    if _DEAD.search(before + after) or _YEAR_AFTER.match(sentence, start):
        return True
    if _FORBEAR.search(before) and _FOR_ME.search(after):
        return True
    if _NOW.search(before + after) or _PRESENT.search(clause):
        return False
    if _PAST_BEFORE.search(before):
        return True
    return bool(_PAST_AFTER.match(after)) and bool(_PAST_AROUND.search(before) or _PAST_VERB.match(after))
