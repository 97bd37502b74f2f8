"""Explanations of a small network with random weights: right by construction, in time, cancellable, one per user."""

from __future__ import annotations

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from core import serving
from core.cxr.attention import image_rollout
from core.cxr.explain import explain, grad_cams, weight_randomisation
from core.cxr.explain_note import note_words
from core.cxr.labels import INDEX, LABELS, OBSERVATIONS
from core.cxr.model import PRESETS, CxrNet
from core.cxr.prepared import prepare
from core.cxr.study import CxrStudy
from core.progress import Cancelled
from core.serving import get
from core.uploads import InputError
from core.weights import Architecture, Config, save

NOTE = "Age 60 years. Male. AP view, portable. Shortness of breath with bilateral leg swelling since two weeks."
VIT = {"backbone": "vit_tiny_patch16_224", "width": 64, "heads": 4}


def saved(folder, arguments: dict, trained: list[bool] | None = None) -> str:
    torch.manual_seed(1)
    model = CxrNet(**arguments)
    for module in model.modules():  # a network that has seen films does not pass on a nearly constant map
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.uniform_(-0.5, 0.5)
    more = {} if trained is None else {"trained": trained}
    save(folder, model, Config(
        name="cxr", version="0", architecture=Architecture(target="core.cxr.model:CxrNet", arguments=arguments),
        input={}, training_data="none", licence="none", seed=0, **more))
    return str(folder)


@pytest.fixture(scope="module")
def compact(tmp_path_factory) -> str:
    return saved(tmp_path_factory.mktemp("compact"), PRESETS["compact"])


@pytest.fixture(scope="module")
def vit(tmp_path_factory) -> str:
    return saved(tmp_path_factory.mktemp("vit"), VIT)


def study(height: int = 260, width: int = 300, note: str = "") -> CxrStudy:
    y, x = np.mgrid[:height, :width] / [[[height]], [[width]]]
    lungs = sum(np.exp(-((x - c) / 0.12) ** 2 - ((y - 0.45) / 0.3) ** 2) for c in (0.3, 0.7))
    noise = np.random.default_rng(0).normal(0, 0.03, (height, width))
    return CxrStudy(np.clip(0.75 - 0.6 * lungs + noise, 0, 1).astype(np.float32), note=note)


@pytest.mark.parametrize(("weights", "method"), [
    ("compact", "grad_cam"), ("compact", "integrated_gradients"), ("compact", "occlusion"), ("compact", "attention"),
    ("vit", "grad_cam"), ("vit", "attention"),  # the other two know nothing of the encoder's kind
])
def test_every_method_on_both_kinds_of_encoder(request, weights, method):
    film = study(note=NOTE)
    why = explain(film, "Cardiomegaly", method, request.getfixturevalue(weights))
    assert why.values.shape == film.pixels.shape
    assert why.values.dtype == np.float32
    assert np.isfinite(why.values).all()
    assert np.abs(why.values).max() == pytest.approx(1)
    assert (why.values.min() < 0) == (method == "integrated_gradients")
    assert why.target == "observation:Cardiomegaly"
    assert why.method == method
    check = why.faithfulness
    assert len(check["targeted"]) == len(check["random"]) == len(check["fractions"]) == 4
    assert check["targeted"][0] == check["random"][0]
    assert why.parameters["region"]
    assert why.seconds > 0
    if method == "attention":
        assert why.parameters["kind"] == ("attention rollout" if weights == "vit" else "note reads image")


@pytest.mark.parametrize("weights", ["compact", "vit"])
def test_grad_cam_is_its_formula(request, weights):
    folder, film, k = request.getfixturevalue(weights), study(), INDEX[("further", "Mass")]
    served = get(folder)
    prepared = prepare(film, "", served)
    features = served.model.encoder(prepared.film).detach().requires_grad_()
    served.model.fuse(features, prepared.states, prepared.padding)[0, k].backward()
    cam = torch.relu((features.grad.mean((2, 3), keepdim=True) * features).sum(1)).detach()
    cam = torch.nn.functional.interpolate(cam[None], film.pixels.shape, mode="bilinear")[0, 0].numpy()
    np.testing.assert_allclose(explain(film, "further:Mass", weights=folder).values, cam / cam.max(), atol=1e-4)


