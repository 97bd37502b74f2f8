"""What goes wrong in a training: no number, no memory, no disk, a checkpoint cut in half; and a training that is enough."""

from __future__ import annotations

import errno
import shutil

import pytest
import torch
from accelerate import Accelerator
from torch.nn import functional as F

from core.training import checkpoint, runs
from core.training.recipe import RecipeError, Schedule
from tests.training.toy import SCHEDULE, train

LONG = SCHEDULE.model_copy(update={"epochs": 12})


@pytest.fixture
def alerts(monkeypatch) -> list[tuple[str, str]]:
    """What the tracker is told."""
    told = []
    monkeypatch.setattr("trackio.alert", lambda title, text: told.append((title, text)))
    return told


def patient(figures: list[float], patience: int = 2, name: str = "patient", interrupt_after: int | None = None):
    """A training whose validation says these figures, one an epoch; the weights that each was said of."""
    seen = {}

    def validate(net) -> dict[str, float]:
        epoch = len(runs.Run("toy", name).progress())
        seen[epoch] = net.weight.clone()
        return {"auc": figures[min(epoch, len(figures) - 1)], "other": 0.0}

    schedule = LONG.model_copy(update={"patience": patience})
    return train(name, schedule=schedule, validate=validate, validate_every=1, interrupt_after=interrupt_after), seen


def test_training_ends_when_its_validation_stays_below_the_best_whose_weights_are_kept():
    model, seen = patient([0.5, 0.7, 0.9, 0.8, 0.8, 1.0])
    assert len(runs.Run("toy", "patient").progress()) == 5
    torch.testing.assert_close(model.weight, seen[2], atol=0, rtol=0)
    again, later = patient([0.0])  # it is over: asked again, it gives the same
    assert not later
    torch.testing.assert_close(again.weight, seen[2], atol=0, rtol=0)


@pytest.mark.parametrize("cut", [3, 4])
def test_a_patient_training_that_was_cut_off_ends_as_if_it_had_not_been(cut):
    figures = [0.5, 0.7, 0.9, 0.8, float("nan"), 1.0]
    whole, _ = patient(figures)
    with pytest.raises(KeyboardInterrupt):
        patient(figures, name="cut", interrupt_after=cut)
    resumed, _ = patient(figures, name="cut")
    torch.testing.assert_close(resumed.weight, whole.weight, atol=1e-6, rtol=0)
    assert len(runs.Run("toy", "cut").progress()) == 5


def test_patience_wants_a_validation_and_a_figure_that_it_has():
    with pytest.raises(RecipeError, match="no validation"):
        train("none", schedule=LONG.model_copy(update={"patience": 1}))
    watching = LONG.model_copy(update={"patience": 1, "watch": "f1"})
    with pytest.raises(RecipeError, match="Watch one of auc"):
        train("other", schedule=watching, validate=lambda net: {"auc": 1.0}, validate_every=1)


def test_a_validation_that_falls_is_said_once(alerts):
    train("falls", schedule=LONG, validate_every=1,
          validate=lambda net: {"auc": [0.9, 0.8, 0.7, 0.6][min(len(runs.Run("toy", "falls").progress()), 3)]})
    assert alerts == [("Validation falls", "auc is 0.7 in epoch 3, and was 0.9 in 1")]


@pytest.mark.parametrize("parts", [2, 3, 1000])
def test_a_batch_in_parts_gives_the_loss_and_the_weights_of_the_whole_one(parts):
    whole = train("whole", batch=30)
    model = train("parts", batch=30, schedule=SCHEDULE.model_copy(update={"accumulate": parts}))
    torch.testing.assert_close(model.weight, whole.weight, atol=1e-5, rtol=0)
    losses = [[line["loss"] for line in runs.Run("toy", name).progress()] for name in ("whole", "parts")]
    assert losses[1] == pytest.approx(losses[0], abs=2e-5)
    with pytest.raises(RecipeError, match="cannot be computed in parts"):
        train("mixing", schedule=SCHEDULE.model_copy(update={"accumulate": 2}), whole=True)


def test_a_loss_that_is_no_number_ends_the_training_with_a_reason_and_keeps_the_epochs_before(alerts):
    def loss(net, x, y):
        poisoned = len(runs.Run("toy", "nan").progress()) == 2 and poison
        return F.mse_loss(net(x), y) * (torch.nan if poisoned else 1)

    poison = True
    with pytest.raises(RecipeError, match="no number any more, in epoch 3, batch 1. Take a smaller learning rate"):
        train("nan", loss=loss)
    assert len(runs.Run("toy", "nan").progress()) == 2
    assert alerts[0][0] == "Training diverged"
    poison = False
    torch.testing.assert_close(train("nan", loss=loss).weight, train("whole").weight, atol=1e-6, rtol=0)


