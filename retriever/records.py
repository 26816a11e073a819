"""What a search takes and returns; these models cross the command line and REST."""

from pydantic import BaseModel, ConfigDict, Field


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
    """Conditions every hit must meet; an empty one lets everything through.

    `year_from` and `year_to` are inclusive; a document without a year fails both. `types` are
    publication types such as "Randomized Controlled Trial"; one of them must match, ignoring case.
    """

    year_from: int | None = None
    year_to: int | None = None
    types: tuple[str, ...] = ()
    doc_ids: tuple[str, ...] = ()
    retracted: bool = False


class Scores(Record):
    """The parts of a hit's score; None where a stage did not see the passage."""

    bm25: float | None = None
    dense: float | None = None
    rerank: float | None = None


class Hit(Record):
    """A retrieved passage. `score` is the fused score in 0..1; `rank` counts from 1."""

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
    publication_types: tuple[str, ...] = ()
    audience: str | None = None
    retracted: bool = False
    scores: Scores = Scores()


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
    origins: tuple[str, ...] = ()
    has_file: bool = False
    sources: tuple[SourceRef, ...] = Field(default=(), description="the public sources its marks name")


class Manifest(Record):
    """What an index version was built from and with. `files` maps each file to its SHA-256."""

    version: str
    format: int
    built: str
    embedder: str
    embedder_checksum: str
    dimension: int
    catalog_hash: str
    documents: int
    passages: int
    files: dict[str, str]


class Difference(Record):
    """How a later version differs from an earlier one, in document ids."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
