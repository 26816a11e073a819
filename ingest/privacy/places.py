"""Streets, towns with their codes, and whole addresses, in the usual orders of many countries."""

import re
from collections.abc import Collection, Iterator

from ingest.privacy.forms import Removed, find_dates, fold
from ingest.privacy.labels import words

# Words behind a house number and a name, joined to a name before its number, and before a name and its number.
_BEHIND = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|square|sq|way|parkway|pkwy"
    r"|highway|hwy|terrace|ter|close|crescent|cres|gardens|grove|mews|row|walk|quay|circle|cir|trail|pike|loop|plaza"
    r"|nagar|marg|colony|layout|salai|cross|enclave|vihar|chowk|bazar|bazaar)"
)
_JOINED = (
    r"(?:str(?:asse|a(?:ss|ß)e|\.)|str|gasse|weg|platz|allee|damm|ufer|steig|laan|straat|gracht|kade|plein|gatan|vagen)"
)
_BEFORE = (
    r"(?:rue|calle|carrer|c/|avda?\.?|avenida|avinguda|plaza|placa|paseo|passeig|pasaje|camino|jiron|jr\.|calz(?:ada|\.)"
    r"|urb(?:anizacion|\.)|barrio|carrera|cra\.?|cl\.|diagonal|transversal|via|viale|v\.le|corso|piazza|p\.za|piazzale"
    r"|vicolo|largo|lungo\w+|strada|rua|r\.|travessa|alameda|praca|estrada|rodovia|av\.?|ul\.|ulica|ulice|al\.|aleja"
    r"|os\.|osiedle|pl\.|plac|bulevar|bul\.|trg|nam\.|namesti|tr\.|blk|block|jalan|jln|lorong|am|an der|auf dem|im"
    r"|in der|zum|zur|bd\.?|str\.|sos\.|cad\.|sok\.|ул\.|улица|просп\.|пр\.)"
)
_STREET = re.compile(
    rf"(?<![\w.,])(?:\d{{1,5}}[a-z]?(?:[-/]\d{{1,4}})?,?\s+(?:[\w.'’-]+\s+){{0,4}}{_BEHIND}\b\.?"
    r"(?:,?\s*(?:apt|suite|ste|unit|floor|flat|#)\.?\s*[\w-]{1,6})?"
    rf"|(?:[\w-]{{2,30}}{_JOINED}|[\w-]{{2,30}}[\s-](?:strasse|stra(?:ss|ß)e|str\.|allee|platz|weg))"
    r"\s?\d{1,4}\s?[a-z]?(?:[-/]\d{1,4})?\b(?![.,]\d)"
    r"|\d{1,4},?\s(?:bis\s|ter\s)?(?:rue|avenue|av\.|bd|boulevard|place|allee|chemin|impasse|quai|route|cours|square"
    r"|faubourg|passage|sentier|villa|cite|residence)\s[\w'’ -]{3,40}"
    rf"|{_BEFORE}(?:\s|(?<=[./])\s?)[a-z\d][\w'’. -]{{1,40}},?\s"
    rf"(?:n[or]?\.?\s?|#\s?|km\s)?\d{{1,5}}[a-z]?(?:\s?[-/]\s?\d{{1,4}}){{0,2}}\b"
    r"(?!\s?(?:[%°]|[a-z]|[.,]\d))"
    r"|(?:p\.?\s?o\s?[.:]?\s?box|postfach|postbus|apartado|casilla|caixa postal|private bag|boite postale|b\.?p\.?"
    r"|skr\.? poczt\.?)\s?:?\s?\d[\d ]{0,6}\b"
    r"|(?:flat|plot|house|h\.?\s?no|d\.?\s?no|door|shop|villa|unit|apt|apartment|suite|level)\s?(?:no)?[.:#]?\s?"
    r"[\w/-]{1,8},\s[\w ,.'’/-]{4,80}"
    r"|(?:sector|phase|block|ward|building|bldg|tower)[\s-]\d{1,3}[a-z]?,\s[\w ,.'’/-]{4,60}"
    r"|〒?\d{3}-\d{4}\s?[\u3040-\u30ff\u4e00-\u9fff][^\s]{1,60})"
)
_PLACE = re.compile(
    r"(?:\b[\w.' -]{2,30},\s?[a-z]{2}\.?\s\d{5}(?:-\d{4})?\b"
    r"|\b[a-z]{1,2}\d[a-z\d]?\s\d[a-z]{2}\b"
    r"|\b[a-z]\w{2,20}(?:\s[a-z]\w{2,20})?(?:\s?-\s?|,\s?"
    r"|\s)[1-9]\d{2}\s?\d{3}\b(?=\s*(?:$|[,.(]|india|tel|ph|[a-z]{4,}$))"
    r"|\b\d{5}\s[a-z][\w-]{2,25}(?:\s(?:am|an|sur|le|la|de|der|cedex)\s?[\w-]{0,20})?(?=\s*(?:$|[,(|;-]))"
    r"|\b\d{5}-\d{3}\b|\b\d{4}\s[a-z]{2}\s[a-z]{3,20}\b"
    r"|\b\d{2}-\d{3}\s[a-z]{3,20}\b|\b\d{4}-\d{3}\s[a-z]{3,20}\b|(?<=,\s)\d{3}\s\d{2}\s[a-z]{3,20}\b)"
)
# The last part of an address in one line: a town with its code.
_TOWN = re.compile(
    r",\s?(?=[^,]*[a-z]{2})[^,]*(?<![\d.])(?:\d{5,6}|\d{4}-\d{3}|\d{3}-\d{4}|\d{2}-\d{3}|\d{3}\s\d{2,3}"
    r"|[a-z]{1,2}\d[a-z\d]?\s\d[a-z]{2}"
    r"|[a-z]\d[a-z]\s\d[a-z]\d|[a-z]\d[\dw]\s[a-z\d]{4}|[a-z]{2,3}\s\d{4})(?!\d)[^,]{0,20}$"
)
# A house's number: alone, with a letter, or of several parts.
_HOUSE = re.compile(r"(?<![\w.,/-])(?:no\.?\s?|#\s?)?\d{1,5}[a-z]?(?:\s?[-/]\s?\d{1,4}[a-z]?){0,3}(?![\w%]|[.]\d|,\d)")
_NO_ADDRESS = re.compile(r"[:=%<>+*@_\[\]]|\d\.\d|\biso\b|\bpage\b")
_LONGEST_ADDRESS_WORDS = 14
_BETWEEN = frozenset(
    "am an auf aan bei cedex da das de del den der des di do dos du e el en et i im in la las le les los na nad of os"
    " sur the und van von y zu zum zur apt bat no nr utca utja ter ut gate gata gatan plads torv ulice ulica cad sok"
    " m near opp behind bis".split()
)


