"""What of a passage can be quoted: complete sentences, and lists with the words that introduce them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.composing.orders import endangers, has_active_content, is_foreign, speaks_to_machine
from generator.composing.referents import leans, referent
from ingest.sentences import split_sentences

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Statement:
    """Words of a passage that can stand alone: `text[start:end]`.

    `opening` is the length of an opening such as "This drug" that `referent` stands for; `carried` counts the sentences
    quoted along only because the next leans on them; `items` are the spans of a list's entries, its introduction first.
    """

    start: int
    end: int
    referent: str = ""
    opening: int = 0
    carried: int = 0
    items: tuple[Span, ...] = ()


_MIN_UNSTOPPED = 9  # a heading with a verb is shorter
_MIN_WORDS, _MAX_CHARS, _MAX_LIST_CHARS, _MAX_ITEMS = 5, 500, 900, 16
_MAX_ITEM_CHARS = 170
# Text that is about the page rather than the subject, and entries of a reference list.
_BOILERPLATE = re.compile(
    r"\b(?:click here|go to (?:the )?|see (?:the )?(?:section|table|figure|appendix)|learn more about|visit our|"
    r"subscribe|cookie|all rights reserved|copyright|for more information|call 1-800|this (?:page|summary|leaflet|"
    r"document|section)|package leaflet|(?:this|the) (?:review|article|paper|chapter) (?:\w+ )?(?:discusses|"
    r"summari[sz]es|"
    r"describes|focuses|reviews|provides|presents|highlights)|in this (?:review|article|paper|chapter)|"
    r"read all of this|"
    r"PDQ|clinical trials? search|is available from|"
    r"reported (?:here|below)|PUBMED abstract|available online|last (?:updated|revised|accessed))\b|"
    r"\bet al\.:|\b\d{4};\s?\d+|\b\d+ ?\(\d+\): ?[A-Z]?\d+|"
    # A picture or a link stood here, and its sentence goes on without it.
    r"[a-z]{3}(?<!spp)(?<!etc)\. (?-i:is|are|was|were)\b",
    re.IGNORECASE,
)
# What a study set out to do states nothing about its subject.
_AIM = re.compile(
    r"^(?:(?:background|objectives?|aims?|purpose|methods?|introduction)\b[\s:/—-]*)?(?:(?:the|our) (?:\w+ )?(?:aim|"
    r"objective|purpose|goal)s?\b.{0,60}\b(?:was|were|is)\b|to (?:assess|evaluate|determine|investigate|examine|"
    r"compare|"
    r"describe|explore|identify|review|study|analy[sz]e|report|characteri[sz]e)\b|(?:we|this study|the present study|"
    r"here,? we) (?:aim(?:s|ed)?|sought|hypothesi[sz]ed?|wanted|set out)\b|we (?:assessed|evaluated|investigated|"
    r"examined|"
    r"compared|reviewed|searched|performed|conducted|studied|analy[sz]ed|aimed)\b|(?:the|this|our) (?:\w+ )?(?:study|"
    r"document|report|trial|paper) (?:highlights|describes|examines|investigates|discusses|presents|reviews|"
    r"is registered|"
    r"was (?:registered|funded|conducted|designed|performed))\b|(?:the )?(?:primary|secondary) (?:outcomes?|"
    r"end-?\s?points?)"
    r"\b.{0,30}\b(?:was|were|is|are|included?)\b|(?:further|more|future) (?:studies|"
    r"research|work)\b)",
    re.IGNORECASE,
)
_VERBS = (
    "accelerat accept accumulat achiev act activat address adopt affect aid aim allow ameliorat amount antagoni "
    "appear appli apply arise arose arrest assess assign associat attack attenuat augment await bear became "
    "become began begin belong bind bleed block boost bring brought bruis build calculat captur carr carry "
    "catalog cataly caus chang circulat classif clear co-occup collaborat collect combin come compare compl "
    "complement complicat comprise concern conclud confer confirm consist constitut construct contain continu "
    "contribut control convert cooperat correct correlat cover creat cross culminat cure damage deal decid "
    "decline decreas defin delay deliver demonstrat depend deplet deploy deriv describ destroy detect develop "
    "diagnos die differ diffuse diminish direct disappear discuss display disrupt dissociat dissolv distinguish "
    "divid downregulat drain drink driv drop eat elevat eliminat emerg enable encod encompass encourag engag "
    "enhanc enrich ensur entail enter escap establish estimat evad evolv exacerbat exceed exert exhibit exist "
    "expand experienc explain expos express extend facilitat fail fall favor feel fell fill find fluctuat focus "
    "follow form found fulfil function gave generat get give go got govern grew grow guid halt happen "
    "harbor hear help highlight hold identif illustrat impair impl implement impos improv inactivat includ "
    "incorporat increas indicat induc infect inhibit initiat integrat interact interfer introduc invad invit "
    "invol involv irritat isolat join keep kept kill know lack last lead leav led left lie limit link live load "
    "look lose lost lower made maintain make manag manifest mark match mean meant measur mediat migrat mimic "
    "miss mitigat modulat mov multipl mutat need neutraliz occur offer offset operat orchestrat originat "
    "oscillat outweigh overcom overlap oxidiz penetrat perform permit persist phosphorylat plac play point pos "
    "possess potentiat preced precipitat preclud predict predispos prefer present preserv prevent process produc "
    "progress proliferat prolong promot propos protect prove provid pursu qualif rais rang reach react receiv "
    "recogniz recommend recruit reduc refer reflect regress regulat relaps relat releas reliev rely remain remov "
    "render repair replac report represent repress requir rescu resembl reside resist resolv respon respond "
    "restor result resum retain return reveal revers reviv ris rose run secret seek seem select separat serv "
    "share shed shorten show signal simulat slow solv specif spend split spread squeez stabili stabiliz stain "
    "start stay stem stimulat stop strengthen strike subsid succeed suffer suffic suggest summariz suppl support "
    "suppress surround surviv sustain swell synergiz synthesiz tackl tak take target tend tolerat took transform "
    "translat transmit transport trap travel treat trigger turn undergo underl underli underlin understand "
    "underwent unite updat upregulat us use utiliz vari vary visit wait wane warrant watch weaken weigh went "
    "widen withstand work worsen wrap yield"
).split()
_FINITE = re.compile(
    r"(?<![\w-])(?:is|are|was|were|has|have|had|can|cannot|may|might|must|should|will|would|could|do|does|did|"
    rf"(?<!\bto )(?:{'|'.join(sorted(set(_VERBS), key=len, reverse=True))})(?:e?s|ies|e|y)?|"
    # "Elevated counts" and "a reduced dose" have no verb.
    r"(?<!\ba )(?<!\ban )(?<!\bthe )(?<!\bor )(?<!\band )(?<!\bof )(?<!\bwith )(?<!\bfor )(?<!\bin )(?<!\A)\w{2,}ed)\b",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(
    r"(?:^|[\s,(])(?:who|whose|which|that|when|while|if|because|since|until|where|whether|after you|before you|"
    r"such as)\b"
    r"[^,.;:]*",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"\b(?:whos?e?|when|while|if|because|since|until|where|whether|after you|before you)\b[^,.;:]*", re.IGNORECASE
)
_IMPERATIVE = re.compile(
    r"(?:^|, |: )(?:please )?(?:always |never |do not |don['’]t )?(?:tell|call|ask|avoid|drink|eat|take|do|seek|use|"
    r"wash|talk|"
    r"contact|check|keep|stay|wear|get|rest|limit|try|choose|cook|store|clean|brush|rinse|speak|stop|report|watch|"
    r"carry|"
    r"let|make|give|swallow|inform)\b",
    re.IGNORECASE,
)
_PAGE_SECTION = re.compile(
    r"\b(?:references|about this|more about|get more information|contents of the pack|changes to (?:this )?|"
    r"latest updates|"
    r"enlarge|permission to use|how to store|other information|contact)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^[^\n]{3,220}:\s+(?=\S)")


def statements(text: str, *, section: Sequence[str] = ()) -> Iterator[Statement]:
    """The statements of a passage, in order.

    Headings, boilerplate, questions, fragments without a verb, aims of studies and entries of reference lists are left
    out. A sentence that leans on the one before it ("It can …") is shown with what it means where that is beyond doubt,
    and quoted together with the one before it otherwise. A list is one statement, with its introduction. Of a passage
    that speaks to machines nothing is quoted: who gives orders to the reader's software may have made up the rest.

    Args:
        text: of the passage.
        section: the headings above it; one about the page itself makes it hold nothing.
    """
    if section and _PAGE_SECTION.search(section[-1]):
        return
    spans = split_sentences(text)
    if any(map(speaks_to_machine, (*section, *(text[start:end] for start, end in spans)))):
        return
    previous: Statement | None = None
    place = 0
    while place < len(spans):
        listed = _list_at(text, spans, place)
        if listed:
            yield listed
            place += len(listed.items)
            previous = None
            continue
        previous = _sentence(text, spans[place], previous)
        if previous and _worth_quoting(text[previous.start : previous.end]):
            yield previous
        place += 1


def _sentence(text: str, span: Span, previous: Statement | None) -> Statement | None:
    """The statement that a sentence makes; None where it leans on nothing that could be quoted."""
    start, end = span
    if not leans(text[start:end]):
        return Statement(start, end)
    if previous is None:
        return None
    named = referent(text[start:end], text[previous.start : previous.end], known=previous.referent)
    if named:
        return Statement(start, end, referent=named.words, opening=named.opening)
    if "\n\n" in text[previous.end : start]:
        return None
    return Statement(previous.start, end, previous.referent, previous.opening, previous.carried + 1)


def _worth_quoting(text: str) -> bool:
    bare = re.sub(r"(?:\s?\[[^\[\]]*\])+$", "", text)
    if bare.endswith((":", ",")):
        return False
    complete = text.rstrip("\"')]”’ ").endswith((".", "!", ";")) or "|" in text
    words = len(text.split())
    return (
        (complete or words >= _MIN_UNSTOPPED)
        and words >= _MIN_WORDS
        and len(text) <= _MAX_CHARS
        and not _unfit(text)
        and not _AIM.match(text)
        and ("|" in text or is_sentence(text))
    )


def _unfit(words: str) -> bool:
    return bool(_BOILERPLATE.search(words)) or has_active_content(words) or endangers(words) or is_foreign(words)


def is_sentence(text: str) -> bool:
    """Whether a text has a verb of its own, or gives advice: "Rapid weight gain." does not."""
    if text[:1].islower() and not re.match(r"[a-z]{1,12}[A-Z0-9]|[a-z]-", text):
        return False
    if _IMPERATIVE.search(text):
        return True
    main = _SUBORDINATE.sub(" ", re.sub(r"\([^()]*\)", "", text)).strip()
    # A clause of "who" or "whose" makes no sentence of "Adults who …"; of other verbs the second is the sentence's own.
    return bool(_FINITE.search(main)) or len(_FINITE.findall(_CLAUSE.sub(" ", text))) > 1


def _list_at(text: str, spans: Sequence[Span], place: int) -> Statement | None:
    """The list that a sentence introduces: entries on lines of their own, or fragments that follow a colon."""
    start, end = spans[place]
    words = text[start:end]
    if _unfit(words) or len(words) > _MAX_CHARS or (leans(words) and not words.startswith("Other")):
        return None
    if words.endswith(":"):
        items = _entries(text, spans, place + 1, apart=True)
    elif (lead := _LEAD.match(words)) and not is_sentence(words[lead.end() :]):
        items = _entries(text, spans, place + 1, apart=False)
    else:
        return None
    if len(items) < 2:
        return None
    return Statement(start, items[-1][1], items=((start, end), *items))


def _entries(text: str, spans: Sequence[Span], first: int, *, apart: bool) -> list[Span]:
    """The entries of a list from a sentence on; `apart` where each has to begin a line."""
    found: list[Span] = []
    for place in range(first, min(first + _MAX_ITEMS, len(spans))):
        start, end = spans[place]
        words = text[start:end]
        begins = "\n" in text[spans[place - 1][1] : start]
        if begins is not apart or len(words) > _MAX_ITEM_CHARS or words.endswith((":", "?")) or "|" in words:
            break
        if _unfit(words) or (not apart and _LEAD.match(words)):
            break
        if is_sentence(words) and words.endswith(".") and (not apart or found and not _alike(text, found[-1], words)):
            break
        if end - spans[first - 1][0] > _MAX_LIST_CHARS:
            break
        found.append((start, end))
    return found


def _alike(text: str, before: Span, words: str) -> bool:
    """Whether an entry is of the make of the one before it: both whole sentences."""
    return is_sentence(text[before[0] : before[1]]) and text[before[1] - 1] == "." and words.endswith(".")
