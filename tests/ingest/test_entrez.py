"""PubMed over the network, against a local server that speaks the protocol and fails on demand."""

import json
import time
from collections import Counter
from datetime import date, timedelta
from itertools import islice

import pytest
from Bio import Entrez
from entrez_server import Entry, PubMedServer
from hypothesis import given
from hypothesis import strategies as st

from ingest.entrez import EntrezConfig, fetch_pubmed
from ingest.entrez_checkpoint import EVER, Window
from ingest.errors import BadRequest, CatalogError, ConfigError, NetworkError
from ingest.records import Document, Skipped


def config(server, **changes):
    values = {"api_key": "key", "batch": 20, "backoff_s": 0.001, "timeout_s": 5.0, "replay": 0}
    return EntrezConfig("me@example.org", base_url=server.url, **{**values, **changes})


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with PubMedServer([Entry(pmid) for pmid in range(1, 51)]) as running:
        yield running


@pytest.fixture
def fetch(server, tmp_path):
    def start(query="leukemia", *, settings=None, **choices):
        given = {"config": settings or config(server), "checkpoint": tmp_path / "jobs" / "c.json", **choices}
        return fetch_pubmed(query, fetched="2026-02-03", **given)

    return start


def pmids(items):
    return [int(item.meta.pmid) for item in items if isinstance(item, Document)]


def test_every_record_arrives_once_and_nothing_is_left_behind(server, fetch, tmp_path):
    told = []
    found = list(fetch(on_progress=lambda *counts: told.append(counts)))
    assert pmids(found) == list(range(1, 51))
    assert (found[0].origin, found[0].meta.fetched) == ("PubMed: leukemia", "2026-02-03")
    assert told == [(20, 50), (40, 50), (50, 50)]
    assert [(int(one["retstart"]), int(one["retmax"])) for one in server.asked("efetch")] == [
        (0, 20),
        (20, 20),
        (40, 10),
    ]
    assert list((tmp_path / "jobs").iterdir()) == []
    for _, parameters, _ in server.requests:
        assert parameters["email"] == "me@example.org"
        assert parameters["tool"] == "marrow"
        assert parameters["api_key"] == "key"


def test_bio_entrez_is_left_as_it_was(server, fetch):
    before = (Entrez.urlopen, Entrez.max_tries, Entrez.email, Entrez.api_key)
    server.faults = {"efetch": ["500"]}
    list(fetch())
    assert (Entrez.urlopen, Entrez.max_tries, Entrez.email, Entrez.api_key) == before


@pytest.mark.parametrize("kind", ["esearch", "efetch"])
@pytest.mark.parametrize("fault", ["500", "503", "garbage", "cut", "html", "closed", "short", "timeout"])
def test_a_passing_fault_costs_a_try_and_no_record(server, fetch, kind, fault):
    server.faults = {kind: [fault, fault]}
    assert pmids(fetch()) == list(range(1, 51))
    assert len(server.asked(kind)) == {"esearch": 1, "efetch": 3}[kind] + 2


def test_a_slow_answer_is_asked_for_again(server, fetch):
    server.faults = {"efetch": ["slow"]}
    assert pmids(fetch(settings=config(server, timeout_s=0.3))) == list(range(1, 51))
    assert len(server.asked("efetch")) == 4


def test_retry_after_is_kept(server, fetch):
    server.faults = {"efetch": ["429"]}
    assert pmids(fetch()) == list(range(1, 51))
    first, second = [when for kind, _, when in server.requests if kind == "efetch"][:2]
    assert second - first >= 1.0


@pytest.mark.parametrize(("key", "gap_s"), [(None, 1 / 3), ("key", 0.1)])
def test_the_pace_is_ncbis(server, fetch, key, gap_s):
    list(fetch(settings=config(server, api_key=key, batch=25)))
    times = [when for _, _, when in server.requests]
    assert len(times) == 3
    assert min(late - early for early, late in zip(times, times[1:], strict=False)) > gap_s - 0.02


