import pytest
from builders import fill, make_doc

from finetune.data.knowledge import catalog_drafts, corpus_of, read_pages
from ingest.errors import UnreadableSource

EDEMA = (
    "Edema is a condition with too much fluid in the tissues. Salt makes it worse for most of the patients.\n\n"
    "Imatinib is used to treat chronic myeloid leukemia and some other tumors of the gut."
)


@pytest.fixture
def home(tmp_path):
    documents = [
        make_doc(EDEMA, title="Edema", audience="patient", url="https://x.org/edema", licence="public_domain"),
        make_doc("A cure is a drug that heals every patient at once, it said.", title="Withdrawn", retracted=True),
        make_doc("Das Ödem ist eine Krankheit mit zu viel Wasser im Gewebe.", title="Ödem", language="de"),
    ]
    fill(tmp_path / "home", documents)
    return tmp_path / "home"


def test_questions_of_a_document_are_answered_from_memory_and_with_sources(home, checker):
    drafts = list(catalog_drafts(read_pages(home), checker, model=None, audience="clinician", seed=0))
    assert [draft.kind for draft in drafts] == ["made", "cited"] * 2
    made, cited = (draft for draft in drafts if "edema" in draft.question.casefold())
    assert made.answer == "Edema is a condition with too much fluid in the tissues."
    assert cited.answer == "Edema is a condition with too much fluid in the tissues [1]."
    assert (made.facts, cited.facts) == ((), (made.answer,))
    # Written for patients, whatever was asked for; and where it comes from is kept.
    assert (cited.audience, cited.source, cited.licence) == ("patient", "https://x.org/edema", "public_domain")
    assert made.document == cited.document


def test_withdrawn_and_foreign_documents_teach_nothing(home, checker):
    (page,) = read_pages(home)
    assert page[0].meta.title == "Edema"
    texts = list(corpus_of([page]))
    assert " ".join(texts[0].text.split()).startswith("Edema is a condition")
    assert (texts[0].document, texts[0].licence) == (page[0].doc_id, "public_domain")


def test_a_catalog_that_is_not_there_or_empty_is_named(tmp_path):
    with pytest.raises(UnreadableSource, match="there is no catalog") as caught:
        read_pages(tmp_path)
    assert "--no-catalog" in caught.value.hint
    fill(tmp_path, [])
    with pytest.raises(UnreadableSource, match="holds no English documents"):
        read_pages(tmp_path)
