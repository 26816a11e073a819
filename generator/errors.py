"""Errors of the chat model and of composing an answer."""

from ingest.errors import MarrowError


class GeneratorError(MarrowError):
    """The chat model cannot be loaded or did not answer; quoting needs none."""

    default_hint = "Set MARROW_MODEL=quote to answer by quoting, which needs no model."


class CutShort(GeneratorError):
    """The chat model stopped for want of room, in the middle of what it had to say."""

    default_hint = "Raise MARROW_MODEL_MAX_TOKENS."


class ServerPaused(GeneratorError):
    """The chat server failed too often in a row and is left alone for a while."""

    default_hint = "Start the chat server again; Marrow quotes meanwhile and tries it by itself."
