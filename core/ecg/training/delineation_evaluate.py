"""Figures of the delineation: patient-wise cross-validation on LUDB, and absence of P in fibrillation on PTB-XL.

    python -m core.ecg.training.delineation_evaluate --ludb DIR [--ptbxl DIR]

The networks of the cross-validation are trained first where their checkpoints are absent.
"""

from __future__ import annotations

import argparse
import ast
import json
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import wfdb

from core.ecg.delineation import WAVES, delineate
from core.ecg.study import LEADS, EcgStudy
from core.ecg.training import delineation_data as data
from core.ecg.training.delineation_score import as_text, summarise, tally
from core.ecg.training.delineation_train import Recipe, cross_validate
from core.metrics import Figure, figure
from core.settings import settings
from core.weights import METRICS

TARGETS = {"P": 0.96, "QRS": 0.99, "T": 0.98}
SPLIT = "5-fold cross-validation by patient"


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % score interval of a share (Wilson 1927)."""
    z, p = 1.96, hits / n
    middle, half = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def _share(name: str, hits: list[bool], split: str) -> list[Figure]:
    """The figure, or none where there is nothing to count."""
    return [figure(name, float(np.mean(hits)), split, len(hits), wilson(sum(hits), len(hits)))] if hits else []


def on_ludb(recipe: Recipe, records: list[data.Record]) -> tuple[list[Figure], str]:
    """Figures for metrics.json and the table to print."""
    found = cross_validate(recipe, records)
    summary, figures = summarise([tally(record, found[i].marks) for i, record in enumerate(records)]), []
    for wave in WAVES:
        for key, row in summary[wave].items():
            unit = "ms" if key.endswith("_ms") else None
            name, aim = f"{wave} {_wording(key)}" + ("" if unit else " within 150 ms"), TARGETS[wave] if key == "f1" else None
            figures.append(figure(name, row["value"], SPLIT, len(records), (row["low"], row["high"]), unit, aim))
    fibrillating = [not found[i].has("P") for i, r in enumerate(records) if "brillation" in r.rhythm or "flutter" in r.rhythm]
    with_p = [found[i].has("P") for i, r in enumerate(records) if (r.marks[:, 1] == 0).sum() >= 0.8 * (r.marks[:, 1] == 1).sum()]
    figures += _share("P absent in atrial fibrillation or flutter", fibrillating, SPLIT)
    return figures + _share("P present where it is annotated", with_p, SPLIT), as_text(summary)


def _wording(key: str) -> str:
    words = key.removesuffix("_ms").replace("_mean", " error, mean").replace("_sd", " error, SD")
    return {"f1": "F1", "ppv": "PPV"}.get(key, words)


def read_rhythm(folder: Path, code: str, count: int, fold: int = 9) -> list[EcgStudy]:
    """The first records of a PTB-XL fold with one rhythm statement, at 100 Hz."""
    table = pd.read_csv(folder / "ptbxl_database.csv", index_col="ecg_id")
    table = table[table.strat_fold == fold]
    rhythms = {"SR", "AFIB", "AFLT", "STACH", "SBRAD", "SARRH", "PACE", "SVTAC", "PSVT", "BIGU", "TRIGU", "SVARR"}
    only = table.scp_codes.map(lambda text: rhythms & set(ast.literal_eval(text)) == {code})
    studies = []
    for name in table[only].filename_lr.head(count):
        record = wfdb.rdrecord(str(folder / name))
        order = [record.sig_name.index(lead.upper() if lead.startswith("aV") else lead) for lead in LEADS]
        studies.append(EcgStudy(record.p_signal[:, order].T.astype(np.float32), float(record.fs)))
    return studies


def on_ptbxl(folder: Path, count: int = 100) -> list[Figure]:
    """How often the shipped weights find P waves in sinus rhythm and none in atrial fibrillation."""
    figures = []
    for code, name in (("SR", "P present in sinus rhythm"), ("AFIB", "P absent in atrial fibrillation")):
        hits = [delineate(study).has("P") == (code == "SR") for study in read_rhythm(folder, code, count)]
        figures += _share(name, hits, "PTB-XL 1.0.3, fold 9, 100 Hz; shipped weights")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ludb", type=Path, required=True, help="LUDB in its publisher's layout")
    parser.add_argument("--ptbxl", type=Path, help="PTB-XL in its publisher's layout")
    parser.add_argument("--out", type=Path, default=settings.weights / "ecg_delineation" / METRICS)
    arguments = parser.parse_args()
    torch.set_num_threads(settings.threads)
    records = data.read_ludb(arguments.ludb)
    figures, text = on_ludb(Recipe(), records)
    dataset = f"LUDB 1.0.1, {len(records)} of its 200 records"
    print(f"{dataset}, {SPLIT}\n{text}")
    if arguments.ptbxl:
        figures += on_ptbxl(arguments.ptbxl)
        dataset += "; PTB-XL 1.0.3, fold 9"
    for row in figures:
        if not row["unit"] and " within " not in row["name"]:
            print(f"{row['name']}: {row['value']:.3f} {row['interval']} (n = {row['n']}; {row['split']})")
    command = "python -m core.ecg.training.delineation_evaluate --ludb LUDB" + (" --ptbxl PTB-XL" if arguments.ptbxl else "")
    arguments.out.write_text(json.dumps({"command": command, "dataset": dataset, "figures": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
