"""The adapter gives what TorchXRayVision's own class gives, with random weights of its architecture."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.assessment import Notice
from core.cxr import xrv, xrv_weights
from core.cxr.phantom import Chest, phantom
from core.cxr.study import CxrStudy
from core.cxr.xrv_net import XrvNet
from core.plugins import rule
from core.settings import settings
from core.uploads import InputError

LABELS = ["Atelectasis", "Consolidation", "Infiltration", "Pneumothorax", "Edema", "Emphysema", "Fibrosis", "Effusion",
          "Pneumonia", "Pleural_Thickening", "Cardiomegaly", "Nodule", "Mass", "Hernia", "Lung Lesion", "Fracture",
          "Lung Opacity", "Enlarged Cardiomediastinum"]
WIDE = CxrStudy(pixels=np.pad(phantom(Chest(seed=3), 256), ((0, 0), (40, 20))))


@pytest.fixture(scope="module")
def package():
    return pytest.importorskip("torchxrayvision", reason="TorchXRayVision is optional (requirements-xrv.txt)")


def random_state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    state = XrvNet(len(LABELS)).state_dict()
    for name, value in state.items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
    state["features.conv0.weight"] /= 1024  # so that films of this range do not saturate random weights
    return state


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Adopted weights: the Nodule's operating point is unknown, as some are in the authors' other models."""
    made = tmp_path_factory.mktemp("xrv")
    save_file(random_state(), made / "state.safetensors")
    points = [0.1 + 0.04 * k for k in range(len(LABELS))]
    points[LABELS.index("Nodule")] = None
    names = ["" if name == "Hernia" else name for name in LABELS]
    return xrv_weights.folder_of(made / "state.safetensors", names, points, made / "w")


