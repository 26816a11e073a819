"""Where a PubMed download stands: its windows of days and its position, kept in a file that survives a stop."""

import json
import logging
import os
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ingest.errors import CatalogError

logger = logging.getLogger(__name__)

_VERSION = 1
Days = tuple[date, date]
EVER: Days = (date(1700, 1, 1), date(2100, 12, 31))


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a search: first and last day of entry into PubMed, and of publication; None is any day."""

    entered: Days | None = None
    published: Days | None = None

    def halves(self) -> "tuple[Window, Window] | None":
        """Two windows that share nothing and hold all of this one; None if it is a single day both ways.

        Days of entry are cut first; the days of publication of what entered on one day after that.
        """
        first, last = self.entered or EVER
        if first < last:
            early, late = _cut(first, last)
            return Window(early, self.published), Window(late, self.published)
        first, last = self.published or EVER
        if first < last:
            early, late = _cut(first, last)
            return Window(self.entered, early), Window(self.entered, late)
        return None


def _cut(first: date, last: date) -> tuple[Days, Days]:
    middle = first + (last - first) // 2
    return (first, middle), (middle + timedelta(days=1), last)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for; a checkpoint serves only the very same request."""

    query: str
    since: str | None
    max_records: int | None
    base_url: str | None


@dataclass(slots=True)
class Progress:
    """How far a request is. `windows` are still to do, the current one first; the rest is about the current one.

    `total` and `done` count records of the whole request (`total` None before the first search); `seen`
    holds the PMIDs already handed over; `offset` is the position in the history server's list of `count`
    records under `web_env` and `query_key` ("" before the search).
    """

    windows: list[Window]
    total: int | None = None
    done: int = 0
    count: int = 0
    offset: int = 0
    web_env: str = ""
    query_key: str = ""
    seen: set[str] = field(default_factory=set)

    def next_window(self) -> None:
        """Leave the current window behind."""
        self.windows.pop(0)
        self.count = self.offset = 0
        self.web_env = self.query_key = ""
        self.seen = set()


class Trail:
    """The checkpoint file of a request; it trails the progress by `replay` records or a little more."""

    def __init__(self, path: Path, request: Request, *, replay: int) -> None:
        """Nothing is read or written yet."""
        self._path = path
        self._request = request
        self._replay = replay
        self._held: deque[tuple[int, str]] = deque()

    def resume(self) -> Progress | None:
        """The progress kept in the file; None if there is none, or none of this request and version."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if kept["version"] != _VERSION or kept["request"] != asdict(self._request):
                return None
            windows = [Window(_days(one["entered"]), _days(one["published"])) for one in kept["windows"]]
            return Progress(windows, **{**kept["progress"], "seen": set(kept["progress"]["seen"])})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            logger.warning("the checkpoint %s cannot be used (%s); the download starts again", self._path, error)
            return None

    def keep(self, progress: Progress) -> None:
        """Remember this progress; write, in one step, the newest one that lies `replay` records back.

        Raises:
            CatalogError: if the file cannot be written.
        """
        self._held.append((progress.done, self._encode(progress)))
        due = None
        while self._held and self._held[0][0] <= progress.done - self._replay:
            due = self._held.popleft()[1]
        if due is not None:
            self._write(due)

    def finish(self) -> None:
        """Remove the file: every record was taken. One that stays only costs a rerun its last records again."""
        with suppress(OSError):
            self._path.unlink()

    def _encode(self, progress: Progress) -> str:
        state = asdict(progress)
        windows = state.pop("windows")
        kept: dict[str, Any] = {"version": _VERSION, "request": asdict(self._request), "windows": windows}
        kept["progress"] = {**state, "seen": sorted(progress.seen)}
        return json.dumps(kept, default=date.isoformat)

    def _write(self, text: str) -> None:
        scratch = self._path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            scratch.write_text(text, encoding="utf-8")
            os.replace(scratch, self._path)
        except OSError as error:
            with suppress(OSError):
                scratch.unlink()
            raise CatalogError(f"cannot write the checkpoint {self._path}: {error.strerror}") from error


def _days(kept: list[str] | None) -> Days | None:
    return None if kept is None else (date.fromisoformat(kept[0]), date.fromisoformat(kept[1]))
