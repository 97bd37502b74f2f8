"""Each room's quick start, whole: trained on generated data, compared on others, tried, promoted, and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import serving, weights
from core.modality import MODALITIES, get
from core.settings import settings
from core.training import cache, compare, generated, promote, runs
from core.training.quick import held, quick
from core.training.recipes import parse
from core.weights import read_config

ROOMS = [modality.name for modality in MODALITIES if modality.built]


@pytest.fixture(autouse=True)
def own_place(tmp_path, monkeypatch):
    """Runs of this test's own; the shipped weights, loaded anew after it."""
    here = settings.model_copy(update={"runs": tmp_path / "runs", "device": "cpu"})
    for module in (cache, compare, promote, runs, weights):
        monkeypatch.setattr(module, "settings", here)
    yield
    shipped = {name for modality in MODALITIES for name in modality.weights}
    for name in [one for one in serving._models if str(tmp_path) in one or one in shipped]:
        serving._models.pop(name, None)
        serving._stamps.pop(name, None)


def answer(room: str, source: str):
    modality = get(room)
    example = next(iter(modality.verb("examples")()))
    return modality.verb("assess")(modality.verb("read")(example.files, **example.fields), weights=source)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("room", ROOMS)
def test_a_quick_start_comes_to_weights_that_serve_and_can_be_taken_back(room: str, tmp_path: Path):
    settings_of = quick(room, tmp_path / "made")
    kind, recipe = parse(room, settings_of | {"name": "minute", "out": str(tmp_path / "weights")})
    told = []
    kind.train(recipe, lambda steps, of: told.append((steps, of)) or True)
    assert told[-1][0] == told[-1][1]
    config = read_config(tmp_path / "weights")
    assert config.training_data.startswith(generated.SAID)
    assert "GENERATED/learn" in config.command
    assert config.extra["notes"] == [generated.LIMIT]

    name = promote.target(get(room), config)
    shipped = read_config(settings.weights / name)
    found = compare.compare(room, [tmp_path / "weights", settings.weights / name], held(tmp_path / "made"), repeats=20)
    assert found.split.startswith("generated data")
    assert {one.sha256 for one in found.rows} == {config.sha256, shipped.sha256}
    assert found.differences

    tried = answer(room, str(tmp_path / "weights"))  # what a minute taught, a room may doubt and refuse
    assert tried.model.sha256 == config.sha256
    assert tried.refused or tried.findings
    assert answer(room, name).model.sha256 == shipped.sha256
    promote.promote(room, str(tmp_path / "weights"))
    served = answer(room, name)
    assert (served.model.sha256, served.model.version != shipped.version) == (config.sha256, True)
    assert promote.rollback(name) == shipped.version
    assert answer(room, name).model.sha256 == shipped.sha256
