"""The measures of every answer, from the example and what a model made of it."""

from collections.abc import Sequence

from finetune.evaluation.likeness import bert_scores
from finetune.evaluation.measures import (
    BRACKETED,
    LABELS,
    cited_numbers,
    first_named,
    format_right,
    is_refusal,
    overlap,
    read_label,
    reciprocal_rank,
    same_words,
    sentences_of,
)
from finetune.evaluation.records import Outcome, Reading, Said
from finetune.records import Example
from generator.evaluation.rouge import rouge_2, rouge_su4
from generator.verify import Encode, VerifyConfig, verify


def outcomes(
    examples: Sequence[Example], readings: Sequence[Reading], said: Sequence[Said], *, encode: Encode
) -> list[Outcome]:
    """Measure what a model made of examples; `encode` turns texts into unit vectors, as `verify` asks for."""
    near = bert_scores([one.text for one in said], [example.answer for example in examples])
    diagnoses = sorted({example.label for example in examples if example.kind == "report" and example.label})
    results = []
    for example, reading, one, score in zip(examples, readings, said, near, strict=True):
        measures = {"ended": float(one.ended), "words": float(len(one.text.split()))}
        if not is_refusal(example.answer):
            measures |= likeness(one.text, example.answer) | {"bertscore": score}
        if example.label in LABELS:
            measures |= labels(example, reading, one.text)
        if example.kind == "report":
            measures |= diagnosis(example, one.text, diagnoses)
        if example.kind == "cited":
            measures |= citations(example, one.text, encode=encode)
        results.append(Outcome(reading=reading, said=one, measures={k: round(v, 5) for k, v in measures.items()}))
    return results


def likeness(answer: str, reference: str) -> dict[str, float]:
    """Exact match and ROUGE with the reference, 0..1."""
    return {
        "exact_match": float(same_words(answer, reference)),
        "rouge2": rouge_2(answer, [reference]).f1,
        "rougeSU4": rouge_su4(answer, [reference]).f1,
    }


def labels(example: Example, reading: Reading, answer: str) -> dict[str, float]:
    """Whether yes, no or maybe is right: the likeliest start of an answer, and the one that the answer opens with."""
    return {
        "label_likely": float(likeliest(reading) == example.label),
        "label_read": float(read_label(answer) == example.label),
    }


def likeliest(reading: Reading) -> str:
    """The label that is likeliest to open the answer; of equals the first of yes, no, maybe."""
    return min(LABELS, key=lambda label: reading.labels[label])


def diagnosis(example: Example, answer: str, diagnoses: Sequence[str]) -> dict[str, float]:
    """The reciprocal rank of the right diagnosis in a ranking, or whether it is the one that is named first."""
    if example.ranking:
        return {"mrr": reciprocal_rank(answer, example.label or example.ranking[0])}
    return {"diagnosis": float(first_named(answer, diagnoses) == example.label)} if example.label else {}


def citations(example: Example, answer: str, *, encode: Encode) -> dict[str, float]:
    """Format, refusals, citations against those of the verified reference, and sentences that no passage carries.

    A refusal claims nothing, so that none of it is unsupported; where the reference answers it cites too little.
    """
    refused = is_refusal(answer)
    found = {
        "format_right": float(format_right(answer, offered=len(example.passages))),
        "unsupported": 0.0 if refused else unsupported_share(answer, example.passages, encode=encode),
    }
    if is_refusal(example.answer):
        return found | {"right_refusal": float(refused)}
    precision, recall = overlap(cited_numbers(answer), cited_numbers(example.answer))
    return found | {"false_refusal": float(refused), "citation_precision": precision, "citation_recall": recall}


def unsupported_share(answer: str, passages: Sequence[str], *, encode: Encode) -> float:
    """The share of the sentences of an answer that none of the passages it cites for them carries; 0 without any."""
    sentences = sentences_of(answer)
    if not sentences:
        return 0.0
    return sum(not _carried(sentence, passages, encode=encode) for sentence in sentences) / len(sentences)


def _carried(sentence: str, passages: Sequence[str], *, encode: Encode) -> bool:
    plain = " ".join(BRACKETED.sub("", sentence).split())
    cited = {number for number in cited_numbers(sentence) if 1 <= number <= len(passages)}
    checks = (verify(plain, passages[n - 1], encode=encode, config=VerifyConfig()) for n in sorted(cited))
    return any(check.verdict != "unsupported" for check in checks)
