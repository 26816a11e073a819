import optuna
import pytest
from optuna.trial import TrialState

from finetune.errors import StudyUnusable
from finetune.searching.plots import draw_study
from finetune.searching.space import Range, Space
from finetune.searching.study import RETRIES, STUDY_FILE, again, folder_name, identity, lock, open_study
from finetune.training.recipe import Lora, Recipe

RECIPE = Recipe(model="smollm2")
GRID = Space(rank=(8, 16), epochs=(1, 2), learning_rate=(1e-3,))
DRAWN = Space(rank=(8, 16), epochs=(1,), learning_rate=Range(low=1e-4, high=1e-2))


def opened(folder, space=GRID, recipe=RECIPE, data="abc"):
    return open_study(folder, identity(recipe, space, data), space, seed=0)


def test_a_trial_cut_short_is_marked_failed_and_asked_for_again_in_its_folder(tmp_path):
    study = opened(tmp_path)
    first = study.ask()
    params = GRID.suggest(first)
    # The process is killed here: the trial stays running in the file.
    later = opened(tmp_path)
    assert later.trials[0].state == TrialState.FAIL
    asked = [later.ask() for _ in range(4)]
    assert [GRID.suggest(trial) for trial in asked][-1] == params
    assert folder_name(asked[-1]) == folder_name(first) == "trial-000"
    assert [folder_name(trial) for trial in asked[:3]] == ["trial-001", "trial-002", "trial-003"]


def test_a_trial_that_always_dies_is_given_up(tmp_path):
    study = opened(tmp_path, DRAWN)
    DRAWN.suggest(study.ask())
    for _ in range(RETRIES):
        again(study)
        DRAWN.suggest(study.ask())
    again(study)
    assert not study.get_trials(states=(TrialState.WAITING,))
    assert [trial.state for trial in study.trials] == [TrialState.FAIL] * (RETRIES + 1)
    assert len({trial.params["learning_rate"] for trial in study.trials}) == 1


def test_a_later_start_does_not_draw_what_the_first_drew(tmp_path):
    first = DRAWN.suggest(opened(tmp_path, DRAWN).ask())["learning_rate"]
    study = opened(tmp_path, DRAWN)
    drawn = [DRAWN.suggest(study.ask())["learning_rate"] for _ in range(3)]
    # The first of them is the trial asked for again; the others are new.
    assert drawn[0] == first and first not in drawn[1:]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"space": DRAWN}, "space"),
        ({"data": "other"}, "data"),
        ({"recipe": Recipe(model="other")}, "recipe"),
        ({"recipe": Recipe(model="smollm2", lora=Lora(dropout=0.1))}, "recipe"),
    ],
)
def test_a_study_of_something_else_is_refused(tmp_path, change, named):
    opened(tmp_path)
    with pytest.raises(StudyUnusable, match=f"another {named}"):
        opened(tmp_path, **change)


def test_what_is_varied_does_not_make_another_study(tmp_path):
    opened(tmp_path)
    opened(tmp_path, recipe=Recipe(model="smollm2", learning_rate=0.5, epochs=7, lora=Lora(r=1), tracking="off"))


@pytest.mark.parametrize("damage", ["text", "cut", "overwritten"])
def test_a_damaged_study_is_refused(tmp_path, damage):
    opened(tmp_path)
    file = tmp_path / STUDY_FILE
    if damage == "text":
        file.write_text("not a database, but as long as its header would have to be " * 100)
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:10_000])
    else:
        content = file.read_bytes()
        file.write_bytes(content[:8192] + b"\xff" * 8192 + content[16384:])
    with pytest.raises(StudyUnusable, match="damaged"):
        opened(tmp_path)


def test_a_folder_has_one_search_at_a_time(tmp_path):
    held = lock(tmp_path / "search")
    with pytest.raises(StudyUnusable, match="another search runs"):
        lock(tmp_path / "search")
    held.release()
    lock(tmp_path / "search").release()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyUnusable, match="cannot be written"):
        lock(tmp_path / "file" / "search")


def test_pictures_are_drawn_of_what_there_is(tmp_path):
    study = optuna.create_study()
    for rank, epochs, loss in ((8, 1, 3.0), (8, 2, 2.5), (16, 1, 2.8), (16, 2, 2.2)):
        study.enqueue_trial({"rank": rank, "epochs": epochs, "learning_rate": 1e-3})
        trial = study.ask()
        GRID.suggest(trial)
        trial.set_user_attr("dev_loss", loss)
        study.tell(trial, loss)
    drawn = list(draw_study(study, {"rank": 0.4, "epochs": 0.6}, tmp_path))
    assert [file.name for file in drawn] == ["history.png", "importance.png", "ranks-epochs.png", "parallel.png"]
    assert all(file.read_bytes().startswith(b"\x89PNG") and file.stat().st_size > 5_000 for file in drawn)
