"""What an index is made by besides its sources: the tables and the code that turn documents into rows."""

import hashlib
from functools import cache
from importlib.resources import files

_MODULES = ("build", "codes", "columns", "evidence", "facets", "lexical", "samplesize", "terms", "vocabulary", "words")


@cache
def rules_checksum() -> str:
    """16 hex digits that change with any table or module that decides what an index version holds."""
    folder = files("retriever")
    tables = sorted(file.name for file in folder.joinpath("tables").iterdir() if file.name.endswith(".toml"))
    digest = hashlib.sha256()
    for parts in [("tables", name) for name in tables] + [(f"{name}.py",) for name in _MODULES]:
        digest.update(folder.joinpath(*parts).read_bytes())
    return digest.hexdigest()[:16]
