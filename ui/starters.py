"""What the chat is for: two audiences, lab reports and diet plans; first words and questions to start from."""

from dataclasses import dataclass

from generator.prompts import NOTICE
from generator.records import AnswerAudience

LABS, DIET = "labs", "diet"
_NOTE = f"Marrow is an AI. {NOTICE}"


@dataclass(frozen=True, slots=True)
class Profile:
    """A way to use the chat; `welcome` is Markdown."""

    key: str
    audience: AnswerAudience
    label: str
    welcome: str
    questions: tuple[str, ...]


PROFILES = (
    Profile(
        "patient",
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
    Profile(
        LABS,
        "patient",
        "Lab report",
        f"### Read a lab report\n\nA photo or PDF of blood results becomes values to check and explain. {_NOTE}",
        (),
    ),
    Profile(
        DIET,
        "patient",
        "Diet plan",
        f"### Plan what to eat\n\nA form becomes days of meals that fit you, with the reason for each choice. {_NOTE}",
        (),
    ),
)
