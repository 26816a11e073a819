"""What the figures are called, and how they are written, on the terminal and in the report."""

from finetune.evaluation.intervals import Estimate
from finetune.evaluation.records import Figure

# By section: its title, and what its figures mean.
SECTIONS: dict[str, tuple[str, str]] = {
    "likelihood": (
        "How likely the right answers are",
        "Cross-entropy in nats a token and perplexity of the reference answers, over their tokens only.",
    ),
    "labels": (
        "Yes, no or maybe (PubMedQA)",
        "By likelihood: which of the three is likeliest to open the answer. Read: the one that the answer opens with.",
    ),
    "citations": (
        "Answers from numbered facts",
        "Without the pipeline, which would hold the model to the offered numbers. Right format: every sentence ends in "
        "an offered number, or the answer is exactly the refusal. Precision and recall: the numbers cited, against "
        "those of the verified reference. Unsupported: sentences that no fact they cite carries; a refusal claims "
        "nothing.",
    ),
    "diagnoses": (
        "Reports",
        "First diagnosis: the right one is named first. Mean reciprocal rank of the right one in ranked differentials.",
    ),
    "wording": (
        "Nearness to the reference answers",
        "Exact match, corpus BLEU (0 to 100), ROUGE F1 and BERTScore F1 (MiniLM, not rescaled) with the references "
        "that are no refusals; whether an answer came to its end, and its length.",
    ),
    "general": (
        "What was forgotten",
        "Questions of common knowledge, sums, language and instructions with four choices each. Chance is 0.25, but "
        "models of random weights come to 0.33, so read the change and not the level.",
    ),
    "general text": ("General text", "Cross-entropy and perplexity of the text given by --text."),
    "with retrieval": (
        "In the pipeline, with retrieval",
        "Marrow searches, chooses quotes, has the model reword them and checks what it says: what fails gives way to "
        "the quote. Reworded: the share of the sentences shown that are the model's own. Citations are held against "
        "the gold documents.",
    ),
    "without retrieval": ("Without retrieval", "The model's answers from memory to the same questions."),
}
NAMES: dict[str, str] = {
    "cross_entropy": "Cross-entropy",
    "perplexity": "Perplexity",
    "label_likely": "Accuracy, by likelihood",
    "label_read": "Accuracy, read",
    "macro_f1_likely": "Macro-F1, by likelihood",
    "macro_f1_read": "Macro-F1, read",
    "format_right": "Citation format right",
    "right_refusal": "Refuses where it should",
    "false_refusal": "Refuses where it should not",
    "citation_precision": "Citation precision",
    "citation_recall": "Citation recall",
    "unsupported": "Unsupported sentences",
    "diagnosis": "First diagnosis right",
    "mrr": "Mean reciprocal rank",
    "exact_match": "Exact match",
    "bleu": "BLEU",
    "rouge2": "ROUGE-2",
    "rougeSU4": "ROUGE-SU4",
    "bertscore": "BERTScore",
    "ended": "Came to an end",
    "words": "Words",
    "accuracy": "Accuracy",
    "factoid_hit": "Factoid named",
    "list_recall": "List recall",
    "yesno_accuracy": "Yes/no stated",
    "reworded": "Reworded",
    "abstained": "Refused",
    "ms": "Milliseconds",
}


def title_of(figure: Figure) -> str:
    """The section, name and group of a figure for one line."""
    group = f" ({figure.group})" if figure.group != "all" else ""
    return f"{figure.section}: {NAMES[figure.name]}{group}"


def number(value: float | None) -> str:
    """A figure; a dash for what cannot be measured."""
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 1_000 else f"{value:,.0f}"


def told(estimate: Estimate) -> str:
    """A figure with its interval: "0.512 [0.440, 0.583]"."""
    if estimate.low is None:
        return number(estimate.value)
    return f"{number(estimate.value)} [{number(estimate.low)}, {number(estimate.high)}]"


def verdict(figure: Figure) -> str:
    """Whether a figure is better or worse after tuning, its interval clear of 0; else the same, or "may be chance"."""
    change = figure.comparison.difference
    if change.low is None or change.high is None or not figure.better:
        return ""
    if change.low == 0 == change.high:
        return "the same"
    if change.low <= 0 <= change.high:
        return "may be chance"
    return "better" if (change.low > 0) == (figure.better == "more") else "worse"
