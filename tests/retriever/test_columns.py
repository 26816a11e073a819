import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retriever.columns import Columns, ColumnsWriter
from retriever.errors import IndexBroken
from retriever.records import Filters

documents = st.lists(
    st.fixed_dictionaries(
        {
            "passages": st.integers(0, 3),
            "year": st.none() | st.integers(-5, 12_000),
            "diseases": st.lists(st.sampled_from(["AML", "CML", "CLL"]), max_size=3),
            "source": st.sampled_from(["pubmed", "web"]),
            "language": st.lists(st.sampled_from(["en", "de"]), max_size=1),
            "retracted": st.booleans(),
        }
    ),
    max_size=12,
)
filters = st.builds(
    Filters,
    year_from=st.none() | st.integers(-5, 12_000),
    year_to=st.none() | st.integers(-5, 12_000),
    diseases=st.lists(st.sampled_from(["AML", "CML"]), max_size=2).map(tuple),
    sources=st.lists(st.sampled_from(["pubmed", "web"]), max_size=2).map(tuple),
    languages=st.lists(st.sampled_from(["en", "de"]), max_size=2).map(tuple),
    retracted=st.booleans(),
)


def written(rows, folder):
    writer = ColumnsWriter()
    for row in rows:
        values = {"retracted": ["yes"] if row["retracted"] else []} | {
            "diseases": row["diseases"], "source": [row["source"]], "language": row["language"], "evidence": ["other"],
        }  # fmt: skip
        writer.add(passages=row["passages"], year=row["year"], values=values)
    writer.write(folder)
    return Columns(folder)


def passes(row, wanted):
    """The filters said again, document by document."""
    dated = row["year"] is not None and 1 <= row["year"] <= 9999
    return (
        (wanted.year_from is None or (dated and row["year"] >= wanted.year_from))
        and (wanted.year_to is None or (dated and row["year"] <= wanted.year_to))
        and (not wanted.diseases or bool(set(wanted.diseases) & set(row["diseases"])))
        and (not wanted.sources or row["source"] in wanted.sources)
        and (not wanted.languages or bool(set(wanted.languages) & set(row["language"])))
        and (wanted.retracted or not row["retracted"])
    )


@settings(max_examples=150, deadline=None)
@given(documents, filters)
def test_the_mask_is_what_document_by_document_gives(tmp_path_factory, rows, wanted):
    columns = written(rows, tmp_path_factory.mktemp("columns") / "c")
    expected = [passes(row, wanted) for row in rows for _ in range(row["passages"])]
    mask = columns.meeting(wanted)
    assert expected == ([True] * len(expected) if mask is None else mask.tolist())
    assert (columns.documents, columns.passages) == (len(rows), len(expected))


def test_values_are_read_back_by_row(tmp_path):
    row = {"passages": 2, "year": 2001, "diseases": ["CML", "AML", "CML"], "source": "web", "language": [],
           "retracted": False}  # fmt: skip
    columns = written([row, row | {"passages": 1, "year": None, "diseases": []}], tmp_path / "c")
    assert columns.of([0, 2, 1], "diseases") == [("AML", "CML"), (), ("AML", "CML")]
    assert columns.years([0, 2]) == [2001, None]
    assert columns.values("diseases") == ("AML", "CML")
    assert not columns.any_retracted


def test_a_profile_that_does_not_exist_is_damage(tmp_path):
    row = {"passages": 1, "year": 2001, "diseases": [], "source": "web", "language": [], "retracted": True}
    written([row], tmp_path / "c")
    np.save(tmp_path / "c" / "profile.npy", np.array([7], np.uint32))
    columns = Columns(tmp_path / "c")
    with pytest.raises(IndexBroken, match="damaged"):
        columns.meeting(Filters())


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("year", np.array([2001, 2002], np.int16)),
        ("year", np.array([2001], np.int64)),
        ("profiles", np.array([[9] * 7], np.uint32)),
        ("profiles", np.array([9], np.uint32)),
    ],
)
def test_files_that_disagree_are_broken(tmp_path, name, values):
    row = {"passages": 1, "year": 2001, "diseases": [], "source": "web", "language": [], "retracted": False}
    written([row], tmp_path / "c")
    np.save(tmp_path / "c" / f"{name}.npy", values)
    with pytest.raises(IndexBroken):
        Columns(tmp_path / "c")


def test_rows_that_do_not_fit_their_columns_are_damage(tmp_path):
    row = {"passages": 1, "year": 2001, "diseases": [], "source": "web", "language": [], "retracted": False}
    written([row], tmp_path / "c")
    with pytest.raises(IndexBroken, match="damaged"):
        Columns(tmp_path / "c").years([1])
    np.save(tmp_path / "c" / "profile.npy", np.array([7], np.uint32))
    with pytest.raises(IndexBroken, match="damaged"):
        Columns(tmp_path / "c").of([0], "evidence")


def test_sets_of_no_values_are_damage(tmp_path):
    row = {"passages": 1, "year": 2001, "diseases": [], "source": "web", "language": [], "retracted": False}
    written([row], tmp_path / "c")
    file = tmp_path / "c" / "facets.json"
    facets = json.loads(file.read_text())
    facets["facets"]["source"] = facets["facets"]["evidence"] = [None]
    file.write_text(json.dumps(facets))
    columns = Columns(tmp_path / "c")
    with pytest.raises(IndexBroken, match="damaged"):
        columns.of([0], "evidence")
    with pytest.raises(IndexBroken, match="damaged"):
        columns.meeting(Filters(sources=("web",)))
