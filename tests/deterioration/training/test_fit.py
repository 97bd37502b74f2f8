import numpy as np
import pytest
import torch

from core.deterioration.sentences import WIDTH
from core.deterioration.training import data as stays
from core.deterioration.training import fit, notes, validate
from core.deterioration.training.data import Data
from core.deterioration.training.recipe import Recipe
from core.deterioration.training.teacher import everything, opinions
from core.settings import settings
from core.training import cache, runs
from core.training.recipe import RecipeError, Schedule


def made_up(count: int = 60) -> Data:
    """Who dies has a fast heart and, in what else was recorded, a low coma score."""
    rng = np.random.default_rng(0)
    died = np.arange(count) % 3 == 0
    grids = rng.normal(80, 5, (count, 49, 6)).astype(np.float32)
    grids[died, :, 0] += 40
    grids[rng.random(grids.shape) < 0.3] = np.nan
    extra = [{"GCS": [(1.0, 5.0 if one else 15.0)], "Age": [(0.0, 70.0)], "Urine": [(2.0, 100.0 + k)]}
             for k, one in enumerate(died)]
    names = np.array([str(k) for k in range(count)])
    none = np.zeros((count, 49), np.int8)
    return Data(names, died, grids, none, none, extra, ["medical"] * count, names, [(0.0, "")] * count)


@pytest.fixture(autouse=True)
def embedded(monkeypatch, tmp_path):
    """Sentences as numbers of their letters: no text encoder is loaded."""
    for module in (cache, runs, stays):
        monkeypatch.setattr(module, "settings", settings.model_copy(update={"runs": tmp_path}))

    def vectors(texts):
        found = np.zeros((len(texts), WIDTH), np.float32)
        for row, text in enumerate(texts):
            for letter in text.encode():
                found[row, letter % 128] += 1
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    monkeypatch.setattr(notes, "vectors", vectors)


def test_it_learns_what_it_is_shown():
    data = made_up()
    schedule = Schedule(epochs=6, learning_rate=1e-2, averaging=0.5, precision="fp32")
    rows = np.arange(len(data))
    truth = data.died.astype(np.float32)
    model = fit.fit_compact(data, notes.render_all(data), rows, truth, 1, (schedule, schedule), 20, "small")
    with torch.no_grad():
        alone = model(torch.from_numpy(data.grids))[:, -1].numpy()
    assert alone[data.died].min() > alone[~data.died].max()


def test_the_teacher_never_judges_a_stay_it_saw():
    data = made_up(100)
    shuffled = np.random.default_rng(1).permutation(data.died)
    told = opinions(everything(data)[:, :1] * 0 + np.arange(100)[:, None], shuffled, np.arange(100))
    assert told.shape == (100,)
    assert np.corrcoef(told, shuffled)[0, 1] < 0.5


def test_each_different_sentence_is_embedded_once():
    found = notes.render_all(made_up(6))
    assert len(set(found.sentences)) == len(found.sentences) == len(found.vectors)
    said, absent = found.of(np.array([0, 1]), np.array([4, 4]))
    assert said.shape[2] == WIDTH
    assert not absent[:, 0].any()
    assert absent[:, -1].all()


def test_folds_share_no_stay_and_spread_the_deaths():
    data = made_up()
    fold = validate.folds(data)
    assert [int(data.died[fold == k].sum()) for k in range(5)] == [4] * 5


def test_stays_without_outcomes_are_refused(tmp_path):
    table = tmp_path / "stays.csv"
    table.write_text("stay,hours,heart_rate\na,0,80\na,1,82\nb,0,90\n")
    with pytest.raises(RecipeError, match="who died"):
        stays.load(table)


def test_a_recipe_needs_only_its_data(tmp_path):
    assert Recipe(data=tmp_path).out.name == "deterioration"
