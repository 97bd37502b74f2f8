"""One rule for what others trained: nothing without a switch, a pin and a licence; never run; evaluated before it serves.

The publisher is a server here, the checkpoints are tiny ones of the published layouts.
"""

from __future__ import annotations

import argparse
import hashlib
import http.server
import os
import pickle
import sys
import threading
import types
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.__main__ import main
from core.bert import Bert, BertConfig
from core.cxr import eva_encoder, xrv_weights
from core.cxr.eva_encoder import EvaX
from core.plugins import catalogue, clinical_bert, files, rule
from core.settings import settings
from core.uploads import InputError
from core.weights import Architecture, Config

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TINY = {"width": 24, "depth": 2, "heads": 2}
EVA = catalogue.get("eva-x-ti")


@pytest.fixture
def on(monkeypatch, tmp_path) -> Path:
    monkeypatch.setitem(settings.__dict__, "plugins", True)
    monkeypatch.setitem(settings.__dict__, "runs", tmp_path / "runs")
    return tmp_path


def checkpoint(path: Path, network: EvaX) -> Path:
    """As EVA-X is published: w1, w2, w3, the mask token and head of its training, rotary buffers, settings beside."""
    named = {"fc1_g": "w1", "fc1_x": "w2", "fc2": "w3"}
    state = {}
    for name, value in network.state_dict().items():
        for ours, theirs in named.items():
            name = name.replace(f"mlp.{ours}.", f"mlp.{theirs}.")
        state[name] = value
    state |= {"mask_token": torch.zeros(1, 1, 24), "lm_head.weight": torch.zeros(8, 24), "lm_head.bias": torch.zeros(8),
              "rope.freqs_cos": torch.zeros(4)}
    torch.save({"model": state, "args": argparse.Namespace(lr=1.0), "epoch": np.float64(899)}, path)
    return path


@pytest.fixture
def small(monkeypatch) -> EvaX:
    """EVA-X with two narrow layers in place of its twelve."""
    torch.manual_seed(0)
    network = EvaX(**TINY)
    monkeypatch.setattr(eva_encoder, "EvaX", lambda **given: EvaX(**TINY | given))
    return network.eval()


@pytest.fixture
def publisher(tmp_path):
    held: dict[str, bytes] = {}
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = held.get(self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield types.SimpleNamespace(held=held, asked=asked, address=f"http://127.0.0.1:{server.server_port}/{{revision}}/{{file}}")
    server.shutdown()


def test_off_by_default_and_every_plugin_waits_for_a_pin(on, monkeypatch, capsys):
    for plugin in catalogue.PLUGINS:
        assert rule.pinned(plugin) is None, "a hash that nobody here has seen"
        with pytest.raises(InputError, match="not pinned") as caught:
            rule.fetch(plugin, accepted=True)
        assert f"plugin pin {plugin.name}" in caught.value.remedy
        with pytest.raises(InputError, match="not pinned"):
            rule.load_encoder(plugin.name)
    monkeypatch.setitem(settings.__dict__, "plugins", False)
    with pytest.raises(InputError, match="switched off"):
        rule.load_encoder("eva-x-ti")
    assert main(["plugin", "list"]) == 0
    assert "CARDIOSCOPE_PLUGINS=1" in capsys.readouterr().out
    assert main(["plugin", "fetch", "eva-x-ti", "--accept"]) == 2


def test_a_branch_or_a_short_hash_is_no_pin(on):
    file = EVA.files[0]
    right = {file: "a" * 64}
    for revision, hashes in (("main", right), (COMMIT, {file: "a" * 63}), (COMMIT, {}), (COMMIT, right | {"x": "b" * 64})):
        with pytest.raises(InputError):
            rule.pin(EVA, revision, hashes)
    assert rule.pinned(EVA) is None
    assert main(["plugin", "pin", EVA.name, "--revision", COMMIT, "--sha256", f"{file}={'a' * 64}"]) == 0
    assert rule.pinned(EVA) == rule.Pin(COMMIT, {file: "a" * 64})
    assert rule.pinned(replace(EVA, sha256={file: "c" * 64})).sha256[file] == "c" * 64, "a hash of the project's own holds"


def test_fetched_checked_kept_and_refused_when_it_changes(on, publisher, small):
    plugin = replace(EVA, address=publisher.address)
    made = checkpoint(on / "made.pt", small).read_bytes()
    path = f"/{COMMIT}/{plugin.files[0]}"
    publisher.held[path] = made + b"other"
    rule.pin(plugin, COMMIT, {plugin.files[0]: hashlib.sha256(made).hexdigest()})
    with pytest.raises(InputError, match="licence"):
        rule.fetch(plugin, accepted=False)
    assert publisher.asked == []
    with pytest.raises(InputError, match="not the file that is pinned"):
        rule.fetch(plugin, accepted=True)
    assert not rule.place(plugin).exists()
    publisher.held[path] = made
    home = rule.fetch(plugin, accepted=True)
    assert sorted(one.name for one in home.iterdir()) == ["model.safetensors", "plugin.json"]
    assert rule.about(plugin)["licence"] == "MIT"
    count = len(publisher.asked)
    assert rule.fetch(plugin, accepted=True) == home
    assert len(publisher.asked) == count
    film = torch.rand(2, 3, 224, 224) * 2 - 1
    torch.testing.assert_close(eva_encoder.features(rule.load_encoder("eva-x-ti"), film), eva_encoder.features(small, film))
    rule.pin(plugin, COMMIT.replace("0", "f"), {plugin.files[0]: "a" * 64})
    with pytest.raises(InputError, match="another revision"):
        rule.installed(plugin)
    rule.pin(plugin, COMMIT, {plugin.files[0]: hashlib.sha256(made).hexdigest()})
    (home / "model.safetensors").write_bytes((home / "model.safetensors").read_bytes() + b" ")
    with pytest.raises(InputError, match="have changed"):
        rule.installed(plugin)


def test_a_file_is_never_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'ran'}",)

    torch.save({"model": {"pos_embed": torch.zeros(1)}, "epoch": Bomb()}, tmp_path / "a.pt")
    (tmp_path / "b.pt").write_bytes(pickle.dumps(Bomb()))
    for name in ("a.pt", "b.pt"):
        with pytest.raises(InputError, match="tensors alone"):
            files.read(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_another_layout_is_refused(on, small, tmp_path):
    torch.save({"model": {"pos_embed": torch.zeros(1, 197, 24)}}, tmp_path / "other.pt")
    with pytest.raises(InputError, match="layout of EVA-X-Ti"):
        eva_encoder.adopt(tmp_path, tmp_path)
    assert not (tmp_path / "model.safetensors").exists()


def test_eva_x_ti_has_its_published_size():
    with torch.device("meta"):
        network = EvaX()
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(6e6, rel=0.1)
    assert network.embed_dim == 192
    assert len(network.blocks) == 12


def test_the_chest_recipe_takes_it_by_one_argument(small, monkeypatch):
    from core.cxr import model

    network = model.ImageEncoder("eva_x_tiny", **TINY).eval()
    network.net.load_state_dict(small.state_dict())
    film = torch.rand(1, 3, 224, 224) * 2 - 1
    with torch.inference_mode():
        tokens = network(film)
    assert tokens.shape == (1, 24, 14, 14)
    torch.testing.assert_close(tokens.mean((2, 3)), eva_encoder.features(small, film))
    assert model.PRESETS["eva_x_tiny"]["backbone"] == "eva_x_tiny"


def test_a_published_module_gives_its_tensors_without_its_classes(tmp_path, monkeypatch):
    """TorchXRayVision publishes the module itself."""
    theirs = types.ModuleType("torchxrayvision.models")

    class DenseNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(inplace=True))
            self.classifier = nn.Linear(4, 18)

    DenseNet.__module__, DenseNet.__qualname__ = theirs.__name__, "DenseNet"
    theirs.DenseNet = DenseNet
    monkeypatch.setitem(sys.modules, "torchxrayvision", types.ModuleType("torchxrayvision"))
    monkeypatch.setitem(sys.modules, theirs.__name__, theirs)
    network = DenseNet()
    torch.save(network, tmp_path / "module.pt")
    monkeypatch.undo()
    found = files.read(tmp_path / "module.pt", xrv_weights.CLASSES)
    assert isinstance(found, files.Inert)
    state = files.state_of(found)
    assert state.keys() == network.state_dict().keys()
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items())
    with pytest.raises(InputError, match="tensors alone"):
        files.read(tmp_path / "module.pt")


