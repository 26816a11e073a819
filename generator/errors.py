"""Errors of the chat model and of composing an answer."""

from ingest.errors import MarrowError


class GeneratorError(MarrowError):
    """The chat model cannot be loaded or did not answer; quoting needs none."""

    default_hint = "Set MARROW_MODEL=quote to answer by quoting, which needs no model."
