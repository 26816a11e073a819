"""Text as it should be stored, and the keys by which duplicates of a text are found.

Two texts count as duplicates when nobody who reads one could learn anything else from the other. So beside
similar wording they must agree on every number, sign and negation: two leaflets that differ in one dose are
two documents.
"""

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

MIN_JACCARD = 0.9
MIN_CONTAINMENT = 0.95
MIN_PREFIX_WORDS = 50
SHINGLE_WORDS = 3

_LIGATURES = dict(zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_SPACES = dict.fromkeys((0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_LINES = dict.fromkeys((0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x1F, 0x85, 0x2028, 0x2029), "\n")
_CONTROLS = dict.fromkeys((*range(0x09), *range(0x0E, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0)))
_INVISIBLE = dict.fromkeys((0xAD, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)))
# Tags spell out ASCII that no window shows and every language model reads.
_TAGS = dict.fromkeys(range(0xE0000, 0xE0080))
_UNWRITABLE = dict.fromkeys((0xFEFF, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000), *range(0xFFF9, 0xFFFC)))
# The small Greek mu is what both NFKC and casefold turn the micro sign into, so search needs no rule of its own.
# U+F0B7 is the bullet of the Symbol font, as word processors leave it in text.
_LOOKALIKES = {0xB5: "\u03bc", 0x2010: "-", 0x2011: "-", 0xF0B7: "\u2022"}
_TABLE: dict[int, str | None] = {
    **_LIGATURES,
    **_SPACES,
    **_LINES,
    **_CONTROLS,
    **_INVISIBLE,
    **_TAGS,
    **_UNWRITABLE,
    **_LOOKALIKES,
}
_ODD = re.compile("[" + "".join(re.escape(chr(code)) for code in _TABLE) + "]")

_SUPERSCRIPTS = str.maketrans("0123456789+-\u2212()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾")
_EXPONENT = re.compile(r"[+\-\u2212]?\d+")


def normalise(text: str) -> str:
    """Bring characters to one form: NFC, plain spaces and line feeds, nothing invisible.

    Ligatures are spelt out; soft hyphens, zero-width, bidirectional, tag and control characters and what UTF-8
    cannot carry go; the micro sign becomes the Greek mu; the hyphens U+2010 and U+2011 become "-". Quotes,
    dashes, superscripts (10⁹/L), Greek letters, ± and ≥ stay. Runs of spaces and lines stay too, so that
    a reader which needs the layout still has it. Normalising twice changes nothing.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if _ODD.search(text):
        text = text.translate(_TABLE)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """`normalise`, with every run of white space made one space and none at the ends."""
    return " ".join(normalise(text).split())


def superscript(text: str) -> str:
    """Raised text as plain characters: the 9 of 10<sup>9</sup> becomes ⁹, so that it is never read as 109.

    Only a signed or unsigned whole number is raised; other text (®, a footnote letter) is returned as it is.
    """
    return text.translate(_SUPERSCRIPTS) if _EXPONENT.fullmatch(text.strip()) else text


# A word is a number with its decimals, a run of letters and digits, a comparison, or a sign that changes
# what stands beside it: the minus of -5, the plus of CD34+.
_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+|[<>≤≥±]|[-\u2212](?=\d)|(?<=[^\W_])[+\-\u2212](?![^\W_])")
_NEGATIONS = frozenset({"no", "not", "never", "without", "cannot", "nor", "neither", "none", "t"})
_SIGNS = frozenset("<>≤≥±+-")
_DASHES = {0x2212: "-", 0x2013: "-"}


def _words(text: str) -> list[str]:
    return _WORD.findall(normalise(text).translate(_DASHES).casefold())


def fingerprint(text: str) -> str:
    """A key that two texts share when they have the same words, numbers and signs in the same order.

    Returns:
        64 hex digits: the SHA-256 of the case-folded words, whatever stands between them.
    """
    return hashlib.sha256(" ".join(_words(text)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Signature:
    """What `same_text` compares. `words` are case-folded words in order; `facts` those that must agree."""

    words: tuple[str, ...]
    facts: tuple[str, ...]


def _facts(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(w for w in words if w in _NEGATIONS or w in _SIGNS or any(c.isdigit() for c in w))


def signature(text: str) -> Signature:
    """Prepare a text for `same_text`; worth keeping where one text meets many candidates."""
    words = _words(text)
    return Signature(tuple(words), _facts(words))


def _shingles(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    if len(words) < SHINGLE_WORDS:
        return {words} if words else set()
    return set(zip(*(islice(words, i, None) for i in range(SHINGLE_WORDS)), strict=False))


def _is_cut_copy(short: Signature, long: Signature) -> bool:
    # The last word of a cut copy may itself be cut ("10.5" to "10"), so it proves nothing.
    words = short.words[:-1]
    if len(words) < MIN_PREFIX_WORDS:
        return False
    beginning = long.words[: len(words)]
    mine, theirs = _shingles(words), _shingles(beginning)
    return len(mine & theirs) >= MIN_CONTAINMENT * len(mine) and _facts(words) == _facts(beginning)


def same_text(a: Signature, b: Signature) -> bool:
    """Whether two texts say the same; see `near_duplicate`."""
    mine, theirs = _shingles(a.words), _shingles(b.words)
    if not mine or not theirs:
        return False
    if a.facts == b.facts and len(mine & theirs) >= MIN_JACCARD * len(mine | theirs):
        return True
    short, long = sorted((a, b), key=lambda s: len(s.words))
    return len(short.words) < len(long.words) and _is_cut_copy(short, long)


def near_duplicate(a: str, b: str) -> bool:
    """Whether two texts are copies of one another but for wording that carries nothing.

    True if their sets of three-word shingles have a Jaccard index of at least 0.9, or if one is a cut copy
    of the other: more than 50 words whose shingles are, to 95 %, those of the other's beginning. In both
    cases the numbers, words with digits (CD19, FLT3), comparison and polarity signs and negations must be
    the same in the same order (for a cut copy: as far as it goes). An empty text is no duplicate.

    Source: Broder, On the resemblance and containment of documents, 1997, doi:10.1109/SEQUEN.1997.666900.
    """
    return same_text(signature(a), signature(b))


# Chance that a pair shares a band key: 1 - (1 - J^6)^12 = 0.9999 at Jaccard 0.9, 0.17 at 0.5, 0.01 at 0.3.
_BANDS, _ROWS = 12, 6
# Cut copies are found by the MinHash of their first 50 words alone: 1 - (1 - J^4)^4.
_HEAD_BANDS, _HEAD_ROWS = 4, 4
_MIX1, _MIX2, _GOLDEN = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(0x9E3779B97F4A7C15)
_MAX_ROWS_AT_ONCE = 4096


def _mix(values: Hashes) -> Hashes:
    # The finaliser of SplitMix64: every input bit reaches every output bit; wraps modulo 2^64 by intent.
    values = (values ^ (values >> np.uint64(30))) * _MIX1
    values = (values ^ (values >> np.uint64(27))) * _MIX2
    return values ^ (values >> np.uint64(31))


_SEEDS: Hashes = _mix(np.arange(1, _BANDS * _ROWS + 1, dtype=np.uint64) * _GOLDEN)


def _shingle_hashes(words: list[str]) -> Hashes:
    # CRC-32 is the same in every process and Python version, unlike hash().
    crc = np.array([zlib.crc32(word.encode()) for word in words], dtype=np.uint64)
    width = min(SHINGLE_WORDS, len(crc))
    mixed = np.zeros(len(crc) - width + 1, dtype=np.uint64)
    for i in range(width):
        mixed = _mix(mixed * _GOLDEN + crc[i : len(crc) - width + 1 + i] + np.uint64(i))
    return np.unique(mixed)


def _min_hashes(shingles: Hashes, count: int) -> Hashes:
    smallest = np.full(count, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(shingles), _MAX_ROWS_AT_ONCE):
        rows = _mix(shingles[start : start + _MAX_ROWS_AT_ONCE, None] ^ _SEEDS[None, :count])
        smallest = np.minimum(smallest, rows.min(axis=0))
    return smallest


def _keys(words: list[str], *, bands: int, rows: int, salt: int) -> list[int]:
    table = _min_hashes(_shingle_hashes(words), bands * rows).reshape(bands, rows)
    folded = np.arange(salt, salt + bands, dtype=np.uint64)
    for column in table.T:
        folded = _mix(folded * _GOLDEN + column)
    return [int(key) for key in folded.view(np.int64)]


def band_keys(text: str) -> tuple[int, ...]:
    """Keys to store and look up: texts that are near duplicates share at least one, others seldom do.

    MinHash over three-word shingles in 12 bands of 6 finds Jaccard >= 0.9; 4 bands of 4 over the first 50
    words find cut copies. A shared key makes a candidate; `near_duplicate` decides.

    Returns:
        12 or 16 signed 64-bit integers, the same in every process; none for a text without words.
    """
    words = _words(text)
    if not words:
        return ()
    keys = _keys(words, bands=_BANDS, rows=_ROWS, salt=1)
    if len(words) >= MIN_PREFIX_WORDS:
        keys += _keys(words[:MIN_PREFIX_WORDS], bands=_HEAD_BANDS, rows=_HEAD_ROWS, salt=1001)
    return tuple(keys)
