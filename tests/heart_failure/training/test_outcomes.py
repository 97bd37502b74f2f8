import numpy as np
import torch

from core.heart_failure.training.outcomes import Patients, censoring_weights, targets

TIME = np.array([0.5, 1.0, 2.0, 4.0, 4.0])
EVENT = np.array([True, False, True, False, False])


def cohort(time=TIME, event=EVENT) -> Patients:
    n = len(time)
    return Patients(torch.zeros(n, 2), torch.full((n, 3), torch.nan), torch.zeros(n, 1, 2, 4), torch.zeros(n, 1, 2),
                    torch.ones(n, dtype=torch.bool), torch.from_numpy(time).float(), torch.from_numpy(event),
                    torch.zeros(n, dtype=torch.long))


def test_weights_by_hand():
    # one of four is lost at 1 year: G = 3/4 from then on; who died before counts once, who was lost not at all
    assert np.allclose(censoring_weights(TIME, EVENT, 3), [1, 0, 4 / 3, 4 / 3, 4 / 3])
    assert np.isclose(censoring_weights(TIME, EVENT, 3).sum(), 5)  # they stand for everyone


def test_a_death_on_the_day_of_a_loss_comes_first():
    weights = censoring_weights(np.array([1.0, 1.0, 2.0]), np.array([False, True, False]), 1.5)
    assert np.allclose(weights, [0, 1, 2])


def test_strata_and_the_usual_share_of_the_cohort():
    wanted = targets(cohort())
    assert wanted.died.tolist() == [[1, 1], [0, 0], [0, 1], [0, 0], [0, 0]]
    assert wanted.stratum.tolist() == [2, 0, 1, 0, 0]
    share = (1 + 4 / 3) / 5  # dead at 3 years
    assert np.isclose(wanted.usual[0, 1], np.log(share / (1 - share)), atol=1e-5)


def test_rows_are_of_all_fields():
    chosen = cohort().rows(np.array([2, 0]))
    assert chosen.time.tolist() == [2.0, 0.5]
    assert len(chosen.inputs()["read"][0]) == 2
