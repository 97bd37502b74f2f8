import numpy as np
import pytest

from core.heart_failure.drugs import FLAGS
from core.heart_failure.training import fit_network
from core.heart_failure.training.data import Data
from core.heart_failure.training.fit_network import answers, fit, fitted, new
from core.heart_failure.training.inputs import SUBSETS
from core.heart_failure.training.network_loop import NetworkRecipe
from core.heart_failure.training.text_states import plain
from core.heart_failure.variables import NAMES
from core.settings import settings
from core.training import cache
from core.training import runs as runs_of_training
from core.training.runs import Run

QUICK = NetworkRecipe(epochs=2, batch=40, ridge=20.0, held=0.25)


@pytest.fixture
def runs(tmp_path, monkeypatch):
    for module in (cache, runs_of_training, fit_network):
        monkeypatch.setattr(module, "settings", settings.model_copy(update={"runs": tmp_path}))
    monkeypatch.setattr(fit_network, "TEXTS", 16)
    monkeypatch.setattr(fit_network, "_kept", {})
    fit_network._reader.cache_clear()
    yield tmp_path
    fit_network._reader.cache_clear()


def cohort(n: int = 60) -> Data:
    draw = np.random.default_rng(0)
    numbers = np.full((n, len(NAMES)), np.nan, np.float32)
    numbers[:, 0] = draw.normal(60, 10, n)
    flags = np.zeros((n, len(FLAGS)), np.float32)
    flags[:, 4] = np.arange(n) % 2
    time = draw.exponential(4 * np.exp(-(numbers[:, 0] - 60) / 10 - flags[:, 4]))
    texts = tuple(plain(one) if i else "" for i, one in enumerate(flags))
    flags[0] = np.nan
    return Data(np.arange(n).astype(str), numbers, flags, texts, time.clip(0.01, 5), time < 5, np.full(n, "music"),
                np.full(n, "outpatient"), {})


def test_a_subset_tells_what_it_tells(runs):
    data = cohort()
    model = fitted(data, np.arange(60), QUICK, "quick")
    every = np.arange(60)
    whole, spread = answers(model, data, every, SUBSETS["everything"])
    numbers, _ = answers(model, data, every, SUBSETS["numbers only"])
    drugs, wide = answers(model, data, every, SUBSETS["drugs only"])
    assert whole[0] == pytest.approx(numbers[0])  # of this patient no drugs are known
    assert (whole[1:] != numbers[1:]).all()
    assert drugs[0] == 0
    assert wide.mean() > spread.mean()
    run = Run("heart_failure", "quick-network")
    assert [line["epoch"] for line in run.progress()] == [1, 2]
    assert {"cox", "death", "stratum", "c_index", "accuracy_3y"} <= run.progress()[0].keys()
    with np.load(run.folder / "predictions-001.npz") as kept:
        assert kept["death"].shape == (15, 2)


def test_the_reader_knows_no_patient_and_stays_as_it_is(runs):
    data = cohort()
    before = new(QUICK).reader.state_dict()
    predict = fit(data, np.arange(40), 3, QUICK)
    after = fitted(data, np.arange(40), QUICK).reader.state_dict()
    assert all((before[name] == after[name]).all() for name in before)
    log_hazard, spread = predict(data, np.arange(40, 60), SUBSETS["form and drugs"])
    assert log_hazard.shape == spread.shape == (20,)
