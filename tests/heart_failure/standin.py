"""A Cox model of three inputs that one can compute by hand, saved as weights."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import torch

from core.heart_failure.cox import MarginalCox
from core.heart_failure.drugs import FLAGS
from core.heart_failure.strata import quarters
from core.heart_failure.variables import ENCODED, NAMES
from core.weights import Architecture, Config, save

BETA = {"age": 0.5, "lvef": -0.4, "sodium": -0.2, "nt_probnp": 0.6}
DRUG = {"beta_blocker": -0.3, "loop": 0.25}
MEAN = {"age": (65.0, 10.0), "lvef": (35.0, 10.0), "sodium": (139.0, 4.0), "nt_probnp": (7.0, 1.0)}  # scaled: mean, deviation
YEARS = [k / 12 for k in range(61)]
HAZARD = [0.08 * year for year in YEARS]


def model(related: float = 0.0) -> MarginalCox:
    """Args: related: correlation of LVEF and NT-proBNP; all else is independent."""
    made = MarginalCox()
    size = len(ENCODED) + len(FLAGS)
    inputs = np.eye(size)
    for name, beta in BETA.items():
        made.beta[NAMES.index(name)] = beta
        made.mean[NAMES.index(name)], made.deviation[NAMES.index(name)] = MEAN[name]
    for name, beta in DRUG.items():
        made.beta[len(ENCODED) + FLAGS.index(name)] = beta
    inputs[NAMES.index("lvef"), NAMES.index("nt_probnp")] = inputs[NAMES.index("nt_probnp"), NAMES.index("lvef")] = related
    triangle = np.tril_indices(size)
    made.inputs.copy_(torch.from_numpy(inputs[triangle]))
    made.low[NAMES.index("age")], made.high[NAMES.index("age")] = 30, 85
    made.low[NAMES.index("nt_probnp")], made.high[NAMES.index("nt_probnp")] = np.log(50), np.log(20000)
    made.coefficients.copy_(torch.from_numpy(np.diag(0.001 * (made.beta.numpy() != 0))[triangle]))
    return made


@cache
def weights(related: float = 0.0) -> str:
    """The folder of the model's weights, as ``core.serving.get`` takes it."""
    folder = Path(mkdtemp()) / "heart_failure_standin"
    random = np.random.default_rng(0)
    log = random.normal(size=200)
    time = np.minimum(random.exponential(np.exp(-log) / 0.08), 5.0)
    cohort = {"years": YEARS, "cumulative_hazard": HAZARD, "mean_survival": np.exp(-np.array(HAZARD)).tolist(), "n": 200,
              "events": int((time < 5).sum()), "at_risk": [200]}
    cut = {name: cohort[name][:25] for name in ("years", "cumulative_hazard", "mean_survival")}
    short = {**cohort, **cut, "slope": 0.2}
    point = {"threshold": 0.2, "sensitivity": 0.7, "specificity": 0.6}
    save(folder, model(related), Config(
        name="heart_failure_standin", version="0", architecture=Architecture(target="core.heart_failure.cox:MarginalCox",
                                                                            arguments={}),
        input={}, training_data="none", licence="CC0-1.0", seed=0,
        cohorts={"music": cohort, "peakvo2": cohort, "support2": short},
        strata=[asdict(one) for one in quarters("music", log, time, time < 5)],
        operating_points={"death:1y": point, "death:3y": point}, learned=["music"]))
    (folder / "metrics.json").write_text(json.dumps({"dataset": "made up", "command": "none", "figures": [
        {"name": f"MUSIC: C-index, {name}", "value": value, "interval": [value - 0.05, value + 0.05], "split": "folds", "n": 200}
        for name, value in (("form", 0.66), ("form and drugs", 0.68), ("form, drugs and NT-proBNP", 0.72))]}))
    return str(folder)


@cache
def network() -> str:
    """The folder of a network that was never trained: it starts from ``model``, and its branches add something at random."""
    from core.heart_failure.network import MPrtm

    torch.manual_seed(0)
    made = MPrtm()
    with torch.no_grad():
        made.start.load_state_dict(model().state_dict())
        for member in made.members:
            for layer in (*member.score, member.weigh):
                layer.weight.normal_(0, 0.3)
    folder, like = Path(mkdtemp()) / "heart_failure_network", Config.model_validate_json(
        (Path(weights()) / "config.json").read_text())
    target = Architecture(target="core.heart_failure.network:MPrtm", arguments={})
    save(folder, made, like.model_copy(update={"architecture": target, "name": "heart_failure_network"}))
    return str(folder)