def test_a_lasting_fault_ends_with_a_hint_and_a_rerun_goes_on(server, fetch):
    server.faults = {"efetch": [None, *["500"] * 3]}
    settings = config(server, retries=2)
    taken = []
    with pytest.raises(NetworkError, match="HTTP 500") as caught:
        taken.extend(pmids([item]) for item in fetch(settings=settings))
    assert "same command again" in caught.value.hint
    assert len(taken) == 20
    assert pmids(fetch(settings=settings)) == list(range(21, 51))
    assert len(server.asked("esearch")) == 1


@pytest.mark.parametrize(
    ("replay", "first_again"),
    # 45 of 50 were taken when the run stopped, the third batch begun: a checkpoint stands at 0, 20 and 40, and
    # it must lie `replay` or more behind the last kept count, 40.
    [(0, 41), (1, 21), (20, 21), (21, 1), (100, 1)],
)
def test_a_stopped_run_repeats_what_may_not_be_stored_and_loses_nothing(server, fetch, replay, first_again):
    settings = config(server, replay=replay)
    run = fetch(settings=settings)
    assert pmids(islice(run, 45)) == list(range(1, 46))
    run.close()
    assert pmids(fetch(settings=settings)) == list(range(first_again, 51))


def test_another_query_does_not_take_over_the_checkpoint(fetch):
    list(islice(fetch("a"), 45))
    assert pmids(fetch("b")) == list(range(1, 51))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', "\x00"])
def test_a_damaged_checkpoint_starts_again(fetch, tmp_path, text):
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "c.json").write_text(text)
    assert pmids(fetch()) == list(range(1, 51))


def test_a_checkpoint_that_cannot_be_written_is_an_error(fetch, tmp_path):
    (tmp_path / "jobs").write_text("a file in the place of the folder")
    with pytest.raises(CatalogError, match="cannot write the checkpoint"):
        list(fetch())


def test_the_checkpoint_holds_no_key(server, fetch, tmp_path):
    run = fetch(settings=config(server, api_key="s3cret"))
    list(islice(run, 30))
    text = (tmp_path / "jobs" / "c.json").read_text()
    assert json.loads(text)["request"]["query"] == "leukemia"
    assert "s3cret" not in text + repr(config(server, api_key="s3cret"))


def test_an_expired_search_is_made_again_and_new_records_come_too(server, fetch):
    run = fetch()
    first = pmids(islice(run, 30))
    server.entries.insert(0, Entry(99))
    server.faults = {"efetch": ["expired"]}
    rest = pmids(run)
    assert first == list(range(1, 31))
    assert rest == [*range(31, 41), 99, *range(41, 51)]


def test_a_search_that_keeps_expiring_ends(server, fetch):
    server.faults = {"efetch": ["expired"] * 9}
    with pytest.raises(NetworkError, match="keeps losing the search"):
        list(fetch(settings=config(server, retries=2)))


def test_withheld_records_are_named(server, fetch):
    server.withheld = {7, 8}
    found = list(fetch())
    assert len(pmids(found)) == 48
    reason = "PubMed did not hand out 2 of records 1 to 20 of the search"
    assert [item for item in found if isinstance(item, Skipped)] == [Skipped("PubMed: leukemia", reason)]


@pytest.mark.parametrize(("wanted", "sizes"), [(0, []), (7, [7]), (30, [20, 10]), (90, [20, 20, 10])])
def test_max_records(server, fetch, wanted, sizes):
    assert pmids(fetch(max_records=wanted)) == list(range(1, min(wanted, 50) + 1))
    assert [int(one["retmax"]) for one in server.asked("efetch")] == sizes


@pytest.mark.parametrize("since", ["2024", "2024/01/01", "2024-01-01"])
def test_since_is_the_day_of_entry(server, fetch, since):
    server.entries = [
        Entry(1, entered=date(2023, 12, 31), published=date(2025, 1, 1)),
        Entry(2, entered=date(2024, 1, 1), published=date(1999, 1, 1)),
    ]
    assert pmids(fetch(since=since)) == [2]


