"""Documents that hang together: no split may tear them apart."""

from collections.abc import Sequence


def joined(together: Sequence[Sequence[str]]) -> dict[str, str]:
    """For every document the first, by name, of those that it hangs together with, by union-find.

    Args:
        together: documents that belong together, none of the sequences empty; one document may stand in several.
    """
    parents: dict[str, str] = {}

    def root(document: str) -> str:
        while parents.setdefault(document, document) != document:
            parents[document] = parents[parents[document]]
            document = parents[document]
        return document

    for documents in together:
        for document in documents:
            one, other = root(documents[0]), root(document)
            parents[max(one, other)] = min(one, other)
    return {document: root(document) for document in sorted(parents)}
