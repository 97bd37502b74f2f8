"""A simulated cohort whose truth is known: each of the three modalities carries a signal of its own, or none.

No open cohort links cardiac MR and survival. This shows that the three-branch network learns from all of them, and that its
attention and the loss of C-index where one is taken away recover what was put in.

    python -m core.heart_failure.training.simulate --out DIR
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from core.heart_failure.network import MODALITIES, MPrtm
from core.heart_failure.training.network_loop import NetworkRecipe, concordance, train_network
from core.heart_failure.training.outcomes import Patients
from core.heart_failure.training.text_states import Texts, read, train_reader
from core.heart_failure.variables import ENCODED

WORDS, WIDTH, EMBEDDING = 14, 16, 4  # words of the language, size of their states, of the embedding of the cardiac MR
KNOWN = [k for k, one in enumerate(ENCODED) if one.scale == "one"][:8]  # numbers that are known; the others are not
HAZARD, LOST = 0.15, 0.1  # per year: baseline, of being lost from sight
SCENARIOS: dict[str, tuple[float, float, float]] = {  # standard deviation of the log hazard that each modality carries
    "all alike": (0.8, 0.8, 0.8), "numbers strongest": (1.2, 0.7, 0.35), "text strongest": (0.35, 1.2, 0.7),
    "cinematic strongest": (0.7, 0.35, 1.2), "numbers silent": (0.0, 0.9, 0.9), "text silent": (0.9, 0.0, 0.9),
    "cinematic silent": (0.9, 0.9, 0.0),
}
RECIPE = NetworkRecipe(epochs=12, batch=500, ridge=50.0, hide=0.2, no_text=0.2, weight_decay=0.05)


def cohort(strengths: Sequence[float], count: int, seed: int) -> tuple[Patients, MPrtm]:
    """Patients, and a network whose reader knows the words, as yet untrained otherwise.

    A text is some words in any order, each a noisy vector; those of the first half raise or lower the hazard. A cardiac MR is a
    scar share, segments, an ejection fraction and an embedding. Who is lost is independent of all.
    """
    draw, torch_seed = np.random.default_rng(seed), torch.Generator().manual_seed(7)
    language = torch.randn(WORDS, WIDTH, generator=torch_seed).numpy()
    numbers = np.full((count, len(ENCODED)), np.nan, np.float32)
    numbers[:, KNOWN] = draw.normal(size=(count, len(KNOWN)))
    said = draw.random((count, WORDS)) < 0.5
    scar = draw.normal(size=(count, 3 + EMBEDDING)).astype(np.float32)
    parts = numbers[:, KNOWN[0]] + numbers[:, KNOWN[1]], said[:, 0] * 1.0 - said[:, 1], scar[:, 0] + scar[:, 3]
    log_hazard = sum(strength * (part - part.mean()) / part.std() for strength, part in zip(strengths, parts, strict=True))
    death, lost = draw.exponential(1 / (HAZARD * np.exp(log_hazard))), draw.exponential(1 / LOST, count)
    rows = [draw.permutation(np.flatnonzero(one)) for one in said]
    first = np.concatenate([[0], np.cumsum([len(one) for one in rows])])
    spoken = np.concatenate(rows)
    texts = Texts((language[spoken] + 0.3 * draw.normal(size=(len(spoken), WIDTH))).astype(np.float32), first)
    torch.manual_seed(seed)
    model = MPrtm(text_width=WIDTH, embedding=EMBEDDING, flags=WORDS, read_width=16, width=16, members=1, dropout=0.1)
    train_reader(model.reader, texts, said.astype(np.float32), epochs=6, seed=seed)
    model.reader.requires_grad_(False)
    summaries, flags = read(model.reader, texts, WORDS)
    return Patients(
        torch.from_numpy(numbers), torch.from_numpy(scar), summaries[:, None], flags[:, None],
        torch.ones(count, dtype=torch.bool),
        torch.from_numpy(np.minimum(death, lost)).float(), torch.from_numpy(death <= lost),
        torch.zeros(count, dtype=torch.long)), model


def recovered(strengths: Sequence[float], count: int = 3000, seed: int = 0, recipe: NetworkRecipe = RECIPE) -> dict[str, float]:
    """Of the half that was not trained on: C-index, attention by modality, and what the C-index loses without each."""
    patients, model = cohort(strengths, count, seed)
    half = np.arange(count) < count // 2
    model = train_network(model, patients.rows(np.flatnonzero(half)), recipe).model
    held = patients.rows(np.flatnonzero(~half))
    whole = _answers(model, held)
    result = {"c_index": concordance(whole["log_hazard"], held)}
    for name in MODALITIES:
        result[f"attention {name}"] = float(whole["attention"][name].mean())
        result[f"without {name}"] = concordance(_answers(model, held, without=name)["log_hazard"], held) - result["c_index"]
    return result


def _answers(model: MPrtm, patients: Patients, without: str = "") -> Mapping:
    inputs = patients.inputs()
    summaries, flags, words, said = inputs["read"]
    numbers = torch.full_like(inputs["numbers"], torch.nan) if without == "numbers" else inputs["numbers"]
    scar = torch.full_like(inputs["scar"], torch.nan) if without == "cinematic" else inputs["scar"]
    with torch.inference_mode():
        return model(numbers, scar=scar, read=(summaries, flags, words, said & (without != "text")))


def table(results: Mapping[str, Mapping[str, float]]) -> str:
    rows = ["| scenario | SD of log hazard carried | C-index | attention | C-index lost without it |",
            "| --- | --- | --- | --- | --- |"]
    for name, found in results.items():
        show = lambda kind, found=found: " / ".join(f"{found[f'{kind} {one}']:+.3f}" if kind == "without"  # noqa: E731
                                                    else f"{found[f'{kind} {one}']:.2f}" for one in MODALITIES)
        strengths = " / ".join(f"{one:g}" for one in SCENARIOS[name])
        rows.append(f"| {name} | {strengths} | {found['c_index']:.3f} | {show('attention')} | {show('without')} |")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m core.heart_failure.training.simulate")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=3000)
    options = parser.parse_args(arguments)
    results = {name: recovered(strengths, options.count) for name, strengths in SCENARIOS.items()}
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "simulated.json").write_text(json.dumps(results, indent=1) + "\n")
    print(f"numbers / text / cinematic, {options.count // 2} patients held out\n{table(results)}")


if __name__ == "__main__":
    main()
