"""Contributions by a model that one can compute by hand, and by a network that was never trained."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from core.heart_failure.drugs import FLAGS
from core.heart_failure.explain import TARGETS, explain
from core.heart_failure.patient import patient
from core.heart_failure.read import read
from core.heart_failure.variables import NAMES
from core.progress import Cancelled
from core.serving import get
from core.uploads import InputError
from tests.heart_failure.standin import network, weights

TEXT = "Bisoprolol stopped. Furosemide 40 mg and torasemide 10 mg, dapagliflozin."
KNOWN = {"age": 75, "lvef": 25, "sodium": 135, "nt_probnp": math.exp(8), "prescriptions": TEXT}


def value(reason, name: str) -> float:
    return float(reason.values[NAMES.index(name)])


@pytest.mark.parametrize("method", ["shapley", "integrated_gradients"])
def test_independent_inputs_contribute_their_own_product(method):
    reason = explain(read(**KNOWN), "death:3y", method, weights())
    assert value(reason, "age") == pytest.approx(0.5, abs=1e-4)
    assert value(reason, "lvef") == pytest.approx(0.4, abs=1e-4)
    assert value(reason, "sodium") == pytest.approx(0.2, abs=1e-4)
    assert value(reason, "nt_probnp") == pytest.approx(0.6, abs=1e-4)
    assert value(reason, "haemoglobin") == 0
    drugs = {flag: value for flag, _, value in reason.parameters["drugs"]}
    assert list(drugs) == list(FLAGS)
    assert drugs["loop"] == pytest.approx(0.25, abs=1e-4)
    assert drugs["beta_blocker"] == pytest.approx(0, abs=1e-4)  # not taken, and the average takes none
    words = {TEXT[start:end]: value for start, end, value in reason.parameters["words"]}
    assert words["Furosemide"] == words["torasemide"] == pytest.approx(0.125, abs=1e-4)
    assert words["dapagliflozin"] == 0
    assert reason.parameters["fields"][0][0] == "nt_probnp"
    assert reason.faithfulness["holds"]
    assert reason.faithfulness["sum"] == pytest.approx(reason.faithfulness["difference"], abs=1e-4)


def test_related_inputs_share_what_both_tell():
    study = read(lvef=25, nt_probnp=math.exp(9))
    who = patient(get(weights(-0.6)), study)
    alone = [float(who.score(np.array([kept]))[0]) for kept in itertools.product([False, True], repeat=2)]
    nothing, second, first, both = alone
    names = [NAMES[column] for _, column in who.inputs]
    reason = explain(study, "death:1y", "shapley", weights(-0.6))
    assert value(reason, names[0]) == pytest.approx((first - nothing + both - second) / 2, abs=1e-4)
    assert value(reason, names[1]) == pytest.approx((second - nothing + both - first) / 2, abs=1e-4)


@pytest.mark.parametrize("method", ["shapley", "integrated_gradients"])
def test_a_network_that_reads_is_explained_by_the_same_rules(method):
    study, seen = read(**KNOWN), []
    reason = explain(study, "death:1y", method, network(), lambda *step: not seen.append(step))
    assert reason.values.shape == study.numbers.shape
    assert np.isfinite(reason.values).all()
    assert reason.faithfulness["complete"]
    words = reason.parameters["words"]
    assert [TEXT[start:end] for start, end, _ in words] == TEXT.split()
    assert any(value for *_, value in words)
    assert {code for code, *_ in reason.parameters["drugs"]} == {"beta_blocker", "loop", "sglt2"}
    assert seen
    with pytest.raises(Cancelled):
        explain(study, "death:1y", method, network(), lambda done, of: False)


def test_how_much_of_it_counts_in_the_cohort_is_told():
    assert explain(read(**KNOWN), "death:1y", "shapley", weights()).parameters["counts"] == 1
    assert explain(read(**KNOWN, setting="inpatient"), "death:1y", "shapley", weights()).parameters["counts"] == 0.2


def test_without_a_text_there_are_no_words():
    for model in (weights(), network()):
        reason = explain(read(age=75, sodium=135), "death:1y", "shapley", model)
        assert reason.parameters["words"] == []
        assert [row[0] for row in reason.parameters["fields"]][:1] == ["age"] or model != weights()


@pytest.mark.parametrize(("target", "method", "field"), [
    ("death:9y", "shapley", "target"), (TARGETS[0], "crystal ball", "method")])
def test_what_is_not_known_is_named(target, method, field):
    with pytest.raises(InputError) as caught:
        explain(read(**KNOWN), target, method, weights())
    assert caught.value.field == field


def test_a_refused_study_has_no_reason():
    with pytest.raises(InputError, match="adults"):
        explain(read(age=12, lvef=30), TARGETS[0], "shapley", weights())