def test_fourteen_maps_are_those_of_one_at_a_time_and_take_no_three_times_as_long(compact):
    film = study(note=NOTE)
    targets = [f"observation:{code}" for code in OBSERVATIONS]
    grad_cams(film, targets, compact)  # warm

    def seconds(some: list[str]) -> float:
        began = time.process_time()
        grad_cams(film, some, compact)
        return time.process_time() - began

    one, all_of_them = (min(seconds(some) for _ in range(3)) for some in (targets[:1], targets))
    assert all_of_them < 3 * one
    maps = grad_cams(film, targets, compact)
    assert list(maps) == targets
    for target in targets[:3]:
        np.testing.assert_allclose(maps[target], explain(film, target, weights=compact).values, atol=1e-3)
    assert grad_cams(film, [], compact) == {}


def test_the_default_explanation_with_its_check_takes_less_than_a_second(compact):
    film = study(1024, 1024, NOTE)
    explain(film, "Edema", weights=compact)
    began = time.process_time()
    explain(film, "Edema", weights=compact)
    assert time.process_time() - began < 1.0


def test_integrated_gradients_add_up(compact):
    why = explain(study(), "Edema", "integrated_gradients", compact)
    served = get(compact)
    prepared = prepare(study(), "", served)
    with torch.inference_mode():
        k = INDEX[("observation", "Edema")]
        gap = float(prepared.logits(served.model)(prepared.film)[0, k] - prepared.logits(served.model)(prepared.blurred)[0, k])
    assert why.parameters["convergence_delta"] < max(0.1 * abs(gap), 0.05)


def test_a_long_explanation_reports_its_progress_and_can_be_cancelled(compact):
    told: list[tuple[int, int]] = []

    def stop_early(steps: int, of: int) -> bool:
        told.append((steps, of))
        return steps < 0.1 * of

    with pytest.raises(Cancelled):
        explain(study(), "Edema", "occlusion", compact, stop_early)
    assert told == sorted(told)
    assert len({of for _, of in told}) == 1
    steps, of = told[-1]
    assert 0.1 <= steps / of < 0.2
    assert get(compact).lock.acquire(blocking=False)  # and it let go of the model
    get(compact).lock.release()
    with pytest.raises(Cancelled):
        weight_randomisation(study(), "Edema", "grad_cam", compact, lambda steps, of: steps < 0.3 * of)


def test_integrated_gradients_report_to_the_end_and_can_be_cancelled(compact):
    told: list[tuple[int, int]] = []
    explain(study(), "Edema", "integrated_gradients", compact, lambda *step: not told.append(step))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    with pytest.raises(Cancelled):
        explain(study(), "Edema", "integrated_gradients", compact, lambda steps, of: False)


def test_the_check_with_random_weights_reports_within_each_explanation(compact):
    shares: list[float] = []

    def stop(steps: int, of: int) -> bool:
        shares.append(steps / of)
        return steps < 0.2 * of

    with pytest.raises(Cancelled):
        weight_randomisation(study(), "Edema", "occlusion", compact, stop)
    assert shares == sorted(shares)
    assert len(shares) > 20  # the seven occlusions are hundreds of windows
    assert 0.2 <= shares[-1] < 0.25


class Counting:
    """A lock that knows how many passes it saw."""

    def __init__(self, lock):
        self.lock, self.passes, self.inside = lock, 0, 0

    def __enter__(self):
        self.lock.acquire()
        self.passes += 1
        self.inside += 1
        assert self.inside == 1, "one pass at a time, never a pass within a verb that holds the model"

    def __exit__(self, *error):
        self.inside -= 1
        self.lock.release()


@pytest.mark.parametrize(("method", "passes"), [("grad_cam", 2), ("integrated_gradients", 3), ("occlusion", 20)])
def test_the_model_is_held_for_one_pass_at_a_time(compact, method, passes, monkeypatch):
    served = get(compact)
    lock = Counting(served.lock)
    monkeypatch.setitem(serving._models, compact, dataclasses.replace(served, lock=lock))
    explain(study(note=NOTE), "Edema", method, compact)
    assert lock.passes >= passes + 2  # the note before, the deletion check after


