"""Models side by side: every mark stands at its number, and what a model does not say is left out."""

from __future__ import annotations

import pytest

from core.assessment import Assessment, Finding, ModelId
from core.cxr.comparison import beside, dots, low_rank_beside, randomisation
from core.cxr.figures import findings_bars
from core.cxr.sources import FILM_ALONE, LOW_RANK, SOURCES, XRV

FINDINGS = (
    Finding("observation", "Edema", "Edema", 0.6, 0.4, True, (0.5, 0.7)),
    Finding("observation", "Pneumonia", "Pneumonia", 0.1, 0.3),
    Finding("observation", "Fracture", "Fracture", None, None, trained=False),
    Finding("child", "Pneumonia", "Pneumonia (child)", 0.2, 0.5),
)


def by(who: str, group: str, code: str, probability: float) -> Finding:
    return Finding(f"{group}_{who}", code, code, probability, None, source=SOURCES[who])


@pytest.fixture
def assessment() -> Assessment:
    return Assessment("cxr", ModelId("cxr", "1", "0" * 64, "CPU"), (
        *FINDINGS, by(FILM_ALONE, "observation", "Edema", 0.45), by(LOW_RANK, "observation", "Edema", 0.7),
        by(LOW_RANK, "child", "Pneumonia", 0.25)))


def test_models_stand_beside_each_other_by_label(assessment):
    models = beside(assessment, [by(XRV, "observation", "Edema", 0.6)])
    assert models["with the note"] == {"observation:Edema": 0.6, "observation:Pneumonia": 0.1, "child:Pneumonia": 0.2}
    assert models["without the note"] == {"observation:Edema": 0.45}
    assert models["low-rank, film alone"] == {"observation:Edema": 0.7, "child:Pneumonia": 0.25}
    assert models["TorchXRayVision"] == {"observation:Edema": 0.6}
    assert "TorchXRayVision" not in beside(assessment)


@pytest.mark.parametrize("alone", [None, 0.602])
def test_nothing_is_said_of_a_note_that_is_not_there_or_changed_nothing(alone):
    found = FINDINGS if alone is None else (*FINDINGS, by(FILM_ALONE, "observation", "Edema", alone))
    models = beside(Assessment("cxr", ModelId("cxr", "1", "0" * 64, "CPU"), found))
    assert list(models) == ["our model", "low-rank, film alone"]


def test_each_mark_stands_at_its_number(assessment):
    trained = [f for f in FINDINGS if f.trained]
    traces = {trace.name: trace for trace in dots(trained, beside(assessment)).data}
    assert list(traces["low-rank, film alone"].x) == [0.7, 0.25]
    assert list(traces["low-rank, film alone"].y) == [0, 2]
    assert list(traces["operating threshold"].x) == [0.4, 0.3, 0.5]


def test_the_low_rank_column_stands_on_the_row_of_its_finding(assessment):
    figure = low_rank_beside(findings_bars(assessment), assessment)
    rows = dict(zip(figure.layout.yaxis.ticktext, figure.layout.yaxis.tickvals, strict=True))
    column = {a.y: a.text for a in figure.layout.annotations if a.x == 1.42}
    assert column[rows["Edema"]] == "70%"
    assert column[rows["Pneumonia (child)"]] == "25%"
    assert rows["Pneumonia"] not in column


def test_randomisation_starts_with_the_map_itself():
    figure = randomisation({"stages": ["head", "fusion"], "correlation": [0.6, -0.3], "limit": 0.5, "holds": True})
    assert list(figure.data[0].x) == ["as trained", "head", "fusion"]
    assert list(figure.data[0].y) == [1.0, 0.6, -0.3]
    assert figure.layout.yaxis.range[0] < -0.3
