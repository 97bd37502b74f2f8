"""The models page, from files alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from streamlit.testing.v1 import AppTest

from core.settings import settings
from core.weights import digest

PAGE = Path(__file__).resolve().parents[2] / "pages" / "models.py"
METRICS = {
    "command": "python -m core evaluate ecg --data DIR --fold 9", "dataset": "PTB-XL 1.0.3",
    "figures": [{"name": "Macro AUC", "value": 0.9412, "interval": [0.931, 0.952], "split": "fold 9", "n": 2183,
                 "unit": None, "target": ">= 0.940"}],
    "calibration": {"split": "fold 9, second half", "ece": 0.0213,
                    "bins": [{"predicted": 0.1, "observed": 0.12, "n": 900},
                             {"predicted": 0.9, "observed": 0.88, "n": 40}]},
    "thresholds": [{"code": "MI", "label": "Myocardial infarction", "threshold": 0.31, "sensitivity": 0.84,
                    "specificity": 0.91, "n_positive": 540}],
}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setitem(settings.__dict__, "weights", tmp_path)
    place = tmp_path / "ecg"
    place.mkdir()
    save_file({"x": torch.zeros(3)}, place / "model.safetensors")
    (place / "config.json").write_text(json.dumps({
        "name": "ecg", "version": "0.3", "architecture": {"target": "core.ecg.model:EcgNet", "arguments": {}},
        "input": {}, "training_data": "PTB-XL 1.0.3, folds 1 to 8", "licence": "CC BY 4.0", "seed": 7,
        "sha256": digest(place / "model.safetensors"),
    }))
    (place / "README.md").write_text("---\nlicense: cc-by-4.0\n---\n# An ECG model\n\nWhat it is for.\n")
    (place / "metrics.json").write_text(json.dumps(METRICS))
    return place


def run() -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in [*app.markdown, *app.caption, *app.code])


def test_figures_come_with_interval_split_and_n(folder):
    app = run()
    row = app.table[0].value.iloc[0]
    assert row["Value"] == "0.941"
    assert row["95 % interval"] == "0.931 to 0.952"
    assert row["Split"] == "fold 9"
    assert row["n"] == "2,183"
    assert row["Target"] == "≥ 0.940"
    assert METRICS["command"] in words(app)


def test_identity_licence_and_card_are_shown(folder):
    text = words(run())
    assert digest(folder / "model.safetensors") in text
    assert "CC BY 4.0" in text
    assert "PTB-XL 1.0.3, folds 1 to 8" in text
    assert "### An ECG model" in text
    assert "license:" not in text


def test_calibration_and_operating_points(folder):
    app = run()
    assert app.metric[0].value == "0.021"
    assert [tab.label for tab in app.tabs] == ["Model facts", "Model card", "Calibration", "Operating points", "Publish"]
    assert app.dataframe[0].value.loc[0, "sensitivity"] == 0.84


def test_without_metrics_no_figure_is_quoted(folder):
    (folder / "metrics.json").unlink()
    app = run()
    assert "no figure is quoted" in app.info[0].value
    assert not app.table
    assert [tab.label for tab in app.tabs] == ["Model facts", "Model card", "Publish"]


@pytest.mark.parametrize("config", [None, "{broken", '{"name": "ecg"}'])
def test_missing_or_broken_weights_are_a_designed_state(folder, config):
    (folder / "config.json").unlink()
    if config:
        (folder / "config.json").write_text(config)
    text = words(run())
    assert "Not installed" in text
    assert "weights/ecg" in text


def test_promoted_weights_are_shown_where_they_serve(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(settings.__dict__, "runs", tmp_path / "runs")
    home = tmp_path / "runs" / "promoted" / "ecg"
    shutil.copytree(folder, home / "0.4")
    (home / "0.4" / "config.json").write_text((folder / "config.json").read_text().replace('"0.3"', '"0.4"'))
    (home / "0.4" / "README.md").write_text("# A promoted model\n")
    (home / "current.json").write_text('{"folder": "0.4"}')
    text = words(run())
    assert "0.4, promoted from a run" in text
    assert "promoted/ecg/0.4, in place of weights/ecg" in text
    assert "### A promoted model" in text
    (home / "current.json").unlink()
    text = words(run())
    assert "promoted" not in text
    assert "### An ECG model" in text


def test_other_weights_in_the_folder_get_a_section_too(folder):
    folder.rename(folder.parent / "my_own")
    app = run()
    text = words(app)
    assert [h.value for h in app.header] == ["Chest X-ray", "ECG", "ECG delineation", "Cardiac MR", "Cardiac MR, DAE-Former",
                                               "Heart failure", "Heart failure, M-PRTM network", "Deterioration", "my own",
                                               "Plug-in encoders"]
    assert "Not installed" in text