@pytest.mark.parametrize(("weights", "stages"), [
    ("compact", ["head", "fusion", "encoder bn2", "encoder conv_head", "encoder blocks.6", "encoder blocks.5"]),
    ("vit", ["head", "fusion", "encoder norm", "encoder blocks.11", "encoder blocks.10", "encoder blocks.9"]),
])
def test_weight_randomisation_changes_the_map_and_leaves_the_model_alone(request, weights, stages):
    folder = request.getfixturevalue(weights)
    before = explain(study(), "Edema", weights=folder).values
    shares: list[float] = []
    check = weight_randomisation(study(), "Edema", "grad_cam", folder, lambda steps, of: not shares.append(steps / of))
    assert check["stages"] == stages
    assert len(check["correlation"]) == len(stages)
    assert all(-1 <= r <= 1 for r in check["correlation"])
    assert check["holds"] == (check["correlation"][-1] < 0.5)
    assert shares == [k / (len(stages) + 1) for k in range(1, len(stages) + 2)]
    np.testing.assert_allclose(explain(study(), "Edema", weights=folder).values, before, atol=1e-4)


def test_rollout_knows_no_finding_and_the_check_says_so(vit):
    check = weight_randomisation(study(), "Edema", "attention", vit)
    assert check["correlation"][:2] == pytest.approx([1, 1])  # neither head nor fusion has a part in it


def test_rollout_of_uniform_attention_is_flat(vit):
    encoder = get(vit).model.encoder
    torch.manual_seed(1)
    flat = CxrNet(**VIT).eval().requires_grad_(False)
    for block in flat.encoder.net.blocks:
        block.attn.qkv.weight.zero_()
        block.attn.qkv.bias.zero_()
    film = torch.zeros(1, 3, 224, 224)
    values = image_rollout(flat.encoder, film)
    assert values.shape == (14, 14)
    torch.testing.assert_close(values, torch.full((14, 14), float(values[0, 0])))
    assert image_rollout(encoder, film + torch.randn(film.shape)).std() > 0


@pytest.mark.parametrize(("target", "method"), [
    ("Cat", "grad_cam"), ("child:Edema", "grad_cam"), ("Edema", "lime"), ("", "grad_cam"),
])
def test_unknown_targets_and_methods_are_refused(compact, target, method):
    for verb in (explain, weight_randomisation):
        with pytest.raises(InputError):
            verb(study(), target, method, compact)


def test_an_untrained_finding_has_no_reason(tmp_path):
    trained = [label != ("observation", "Fracture") for label in LABELS]
    folder = saved(tmp_path, PRESETS["compact"], trained)
    with pytest.raises(InputError, match="not trained on Fracture"):
        explain(study(), "Fracture", weights=folder)


def test_four_threads_on_one_model_get_the_right_maps(compact):
    jobs = [f"observation:{code}" for code in OBSERVATIONS[:4]]
    alone = {target: grad_cams(study(), [target], compact)[target] for target in jobs}
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda target: grad_cams(study(), [target], compact)[target], jobs * 3))
    for target, values in zip(jobs * 3, together, strict=True):
        np.testing.assert_allclose(values, alone[target], atol=1e-4)


def test_words_are_those_of_the_note_and_weigh_what_leaving_them_out_costs(compact):
    film = study()
    words = note_words(NOTE, film, "Edema", compact)
    assert [word for word, _ in words] == NOTE.split()
    served, k = get(compact), INDEX[("observation", "Edema")]
    prepared = prepare(film, NOTE, served)
    hidden = prepared.padding.clone()
    hidden[0, :2] = True  # "Age", "60": one word piece each
    hidden[0, 0] = False
    with torch.inference_mode():
        with_word = prepared.logits(served.model)(prepared.film)[0, k]
        without = served.model(prepared.film, prepared.states, hidden)[0, k]
    assert words[1][0] == "60"
    assert words[1][1] == pytest.approx(float(with_word - without), abs=1e-4)
    assert len({round(value, 6) for _, value in words}) > 5


def test_an_empty_note_has_no_words_and_a_long_one_takes_less_than_a_second(compact):
    assert note_words("", study(), "Edema", compact) == ()
    sixty = " ".join(f"word{i}" if i % 7 == 0 else "cough" for i in range(60))
    note_words(sixty, study(), "Edema", compact)
    began = time.process_time()
    words = note_words(sixty, study(), "Edema", compact)
    assert time.process_time() - began < 1.0
    assert 50 <= len(words) <= 60
