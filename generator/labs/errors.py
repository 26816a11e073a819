"""Errors of reading lab reports."""

from ingest.errors import MarrowError


class NoResults(MarrowError):
    """A page on which no result of a laboratory could be read."""

    default_hint = (
        "Send a sharp, upright picture or PDF of a printed report with names, values and units, or type the values in."
    )
