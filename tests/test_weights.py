"""Weights and their meaning travel together, and nothing foreign gets in."""

from __future__ import annotations

import json

import pytest
import torch

from core.settings import settings
from core.weights import CONFIG, WEIGHTS, Architecture, Config, WeightsError, load, read_config, save

ARGUMENTS = {"branches": [{"widths": [16], "strides": [2], "embedding": 8}], "labels": 3}


def config(**changes) -> Config:
    fields = {"name": "toy", "version": "0.0.1", "input": {"unit": "mV"}, "training_data": "none", "licence": "CC0-1.0",
              "seed": 0, "architecture": Architecture(target="core.ecg.model:EcgNet", arguments=ARGUMENTS)}
    return Config(**fields | changes)


def test_round_trip(tmp_path):
    model = config().architecture.build().eval()
    save(tmp_path, model, config(labels=["a", "b", "c"]))
    back, read = load(tmp_path)
    x = torch.randn(2, 12, 1000)
    torch.testing.assert_close(back(x), model(x), atol=5e-3, rtol=5e-3)  # matrices travel in half precision
    assert read.extra["labels"] == ["a", "b", "c"]
    assert not any(p.requires_grad for p in back.parameters())
    assert not back.training


def test_changed_weights_are_noticed(tmp_path):
    save(tmp_path, config().architecture.build(), config())
    data = bytearray((tmp_path / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (tmp_path / WEIGHTS).write_bytes(data)
    with pytest.raises(WeightsError, match="SHA-256"):
        load(tmp_path)


@pytest.mark.parametrize("target", ["os:system", "subprocess:Popen", "corefoo.bar:Baz"])
def test_only_own_architectures_are_built(tmp_path, target):
    save(tmp_path, config().architecture.build(), config())
    raw = json.loads((tmp_path / CONFIG).read_text())
    raw["architecture"] = {"target": target, "arguments": {}}
    (tmp_path / CONFIG).write_text(json.dumps(raw))
    with pytest.raises(WeightsError, match="only core"):
        load(tmp_path)


@pytest.mark.parametrize(("target", "says"), [
    ("core.__main__:main", "no network"), ("core.weights:revision", "no network"), ("core.weights:Config", "no network"),
    ("core.ecg.model:Nothing", "no network"), ("core.nowhere:Net", "no network"),
])
def test_a_config_builds_networks_and_calls_nothing_else(target, says):
    with pytest.raises(WeightsError, match=says):
        Architecture(target=target, arguments={}).build()


def test_missing_and_unreachable_weights_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsError, match="expected a folder"):
        load(tmp_path / "nothing")
    with pytest.raises(WeightsError, match="Hugging Face Hub"):
        load("nobody/nothing")


def test_shipped_folders_are_complete_and_small():
    folders = [path.parent for path in settings.weights.glob(f"*/{CONFIG}")]
    assert folders
    for folder in folders:
        assert read_config(folder).sha256
        assert (folder / WEIGHTS).stat().st_size < 10_000_000
        assert (folder / "README.md").is_file()
        assert (folder / "metrics.json").is_file()
