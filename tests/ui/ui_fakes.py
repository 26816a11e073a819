"""A small service in memory: deterministic answers from three passages, one of them on a real PDF page."""

import time
from collections.abc import Iterator
from pathlib import Path

import pymupdf

from generator.records import Answer, Citation, Sentence, SentenceReady, StreamEvent, Triage, TriageReady
from ingest.errors import BadRequest
from retriever.records import Evidence, Hit, PassageView, Scores, SearchResult, SourceRef
from ui.diet import DietDesk
from ui.labs import LabDesk
from ui.service import AskRequest, NotFound, SearchRequest, Status

HANDBOOK_ID, PAPER_ID, OLD_ID = "aaaa0000aaaa0000aaaa", "bbbb1111bbbb1111bbbb", "cccc2222cccc2222cccc"
PAPER_DOC = "DOI:10.1000/cml<1>"
QUOTE = "It blocks the BCR::ABL1 fusion protein, a tyrosine kinase that drives the disease."
PAPER_QUOTE = "Imatinib inhibits BCR-ABL1 at 0.25 micromolar."
LONGEST_QUESTION = 4_000

_SOURCE = SourceRef(
    n=1, title="Imatinib", organisation="National Cancer Institute", year=2024, url="https://www.cancer.gov/x"
)
_VIEWS = {
    HANDBOOK_ID: PassageView(
        passage_id=HANDBOOK_ID,
        doc_id="sha256:0f",
        title="Imatinib for chronic myeloid leukemia",
        text=f"Imatinib is a targeted drug taken by mouth. {QUOTE} Most people take it for years.",
        start=0,
        end=160,
        kind="handbook",
        section=("Treatment", "Targeted drugs"),
        year=2025,
        licence="AGPL-3.0-or-later",
        audience="patient",
        sources=(_SOURCE,),
    ),
    PAPER_ID: PassageView(
        passage_id=PAPER_ID,
        doc_id=PAPER_DOC,
        title="Kinase inhibition in <b>CML</b> & beyond",
        text=f"We measured inhibition. {PAPER_QUOTE} No other kinase was blocked.",
        start=0,
        end=110,
        kind="pdf",
        section=("Results",),
        page=2,
        box=(72.0, 90.0, 400.0, 130.0),
        authors=("Ada One", "Bo Two", "Cy Three", "Di Four", "Ed Five"),
        journal="Journal of Kinases",
        year=2001,
        doi="10.1000/cml<1>",
        licence="CC BY 4.0",
        publication_types=("Journal Article",),
        audience="clinician",
        evidence=Evidence(kind="rct", label="Randomised controlled trial", year=2001, sample_size=1106),
        has_file=True,
    ),
    OLD_ID: PassageView(
        passage_id=OLD_ID,
        doc_id="PMID:1",
        title="A withdrawn <script>alert(1)</script> trial",
        text="All patients recovered.",
        start=0,
        end=23,
        kind="pubmed",
        url="javascript:alert(1)",
        retracted=True,
    ),
}


def write_paper(path: Path) -> None:
    """Two pages; the second holds the quoted sentence of the paper."""
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 100), "Title page")
        document.new_page().insert_text((72, 100), f"We measured inhibition. {PAPER_QUOTE}", fontsize=10)
        document.save(path)


# Real but for the citations; one for all tests, because its OCR engine takes a second to open.
LABS = LabDesk(engine="rapidocr", second="none", search=None)
# Real but for the citations and the explanation.
DIET = DietDesk(search=None, ask=None)


