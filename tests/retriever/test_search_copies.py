import pytest
from builders import fill, make_doc
from indexing import build

from ingest.errors import BadRequest
from retriever.records import Filters
from retriever.search import Searcher


@pytest.fixture(scope="module")
def copies(tmp_path_factory, embedder):
    """Thirteen documents: ten say the same, one the same with another number, one the same, retracted, one another."""
    text = "Imatinib gave {} % of patients with chronic myeloid leukemia a major response at five years."
    # The catalog takes equal texts for one document: each copy differs in what readers overlook.
    documents = [
        make_doc(text.format(89).replace("gave ", f"gave{',' * n} "), title="Imatinib", pmid=str(n), kind="pubmed")
        for n in range(1, 11)
    ]
    documents += [
        make_doc(text.format(88), title="Imatinib", pmid="88", kind="pubmed"),
        make_doc(text.format(89).lower(), title="Imatinib", pmid="99", kind="pubmed", retracted=True),
        make_doc("\n\n".join(f"Part {n} on hairy cells. " * 60 for n in range(3)), title="Hairy cells", pmid="100"),
    ]
    home = tmp_path_factory.mktemp("copies")
    fill(home, documents)
    build(home, embedder)
    return Searcher(home, embedder)


def test_passages_that_say_the_same_stand_behind_the_best(copies):
    found = copies.search("imatinib response", k=3, filters=Filters(retracted=True)).found
    by_number = {"PMID:88": 0, "PMID:99": 0}
    shown = {hit.doc_id: len(hit.also) for hit in (f.hit for f in found)}
    (copied,) = shown.keys() - by_number.keys()
    assert shown == by_number | {copied: 9}
    (best,) = (f.hit for f in found if f.hit.doc_id == copied)
    behind = [copies.index().store.passage(passage_id).document.doc_id for passage_id in best.also]
    assert {*behind, copied} == {f"PMID:{n}" for n in range(1, 11)}


def test_a_list_of_k_stays_k_long(copies):
    assert len(copies.search("imatinib response", k=3).found) == 3
    assert len(copies.search("imatinib response", k=1).found) == 1


def test_a_hit_brings_its_neighbours(copies):
    hits = copies.search("hairy cells part 1", k=10, context=1, mode="bm25").result().hits
    parts = [hit for hit in hits if hit.doc_id == "PMID:100"]
    middle = [hit for hit in parts if len(hit.context) == 2]
    assert middle
    assert [near.offset for near in middle[0].context] == [-1, 1]
    assert middle[0].passage_id not in {near.passage_id for near in middle[0].context}
    assert all(hit.context == () for hit in hits if hit.doc_id == "PMID:88")
    for context in (-1, 11):
        with pytest.raises(BadRequest, match="context"):
            copies.search("hairy cells", context=context)