def test_a_batch_without_memory_is_halved_once_and_that_is_said(monkeypatch):
    said, seen = [], []
    monkeypatch.setattr(runs, "heard", lambda run, figures: said.append(figures.get("notice")))

    def loss(net, x, y):
        seen.append(len(x))
        if len(x) > most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return F.mse_loss(net(x), y)

    most = 16
    model = train("small", loss=loss)
    assert seen[:4] == [32, 16, 16, 16]
    assert set(seen[1:]) == {16}
    assert [text for text in said if text] == ["A batch did not fit into memory: each is computed in two halves from here on."]
    torch.testing.assert_close(model.weight, train("whole").weight, atol=1e-5, rtol=0)
    most = 8
    with pytest.raises(RecipeError, match="not enough memory even for half a batch. Take a smaller batch"):
        train("smaller", loss=loss)
    with pytest.raises(RecipeError, match="not enough memory. Take"):
        train("mixing", loss=loss, whole=True)


def test_a_full_disk_leaves_the_checkpoint_before_it(monkeypatch):
    real, saved = Accelerator.save_state, []

    def full(self, folder, **options):
        saved.append(folder)
        real(self, folder, **options)
        if len(saved) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Accelerator, "save_state", full)
    with pytest.raises(OSError, match="No space"):
        train("full")
    run = runs.Run("toy", "full")
    assert [path.name for path in run.folder.glob("checkpoint*")] == ["checkpoint"]
    assert len(run.progress()) == 2
    torch.testing.assert_close(train("full").weight, train("whole").weight, atol=1e-6, rtol=0)


def test_a_checkpoint_cut_in_half_stops_no_resume():
    with pytest.raises(KeyboardInterrupt):
        train("cut", interrupt_after=3)
    folder, whole = runs.Run("toy", "cut").checkpoint, train("whole")
    half = folder.with_name("checkpoint.new")  # killed while it wrote
    shutil.copytree(folder, half)
    (half / checkpoint.WHOLE).unlink()
    (half / "optimizer.bin").write_bytes(b"")
    torch.testing.assert_close(train("cut").weight, whole.weight, atol=1e-6, rtol=0)


@pytest.mark.parametrize("places", [{"checkpoint": "checkpoint.old"}, {"checkpoint": "checkpoint.new"}])
def test_a_checkpoint_cut_off_between_two_places_is_found(places):
    with pytest.raises(KeyboardInterrupt):
        train("cut", interrupt_after=3)
    folder = runs.Run("toy", "cut").folder
    for old, new in places.items():
        (folder / old).rename(folder / new)
    drawn = []
    torch.testing.assert_close(train("cut", drawn=drawn).weight, train("whole").weight, atol=1e-6, rtol=0)
    assert len(drawn) == 3 * 8


def test_a_damaged_checkpoint_begins_anew_and_says_so(monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        train("cut", interrupt_after=3)
    next(runs.Run("toy", "cut").checkpoint.glob("*.safetensors")).write_bytes(b"half")
    said = []
    monkeypatch.setattr(runs, "heard", lambda run, figures: said.append(figures.get("notice")))
    torch.testing.assert_close(train("cut").weight, train("whole").weight, atol=1e-6, rtol=0)
    assert [text for text in said if text] == ["The checkpoint is damaged: this stage begins anew."]


def test_a_tracker_that_fails_stops_no_training(monkeypatch, capsys):
    monkeypatch.setattr("trackio.log", lambda *_, **__: 1 / 0)
    train("untracked")
    assert "not tracked (ZeroDivisionError" in capsys.readouterr().out


def test_what_a_schedule_learned_later_is_not_in_the_recipe_of_who_does_not_use_it():
    assert set(Schedule(epochs=1).model_dump()) == {
        "epochs", "learning_rate", "weight_decay", "warm_up", "averaging", "clip", "precision", "seed"}
    asked = Schedule(epochs=1, patience=3, watch="auc")
    assert {"patience": 3, "watch": "auc"}.items() <= asked.model_dump(mode="json").items()
    assert Schedule(**asked.model_dump()) == asked
