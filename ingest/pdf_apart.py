"""An uploaded PDF is drawn by a process of its own, which ends with it: a few kilobytes can ask for hours of work.

MuPDF can neither be interrupted nor told how much memory it may use; the system can do both to a process.
"""

import io
import os
import pickle
import subprocess
import sys
from threading import Timer

from ingest.errors import MarrowError
from ingest.pdf_upload import PRINT_ANEW, PdfPage, pdf_pages
from ingest.uploads import UnreadableUpload, UploadLimits

# PyMuPDF loads a layout model where one is installed, which takes longer than drawing a page and is not used here.
_START = "import sys; sys.modules['pymupdf.layout'] = None; from ingest.pdf_apart import serve; serve()"
_MAX_BYTES = 4 << 30
# On a busy machine a second of computing takes several on the clock.
_WAITING = 10


def drawn_pages(data: bytes, *, limits: UploadLimits) -> list[PdfPage]:
    """The pages of a PDF as `pdf_pages` gives them, from another process.

    Raises:
        UnreadableUpload: as `pdf_pages` does, and if drawing takes more time than the limits allow, more than 4 GiB of
            memory, or crashes.
        RuntimeError: if the other process cannot be run.
    """
    command = [sys.executable, "-P", "-c", _START]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        timer = Timer(limits.max_seconds * _WAITING, process.kill)
        timer.start()
        try:
            return _received(process, pickle.dumps((data, limits)))
        finally:
            timer.cancel()
            process.kill()


def _received(process: "subprocess.Popen[bytes]", request: bytes) -> list[PdfPage]:
    assert process.stdin and process.stdout
    pages: list[PdfPage] = []
    try:
        process.stdin.write(request)
        process.stdin.close()
        while isinstance(message := pickle.load(process.stdout), PdfPage):
            pages.append(message)
    except (EOFError, pickle.UnpicklingError) as error:
        if process.wait() > 0:
            raise RuntimeError("the process that draws PDFs could not be run; its error is above") from error
        raise UnreadableUpload("the PDF takes too much time or memory to draw", hint=PRINT_ANEW) from error
    if message is not None:
        text, hint = message
        raise UnreadableUpload(text, hint=hint)
    return pages


def serve() -> None:
    """Be the other process: read a PDF from stdin, write its pages to stdout, then None or why there are no more."""
    # MuPDF writes its warnings to stdout.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        data, limits = pickle.load(io.BytesIO(sys.stdin.buffer.read()))
        _bound(limits.max_seconds)
        try:
            for page in pdf_pages(data, limits=limits):
                pickle.dump(page, out)
            pickle.dump(None, out)
        except MarrowError as error:
            pickle.dump((str(error), error.hint), out)
        except MemoryError:
            pickle.dump(("the PDF takes too much memory to draw", PRINT_ANEW), out)


def _bound(seconds: int) -> None:
    if sys.platform != "win32":
        import resource

        used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
        resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, used + seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_BYTES, _MAX_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
