"""Treatment options as cited answers, from the clinical evidence items of CIViC.

Source: Griffith et al. 2017, doi:10.1038/ng.3774; https://civicdb.org (CC0 1.0).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from finetune.data.checking import Checker, sentences_of
from finetune.data.drafts import Draft
from finetune.data.grouping import joined
from finetune.data.rows import Row

KEYS = ("gene", "variant", "disease", "drugs", "evidence_type", "evidence_level", "evidence_statement", "citation_id")
# Validated associations and clinical studies; case reports (C), cell lines (D) and inference (E) are no options yet.
_LEVELS = ("A", "B")
_MOST_FACTS = 3
_OUTCOME = re.compile(
    r"resist|sensitiv|respon|surviv|benefit|effective|efficacy|improve|longer|shorter|associat|progression|remission|"
    r"approv|superior|outcome",
    re.IGNORECASE,
)
# What was done, or done outside of people.
_NO_OUTCOME = re.compile(
    r"cell lines?|xenograft|in[ -]vitro|assay|\bmice\b|mouse|(?:was|were) (?:treated|analy[sz]ed|enrolled|included|"
    r"evaluated|determined|examined|identified|screened|performed|administered)|compared to treatment outcomes|"
    r"these results|(?:study|trial) (?:examined|endpoint|investigat)|investigating|evaluated",
    re.IGNORECASE,
)
# CIViC writes kinds of change in capitals: "LOSS-OF-FUNCTION", "MUTATION", "RS11623866".
_SHOUTED = re.compile(r"\b(?:[A-Z]{5,}|LOSS|GAIN|EXON|TYPE|WILD|RS\d+)\b")


def treatment_drafts(rows: Sequence[Row], checker: Checker) -> Iterator[Draft]:
    """For each disease with a variant, what studies say of drugs for it or against them, with level and PMID.

    Args:
        rows: checked by `check_items`.
        checker: counts what no fact can be made of.
    """
    items = sorted(filter(_is_option, rows), key=_case)
    groups = joined([(f"PMID:{row.text('citation_id')}", "gene:" + row.text("gene")) for row in items])
    for (disease, gene, variant), found in groupby(items, key=_case):
        rows_of_case = sorted(found, key=lambda row: (row.text("evidence_level"), row.text("citation_id")))
        facts = list(dict.fromkeys(fact for row in rows_of_case for fact in _facts(row)))[:_MOST_FACTS]
        kept, answer = checker.cite(facts, facts)
        if kept:
            yield Draft(
                kind="report",
                form="cited",
                document=groups["gene:" + gene],
                question=f"What do clinical studies say about treatment of {disease} with {_plain(gene, variant)}?",
                answer=answer,
                source="CIViC",
                licence="CC0 1.0",
                facts=kept,
            )


def check_items(rows: Sequence[Row]) -> None:
    """Make sure that every item names what it is about.

    Raises:
        UnreadableSource: naming the first that does not.
    """
    for row in rows:
        for key in (
            "gene",
            "variant",
            "disease",
            "evidence_type",
            "evidence_level",
            "evidence_statement",
            "citation_id",
        ):
            row.text(key)


def _is_option(row: Row) -> bool:
    return bool(
        row.text("evidence_type") == "Predictive"
        and row.text("evidence_level") in _LEVELS
        and row.optional("drugs")
        and row.optional("evidence_direction") == "Supports"
        and row.optional("evidence_status") in ("", "accepted")
        and row.optional("source_type") in ("", "PubMed")
    )


def _case(row: Row) -> tuple[str, str, str]:
    return row.text("disease"), row.text("gene"), row.text("variant")


def _plain(gene: str, variant: str) -> str:
    """The "NTRK1 fusion" of the gene NTRK1 with the variant "NTRK1 FUSION"."""
    plain = re.sub(r"\bOF\b", "of", _SHOUTED.sub(lambda word: word[0].lower(), variant))
    return plain if plain.startswith(gene) else f"{gene} {plain}"


def _facts(row: Row) -> list[str]:
    """The sentence of a statement that names a drug of the item, with level and PMID."""
    drugs = [drug.strip().casefold() for drug in row.text("drugs").split(",")]
    naming = [
        sentence
        for sentence in sentences_of(row.text("evidence_statement"))
        if any(drug in sentence.casefold() for drug in drugs)
        and row.text("gene").casefold() in sentence.casefold()
        and _OUTCOME.search(sentence)
        and not _NO_OUTCOME.search(sentence)
    ]
    rest = f"(evidence level {row.text('evidence_level')}, PMID {row.text('citation_id')})."
    return [f"{sentence.rstrip('. ')} {rest}" for sentence in naming[:1]]