def find_places(line: str) -> Iterator[Removed]:
    """Streets, and towns with their post codes; `line` is as printed, for names of places have capitals."""
    folded = fold(line)
    for match in _STREET.finditer(folded):
        if _written_as_name(line[match.start() : match.end()]):
            yield Removed(match.start(), match.end(), "address")
    for match in _PLACE.finditer(folded):
        names = re.findall(r"[^\W\d_][\w.'-]*", line[match.start() : match.end()])
        if all(name[0].isupper() and (len(name) > 2 or name.isupper()) for name in names if name not in _BETWEEN):
            yield Removed(match.start(), match.end(), "address")


def _written_as_name(street: str) -> bool:
    """Whether half of its words and more begin with capitals, unlike those of a sentence."""
    named = [word for word in re.findall(r"[^\W\d_][\w'’.-]*", street) if fold(word) not in _BETWEEN]
    return 2 * sum(not word[0].islower() for word in named) >= len(named) and any(
        not word[0].islower() for word in named
    )


def is_address(line: str, known: Collection[str]) -> bool:
    """Whether a short line, without a label, is an address as a whole.

    It is where a street or a town's code is in it, or where parts between commas are names and a house's number.
    """
    if len(line.split()) > _LONGEST_ADDRESS_WORDS or not (line[:1].isalnum() or line[:1] in "#№〒"):
        return False
    town = _TOWN.search(fold(line))
    named = town and any(letter.isupper() or not letter.isascii() for letter in line[town.start() : town.end()])
    return any(find_places(line)) or bool(named) or _in_parts(line, known)


def _in_parts(line: str, known: Collection[str]) -> bool:
    """Whether it is like "Torvet 4, Ribe": names in capitals, most of them no words, and a house's number."""
    folded = fold(line)
    if "," not in line or _NO_ADDRESS.search(folded) or any(find_dates(folded)) or not _HOUSE.search(folded):
        return False
    names = [word for word in re.findall(r"(?<![\w.])[^\W\d_][\w'’-]+", line) if fold(word) not in _BETWEEN]
    ending = words().medical_ending
    strange = [word for word in names if fold(word) not in known and not ending.search(fold(word))]
    return bool(strange) and 2 * len(strange) >= len(names) and all(word[0].isupper() for word in names)
