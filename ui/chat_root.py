"""The folder Chainlit works in.

Chainlit reads its settings from a root folder when it is first imported, and writes there: translations,
and the elements of every session. Marrow gives it a private temporary copy, so that nothing is written
into the checkout, two servers never meet, and nothing of a conversation stays behind.
"""

import json
import os
import re
import shutil
import tempfile
from functools import cache, reduce
from importlib.util import find_spec
from operator import getitem
from pathlib import Path

from generator.prompts import NOTICE
from ingest.errors import MissingPart

_UI = Path(__file__).parent
# Where a system keeps files in memory: what a session holds never reaches a disk.
_MEMORY = "/dev/shm"
_ROOT_VARIABLE = "CHAINLIT_APP_ROOT"
_OWN_WORDS = {
    "chat.watermark": f"Marrow is an AI. {NOTICE}",
    "chat.input.placeholder": "Ask a question about leukemia",
    "chat.input.actions.stop": "Stop",
    "chat.messages.status.using": "",
    "chat.messages.status.used": "",
    "navigation.header.readme": "About",
    "navigation.newChat.button": "New conversation",
    "navigation.newChat.dialog.title": "Start a new conversation?",
    "navigation.newChat.dialog.description": "This clears the conversation on the screen.",
    "navigation.newChat.dialog.tooltip": "New conversation",
}
_FOREIGN_LINK = re.compile(r'<link[^>]*?href="https?://[^>]*>', re.DOTALL)


@cache
def chat_root() -> Path:
    """The folder of this process, named to Chainlit; ask for it before Chainlit is first imported.

    It is readable by its owner only (mode 700) and empty until `fill_chat_root`.
    """
    root = Path(tempfile.mkdtemp(prefix="marrow-chat-", dir=_MEMORY if Path(_MEMORY).is_dir() else None))
    os.environ[_ROOT_VARIABLE] = str(root)
    return root


def fill_chat_root() -> None:
    """Copy the settings, the public files and Marrow's wording into the folder, where they are missing."""
    root = chat_root()
    if (root / "public").exists():
        return
    translations = root / ".chainlit" / "translations"
    translations.mkdir(parents=True)
    (root / ".files").mkdir(exist_ok=True)
    shutil.copy(_UI / ".chainlit" / "config.toml", root / ".chainlit")
    shutil.copy(_UI / "chainlit.md", root / "chainlit_en-US.md")
    # The copy of Chainlit's words must be there before its import, which fills in only what is missing.
    words = json.loads((_chainlit_folder() / "translations" / "en-US.json").read_text(encoding="utf-8"))
    for name, text in _OWN_WORDS.items():
        *parents, last = name.split(".")
        reduce(getitem, parents, words)[last] = text
    (translations / "en-US.json").write_text(json.dumps(words), encoding="utf-8")
    shutil.copytree(_UI / "public", root / "public")


def remove_chat_root() -> None:
    """Remove the folder's content, and with it what sessions left there."""
    shutil.rmtree(chat_root(), ignore_errors=True)


def without_foreign_links(html: str) -> str:
    """The chat's page without the style sheets and preconnects of other hosts."""
    return _FOREIGN_LINK.sub("", html)


def _chainlit_folder() -> Path:
    found = find_spec("chainlit")
    if found is None or not found.submodule_search_locations:
        raise MissingPart("The package chainlit is not installed.")
    return Path(found.submodule_search_locations[0])
