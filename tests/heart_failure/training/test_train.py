"""The recipe end to end on a made-up cohort, and evaluation of what it wrote."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from core.heart_failure.prognosis import baseline, predict
from core.heart_failure.read import read
from core.heart_failure.survival import kaplan_meier
from core.heart_failure.training.curves import cohort_curves
from core.heart_failure.training.data import load
from core.heart_failure.training.evaluate import evaluate
from core.heart_failure.training.inputs import SUBSETS
from core.heart_failure.training.recipe import Recipe
from core.heart_failure.training.train import train
from core.heart_failure.training.validate import FOLDS, folds, validate
from core.heart_failure.variables import NAMES
from core.serving import get
from core.settings import settings
from core.uploads import InputError
from tests.heart_failure.training.cohorts import peakvo2, uci


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hf")
    patch = pytest.MonkeyPatch()
    patch.setattr("core.training.runs.settings", settings.model_copy(update={"runs": folder / "runs"}))
    table = peakvo2(folder / "peakvo2.csv")
    out = train(Recipe(data=table, name="toy", out=folder / "toy", compared=("ridge", "boosted"), repeats=1))
    yield folder, table, out
    patch.undo()


def test_data_has_what_the_table_says(trained):
    data = load([trained[1]])
    table = pd.read_csv(trained[1])
    assert len(data) == 240
    np.testing.assert_allclose(data.numbers[:, NAMES.index("age")], table["age"], rtol=1e-5)
    np.testing.assert_array_equal(data.event, table["died"] == 1)
    np.testing.assert_array_equal(data.flags[:, 4], table["diuretic.loop"])
    assert set(data.settings) == {"exercise"}
    told = SUBSETS["form"].told(data)
    assert np.isnan(told.flags).all()
    assert np.isnan(told.numbers[:, NAMES.index("peak_vo2")]).all()
    assert not np.isnan(told.numbers[:, NAMES.index("age")]).any()


def test_folds_spread_deaths_and_repeat(trained):
    data = load([trained[1]])
    fold = folds(data, 0)
    deaths = [int(data.event[fold == k].sum()) for k in range(FOLDS)]
    assert max(deaths) - min(deaths) <= 1
    np.testing.assert_array_equal(fold, folds(data, 0))
    assert (fold != folds(data, 1)).any()


def test_nobody_is_predicted_by_a_fit_that_saw_them(trained, tmp_path, monkeypatch):
    """A model that knows by heart whom it was fitted on finds nothing out of fold."""
    monkeypatch.setattr("core.training.runs.settings", settings.model_copy(update={"runs": tmp_path}))
    data = load([trained[1]])
    data = dataclasses.replace(data, event=data.event & (np.arange(len(data)) >= 0))

    def by_heart(data, rows, seed):
        known = set(data.ids[rows].tolist())
        return lambda data, asked, subset: (np.array([5.0 * (i in known) for i in data.ids[asked]]), np.zeros(len(asked)))

    monkeypatch.setitem(__import__("core.heart_failure.training.validate", fromlist=["MODELS"]).MODELS, "ridge", by_heart)
    seen = validate(data, "ridge", 1)["peakvo2"]
    assert (seen.log_hazard["everything"] == 0).all()


def test_weights_folder_says_what_they_mean(trained):
    _, _, out = trained
    served = get(str(out))
    extra = served.config.extra
    assert served.config.version == "0.0.0+custom"
    assert extra["learned"] == ["peakvo2"]
    cohort = extra["cohorts"]["peakvo2"]
    assert cohort["n"] == 240
    assert cohort["cumulative_hazard"][0] == 0
    assert np.all(np.diff(cohort["cumulative_hazard"]) >= 0)
    assert set(extra["operating_points"]) == {"death:1y", "death:3y"}
    assert [one["label"] for one in extra["strata"]].count("highest quarter of risk") == 1
    metrics = json.loads((out / "metrics.json").read_text())
    figures = {one["name"]: one for one in metrics["figures"]}
    ours, drugs = (figures[f"peakVO2: C-index, {name}"]["value"] for name in ("everything", "drugs only"))
    assert ours > 0.7
    assert 0.5 < drugs < ours
    assert 0.7 < figures["peakVO2: Observed/expected deaths at 3 years, everything"]["value"] < 1.3
    assert figures["peakVO2: C-index, everything, gain over ridge Cox, median filling"]["interval"]
    assert "C-index" in (out / "README.md").read_text()


def test_a_patient_gets_a_curve(trained):
    served = get(str(trained[2]))
    values = {"age": 75, "sodium": 134.0, "bun": 30.0, "setting": "exercise", "prescriptions": "loop diuretic, beta-blocker"}
    ill, well, little = predict(served, [
        read(**values), read(**values | {"age": 50, "sodium": 143.0}), read(age=75, bun=30.0, setting="exercise"),
    ]).risk(3)[0]
    assert ill > well
    found = predict(served, [read(**values), read(age=75, bun=30.0, setting="exercise")])
    value, low, high = found.risk(3)
    assert ((low < value) & (value < high)).all()
    assert found.spread[1] > found.spread[0]
    assert (np.diff(found.survival, axis=1) <= 1e-12).all()
    assert found.years[12] == pytest.approx(1)
    years, own = baseline(served.config, "exercise")
    assert len(years) == len(own)
    assert own[0] == pytest.approx(1, abs=1e-3)
    assert np.isnan(found.risk(9)[0]).all()


def test_evaluation_says_what_was_seen(trained, tmp_path):
    _, table, out = trained
    result = evaluate(table, 1, tmp_path, str(out))
    assert "not unseen" in result["figures"][0]["split"]
    predictions = pd.read_csv(tmp_path / "predictions.csv")
    assert len(predictions) == result["figures"][0]["n"] == (folds(load([table]), 0) == 0).sum()
    assert predictions["death_1y_percent"].between(0, 100).all()
    for name in ("metrics.json", "calibration.png", "decisions.png", "quarters.png"):
        assert (tmp_path / name).is_file()
    with pytest.raises(InputError, match="no fold 6"):
        evaluate(table, 6, tmp_path, str(out))


def test_a_cohort_with_few_variables_is_evaluated(trained, tmp_path):
    folder, _, out = trained
    config = json.loads((out / "config.json").read_text())
    config["cohorts"]["music"] = config["cohorts"]["peakvo2"]  # the patients of UCI are those of a clinic
    (out / "config.json").write_text(json.dumps(config))
    from core import serving

    serving._models.pop(str(out))
    result = evaluate(uci(folder / "heart_failure.csv"), 0, tmp_path, str(out))
    figures = {one["name"]: one for one in result["figures"]}
    assert "unseen" in figures["C-index"]["split"]
    assert "not unseen" not in figures["C-index"]["split"]
    assert figures["C-index"]["value"] > 0.6
    assert "AUC, death within 1 year" not in figures  # nobody was watched for as long


def test_a_table_of_no_cohort_to_learn_from_is_refused(trained, tmp_path):
    with pytest.raises(InputError, match="None of the tables"):
        train(Recipe(data=uci(tmp_path / "uci.csv"), name="other", out=tmp_path / "w"))


def test_another_cohort_is_told_with_its_own_slope(trained):
    data = load([trained[1]])
    rows, log_hazard = np.arange(len(data)), (data.numbers[:, NAMES.index("age")].astype(float) - 62) / 10
    own = cohort_curves(data, rows, log_hazard, 0 * log_hazard)
    other = cohort_curves(data, rows, 4 * log_hazard, 0 * log_hazard, learned=False)
    assert own["slope"] == 1
    assert 0.1 < other["slope"] < 0.4  # four times too bold
    died = 1 - kaplan_meier(data.time, data.event).at(3.0)
    assert 1 - other["mean_survival"][36] == pytest.approx(died, abs=0.03)
