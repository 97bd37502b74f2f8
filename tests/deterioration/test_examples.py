"""The made-up stays: said so, the same each time, and each shows what it is there for."""

from __future__ import annotations

import numpy as np
import pytest

from core.deterioration.examples import examples
from core.deterioration.news2 import course
from core.deterioration.note_features import mentions
from core.deterioration.read import read


@pytest.fixture(scope="module")
def stays():
    return [(one.name, read(one.files, **one.fields)) for one in examples()]


def test_they_say_that_they_are_made_up_and_are_the_same_each_time(stays):
    assert [name.split()[2].rstrip(":") for name, _ in stays] == ["stable", "septic", "bleeding", "hypercapnic"]
    assert all(name.startswith("Made up: ") for name, _ in stays)
    assert [one.files[0].data for one in examples()] == [one.files[0].data for one in examples()]
    assert all(one.files[0].name.startswith("made_up_") for one in examples())


def test_they_are_read_without_doubt(stays):
    for name, study in stays:
        assert study.notices == (), name
        assert study.last_hour == 48
        assert np.isfinite(study.grid).any(0).all()
        assert study.note
        assert 0 < study.note_hour < 48
        assert mentions(study.note)


def test_their_scores_rise_when_they_deteriorate(stays):
    totals = {name: [one.total for _, one in course(study)] for name, study in stays}
    stable, *others = totals.values()
    assert max(stable) <= 2
    for name, scored in list(totals.items())[1:]:
        assert max(scored[18:30]) >= 7, name
        assert max(scored) > max(scored[:6]) + 1, name
    assert len(others) == 3


def test_the_hypercapnic_stay_is_scored_on_scale_2(stays):
    study = stays[-1][1]
    assert study.hypercapnic
    assert {one.scale for _, one in course(study)} == {2}
    assert max(one.parts["saturation"] for _, one in course(study)) == 3  # 97 % and more on oxygen
