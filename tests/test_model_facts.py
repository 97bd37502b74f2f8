"""The model facts label of what ships."""

from __future__ import annotations

import json

import pytest

from core import cards, model_facts, trust
from core.modality import MODALITIES
from core.settings import settings
from core.weights import TRUST, read_config, read_metrics, read_trust

FOLDERS = [name for room in MODALITIES for name in room.folders]
FIELDS = ["Intended use", "Users", "Out of scope", "Risks", "Outputs", "Training data", "Funding", "Bias", "Maintenance",
          "Usefulness", "Fairness", "Safety"]


@pytest.mark.parametrize("name", FOLDERS)
def test_every_field_is_filled_from_the_files_and_the_room(name: str):
    config = read_config(name)
    fields = dict(model_facts.label(config, read_metrics(name), read_trust(name)))
    assert list(fields) == FIELDS
    for title, lines in fields.items():
        assert lines, title
        assert not any(model_facts.NOT_SAID in line for line in lines), title
    assert fields["Training data"] == [config.training_data]
    first = next(one for one in read_metrics(name)["figures"] if one.get("interval"))
    assert first["name"] in fields["Usefulness"][0]
    card = cards.render(config, read_metrics(name), 1, read_trust(name))
    assert all(f"- **{title}**" in card for title in FIELDS)


def test_what_was_not_measured_is_said_to_be():
    fields = dict(model_facts.label(read_config("ecg"), {}, {}))
    assert fields["Usefulness"] == fields["Safety"] == ["Not measured."]
    assert "Not measured" in fields["Fairness"][0]


def test_what_was_measured_of_other_weights_is_not_quoted(tmp_path):
    for name in ("config.json", "metrics.json"):
        (tmp_path / name).write_bytes((settings.weights / "ecg" / name).read_bytes())
    config = read_config(tmp_path)
    (tmp_path / TRUST).write_text(json.dumps({"sha256": config.sha256, "mirage": {"n": 1}}))
    assert read_trust(tmp_path)["mirage"] == {"n": 1}
    (tmp_path / TRUST).write_text(json.dumps({"sha256": "0" * 64}))
    assert read_trust(tmp_path) == {}


def test_what_a_room_answered_is_named():
    found = {"mirage": {"n": 3, "refused": 2, "answered": {"noise": "Edema 0.80"}, "holds": False}, "explanations": {
        "method": "grad_cam", "margin": 0.05, "deletion": {"n": 2, "advantage": 0.3, "hold": 1},
        "insertion": {"n": 0, "advantage": None, "hold": 0},
        "randomisation": {"n": 0, "ssim": None, "correlation": None, "nothing_to_explain": 2, "hold": 0}}}
    told = dict(trust.told(found))
    assert "2 of 3" in told["Mirage test"]
    assert "noise" in told["Mirage test"]
    assert "Insertion" not in told
    assert "could be compared" in told["Randomised weights"]