@pytest.fixture
def adopted(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As fetched, pinned and accepted."""
    plugin = xrv_weights.PLUGIN
    monkeypatch.setitem(settings.__dict__, "plugins", True)
    monkeypatch.setitem(settings.__dict__, "runs", tmp_path)
    pin = rule.pin(plugin, "v1", {file: "0" * 64 for file in plugin.files})
    shutil.copytree(folder, rule.place(plugin))
    rule.keep(plugin, rule.place(plugin), pin)
    return rule.place(plugin)


def test_findings_carry_our_names_their_operating_points_and_no_made_up_half(adopted: Path):
    assert xrv.available() is None
    found = {f.target: f for f in xrv.findings(WIDE)}
    assert {f.source for f in found.values()} == {"TorchXRayVision"}
    assert len(found) == 21
    assert not any(f.calibrated for f in found.values())
    untrained = {name for name, f in found.items() if not f.trained}
    assert untrained == {"observation_xrv:No Finding", "observation_xrv:Pleural Other", "observation_xrv:Support Devices",
                         "further_xrv:Hernia", "further_xrv:Nodule"}
    assert all(found[name].probability is None for name in untrained)
    served = xrv.load()
    with torch.inference_mode():
        raw = torch.sigmoid(served.model(xrv.film(WIDE)))[0, LABELS.index("Effusion")].item()
    effusion, point = found["observation_xrv:Pleural Effusion"], 0.1 + 0.04 * LABELS.index("Effusion")
    assert effusion.threshold == 0.5
    assert effusion.present == (raw >= point)
    assert effusion.probability == pytest.approx(xrv.op_norm(raw, point), abs=1e-5)
    refused = xrv.assess(WIDE, (Notice("refuse", "not a chest"),))
    assert xrv.assess(WIDE).findings
    assert refused.findings == ()
    assert refused.model.name == "cxr_xrv"
    assert "Apache-2.0" in (adopted / "README.md").read_text()
    assert served.identity.version == xrv_weights.NAME


def test_operating_point_becomes_one_half():
    assert [xrv.op_norm(p, 0.2) for p in (0.0, 0.1, 0.2, 0.6, 1.0)] == pytest.approx([0, 0.25, 0.5, 0.75, 1])


def test_film_is_the_central_square_in_their_range():
    pixels = np.zeros((300, 400), np.float32)
    pixels[:, 50:350] = 1
    film = xrv.film(CxrStudy(pixels=pixels))
    assert film.shape == (1, 1, 224, 224)
    assert film.min() == pytest.approx(1024)
    assert xrv.film(CxrStudy(pixels=pixels.T.copy())).min() == pytest.approx(1024)
    assert xrv.film(CxrStudy(pixels=1 - pixels)).max() == pytest.approx(-1024)


def test_grad_cam_lies_on_the_film(adopted: Path):
    seen = xrv.explain(WIDE, "observation:Pleural Effusion")
    assert seen.values.shape == WIDE.pixels.shape
    assert seen.values.min() == 0
    assert seen.values.max() == pytest.approx(1)
    assert not seen.values[:, :30].any()
    assert not seen.values[:, -30:].any()
    assert seen.parameters == {"layers": ["map"]}
    assert set(seen.faithfulness) >= {"advantage", "holds"}
    np.testing.assert_array_equal(xrv.explain(WIDE, "observation_xrv:Pleural Effusion").values, seen.values)
    for target in ("observation:Support Devices", "further:Hernia", "nonsense"):
        with pytest.raises(InputError, match="no finding"):
            xrv.explain(WIDE, target)


def test_absent_package_or_weights_say_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(settings.__dict__, "runs", tmp_path)
    assert "CARDIOSCOPE_PLUGINS=1" in xrv.available()
    monkeypatch.setitem(settings.__dict__, "plugins", True)
    assert "not pinned" in xrv.available()
    rule.pin(xrv_weights.PLUGIN, "v1", {file: "0" * 64 for file in xrv_weights.PLUGIN.files})
    monkeypatch.setattr(xrv_weights.subprocess, "run", lambda *a, **k: pytest.fail("nothing is fetched unasked"))
    with pytest.raises(InputError, match="not on this machine"):
        xrv.findings(WIDE)
    monkeypatch.setattr(xrv_weights, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="requirements-xrv.txt") as caught:
        xrv_weights.adopt(tmp_path, tmp_path)
    assert caught.value.field == "model"


def test_foreign_weights_are_refused(tmp_path: Path):
    save_file({"features.conv0.weight": torch.zeros(64, 3, 7, 7)}, tmp_path / "state.safetensors")
    with pytest.raises(InputError, match="not the weights"):
        xrv_weights.folder_of(tmp_path / "state.safetensors", LABELS, [0.5] * 18, tmp_path / "w")
    assert not (tmp_path / "w").exists()


def test_same_numbers_as_the_package(package):
    points = torch.tensor([0.1 + 0.04 * k for k in range(18)])
    theirs = package.models.DenseNet(num_classes=18, op_threshs=points).eval()
    state = random_state()
    theirs.load_state_dict(state, strict=False)
    ours = XrvNet(18).eval()
    ours.load_state_dict(state)
    film = xrv.film(WIDE)
    with torch.inference_mode():
        expected, raw = theirs(film)[0], torch.sigmoid(ours(film))[0]
    scaled = [xrv.op_norm(float(p), 0.1 + 0.04 * k) for k, p in enumerate(raw)]
    np.testing.assert_allclose(scaled, expected.numpy(), atol=1e-5)
    assert len({round(v, 3) for v in scaled}) > 5
    cropped = package.datasets.XRayCenterCrop()((2 * WIDE.pixels[None] - 1) * 1024)
    rows, columns = xrv._square(WIDE)
    np.testing.assert_allclose(cropped[0], (2 * WIDE.pixels[rows, columns] - 1) * 1024, atol=1e-3)
    resized = package.datasets.XRayResizer(224, engine="skimage")(cropped)
    assert np.abs(resized[0] - film[0, 0].numpy()).mean() < 0.01 * 2048
    about = package.models.model_urls[xrv_weights.NAME]
    assert about["labels"] == LABELS
    assert Path(about["weights_url"]).name == xrv_weights.PLUGIN.files[0]