class FakeService:
    """Answers "imatinib" questions, refuses others; "fever" is an emergency, "slow" takes a while."""

    labs = LABS
    diet = DIET

    def __init__(self, folder: Path, *, ready: bool = True, pause_s: float = 0.0) -> None:
        self.paper = folder / "paper.pdf"
        write_paper(self.paper)
        self.ready = ready
        self.pause_s = pause_s
        self.asked: list[AskRequest] = []
        self.events_taken = 0

    def ask(self, request: AskRequest) -> Answer:
        for event in self.stream(request):
            if isinstance(event, Answer):
                return event
        raise AssertionError("a stream ends with an answer")

    def stream(self, request: AskRequest) -> Iterator[StreamEvent]:
        self.asked.append(request)
        if not request.question.strip():
            raise BadRequest("The question is empty.")
        if len(request.question) > LONGEST_QUESTION:
            raise BadRequest("The question is longer than 4000 characters.", hint="Ask a shorter question.")
        if "crash" in request.question:
            raise ValueError("/secret/path broke")
        triage = Triage(level="none")
        if "fever" in request.question.lower():
            triage = Triage(level="emergency", reason="C01", message="Go to hospital *now*.\nSay: I have leukemia.")
            yield TriageReady(triage=triage)
        if "imatinib" not in request.question.lower():
            yield self._answer("The knowledge base does not hold enough evidence.", triage, abstained=True)
            return
        for sentence, citation in zip(SENTENCES, CITATIONS, strict=True):
            time.sleep(self.pause_s)
            self.events_taken += 1
            yield SentenceReady(sentence=sentence, new_citations=(citation,))
        yield self._answer(f"{QUOTE} [1]\n\n{PAPER_QUOTE} [2]", triage, abstained=False)

    def search(self, request: SearchRequest) -> SearchResult:
        hits = [
            Hit(
                rank=rank,
                score=1 / rank,
                passage_id=view.passage_id,
                doc_id=view.doc_id,
                title=view.title,
                text=view.text,
                year=view.year,
                journal=view.journal,
                page=view.page,
                retracted=view.retracted,
                evidence=view.evidence,
                scores=Scores(bm25=3.5 / rank),
            )
            for rank, view in enumerate(_VIEWS.values(), start=1)
        ]
        return SearchResult(hits=tuple(hits[: request.k]), timings_ms={"search": 1.0}, index_version="v1")

    def passage(self, passage_id: str) -> PassageView:
        if passage_id not in _VIEWS:
            raise NotFound("There is no such passage.", hint="It may be of an older index version; ask again.")
        return _VIEWS[passage_id]

    def file(self, doc_id: str) -> Path | None:
        return self.paper if doc_id == PAPER_DOC else None

    def status(self) -> Status:
        problems = () if self.ready else ("No index is open.",)
        return Status(
            ready=self.ready,
            problems=problems,
            index_version="v1" if self.ready else None,
            documents=3,
            passages=3,
            model="quote",
            model_state="not needed",
        )

    def _answer(self, text: str, triage: Triage, *, abstained: bool) -> Answer:
        return Answer(
            answer="\n\n".join(part for part in (triage.message, text) if part),
            abstained=abstained,
            sentences=() if abstained else SENTENCES,
            citations=() if abstained else CITATIONS,
            triage=triage,
            index_version="v1",
            model="quote",
            timings_ms={"total": 1.0},
            nearest=self.search(SearchRequest(question="x", k=3)).hits if abstained else (),
        )


def _citation(n: int, passage_id: str, quote: str) -> Citation:
    view = _VIEWS[passage_id]
    start = view.text.index(quote)
    return Citation(
        n=n,
        doc_id=view.doc_id,
        passage_id=passage_id,
        title=view.title,
        quote=quote,
        start=start,
        end=start + len(quote),
        year=view.year,
        journal=view.journal,
        page=view.page,
        sources=view.sources,
    )


CITATIONS = (_citation(1, HANDBOOK_ID, QUOTE), _citation(2, PAPER_ID, PAPER_QUOTE))
SENTENCES = (
    Sentence(text=QUOTE, citations=(1,), verdict="quoted", support=1.0),
    Sentence(text=PAPER_QUOTE, citations=(2,), verdict="quoted", support=1.0),
)
