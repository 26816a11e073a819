"""Questions that stand alone: a follow-up is rewritten with what was asked before, by rules."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from generator.question.subjects import Kind, Subject, subjects
from generator.records import Turn
from retriever.terms import terms
from retriever.vocabulary import MARK

# Of the conversation, so many messages of the user and so many characters of each are read.
_TURNS, _TURN_CHARS = 12, 500
# A question with fewer words of its own than this leans on the one before.
_OWN_TERMS = 2


@dataclass(frozen=True, slots=True)
class Condensed:
    """A question that stands alone: `query`, and how many earlier messages of the user it was made with."""

    query: str
    follow_up: bool = False
    kept_turns: int = 0


_LEAD = re.compile(
    r"^\W*(?:(?:and|but|so|or|also|ok(?:ay)?|then|well|hm+|thanks?|thank you|great|now)\b[\s,.!]*)+", re.IGNORECASE
)
_ABOUT = re.compile(
    r"^\W*(?:(?:what|how) about|what if (?:it(?:'s| is)|you (?:use|take))|(?:the )?same (?:question )?(?:for|with|"
    r"about)|"
    r"compared (?:with|to)|versus|vs\.?|is (?:it|that) the same (?:for|with)|does (?:that|this|it) (?:also )?"
    r"(?:apply|hold|go) (?:to|for))\b",
    re.IGNORECASE,
)
_FILLERS = re.compile(
    r"\b(?:then|instead|too|as well|please|though|for|with|about|of|the|a|in|on|to|or|and|also|it|is|use|using|take|"
    r"taking|"
    r"patients?|people|those|who|have|having)\b|\W",
    re.IGNORECASE,
)
_GROUP = (
    r"(?:in|for|with|during|among|while|under|over|after|before|at|on|without) (?:(?:young|older?|elderly|pregnant|"
    r"adult|"
    r"the|frail|fit|unfit|very|small|my|breast-?feeding|patients?|people|an?|aged?|renal|kidney|hepatic|liver|heart)\b "
    r"?)*(?:children|child|kids?|infants?|bab(?:y|ies)|toddlers?|teenagers?|teens|adolescents|adults?|elderly|seniors|"
    r"people|patients|women|men|pregnancy|breast-?feeding|lactation|age|impairment|failure|disease|older|\d+)\b"
)
_MODIFIER = re.compile(
    r"^(?:in|for|with|during|among|while|under|over|after|before|at|on|without|if|when)\b[^?.!]{1,80}[?.!\s]*$",
    re.IGNORECASE,
)
_GROUPS = re.compile(rf"\b{_GROUP}", re.IGNORECASE)
_MORE = re.compile(
    r"^\W*(?:why(?: not| so| is that)?|how(?: so| come)?|since when|really|(?:are you )?sure|source|sources|"
    r"(?:tell me |say |give me |any )?more(?: (?:about )?(?:that|it|details?))?|go on|continue|explain(?: (?:that|it|"
    r"this))?"
    r"(?: (?:please|again|simply|in (?:plain|simple|simpler) words))*|what does (?:that|this|it) mean|in what way|"
    r"which ones?|"
    r"for example|like what|such as|what else|anything else|elaborate|details|how (?:often|long|much|many|soon|common)|"
    r"when|where|who|what)\W*$",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|thanks?|thank you|thx|ty|great|good|perfect|hello|hi|hey|bye|goodbye|yes|no|yep|nope|cool|"
    r"very much|a lot|so much|that helps?|i see|got it|understood|nice)\W*)+$",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r"\b(?:is|was|would|will|might|does|can|could)(?:n't)? it (?:be )?(?:(?:really|always|still|ever|also|"
    r"even) )?(?:safe|ok|"
    r"okay|normal|possible|true|common|important|better|necessary|bad|dangerous|good|usual|allowed|helpful|hard|take)"
    r"(?: \w+){0,2} (?:to|that|if|when)\b|\bit(?:'s| is) (?:true|possible|safe|ok|normal)\b|\bhow long does it take\b",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"they|them|their|these|those", re.IGNORECASE)
_THING: dict[Kind, str] = {
    "drugs": r"drugs?|medicines?|medications?|pills?|tablets?|treatments?|therap(?:y|ies)|inhibitors?|tkis?|"
    "antibod(?:y|ies)",
    "diseases": r"diseases?|conditions?|leuk(?:a)?emias?|cancers?|illness(?:es)?|disorders?|diagnosis|lymphomas?",
    "genes": r"genes?|mutations?|fusions?|alterations?|markers?|translocations?|abnormalit(?:y|ies)",
}
_PRONOUN = re.compile(
    rf"\b(?:(?:(?:this|that|these|those|the same|such an?) (?P<noun>{'|'.join(_THING.values())}))|"
    r"the (?P<the>drug|medicine|medication|pill|tablet|disease|condition|illness|leuka?emia|gene|mutation)\b|"
    r"(?P<its>its|their)|(?P<it>it(?!'s )|it(?='s )|them|they|this one|that one|these ones|those ones|"
    r"(?:this|that|these|those)(?= (?:work|cause|interact|safe|help|affect|better|given|taken|approved|cost|happen|"
    r"come|treat|"
    r"differ|compare)\w*\b|\W*$)))\b",
    re.IGNORECASE,
)
_CUES: dict[Kind, re.Pattern[str]] = {
    "drugs": re.compile(
        r"\b(?:safe|take|taken|taking|dos(?:e|es|ing|age)|side effects?|adverse|interact\w*|work|works|cost\w*|"
        r"stop\w*|miss\w*|"
        r"crush\w*|swallow\w*|given|administered|approved|brand|cause|toxic\w*|with food|alcohol|grapefruit|half-life|"
        r"prescribed|monitor\w*|start\w*|tablets?|injection|oral\w*|contraindicat\w*|generic|mechanism|target\w*|"
        r"inhibit\w*)\b",
        re.IGNORECASE,
    ),
    "diseases": re.compile(
        r"\b(?:diagnos\w+|heredit\w+|inherit\w+|cur(?:e|ed|able)|contagious|stag(?:e|es|ed|ing)|symptoms?|prognosis|"
        r"survival|"
        r"treat(?:ed|ment|ments|able)|relaps\w+|progress\w*|common|rare|types?|causes? (?:it|this|them)|caused|"
        r"detect\w+|"
        r"classif\w+|genetic|fatal|come back|go away|prevent\w*|screen\w*|affect\w*|deadly|kind|remission|develop\w*|"
        r"risk factors?|outlook|get it|signs?)\b",
        re.IGNORECASE,
    ),
    "genes": re.compile(
        r"\b(?:mutat\w+|express\w+|test(?:ed)? for|target(?:ed|able)|allel\w+|found|encode\w*)\b", re.IGNORECASE
    ),
}
_DEFINITION = re.compile(r"^\W*(?:what (?:is|are)|what's|tell me about|explain|describe|define)?\W*", re.IGNORECASE)


def condense(question: str, history: Sequence[Turn], *, limit: int) -> Condensed:
    """A question that stands alone, made with the conversation before it.

    "What about dasatinib?" is the last question about another drug, "and in children?" the last question about
    another group, "is it safe?" names what it is about, "why?" is joined to the last question. A question that names
    its own subject changes the topic and stays as it is. One that leaves no room in `limit` characters does so too.
    """
    told = _told(history)
    previous, answered, kept = "", "", 0
    for message, answer in told:
        made = _rewrite(message, previous, answered)
        kept = kept + 1 if made.follow_up else 1
        previous, answered = (made.query, answer) if not _NOTHING.match(message) else (previous, answered)
    made = _rewrite(question, previous, answered)
    if not made.follow_up or len(made.query) > limit:
        return Condensed(question)
    return Condensed(made.query, follow_up=True, kept_turns=kept)


def _told(history: Sequence[Turn]) -> list[tuple[str, str]]:
    """The messages of the user, the latest ones, each with the answer that it got; both cut short."""
    told: list[tuple[str, str]] = []
    for turn in history:
        text = " ".join(turn.text[: 4 * _TURN_CHARS].split())[:_TURN_CHARS]
        if turn.role == "user" and text:
            told.append((text, ""))
        elif turn.role == "assistant" and told:
            told[-1] = (told[-1][0], text)
    return told[-_TURNS:]


def _rewrite(question: str, previous: str, answered: str) -> Condensed:
    """A question made to stand alone after `previous`, which itself does, and the answer to it."""
    alone = Condensed(question)
    if not previous or _NOTHING.match(question):
        return alone
    lead = _LEAD.match(question)
    bare = question[lead.end() :] if lead else question
    named = subjects(bare)
    for way in (_more, _swapped, _grouped, _resolved):
        if query := way(bare, named, previous, answered):
            return Condensed(query, follow_up=True)
    if named or not (lead or _ABOUT.match(bare) or _own_terms(question) < _OWN_TERMS):
        return alone
    return Condensed(_joined(bare, previous), follow_up=True)


def _own_terms(question: str) -> int:
    return sum(not term.startswith(MARK) for term in terms(question))


def _joined(question: str, previous: str) -> str:
    """A question after what it leans on: the subject alone, where the question before only asked what that is."""
    about = subjects(previous)
    if about and not _DEFINITION.sub("", _without(previous, about)).strip(" ?.!"):
        return f"{', '.join(previous[subject.start : subject.end] for subject in about)}: {question}"
    return f"{previous} {question}"


def _without(text: str, named: Sequence[Subject]) -> str:
    for subject in reversed(named):
        text = text[: subject.start] + text[subject.end :]
    return text


def _more(question: str, named: Sequence[Subject], previous: str, answered: str) -> str:
    """ "Why?", "tell me more": the question before, and this."""
    return f"{previous} {question}" if _MORE.match(question) else ""


def _swapped(question: str, named: Sequence[Subject], previous: str, answered: str) -> str:
    """ "What about dasatinib?": the question before, about another subject of the same kind."""
    about = _ABOUT.match(question)
    rest = question[about.end() :] if about else question
    found = subjects(rest)
    if not found or len({subject.kind for subject in found}) > 1 or len(found) > 1:
        return ""
    group = _GROUPS.search(rest)
    left = _without(rest, found)
    if _FILLERS.sub("", _GROUPS.sub("", left)):
        return ""
    name = rest[found[0].start : found[0].end]
    there = [subject for subject in subjects(previous) if subject.kind == found[0].kind]
    if not there:
        return f"{previous} {name}" if about or _own_terms(question) < _OWN_TERMS else ""
    swapped = previous
    for subject in reversed(there):
        if subject.concept == there[-1].concept:
            swapped = swapped[: subject.start] + name + swapped[subject.end :]
    return _with_group(swapped, group[0]) if group else swapped


def _grouped(question: str, named: Sequence[Subject], previous: str, answered: str) -> str:
    """ "And in children?": the question before, about another group or occasion."""
    about = _ABOUT.match(question)
    rest = (question[about.end() :] if about else question).strip()
    if named or not rest:
        return ""
    if about and re.fullmatch(rf"{_GROUP}\W*", f"in {rest}", re.IGNORECASE):
        rest = f"in {rest}"
    return _with_group(previous, rest.rstrip(" ?.!")) if _MODIFIER.match(rest) else ""


def _with_group(question: str, group: str) -> str:
    """A question with a group at its end, in place of the one that it had."""
    mark = "?" if question.rstrip().endswith("?") else ""
    bare = question.rstrip(" ?.!")
    if _GROUPS.fullmatch(group):
        bare = " ".join(_GROUPS.sub("", bare).split())
    return f"{bare} {group}{mark}"


def _resolved(question: str, named: Sequence[Subject], previous: str, answered: str) -> str:
    """ "Is it safe?": with the name of what it is about; or joined to the question before where that has no name."""
    pronoun = _PRONOUN.search(question)
    if pronoun is None or any(subject.end <= pronoun.start() for subject in named):
        return ""
    if _EXPLETIVE.search(question):
        return "" if named else _joined(question, previous)
    name = _referent(question, pronoun, previous, answered)
    if not name:
        return f"{previous} {question}"
    if pronoun["its"]:
        name = f"{name}'s"
    return f"{question[: pronoun.start()]}{name}{question[pronoun.end() :]}"


def _referent(question: str, pronoun: re.Match[str], previous: str, answered: str) -> str:
    """The name that a pronoun stands for: of the kind that the words around it fit, the last one named.

    "They" stands for several names, and for none where there is one: it may be the side effects, or the patients.
    """
    wanted = _wanted(question, pronoun)
    asked, told = subjects(previous), subjects(answered)
    if _PLURAL.match(pronoun[0]):
        several = [subject for subject in asked if not wanted or subject.kind == wanted[0]]
        names = list(dict.fromkeys(previous[subject.start : subject.end] for subject in several))
        return " and ".join(names) if len({subject.concept for subject in several}) > 1 else ""
    for kind in wanted:
        for text, found in ((previous, asked), (answered, told)):
            fitting = [subject for subject in found if subject.kind == kind]
            if fitting:
                chosen = fitting[-1] if text is previous else fitting[0]
                return text[chosen.start : chosen.end]
    if wanted or not asked:
        return ""
    return previous[asked[-1].start : asked[-1].end]


def _wanted(question: str, pronoun: re.Match[str]) -> tuple[Kind, ...]:
    noun = pronoun["noun"] or pronoun["the"] or ""
    for kind, things in _THING.items():
        if noun and re.fullmatch(things, noun, re.IGNORECASE):
            return (kind,)
    return tuple(kind for kind in ("diseases", "drugs", "genes") if _CUES[kind].search(question))


def reads(text: str) -> bool:
    """Whether most letters are Latin or Greek: the scripts that the search and its sources can read."""
    letters = [c for c in text if c.isalpha()]
    known = sum(unicodedata.name(c, "").startswith(("LATIN", "GREEK")) for c in letters)
    return bool(letters) and known * 2 > len(letters)
