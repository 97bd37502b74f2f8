import numpy as np
import pytest
import torch

from core.heart_failure.network import MPrtm
from core.heart_failure.training.network_loop import (
    RECIPES,
    NetworkRecipe,
    concordance,
    hidden,
    stratified,
    train_network,
)
from core.heart_failure.training.outcomes import Patients
from core.heart_failure.variables import NAMES
from core.progress import Cancelled

QUICK = NetworkRecipe(epochs=3, batch=100, ridge=20.0)


def cohort(n: int = 200, seed: int = 0) -> Patients:
    """Age raises the hazard; two cohorts, the second with a tenfold baseline."""
    draw = np.random.default_rng(seed)
    numbers = np.full((n, len(NAMES)), np.nan, np.float32)
    numbers[:, 0], numbers[:, 4] = draw.normal(60, 10, n), draw.normal(120, 15, n)
    of = np.arange(n) % 2
    time = draw.exponential(1 / (0.2 * 10.0**of * np.exp((numbers[:, 0] - 60) / 10)))
    return Patients(torch.from_numpy(numbers), torch.full((n, 3), torch.nan), torch.randn(n, 2, 16, 8), torch.rand(n, 2, 14),
                    torch.from_numpy(draw.random(n) < 0.7), torch.from_numpy(time.clip(0.001, 6)).float(),
                    torch.from_numpy(time < 6), torch.from_numpy(of))


def small() -> MPrtm:
    torch.manual_seed(0)
    return MPrtm(text_width=8, read_width=8, width=8, members=2)


def test_it_learns_and_says_what_it_did():
    lines = []
    fitted = train_network(small(), cohort(), QUICK, log=lambda **figures: lines.append(figures))
    held = cohort(seed=1)
    inputs = held.inputs()
    with torch.inference_mode():
        out = fitted.model(inputs["numbers"], read=inputs["read"])
    assert concordance(out["log_hazard"], held) > 0.7
    assert (out["spread"] > 0).all()
    assert [line["epoch"] for line in lines] == [1, 2, 3]
    assert not fitted.model.trained[2]  # no cardiac MR in this cohort


def test_the_same_seed_gives_the_same_network():
    a, b = (train_network(small(), cohort(60), QUICK).model.state_dict() for _ in range(2))
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_early_stopping_keeps_the_best_epoch_and_its_predictions():
    kept = {}
    recipe = QUICK.model_copy(update={"epochs": 8, "held": 0.3, "patience": 2})
    fitted = train_network(small(), cohort(), recipe, keep=lambda epoch, found: kept.update({epoch: found}))
    assert len(fitted.held) == 60
    assert len(kept) == len(fitted.history)
    best = max(range(len(fitted.history)), key=lambda i: fitted.history[i]["c_index"])
    assert len(fitted.history) == min(8, best + 3)
    assert {"accuracy_1y", "accuracy_3y", "accuracy_stratum", "held_cox"} <= fitted.history[0].keys()
    assert kept[1]["stratum"].sum(-1) == pytest.approx(1)


def test_the_likelihood_compares_patients_of_one_cohort_only():
    patients = cohort()
    log_hazard = torch.randn(len(patients))
    shifted = log_hazard + 5.0 * patients.cohort
    assert torch.allclose(stratified(log_hazard, patients), stratified(shifted, patients), atol=1e-4)


def test_the_likelihood_by_hand():
    two = cohort().rows(np.array([0, 2]))
    two = Patients(**{**vars(two), "time": torch.tensor([1.0, 2.0]), "event": torch.tensor([True, True])})
    expected = torch.log(1 + torch.exp(torch.tensor(-1.0))) / 2  # the first death out of two at risk, the second out of one
    assert torch.allclose(stratified(torch.tensor([1.0, 0.0]), two), expected)


def test_nobody_is_left_with_nothing_known():
    patients = cohort()
    recipe = NetworkRecipe(no_numbers=0.9, no_text=0.9, hide=0.9)
    some = hidden(patients, recipe, np.random.default_rng(0))
    assert (some.has_text | ~some.numbers.isnan().all(1))[patients.has_text].all()
    assert (some.numbers.isnan() | (some.numbers == patients.numbers)).all()
    assert not (some.has_text & ~patients.has_text).any()


def test_published_is_the_source_s():
    published = RECIPES["published"]
    assert (published.epochs, published.batch, published.learning_rate) == (200, 16, 1e-4)


def test_a_cancelled_training_stops():
    with pytest.raises(Cancelled):
        train_network(small(), cohort(60), QUICK, done=lambda steps, of: False)