def test_no_record_is_no_error(server, fetch):
    server.entries = []
    assert list(fetch()) == []


def test_more_than_pubmed_hands_out_is_cut_into_ranges_of_days(server, fetch):
    days = [date(2024, 1, 1) + timedelta(days=n % 400) for n in range(11_000)]
    server.entries = [Entry(n + 1, entered=day) for n, day in enumerate(days)]
    told = []
    found = list(fetch(since="2024", settings=config(server, batch=4_000), on_progress=lambda *c: told.append(c)))
    assert Counter(pmids(found)) == Counter(range(1, 11_001))
    assert told[-1] == (11_000, 11_000)


@pytest.mark.slow  # some 60 searches at NCBI's pace
def test_a_day_with_too_many_is_cut_by_publication_and_the_rest_named(server, fetch):
    day = date(2024, 5, 1)
    server.entries = [Entry(n, entered=day, published=date(2000, 1, 1)) for n in range(1, 10_003)]
    server.entries += [Entry(n, entered=day, published=date(2000, 1, 2)) for n in range(20_001, 20_006)]
    found = list(fetch(settings=config(server, batch=9_999)))
    assert Counter(pmids(found)) == Counter([*range(1, 10_000), *range(20_001, 20_006)])
    (skipped,) = (item for item in found if isinstance(item, Skipped))
    assert skipped.reason.startswith("3 records of one day")


def test_a_limit_below_pubmeds_needs_no_ranges(server, fetch):
    server.entries = [Entry(n) for n in range(1, 12_001)]
    assert len(pmids(fetch(max_records=9_000, settings=config(server, batch=9_000)))) == 9_000
    assert len(server.asked("esearch")) == 1


@pytest.mark.parametrize("since", ["", "last year", "2024/13/01", "2024-02/03", "24"])
def test_a_since_that_is_no_day_is_refused(fetch, since):
    with pytest.raises(BadRequest, match="is no day"):
        list(fetch(since=since))


def test_refusals_are_not_tried_again(server, fetch):
    with pytest.raises(BadRequest, match="empty"):
        list(fetch("  "))
    with pytest.raises(BadRequest, match="nothing todo"):
        list(fetch("()"))
    server.faults = {"esearch": ["bad key", "403"]}
    with pytest.raises(ConfigError, match="API key"):
        list(fetch("a"))
    with pytest.raises(NetworkError, match="HTTP 403"):
        list(fetch("b"))
    assert len(server.asked("esearch")) == 3


def test_no_server_is_a_network_error(tmp_path):
    settings = EntrezConfig("me@example.org", base_url="http://127.0.0.1:9", retries=1, backoff_s=0.0)
    start = time.monotonic()
    with pytest.raises(NetworkError, match="Connection refused"):
        list(fetch_pubmed("a", config=settings, checkpoint=tmp_path / "c.json", fetched="2026-02-03"))
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "wrong",
    [{"email": ""}, {"batch": 0}, {"batch": 10_000}, {"retries": -1}, {"timeout_s": 0}, {"base_url": "ftp://x"}],
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ConfigError):
        EntrezConfig(**{"email": "me@example.org", **wrong})


DAYS = st.tuples(st.dates(*EVER), st.dates(*EVER)).map(lambda pair: (min(pair), max(pair)))


@given(st.builds(Window, entered=st.none() | DAYS, published=st.none() | DAYS))
def test_the_halves_of_a_window_join_without_gap_or_overlap(window):
    halves = window.halves()
    entered, published = window.entered or EVER, window.published or EVER
    if halves is None:
        assert (entered[0], published[0]) == (entered[1], published[1])
        return
    parts = [(half.entered or EVER, half.published or EVER) for half in halves]
    cut = 0 if entered[0] < entered[1] else 1
    early, late = parts[0][cut], parts[1][cut]
    assert (early[0], late[1]) == (entered, published)[cut]
    assert late[0] - early[1] == timedelta(days=1)
    assert parts[0][1 - cut] == parts[1][1 - cut] == (entered, published)[1 - cut]
