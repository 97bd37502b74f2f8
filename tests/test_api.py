"""The face for programs, called the way programs call it."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path

import httpx
import nibabel
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from core import api
from core.assessment import Assessment, Attribution, revive
from core.contract import Input
from core.fields import fields_of
from core.modality import MODALITIES, get
from core.settings import settings

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def client(app_url: str) -> Client:
    return Client(f"{app_url}/api/", verbose=False)


@pytest.fixture
def example(tmp_path: Path) -> list:
    """The files of one synthetic study, as a client sends them."""
    for upload in named("ecg", "Synthetic: Sinus rhythm").files:
        (tmp_path / upload.name).write_bytes(upload.data)
    return [handle_file(path) for path in sorted(tmp_path.iterdir())]


def named(room: str, example: str) -> Input:
    return next(one for one in get(room).verb("examples")() if one.name == example)


def uploads_left(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [p for p in tmp_path_factory.getbasetemp().glob("app*/uploads/**/*") if p.is_file() and p.stat().st_size]


def test_every_built_modality_has_its_two_endpoints(client):
    named = client.view_api(return_format="dict")["named_endpoints"]
    wanted = {f"/{verb}_{m.name}" for m in MODALITIES if m.built for verb in ("assess", "explain")} | {"/models"}
    assert wanted <= set(named)


def test_assess_returns_an_assessment(client, example, app_url, tmp_path_factory):
    answer = client.predict(files=example, age=61, sex="female", api_name="/assess_ecg")
    assessment = revive(Assessment, answer)
    assert assessment.modality == "ecg"
    assert len(assessment.model.sha256) == 64
    assert {f.group for f in assessment.findings} == {"superclass", "subclass", "statement"}
    assert all(f.probability is None or 0 <= f.probability <= 1 for f in assessment.findings)
    assert uploads_left(app_url, tmp_path_factory) == []


def test_assess_gives_what_the_core_gives(client, example):
    study = get("ecg").verb("read")(named("ecg", "Synthetic: Sinus rhythm").files)
    here = {(f.group, f.code): f.probability for f in get("ecg").verb("assess")(study).findings}
    there = revive(Assessment, client.predict(files=example, api_name="/assess_ecg"))
    for finding in there.findings:
        assert finding.probability == pytest.approx(here[finding.group, finding.code], abs=1e-4)


def test_zero_is_a_value_and_none_is_left_open(client):
    film = [handle_file(named("cxr", "Composite: cardiomegaly").files[0])]
    says = []
    for given in ({"age": 0}, {"age": None}, {}):
        notices = client.predict(files=film, **given, api_name="/assess_cxr")["notices"]
        says.append(any("is of a child" in notice["message"] for notice in notices))
    assert says == [True, False, False]


@pytest.mark.parametrize(("sent", "value"), [(False, False), ("False", False), ("no", False), (True, True), (None, None)])
def test_programs_say_yes_and_no_in_any_way(sent, value):
    asked = fields_of(get("cxr").verb("read"))["portable"]
    assert asked.value(api.component(asked).preprocess(sent)) is value


def test_foreign_weights_are_not_loaded(client, example):
    with pytest.raises(AppError):
        client.predict(files=example, weights="/etc", api_name="/assess_ecg")


def test_explain_returns_an_attribution_shaped_like_the_study(client, example):
    answer = client.predict(files=example, target="superclass:NORM", method="grad_cam", api_name="/explain_ecg")
    attribution = revive(Attribution, answer)
    assert attribution.values.shape[0] == 12
    assert np.isfinite(attribution.values).all()
    assert attribution.target == "superclass:NORM"
    assert attribution.faithfulness


@pytest.mark.parametrize(("content", "says"), [(b"", "empty"), (b"this is not an ECG", ".")])
def test_bad_input_is_one_sentence_and_the_app_goes_on(client, tmp_path, app_url, tmp_path_factory, content, says):
    bad = tmp_path / "study.csv"
    bad.write_bytes(content)
    with pytest.raises(AppError) as raised:
        client.predict(files=[handle_file(bad)], api_name="/assess_ecg")
    assert says in str(raised.value)
    assert "Traceback" not in str(raised.value)
    assert str(tmp_path) not in str(raised.value)
    assert uploads_left(app_url, tmp_path_factory) == []
    assert client.predict(api_name="/models")["ecg"]["device"]


@pytest.mark.parametrize("weights", ["cmr", "cmr_dae_former"])
def test_a_stack_comes_back_with_its_mask(client, tmp_path, weights):
    upload = next(get("cmr").verb("examples")()).files[0]
    (tmp_path / upload.name).write_bytes(upload.data)
    answer = client.predict(files=[handle_file(tmp_path / upload.name)], weights=weights, api_name="/assess_cmr")
    assert answer["model"]["name"] == weights
    mask = nibabel.Nifti1Image.from_bytes(gzip.decompress(base64.b64decode(answer.pop("mask_nifti_base64"))))
    scan = nibabel.Nifti1Image.from_bytes(gzip.decompress(upload.data))
    labels = np.asanyarray(mask.dataobj)
    assert mask.shape == scan.shape
    assert np.allclose(mask.affine, scan.affine)
    share = next(m for m in revive(Assessment, answer).measurements if m.code == "scar_share")
    assert share.value == pytest.approx(100 * (labels >= 3).sum() / (labels >= 2).sum())


def test_explaining_works_after_assessing_on_the_same_model(client, example):
    client.predict(files=example, api_name="/assess_ecg")
    answer = client.predict(files=example, target="superclass:MI", method="integrated_gradients",
                            api_name="/explain_ecg")
    assert answer["target"] == "superclass:MI"
    assert len(answer["values"]["shape"]) == 2


def test_no_endpoint_keeps_a_study(client, example):
    client.predict(files=example, api_name="/assess_ecg")
    with pytest.raises(AppError):
        client.predict(files=[], target="superclass:MI", method="grad_cam", api_name="/explain_ecg")


def test_unknown_target_is_named(client, example):
    with pytest.raises(AppError, match="superclass:NOPE"):
        client.predict(files=example, target="superclass:NOPE", method="grad_cam", api_name="/explain_ecg")


def test_no_files_is_one_sentence(client):
    with pytest.raises(AppError) as raised:
        client.predict(files=[], api_name="/assess_ecg")
    assert "Traceback" not in str(raised.value)
    assert len(str(raised.value)) > 10


def test_an_upload_over_the_limit_is_refused(app_url, tmp_path):
    blob = b"0" * (settings.max_upload_mb * 2**20 + 2**20)
    answer = httpx.post(f"{app_url}/api/gradio_api/upload", files={"files": ("big.csv", blob)}, timeout=60)
    assert answer.status_code == 413


def test_models_lists_hash_and_device(client):
    models = client.predict(api_name="/models")
    assert len(models["ecg"]["sha256"]) == 64
    assert models["ecg"]["device"]


def test_tools_are_offered_over_mcp(app_url):
    tools = {tool["name"] for tool in httpx.get(f"{app_url}/api/gradio_api/mcp/schema").json()}
    assert any("assess_ecg" in tool for tool in tools)
    assert any("explain_ecg" in tool for tool in tools)


def test_taken_files_are_gone_from_disk(tmp_path):
    path = tmp_path / "study.dat"
    path.write_bytes(b"abc")
    assert [u.data for u in api.take([str(path)])] == [b"abc"]
    assert not path.exists()
