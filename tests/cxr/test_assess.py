"""The shipped weights on the examples: golden predictions, the gate, the note's effect."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from core.assessment import from_json, to_json
from core.cxr.assess import assess, differential_of, zero_shot
from core.cxr.examples import examples
from core.cxr.explain import explain
from core.cxr.labels import LABELS
from core.cxr.read import read
from core.cxr.study import CxrStudy


@pytest.fixture(scope="module")
def film() -> CxrStudy:
    return read(next(iter(examples().values()))(), age=60, sex="male", view="PA")


def probabilities(assessment) -> dict[str, float]:
    return {f"{f.group}:{f.code}": f.probability for f in assessment.findings if f.trained}


GOLDEN = {
    "no finding": {"No Finding": 0.109, "Cardiomegaly": 0.007, "Edema": 0.146, "Pleural Effusion": 0.071},
    "cardiomegaly": {"No Finding": 0.089, "Cardiomegaly": 0.038, "Edema": 0.131, "Pleural Effusion": 0.096},
    "consolidation": {"No Finding": 0.082, "Cardiomegaly": 0.025, "Edema": 0.278, "Pleural Effusion": 0.094},
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_probabilities(name: str) -> None:
    film = read(examples()[f"Composite: {name}"](), age=60, sex="male", view="PA")
    found = {f.code: f.probability for f in assess(film).findings if f.group == "observation"}
    for code, expected in GOLDEN[name].items():
        assert found[code] == pytest.approx(expected, abs=0.01), code


def test_every_example_is_read_and_not_refused() -> None:
    for name, load in examples().items():
        if name.startswith("Composite"):
            assert not assess(read(load())).refused, name


def test_untrained_findings_have_no_number(film: CxrStudy) -> None:
    found = {f.code: f for f in assess(film).findings if f.group == "observation"}
    for code in ("Enlarged Cardiomediastinum", "Fracture", "Support Devices"):
        assert not found[code].trained
        assert found[code].probability is None
        assert not found[code].present
    assert all(0 < f.probability < 1 for f in found.values() if f.trained)


def test_json_round_trip(film: CxrStudy) -> None:
    assessment = assess(film)
    again = from_json(to_json(assessment))
    assert again.findings == assessment.findings
    assert again.notices == assessment.notices
    np.testing.assert_array_equal(again.overlays["without_note"], assessment.overlays["without_note"])


def test_the_note_changes_numbers_and_negation_does_not(film: CxrStudy) -> None:
    plain = probabilities(assess(film))
    negated = probabilities(assess(dataclasses.replace(film, note="No fever. Denies cough. Without chest pain.")))
    assert negated == pytest.approx(plain, abs=1e-6)
    asked = probabilities(assess(dataclasses.replace(film, note="Fever and productive cough for three days.")))
    assert max(abs(asked[k] - plain[k]) for k in plain) > 1e-4
    read_aloud = probabilities(assess(dataclasses.replace(film, note="FINDINGS: large pleural effusion.")))
    assert read_aloud == pytest.approx(plain, abs=1e-6)


def test_without_note_is_what_the_film_alone_gives(film: CxrStudy) -> None:
    bare = dataclasses.replace(film, age=None, sex=None, view=None)
    alone = dict(zip((":".join(label) for label in LABELS), assess(film).overlays["without_note"], strict=True))
    for name, p in probabilities(assess(bare)).items():
        assert alone[name] == pytest.approx(p, abs=1e-5)


def picture(kind: str) -> np.ndarray:
    rng, ramp = np.random.default_rng(0), np.mgrid[:400, :400] / 400
    return {"noise": rng.random((400, 400)), "ramp": ramp[0], "checks": (ramp[0] * 8 % 1 > 0.5) ^ (ramp[1] * 8 % 1 > 0.5),
            "disc": np.hypot(*(ramp - 0.5)) < 0.3}[kind].astype(np.float32)


@pytest.mark.parametrize("kind", ["noise", "ramp", "checks", "disc"])
def test_what_is_no_film_is_refused(kind: str) -> None:
    assessment = assess(CxrStudy(picture(kind)))
    assert assessment.refused
    assert not assessment.findings
    assert not assessment.overlays


def test_a_colour_picture_is_refused(film: CxrStudy) -> None:
    assert assess(dataclasses.replace(film, colour=0.9)).refused


@pytest.mark.parametrize("turn", [lambda x: x[::-1, ::-1].copy(), lambda x: np.rot90(x).copy(), lambda x: 1 - x])
def test_turned_and_inverted_films_are_refused(film: CxrStudy, turn) -> None:
    assert assess(dataclasses.replace(film, pixels=turn(film.pixels))).refused


def test_children_get_a_caution_and_their_own_finding(film: CxrStudy) -> None:
    assessment = assess(dataclasses.replace(film, age=4.0))
    assert any(n.level == "caution" and "child" in n.message for n in assessment.notices)
    assert any(f.group == "child" for f in assessment.findings)
    assert not any(f.group == "child" for f in assess(film).findings)


def test_differential_and_zero_shot_speak(film: CxrStudy) -> None:
    assessment = assess(film)
    statements = differential_of(film, assessment)
    assert statements
    assert all(s.text for s in statements)
    assert 0 <= zero_shot(film, "rib fracture with displaced fragments") <= 1


def test_explanation_of_the_shipped_weights(film: CxrStudy) -> None:
    strongest = max((f for f in assess(film).findings if f.trained), key=lambda f: f.probability)
    result = explain(film, f"{strongest.group}:{strongest.code}")
    assert result.values.shape == film.pixels.shape
    assert result.values.max() == pytest.approx(1.0)
    assert {"advantage", "holds"} <= result.faithfulness.keys()
