"""The two audiences of the chat, their first words and the questions to start from."""

from dataclasses import dataclass

from generator.prompts import NOTICE
from generator.records import AnswerAudience

_NOTE = f"Marrow is an AI. {NOTICE}"


@dataclass(frozen=True, slots=True)
class Profile:
    """An audience as the chat offers it; `welcome` is Markdown."""

    audience: AnswerAudience
    label: str
    welcome: str
    questions: tuple[str, ...]


PROFILES = (
    Profile(
        "patient",
        "For patients",
        f"### Ask about leukemia\n\nEvery sentence of an answer shows where it comes from. {_NOTE}",
        (
            "What is chronic myeloid leukemia?",
            "I have a fever after chemotherapy. What should I do?",
            "What can I eat while my white cells are low?",
            "What happens at a bone marrow biopsy?",
            "What are the side effects of imatinib?",
        ),
    ),
    Profile(
        "clinician",
        "For clinicians",
        f"### Search the leukemia knowledge base\n\nCited sentences with the passages behind them. {_NOTE}",
        (
            "Which fusion protein does imatinib inhibit?",
            "How is tumour lysis syndrome prevented?",
            "How is differentiation syndrome treated?",
            "Which BCR::ABL1 level defines a major molecular response?",
            "When is a FLT3 inhibitor added to induction?",
        ),
    ),
)
