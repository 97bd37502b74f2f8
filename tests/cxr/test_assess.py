"""The shipped weights on the examples: golden predictions, the gate, the note's effect, one conclusion for all."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from core.assessment import Notice, from_json, to_json
from core.cxr.assess import STRONG, assess, banner, zero_shot
from core.cxr.evidence import differential_of
from core.cxr.examples import PHANTOM, examples
from core.cxr.explain import explain
from core.cxr.read import read
from core.cxr.sources import FILM_ALONE, LOW_RANK, SOURCES, probabilities
from core.cxr.study import CxrStudy
from core.progress import Cancelled
from core.uploads import InputError
from core.weights import read_config, read_metrics
from tests.cxr.golden import GOLDEN, assessed, golden

EXAMPLES = {example.name: example for example in examples()}


@pytest.fixture(scope="module")
def film() -> CxrStudy:
    return read(next(examples()).files, age=60, sex="male", view="PA")


def own(assessment) -> dict[str, float]:
    return probabilities(assessment.findings)


def test_golden_probabilities() -> None:
    known = json.loads(GOLDEN.read_text())
    found = {name: golden(assessment) for name, assessment in assessed()}
    assert found.keys() == known.keys()
    for name, expected in known.items():
        assert found[name] == pytest.approx(expected, abs=2e-3), name


def test_every_composite_is_read_and_the_phantom_refused() -> None:
    for name, example in EXAMPLES.items():
        assert assess(read(example.files)).refused == (name == PHANTOM), name


def test_an_example_shows_what_its_name_says() -> None:
    """Files are named ``composite_<finding>.png``."""
    for example in examples():
        if example.name != PHANTOM:
            said = assess(read(example.files))
            found = {f.label.lower() for f in said.own if f.present}
            assert example.name.removeprefix("Composite: ") in found, example.name
            assert "undecided" not in said.report["en"][-1], example.name


def test_untrained_findings_have_no_number(film: CxrStudy) -> None:
    found = {f.code: f for f in assess(film).own if f.group == "observation"}
    for code in ("Enlarged Cardiomediastinum", "Fracture", "Support Devices"):
        assert not found[code].trained
        assert found[code].probability is None
        assert not found[code].present
    assert all(0 < f.probability < 1 for f in found.values() if f.trained and f.usable)


def test_json_round_trip(film: CxrStudy) -> None:
    assessment = assess(film)
    assert from_json(to_json(assessment)) == assessment


def test_without_a_note_nothing_is_said_of_one() -> None:
    assessment = assess(read(next(examples()).files))
    assert {f.source for f in assessment.findings} == {"model", SOURCES[LOW_RANK]}
    assert "note" not in " ".join(assessment.report["en"])


def test_the_note_changes_numbers_and_negation_does_not(film: CxrStudy) -> None:
    plain = own(assess(film))
    negated = own(assess(dataclasses.replace(film, note="No fever. Denies cough. Without chest pain.")))
    assert negated == pytest.approx(plain, abs=1e-6)
    asked = own(assess(dataclasses.replace(film, note="Fever and productive cough for three days.")))
    assert max(abs(asked[k] - plain[k]) for k in plain) > 1e-4
    read_aloud = own(assess(dataclasses.replace(film, note="FINDINGS: large pleural effusion.")))
    assert read_aloud == pytest.approx(plain, abs=1e-6)


def test_without_note_is_what_the_film_alone_gives(film: CxrStudy) -> None:
    bare = dataclasses.replace(film, age=None, sex=None, view=None)
    alone = probabilities(assess(film).findings, FILM_ALONE)
    assert own(assess(bare)) == pytest.approx(alone, abs=1e-5)


def test_what_others_say_are_findings_of_their_own_groups(film: CxrStudy) -> None:
    assessment = assess(film)
    assert not assessment.overlays
    assert {f.source for f in assessment.findings} == {"model", SOURCES[FILM_ALONE], SOURCES[LOW_RANK]}
    assert {f.group for f in assessment.own} == {"observation", "further"}
    trained = [(f.group, f.code) for f in assessment.own if f.probability is not None]
    for who in (FILM_ALONE, LOW_RANK):
        others = [f for f in assessment.findings if f.source == SOURCES[who]]
        assert [(f.group.removesuffix(f"_{who}"), f.code) for f in others] == trained
        assert all(0 < f.probability < 1 and f.threshold is None and not f.present for f in others)
        assert len({f.target for f in assessment.findings}) == len(assessment.findings)


def picture(kind: str) -> np.ndarray:
    rng, ramp = np.random.default_rng(0), np.mgrid[:400, :400] / 400
    return {"noise": rng.random((400, 400)), "ramp": ramp[0], "checks": (ramp[0] * 8 % 1 > 0.5) ^ (ramp[1] * 8 % 1 > 0.5),
            "disc": np.hypot(*(ramp - 0.5)) < 0.3}[kind].astype(np.float32)


def only_refused(assessment, subject: str) -> None:
    """A reason, what is worth knowing, and nothing else."""
    assert assessment.refused
    assert [n.subject for n in assessment.notices if n.level != "info"] == [subject]
    assert not any((assessment.findings, assessment.measurements, assessment.overlays))
    assert assessment.report["en"][0].startswith("Not interpreted: ")


@pytest.mark.parametrize("kind", ["noise", "ramp", "checks", "disc"])
def test_what_is_no_film_is_refused(kind: str) -> None:
    only_refused(assess(CxrStudy(picture(kind))), "input gate")


def test_a_colour_picture_is_refused(film: CxrStudy) -> None:
    only_refused(assess(dataclasses.replace(film, colour=0.9)), "input gate")


@pytest.mark.parametrize("turn", [lambda x: x[::-1, ::-1].copy(), lambda x: np.rot90(x).copy(), lambda x: 1 - x])
def test_turned_and_inverted_films_are_refused(film: CxrStudy, turn) -> None:
    assessment = assess(dataclasses.replace(film, pixels=turn(film.pixels)))
    assert assessment.notices[0].subject in ("input gate", "orientation", "inversion")
    only_refused(assessment, assessment.notices[0].subject)


def test_of_several_reasons_the_first_stands_and_cautions_are_information(film: CxrStudy) -> None:
    lateral = read(next(examples()).files, view="lateral")
    cautious = (*lateral.notices, Notice("caution", "The image is small.", "size"))
    assessment = assess(dataclasses.replace(lateral, notices=cautious, colour=0.9, age=4.0, pixels=1 - film.pixels))
    only_refused(assessment, "view")
    assert {n.subject for n in assessment.notices if n.level == "info"} == {"identity", "size"}
    assert differential_of(lateral, assessment) == ()


def test_children_get_a_caution_and_their_own_finding(film: CxrStudy) -> None:
    assessment = assess(dataclasses.replace(film, age=4.0))
    assert any(n.level == "caution" and "child" in n.message for n in assessment.notices)
    assert any(f.group == "child" for f in assessment.findings)
    assert not any(f.group == "child" for f in assess(film).findings)


def test_the_report_is_the_differential_and_its_conclusion(film: CxrStudy) -> None:
    film = dataclasses.replace(film, note="Fever and cough for three days. Known pneumonia.")
    assessment = assess(film)
    *sentences, conclusion = assessment.report["en"]
    statements = differential_of(film, assessment)
    assert sentences == [s.text for s in statements]
    assert all(s.evidence for s in statements)
    assert any("The note itself names Pneumonia" in s for s in sentences)
    above = sorted((f for f in assessment.own if f.present and f.code != "No Finding"), key=lambda f: -f.probability)
    assert conclusion == "Conclusion: undecided." or conclusion.startswith(f"Conclusion: {above[0].label} "), conclusion
    assert len([s for s in sentences if " is likely: " in s or " is possible: " in s]) <= 3


def test_a_weak_model_says_so_where_it_speaks(film: CxrStudy) -> None:
    told = read_config("cxr").extra["reached"]
    first = assess(film).notices[0]
    assert first.subject == "model"
    assert f"Macro AUC {told['auc']:.2f}" in first.message
    assert f"{told['learned']:,} films" in first.message
    assert (first.level == "caution") == (told["interval"][1] < STRONG)
    bare = read_config("cxr").model_copy(update={"reached": None})
    assert banner(bare) == ()


def test_labels_that_are_not_told_from_chance_have_neither_number_nor_map(film: CxrStudy) -> None:
    low = {f["name"]: f["interval"][0] for f in read_metrics("cxr")["figures"] if f["interval"]}
    own = {f.target: f for f in assess(film).own}
    for f in own.values():
        name = f"AUC, {f.code}"
        if f.trained and name in low:
            assert f.usable == (f.probability is not None) == (low[name] > 0.5), name
    for f in own.values():
        if not f.usable:
            with pytest.raises(InputError, match="from chance"):
                explain(film, f.target)


def test_a_note_that_is_not_there_is_not_spoken_of(film: CxrStudy) -> None:
    bare = dataclasses.replace(film, age=None, sex=None, view=None)
    assert not any("note" in line.lower() for line in assess(bare).report["en"])


def test_maps_are_made_of_what_the_text_speaks_of_alone(film: CxrStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.cxr import evidence

    asked: list[list[int]] = []
    made = evidence.grad_cams
    monkeypatch.setattr(evidence, "grad_cams", lambda *given: asked.append(list(given[3])) or made(*given))
    for one in examples():
        asked.clear()
        if not (assessment := assess(read(one.files))).refused:
            told = [line for line in assessment.report["en"] if " is likely: " in line or " is possible: " in line]
            assert sum(map(len, asked)) == len(told) <= 3


def test_assessing_reports_its_steps_and_can_be_cancelled(film: CxrStudy) -> None:
    told: list[tuple[int, int]] = []
    assess(film, done=lambda *step: not told.append(step))
    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(Cancelled):
        assess(film, done=lambda steps, of: False)


def test_zero_shot_is_a_share_and_wants_words(film: CxrStudy) -> None:
    assert 0 <= zero_shot(film, "rib fracture with displaced fragments") <= 1
    with pytest.raises(InputError, match="no words"):
        zero_shot(film, "12")


def test_explanation_of_the_shipped_weights(film: CxrStudy) -> None:
    strongest = max((f for f in assess(film).own if f.probability is not None), key=lambda f: f.probability)
    result = explain(film, strongest.target)
    assert result.values.shape == film.pixels.shape
    assert result.values.max() == pytest.approx(1.0)
    assert {"advantage", "holds"} <= result.faithfulness.keys()
