"""Bytes and characters of a file, with every way that can fail named."""

import logging
import stat
from pathlib import Path

from ingest.clean import normalise
from ingest.errors import UnreadableSource, reason_of

logger = logging.getLogger(__name__)

# Above this a text is a dump, not a document: 25 MB are some 4 million words. It also bounds memory, as a
# text takes up to 4 bytes a character and is held in a few copies while it is read.
MAX_TEXT_BYTES = 25_000_000
_SAMPLE = 65_536
_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
_MAX_CONTROL_SHARE = 0.01


def check_readable(path: Path) -> int:
    """Make sure that this is a regular file, and return its size in bytes.

    Raises:
        UnreadableSource: if it is missing, a folder, a pipe, a socket or a device, empty or not permitted.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableSource(f"{path}: not a regular file")
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        raise UnreadableSource(f"{path}: {reason_of(error)}") from error
    if status.st_size == 0:
        raise UnreadableSource(f"{path}: the file is empty")
    return status.st_size


def read_head(path: Path, size: int = 4096) -> bytes:
    """The first bytes of a regular file.

    Raises:
        UnreadableSource: as `check_readable`, and if reading fails.
    """
    check_readable(path)
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise UnreadableSource(f"{path}: {reason_of(error)}") from error


def read_bytes(path: Path, *, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """The whole of a regular file.

    Raises:
        UnreadableSource: as `check_readable`, and if the file is larger than `max_bytes`.
    """
    size = check_readable(path)
    if size > max_bytes:
        raise UnreadableSource(
            f"{path}: {size / 1e6:.0f} MB of text, the limit is {max_bytes / 1e6:.0f} MB",
            hint="Split it into one file per document, or make a title+abstract table (JSONL) of it.",
        )
    try:
        return path.read_bytes()
    except (OSError, MemoryError) as error:
        raise UnreadableSource(f"{path}: {reason_of(error)}") from error


def read_characters(path: Path, *, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """The text of a file, decoded and normalised (`ingest.clean.normalise`).

    UTF-8, and UTF-16 or UTF-32 with a byte order mark, are taken at their word; else Windows-1252, with a
    warning in the log. UTF-8 with a few broken bytes keeps its good characters.

    Raises:
        UnreadableSource: as `read_bytes`, and for binary data.
    """
    return normalise(decode(read_bytes(path, max_bytes=max_bytes), origin=str(path)))


def decode(raw: bytes, *, origin: str) -> str:
    """Decode a text of unknown encoding, as `read_characters` says.

    Raises:
        UnreadableSource: for binary data.
    """
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return raw.decode(encoding, "replace")
    if looks_binary(raw[:_SAMPLE]):
        raise UnreadableSource(f"{origin}: binary data, not text")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if sum(not c.isascii() for c in text) > 3 * broken:
        logger.warning("%s: %d characters are broken UTF-8", origin, broken)
        return text
    logger.warning("%s: not UTF-8, read as Windows-1252", origin)
    # Five bytes have no character in Windows-1252; Latin-1 takes them as controls, which cleaning drops.
    return "".join(map(_WINDOWS_1252.__getitem__, raw))


_WINDOWS_1252 = [bytes([i]).decode("cp1252", "replace").replace("\ufffd", chr(i)) for i in range(256)]


def looks_binary(sample: bytes) -> bool:
    """Whether bytes without a byte order mark are no text: a NUL among them, or many control characters."""
    if b"\0" in sample:
        return True
    controls = sum(sample.count(code) for code in range(32) if code not in b"\t\n\r\f\x1b\x1a")
    return controls > _MAX_CONTROL_SHARE * len(sample)
