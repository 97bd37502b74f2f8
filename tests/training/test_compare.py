"""Differences between weights on the same studies, by hand where that is possible."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core import weights
from core.training import compare as comparing
from core.training import promote as promoting
from core.training.compare import Predictions, Statistic, auc, compare, same
from core.training.generated import SAID, mark
from core.uploads import InputError
from core.weights import CONFIG

ROOM = "ecg"  # whose verbs these tests replace


@pytest.fixture
def told(tmp_path, monkeypatch) -> dict[str, np.ndarray]:
    """Sources that answer with these scores, by name; each asked once is counted in ``told["asked"]``."""
    answers: dict = {"asked": []}
    here = comparing.settings.model_copy(update={"runs": tmp_path / "runs", "weights": tmp_path / "weights"})
    for module in (comparing, weights, promoting):
        monkeypatch.setattr(module, "settings", here)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "table.csv").write_text("x\n")

    def predictions(data: Path, fold: int | None, source: str, done=None) -> Predictions:
        name = Path(source).parent.name if Path(source).name == "weights" else Path(source).name
        answers["asked"].append(name)
        n = len(answers["truth"])
        return Predictions(np.arange(n), answers.get("patients", np.arange(n)), {"y": answers["truth"]},
                           {"value": np.asarray(answers[name], float)}, "by hand", answers.get("seen", {}).get(name, ""))

    def statistics(found: Predictions) -> dict[str, Statistic]:
        value, truth = found.scores["value"], found.truth["y"]
        def mean(rows: np.ndarray, of=lambda x: x) -> float | None:
            known = of(value[rows][~np.isnan(value[rows])])
            return float(known.mean()) if len(known) else None

        error = Statistic(lambda rows: mean(rows, np.abs), larger=False)
        return {"mean": Statistic(mean), "error": error, "AUC": auc(truth, value)}

    verbs = {"predictions": predictions, "statistics": statistics}
    monkeypatch.setattr(comparing, "get", lambda room: type("Room", (), {"verb": staticmethod(verbs.__getitem__)}))
    return answers


def source(root: Path, name: str, run: bool = False, target: str = "core.ecg.model:EcgNet") -> str:
    folder = root / "runs" / "launched" / ROOM / name / "weights" if run else root / "weights" / name
    folder.mkdir(parents=True)
    (folder / CONFIG).write_text(json.dumps({
        "name": name, "version": "1.0.0", "architecture": {"target": target, "arguments": {}}, "input": {}, "licence": "CC0-1.0",
        "training_data": "none", "seed": 0, "sha256": name}))
    return name


def test_a_constant_difference_is_real_and_half_and_half_is_not(told, tmp_path):
    """Each patient is 0.1 better with a than with b: the mean differs by 0.1 in every sample, so the interval is that point.
    With c one patient is 1 better and one 1 worse: samples of two have means of -1, 0 and 1."""
    told |= {"truth": np.array([0.0, 1.0]), "a": [0.5, 0.9], "b": [0.4, 0.8], "c": [-0.5, 1.9]}
    found = compare(ROOM, [source(tmp_path, name) for name in "abc"], tmp_path / "data")
    by = {(one.metric, one.a, one.b): one for one in found.differences}
    first = by["mean", "a", "b"]
    assert first.value == pytest.approx(0.1)
    assert first.interval == pytest.approx((0.1, 0.1))
    assert (first.real, first.better, first.n) == (True, "a", 2)
    none = by["mean", "a", "c"]
    assert none.value == pytest.approx(0.0)
    assert none.interval == pytest.approx((-1.0, 1.0))
    assert (none.real, none.better) == (False, "")
    assert (found.studies, found.patients, found.split) == (2, 2, "by hand")
    assert json.loads(json.dumps(found.as_dict()))["differences"][0]["real"] in (True, False)


def test_figures_of_generated_data_say_so(told, tmp_path):
    told |= {"truth": np.array([0.0, 1.0]), "a": [0.5, 0.9]}
    names = [source(tmp_path, "a")]
    assert compare(ROOM, names, tmp_path / "data").split == "by hand"
    mark(tmp_path / "data", "by hand")
    found = compare(ROOM, names, tmp_path / "data")
    assert found.split == "generated data, by hand"
    assert {one["split"] for one in found.rows[0].figures} == {found.split}


def test_where_less_is_better_the_smaller_one_is(told, tmp_path):
    told |= {"truth": np.array([0.0, 1.0]), "a": [0.5, 0.9], "b": [0.4, 0.8]}
    found = compare(ROOM, [source(tmp_path, "a"), source(tmp_path, "b")], tmp_path / "data")
    error = next(one for one in found.differences if one.metric == "error")
    assert (round(error.value, 4), error.real, error.better) == (0.1, True, "b")


def test_all_studies_of_a_patient_are_drawn_together(told, tmp_path):
    """Four studies of one patient are one sample: no interval has a width."""
    told |= {"truth": np.array([0.0, 1.0, 0.0, 1.0]), "patients": np.zeros(4), "a": [0.1, 0.9, 0.4, 0.2],
             "b": [0.2, 0.3, 0.9, 0.1]}
    found = compare(ROOM, [source(tmp_path, "a"), source(tmp_path, "b")], tmp_path / "data")
    for one in found.differences:
        assert one.interval[0] == one.interval[1] == one.value
    assert found.patients == 1


def test_the_curve_is_that_of_the_area(told, tmp_path):
    rng = np.random.default_rng(0)
    truth = (rng.random(60) < 0.5).astype(float)
    told |= {"truth": truth, "a": truth + rng.normal(0, 1, 60), "b": rng.random(60)}
    found = compare(ROOM, [source(tmp_path, "a"), source(tmp_path, "b")], tmp_path / "data")
    for row in found.rows:
        x, y = found.curves["AUC"][row.label]
        value = next(one["value"] for one in row.figures if one["name"] == "AUC")
        assert np.trapezoid(y, x) == pytest.approx(value, abs=1e-3)
    assert found.axes["AUC"] == ("1 - specificity", "sensitivity")


def test_a_study_that_one_says_nothing_of_counts_for_neither(told, tmp_path):
    told |= {"truth": np.array([0.0, 1.0, 1.0]), "a": [0.5, 0.9, 100.0], "b": [0.4, 0.8, np.nan]}
    found = compare(ROOM, [source(tmp_path, "a"), source(tmp_path, "b")], tmp_path / "data")
    assert next(one.value for one in found.differences if one.metric == "mean") == pytest.approx(0.1)


def test_predictions_are_made_once_for_the_same_weights_and_data(told, tmp_path):
    told |= {"truth": np.array([0.0, 1.0]), "a": [0.5, 0.9], "b": [0.4, 0.8]}
    names = [source(tmp_path, "a"), source(tmp_path, "b", run=True)]
    first = compare(ROOM, names, tmp_path / "data")
    assert compare(ROOM, names, tmp_path / "data").differences == first.differences
    assert told["asked"] == ["a", "b"]
    (tmp_path / "data" / "table.csv").write_text("x\ny\n")
    compare(ROOM, names, tmp_path / "data")
    assert told["asked"] == ["a", "b", "a", "b"]
    config = tmp_path / "weights" / "a" / CONFIG
    config.write_text(config.read_text().replace('"sha256": "a"', '"sha256": "other"'))
    compare(ROOM, names, tmp_path / "data")
    assert told["asked"] == ["a", "b", "a", "b", "a"]


def test_weights_that_have_seen_the_studies_are_told(told, tmp_path):
    told |= {"truth": np.array([0.0, 1.0]), "a": [0.5, 0.9], "b": [0.4, 0.8], "seen": {"b": "It learned from these."}}
    rows = compare(ROOM, [source(tmp_path, "a"), source(tmp_path, "b")], tmp_path / "data").rows
    assert [row.seen for row in rows] == ["", "It learned from these."]


def test_what_cannot_be_compared_is_said(told, tmp_path):
    told |= {"truth": np.array([0.0, 1.0]), "a": [0.5, 0.9]}
    source(tmp_path, "a")
    source(tmp_path, "film", target="core.cxr.model:CxrNet")
    for sources, says in (([], "nothing to compare"), (["a", "gone"], "no weights of gone"), (["a", "film"], "not of this room")):
        with pytest.raises(InputError, match=says):
            compare(ROOM, sources, tmp_path / "data")


def test_generated_data_are_not_those_of_the_publication():
    assert same("PTB-XL, 12 records", "PTB-XL, 12 records", False)
    assert not same(f"{SAID}, in the layout of PTB-XL, 12 records", "PTB-XL, 12 records", False)
    assert same(f"{SAID}, in the layout of PTB-XL, 12 records", "PTB-XL, 12 records", True)
