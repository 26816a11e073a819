"""Train, dev and test by documents: nothing that is learnt from a document is tested on the same one."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from finetune.records import SPLITS, Example, Split
from ingest.errors import BadRequest


def split_by_document(
    examples: Sequence[Example], *, dev: float = 0.05, test: float = 0.05, seed: int = 0
) -> dict[Split, list[Example]]:
    """Split examples so that each document, and each original with what was made of it, is in exactly one split.

    Documents that share an example's original are one group. Groups are drawn in the order of a hash of their first
    document's name and the seed, for each kind of example by itself, until the kind's share is reached; a group too
    large for what is left of a share goes to train.

    Args:
        examples: in any order.
        dev: share of the examples of each kind, 0..1; a kind with fewer than half an example per share gives none.
        test: the same.
        seed: another seed, another draw.

    Returns:
        All examples under the three splits, in the order given.

    Raises:
        BadRequest: if a share is below 0 or both leave nothing to train on.
    """
    if dev < 0 or test < 0 or dev + test >= 1:
        raise BadRequest(f"the shares of dev and test, {dev} and {test}, have to be at least 0 and below 1 together")
    groups = _groups(examples)
    by_kind: dict[str, list[list[Example]]] = defaultdict(list)
    for group in groups:
        # A group with several kinds counts for the first; most groups have one.
        by_kind[min(example.kind for example in group)].append(group)
    where: dict[str, Split] = {}
    for same_kind in by_kind.values():
        where |= _drawn(same_kind, dev=dev, test=test, seed=seed)
    found: dict[Split, list[Example]] = {split: [] for split in SPLITS}
    for example in examples:
        found[where[example.document]].append(example)
    return found


def _groups(examples: Sequence[Example]) -> list[list[Example]]:
    """Examples whose documents hang together, by union-find over documents."""
    parents: dict[str, str] = {example.document: example.document for example in examples}
    documents = {example.id: example.document for example in examples}
    for example in examples:
        if example.original in documents:
            one, other = _root(parents, example.document), _root(parents, documents[example.original])
            parents[max(one, other)] = min(one, other)
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[_root(parents, example.document)].append(example)
    return list(groups.values())


def _root(parents: dict[str, str], document: str) -> str:
    while parents[document] != document:
        parents[document] = parents[parents[document]]
        document = parents[document]
    return document


def _drawn(groups: list[list[Example]], *, dev: float, test: float, seed: int) -> dict[str, Split]:
    """The split of every document of the groups."""
    total = sum(map(len, groups))
    shares: tuple[tuple[Split, float], ...] = (("test", test * total), ("dev", dev * total))
    taken: dict[Split, int] = {"test": 0, "dev": 0}
    where: dict[str, Split] = {}
    for group in sorted(groups, key=lambda group: _drawing_order(group, seed)):
        # Half a group beyond a share is nearer to it than none of the group.
        fitting = [split for split, share in shares if taken[split] + len(group) / 2 <= share]
        split: Split = fitting[0] if fitting else "train"
        if split != "train":
            taken[split] += len(group)
        where |= {example.document: split for example in group}
    return where


def _drawing_order(group: list[Example], seed: int) -> bytes:
    first = min(example.document for example in group)
    return hashlib.sha256(f"{seed}\0{first}".encode("utf-8", "surrogatepass")).digest()
