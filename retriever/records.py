"""What a search takes and returns; these models cross the command line and REST."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ingest.records import DocumentKind
from retriever.facets import known_disease, known_language, publication_types

EvidenceKind = Literal[
    "guideline",
    "systematic-review",
    "rct",
    "trial",
    "case-report",
    "observational",
    "review",
    "opinion",
    "preclinical",
    "handbook",
    "other",
]


class Record(BaseModel):
    """A model that crosses the outside: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceRef(Record):
    """A public source that a handbook statement rests on."""

    n: int
    title: str
    organisation: str
    year: int | None = None
    pmid: str | None = None
    url: str | None = None


class Filters(Record):
    """Conditions every hit must meet; an empty one lets everything through but what is retracted.

    Of the values of one condition one must match; all conditions must. A document that lacks the field fails the
    condition. Diseases, languages, sources and the audience are closed lists: an unknown value is refused, with the
    list. Publication types and document ids are open: one that nothing has finds nothing.

    Attributes:
        year_from: the first year, inclusive.
        year_to: the last year, inclusive.
        types: publication types such as "Randomized Controlled Trial", in any case; "RCT", "review", "guideline" and
            others of `retriever/tables/evidence.toml` stand for PubMed's names.
        diseases: keys ("CML") or names ("chronic myeloid leukaemia") of `retriever/tables/disease_filters.toml`.
        audience: whom it was written for; what was written for both passes either.
        languages: "en", "eng", "en-GB" or "English", kept as "en".
        sources: the kinds of document: "handbook", "pubmed", "pdf", "web", "office", "text", "abstract".
        doc_ids: "PMID:…", "DOI:…" or "sha256:…".
        retracted: retracted papers too, which are then marked.
    """

    year_from: int | None = None
    year_to: int | None = None
    types: tuple[str, ...] = ()
    diseases: tuple[str, ...] = ()
    audience: Literal["patient", "clinician"] | None = None
    languages: tuple[str, ...] = ()
    sources: tuple[DocumentKind, ...] = ()
    doc_ids: tuple[str, ...] = ()
    retracted: bool = False

    @field_validator("types")
    @classmethod
    def _spelled_out(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for text in types for name in publication_types(text)))

    @field_validator("diseases")
    @classmethod
    def _known_diseases(cls, diseases: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(known_disease, diseases)))

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(known_language, languages)))


class Evidence(Record):
    """What a document is worth as evidence, by what it says of itself.

    `sample_size` is the number of people studied, None where the abstract does not state it plainly. `corrections` are
    notes such as "ErratumIn PMID:8".
    """

    kind: EvidenceKind = "other"
    label: str = "Other"
    year: int | None = None
    sample_size: int | None = None
    corrections: tuple[str, ...] = ()


class Match(Record):
    """A term of the question that the passage has, with its share of the passage's BM25 score, 0..1."""

    term: str
    share: float


class Scores(Record):
    """The parts of a hit's score; None where a stage did not see the passage.

    `bm25` is unbounded, `dense` a cosine, `fused` their sum in 0..1, `rerank` what the second stage
    gave (for late interaction -1..1), `feedback` nearness to the three best and `prior` the
    evidence prior, both in 0..1 before their weight.
    """

    bm25: float | None = None
    dense: float | None = None
    fused: float | None = None
    rerank: float | None = None
    feedback: float | None = None
    prior: float | None = None


class Neighbour(Record):
    """A passage near a hit in the same document; `offset` is -1 for the one before it, 1 for the one after."""

    offset: int
    passage_id: str
    text: str
    section: tuple[str, ...] = ()
    page: int | None = None


class Hit(Record):
    """A retrieved passage. `score` is the final score, 0..1 in a hybrid search; `rank` counts from 1.

    `also` are the ids of passages that say the same in the same words and stand behind this one. `context` are the
    passages around it, where they were asked for.
    """

    rank: int
    score: float
    passage_id: str
    doc_id: str
    title: str
    text: str
    section: tuple[str, ...] = ()
    year: int | None = None
    journal: str | None = None
    page: int | None = None
    url: str | None = None
    kind: str | None = None
    language: str | None = None
    diseases: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    audience: str | None = None
    retracted: bool = False
    evidence: Evidence = Evidence()
    scores: Scores = Scores()
    matched: tuple[Match, ...] = ()
    also: tuple[str, ...] = ()
    context: tuple[Neighbour, ...] = ()


class SearchResult(Record):
    """The hits of a question, best first, with the time each stage took in milliseconds."""

    hits: tuple[Hit, ...]
    timings_ms: dict[str, float]
    index_version: str


class PassageView(Record):
    """A passage with all that is shown of its document.

    `start` and `end` are its character offsets in the document's text. `box` is (x0, y0, x1, y1) in PDF
    points on `page`. `has_file` says that the original PDF can be opened.
    """

    passage_id: str
    doc_id: str
    title: str
    text: str
    start: int
    end: int
    kind: str
    section: tuple[str, ...] = ()
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    authors: tuple[str, ...] = ()
    journal: str | None = None
    year: int | None = None
    url: str | None = None
    doi: str | None = None
    licence: str | None = None
    fetched: str | None = None
    publication_types: tuple[str, ...] = ()
    audience: str | None = None
    retracted: bool = False
    corrections: tuple[str, ...] = ()
    evidence: Evidence = Evidence()
    origins: tuple[str, ...] = ()
    has_file: bool = False
    sources: tuple[SourceRef, ...] = Field(default=(), description="the public sources its marks name")


class Manifest(Record):
    """What an index version was built from and with.

    `recall_at_10` is the share of the ten nearest vectors that the dense index finds, measured at the build. `files`
    maps each file to its SHA-256. `rules_checksum` names the tables and rules that made it.
    """

    version: str
    format: int
    built: str
    embedder: str
    embedder_checksum: str
    dimension: int
    rules_checksum: str
    catalog_hash: str
    documents: int
    passages: int
    recall_at_10: float
    files: dict[str, str]


class Difference(Record):
    """How a later version differs from an earlier one, in document ids."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
