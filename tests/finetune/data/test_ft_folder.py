import pytest

from finetune.data.folder import check_target, written_whole
from finetune.records import CARD_FILE
from ingest.errors import BadRequest


def fill(folder, text="new"):
    (folder / CARD_FILE).write_text(text)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_appears_only_when_it_is_whole(tmp_path):
    out = tmp_path / "data"
    with written_whole(out) as folder:
        fill(folder)
        assert not out.exists()
    assert (out / CARD_FILE).read_text() == "new"
    assert names(tmp_path) == ["data"]


def test_a_full_disk_leaves_what_was_there(tmp_path):
    out = tmp_path / "data"
    out.mkdir()
    fill(out, "old")
    with pytest.raises(BadRequest, match="No space left on device; nothing was changed"), written_whole(out) as folder:
        fill(folder)
        raise OSError(28, "No space left on device")
    assert (out / CARD_FILE).read_text() == "old"
    assert names(tmp_path) == ["data"]


def test_what_a_killed_run_left_is_cleared_and_what_it_moved_away_comes_back(tmp_path):
    out = tmp_path / "data"
    (tmp_path / ".data.partial").mkdir()
    (tmp_path / ".data.partial" / "train.jsonl").write_text("half")
    (tmp_path / ".data.replaced").mkdir()
    fill(tmp_path / ".data.replaced", "old")
    check_target(out, force=True)
    assert (out / CARD_FILE).read_text() == "old"
    with written_whole(out) as folder:
        assert names(folder) == []
        fill(folder)
    assert (out / CARD_FILE).read_text() == "new"
    assert names(tmp_path) == ["data"]


def test_only_prepared_data_is_replaced_and_only_by_force(tmp_path):
    out = tmp_path / "data"
    out.mkdir()
    check_target(out, force=False)
    (out / "thesis.txt").write_text("years of work")
    for force in (False, True):
        with pytest.raises(BadRequest, match="is there and no prepared folder"):
            check_target(out, force=force)
    fill(out)
    with pytest.raises(BadRequest, match="holds prepared data already") as caught:
        check_target(out, force=False)
    assert "--force" in caught.value.hint
    check_target(out, force=True)


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(BadRequest, match="is there and no prepared folder"):
        check_target(tmp_path / "data", force=True)
    with pytest.raises(BadRequest, match="could not be written"):
        check_target(tmp_path / "data" / "inside", force=False)
