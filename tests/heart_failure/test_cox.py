"""The marginal Cox model against the normal distribution's own formulas."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.heart_failure.cox import MarginalCox, square
from core.heart_failure.variables import ENCODED, NAMES

K = len(ENCODED)


@pytest.fixture
def model():
    """Two inputs that count, age and NT-proBNP, correlated by 0.6; everything else is independent noise."""
    net = MarginalCox(K, 14)
    size = K + 14
    covariance, beta = torch.eye(size), torch.zeros(size)
    covariance[AGE, BNP] = covariance[BNP, AGE] = 0.6
    beta[AGE], beta[BNP] = 0.5, 1.0
    net.mean[AGE], net.deviation[AGE] = 65, 10
    net.mean[BNP], net.deviation[BNP] = np.log(1000), 1
    rows, columns = torch.tril_indices(size, size)
    net.inputs.copy_(covariance[rows, columns])
    net.beta.copy_(beta)
    net.coefficients.copy_(torch.diag(torch.full((size,), 0.01))[rows, columns])
    return net.eval()


AGE, BNP = NAMES.index("age"), NAMES.index("nt_probnp")


def patient(**values):
    numbers = torch.full((1, K), torch.nan)
    for name, value in values.items():
        numbers[0, NAMES.index(name)] = value
    return numbers, torch.full((1, 14), torch.nan)


def test_everything_known_is_a_linear_predictor(model):
    out = model(*patient(age=75, nt_probnp=1000 * np.e**2))
    assert out["log_hazard"].item() == pytest.approx(0.5 * 1 + 1.0 * 2, abs=1e-4)
    assert out["spread"].item() == pytest.approx(np.sqrt(0.01 * (1 + 4)), abs=1e-4)  # of the coefficients alone


def test_what_is_unknown_is_expected_from_what_is_known(model):
    out = model(*patient(age=75))
    assert out["log_hazard"].item() == pytest.approx(0.5 + 0.6, abs=1e-4)  # b_O x + b_M E[x_M | x_O]
    assert out["spread"].item() ** 2 == pytest.approx(1 - 0.36 + 0.01 * (1 + 0.36), abs=1e-4)


def test_nothing_known(model):
    out = model(*patient())
    assert out["log_hazard"].item() == pytest.approx(0)
    assert out["spread"].item() ** 2 == pytest.approx(0.25 + 1 + 2 * 0.5 * 0.6, abs=1e-4)


def test_rows_of_a_batch_do_not_touch_each_other(model):
    torch.manual_seed(0)
    numbers = torch.rand(32, K) * 50 + 1
    numbers[torch.rand(32, K) < 0.5] = torch.nan
    flags = torch.where(torch.rand(32, 1) < 0.5, torch.nan, (torch.rand(32, 14) < 0.5).float())
    together = model(numbers, flags)
    for i in (0, 7, 31):
        alone = model(numbers[i: i + 1], flags[i: i + 1])
        for name in ("log_hazard", "spread"):
            torch.testing.assert_close(together[name][i: i + 1], alone[name], atol=1e-4, rtol=1e-4)
    assert torch.isfinite(together["spread"]).all()


def test_narrowing_is_what_the_answer_then_has(model):
    numbers, flags = patient(age=75)
    expected = model.narrowing(numbers, flags)
    assert expected.shape == (1, K + 14)
    assert expected[0, AGE].isnan()
    then = model(*patient(age=75, nt_probnp=1000 * np.e**0.6))  # the value that was expected: coefficients say the same
    assert expected[0, BNP].item() == pytest.approx(then["spread"].item(), abs=1e-4)
    assert expected[0, NAMES.index("sodium")].item() == pytest.approx(model(numbers, flags)["spread"].item(), abs=1e-4)


def test_narrowing_of_inputs_that_become_known_together(model):
    both = model.narrowing(*patient(sodium=140), [[AGE], [BNP], [AGE, BNP], [NAMES.index("sodium")]])[0]
    assert both[2] < min(both[0], both[1])
    assert both[3].isnan()


def test_extremes_count_as_the_bound_and_gradients_flow(model):
    model.high[BNP] = float(np.log(1000) + 2)
    bound, beyond = (model(*patient(age=65, nt_probnp=1000 * np.e**k))["log_hazard"].item() for k in (2, 4))
    assert bound == pytest.approx(beyond)
    numbers, flags = patient(age=70)
    model(numbers.requires_grad_(True), flags)["log_hazard"].sum().backward()
    assert numbers.grad[0, AGE].item() == pytest.approx((0.5 + 0.6) / 10, abs=1e-4)
    assert not numbers.grad.isnan().any()


def test_square_turns_a_triangle_back():
    matrix = torch.tensor([[2.0, 1, 0], [1, 3, 5], [0, 5, 4]])
    assert torch.equal(square(matrix[torch.tril_indices(3, 3)[0], torch.tril_indices(3, 3)[1]]), matrix)