def test_clinical_bert_becomes_a_text_encoder(on, tmp_path):
    from core import text

    words = [*clinical_bert.SPECIAL, "sinus", "rhythm", "Sinus"]
    config = BertConfig(vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24)
    network = Bert(config)
    state = {f"bert.{name}".replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value
             for name, value in network.state_dict().items()}
    torch.save(state | {"cls.predictions.bias": torch.zeros(len(words))}, tmp_path / "pytorch_model.bin")
    (tmp_path / "vocab.txt").write_text("\n".join(words) + "\n")
    plugin = catalogue.get("bio-clinicalbert")
    pin = rule.pin(plugin, COMMIT, {file: "a" * 64 for file in plugin.files})
    home = rule.place(plugin)
    home.mkdir(parents=True)
    clinical_bert.adopt(tmp_path, home, config)
    rule.keep(plugin, home, pin)
    encoder = text.encoder("emilyalsentzer/Bio_ClinicalBERT")
    try:
        _, _, pieces = encoder.tokens(["Sinus rhythm"], 8)
        assert pieces == [["Sinus", "rhythm"]], "it is cased"
        assert encoder.identity["id"] == "emilyalsentzer/Bio_ClinicalBERT"
        assert encoder.embed(["sinus"]).shape == (1, 16)
        loaded = rule.load_encoder("bio-clinicalbert")
        torch.testing.assert_close(loaded.state_dict(), network.state_dict())
    finally:
        text._load.cache_clear()
    (tmp_path / "vocab.txt").write_text("\n".join(words[:-1]) + "\n")
    with pytest.raises(InputError, match="vocabulary"):
        clinical_bert.adopt(tmp_path, tmp_path, config)


def test_overlap_with_our_films_is_said(capsys):
    assert any("NIH ChestX-ray14" in line and "weights cxr " in line for line in catalogue.overlap(EVA))
    assert main(["plugin", "show", "eva-x-ti"]) == 0
    said = capsys.readouterr().out
    for word in ("Overlap: ", "MIT", "Not pinned", "0.824"):
        assert word in said


def test_what_is_built_on_it_is_evaluated_before_it_serves():
    built = Config(name="cxr", version="2.0.0", input={}, training_data="", licence="", seed=0,
                   architecture=Architecture(target="core.cxr.model:CxrNet", arguments={"backbone": "eva_x_tiny"}))
    figure = {"name": "Macro AUC", "value": 0.8, "n": 100, "split": "test"}
    for metrics in ({}, {"figures": []}, {"figures": [figure | {"interval": None}]}):
        with pytest.raises(InputError, match="no figures of the room's own evaluation"):
            rule.measured(built, metrics)
    rule.measured(built, {"figures": [figure | {"interval": [0.75, 0.85]}]})
    own = Architecture(target="core.cxr.model:CxrNet", arguments={"backbone": "mobilenetv2_100"})
    rule.measured(built.model_copy(update={"architecture": own}), {})
