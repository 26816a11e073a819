"""From ranked rows to hits: near-identical passages put together, scores and matched terms shown."""

from collections.abc import Mapping, Sequence

from retriever.collapse import Group, Groups
from retriever.facets import language_code
from retriever.index import OpenIndex
from retriever.records import Hit, Match, Neighbour, Scores
from retriever.store import PassageStore, StoredPassage

# Read beyond the k that are wanted, for those that fall together.
_SPARE = 10


def best_groups(store: PassageStore, rows: Sequence[int], k: int) -> list[Group]:
    """The k best passages that say different things, each with those read so far that say the same.

    Args:
        store: has the passages.
        rows: a ranking, best first; read on only until there are k groups.
        k: how many groups, at most.
    """
    groups = Groups()
    step = k + _SPARE
    for start in range(0, len(rows), step):
        for item in store.rows(rows[start : start + step]):
            groups.add(item)
        if len(groups.found) >= k:
            break
    return groups.found[:k]


def make_hits(
    groups: Sequence[Group],
    *,
    index: OpenIndex,
    question: str,
    final: Mapping[int, float],
    stages: Mapping[str, Mapping[int, float]],
    context: int = 0,
) -> list[Hit]:
    """The hits of a ranking.

    Args:
        groups: passages, best first.
        index: has their neighbours and the terms they share with the question.
        question: what was searched.
        final: the score of each row.
        stages: by the field of `Scores`, what that stage gave each row it saw.
        context: how many neighbours on each side.
    """
    matched = index.lexical.matches(question, [group.first.row for group in groups])
    hits = []
    for rank, (group, terms) in enumerate(zip(groups, matched, strict=True), start=1):
        row = group.first.row
        parts = {name: round(scores[row], 6) for name, scores in stages.items() if row in scores}
        shown = {
            "rank": rank,
            "score": round(final[row], 6),
            "scores": Scores.model_validate(parts),
            "matched": tuple(Match(term=term, share=round(share, 4)) for term, share in terms),
            "also": tuple(other.passage.passage_id for other in group.others),
            "context": _context(index.store, group.first, context),
        }
        hits.append(_plain_hit(group.first).model_copy(update=shown))
    return hits


def _plain_hit(item: StoredPassage) -> Hit:
    passage, document = item.passage, item.document
    meta = document.meta
    return Hit(
        rank=1,
        score=0.0,
        passage_id=passage.passage_id,
        doc_id=passage.doc_id,
        title=meta.title,
        text=passage.text,
        section=passage.section,
        year=meta.year,
        journal=meta.journal,
        page=passage.page,
        url=meta.url,
        kind=document.kind,
        language=language_code(meta.language) or meta.language,
        diseases=document.diseases,
        publication_types=meta.publication_types,
        audience=meta.audience,
        retracted=meta.retracted,
        evidence=document.evidence,
    )


def _context(store: PassageStore, item: StoredPassage, reach: int) -> tuple[Neighbour, ...]:
    near = store.neighbours(item.passage.passage_id, before=reach, after=reach) if reach else []
    return tuple(
        Neighbour(
            offset=other.row - item.row,
            passage_id=other.passage.passage_id,
            text=other.passage.text,
            section=other.passage.section,
            page=other.passage.page,
        )
        for other in near
    )
