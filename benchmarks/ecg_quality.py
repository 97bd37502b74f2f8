"""How often the quality checks speak on PTB-XL, and how often swapped limb electrodes are found.

    python benchmarks/ecg_quality.py [--data DIR] [--records 1000] [--ludb DIR] [--p-waves]

DIR is PTB-XL or LUDB in its publisher's layout; records of PTB-XL are drawn from fold 9 with a fixed seed. The swaps are
made by calculation: exchanging limb electrodes permutes and negates the limb leads and leaves the chest leads as they
are. Of LUDB: how often pacing spikes are found where its table names a pacemaker, and where it does not. Of both: how
large recordings are, and how often a lead is not used though nothing was done to it. ``--p-waves`` instead: in how many
recordings of fibrillation or flutter, and of sinus rhythm, a PR interval is given or a P wave is drawn. The delineation learnt
from these records of LUDB, the statements from other folds of PTB-XL.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.ecg import electrodes, quality, usable  # noqa: E402
from core.ecg.assess import assess  # noqa: E402
from core.ecg.read import read  # noqa: E402
from core.ecg.studies import studies  # noqa: E402
from core.ecg.study import LEADS, EcgStudy  # noqa: E402


def exchanged(signal: np.ndarray, swap: str, random: np.random.Generator) -> np.ndarray:
    """``[12, n]`` mV with two limb electrodes swapped; an arm on the right leg leaves 10 uV of noise in lead II."""
    one, two, three, right, left, foot = signal[:6]
    noise = 0.01 * random.standard_normal(one.size)
    limb = {"none": signal[:6], "left and right arm": [-one, three, two, left, right, foot],
            "right arm and left leg": [-three, -two, -one, foot, left, right],
            "right arm and right leg": [-three, noise, three, three / 2, -three, three / 2]}[swap]
    return np.concatenate([np.stack(limb), signal[6:]]).astype(np.float32)


class Judged:
    """What the reader and the judgement over time say of recordings as they are."""

    def __init__(self) -> None:
        self.remarks, self.sizes, self.avl = Counter(), [], []

    def add(self, study: EcgStudy) -> None:
        leads = dict(zip(LEADS, study.millivolts.astype(float), strict=True))
        found = usable.judge(leads, study.sampling_rate)
        self.sizes.append(float(np.median(np.subtract(*np.percentile(study.millivolts, [99.8, 0.2], axis=1)))))
        self.avl.append(float(np.ptp(study.millivolts[LEADS.index("aVL")])))
        self.remarks["a lead not used"] += bool(study.unusable) or any(share > usable.MOSTLY for _, share in found.values())
        self.remarks["a lead bad in part"] += any(share <= usable.MOSTLY for _, share in found.values())
        self.remarks["refused"] += any(notice.level == "refuse" for notice in study.notices)
        self.remarks["spikes cut"] += any("which no heart makes" in notice.message for notice in study.notices)
        self.remarks["calibration pulse"] += any(notice.subject == "calibration pulse" for notice in study.notices)
        self.remarks["pacing spikes"] += bool(study.pacing)

    def told(self, name: str) -> str:
        n = len(self.sizes)
        return (f"{name}, {n} records as they are: {dict(self.remarks)}\n{name}: median span of the leads "  # LUDB's are scaled
                f"{min(self.sizes):.2f} to {max(self.sizes):.2f} mV; smallest aVL {min(self.avl):.3f} mV")


def swaps(folder: Path, records: int) -> None:
    """Quality remarks and swapped electrodes on PTB-XL."""
    table = pd.read_csv(folder / "ptbxl_database.csv")
    fold = table[table.strat_fold == 9]
    chosen = fold.sample(min(records, len(fold)), random_state=0)
    random, remarks, found, judged = np.random.default_rng(0), Counter(), {}, Judged()
    for name in chosen.filename_lr:
        study = read(next(studies(folder / f"{name}.hea")).files)
        judged.add(study)
        flags = quality.lead_flags(study.millivolts, study.sampling_rate, ())
        remarks.update({kind for flag in flags.values() for kind in flag.split(", ")})
        remarks["limb leads contradict"] += bool(quality.contradictions(study.millivolts, study.sampling_rate, ()))
        for swap in ("none", "left and right arm", "right arm and left leg", "right arm and right leg"):
            answer = electrodes.swapped(exchanged(study.millivolts, swap, random), study.sampling_rate) or ": nothing"
            found.setdefault(swap, Counter())[answer.split(": ")[-1]] += 1
    print(judged.told("PTB-XL"))
    print(f"PTB-XL: remarks on at least one lead: {dict(remarks)}")
    for swap, answers in found.items():
        print(f"swapped: {swap:26s} answered: {dict(answers)}")


def paced(folder: Path) -> None:
    """Pacing spikes on LUDB."""
    table = pd.read_csv(folder / "ludb.csv", dtype=str).fillna("")
    counts, wrong, judged = Counter(), [], Judged()
    for record, pacemaker in zip(table.ID, table["Cardiac pacing"], strict=True):
        if not (folder / "data" / f"{record}.hea").exists():
            continue
        study = read(next(studies(folder / "data" / f"{record}.hea")).files)
        judged.add(study)
        counts[bool(pacemaker.strip()), bool(study.pacing)] += 1
        if bool(pacemaker.strip()) != bool(study.pacing):
            wrong.append(record)
    print(judged.told("LUDB"))
    print(f"LUDB: pacing spikes found in {counts[True, True]} of {counts[True, True] + counts[True, False]} paced records and in "
          f"{counts[False, True]} of {counts[False, True] + counts[False, False]} others; not as its table says: {wrong}")


SINUS, ATRIAL = {"SR", "STACH", "SBRAD", "SARRH"}, {"AFIB", "AFLT"}


def p_waves_ptbxl(folder: Path, records: int) -> None:
    """All of fibrillation or flutter in fold 9, and as many of sinus rhythm as asked."""
    table = pd.read_csv(folder / "ptbxl_database.csv")
    fold = table[table.strat_fold == 9]
    codes = fold.scp_codes.map(lambda text: set(ast.literal_eval(text)))
    atrial = fold[[bool(c & ATRIAL) and not c & SINUS for c in codes]]
    sinus = fold[[bool(c & SINUS) and not c & {*ATRIAL, "PACE"} for c in codes]]
    sinus = sinus.sample(min(records, len(sinus)), random_state=0)
    for name, part in (("fibrillation or flutter", atrial), ("sinus rhythm", sinus)):
        told_p_waves(f"PTB-XL, fold 9, {name}", [folder / f"{record}.hea" for record in part.filename_lr])


def p_waves_ludb(folder: Path) -> None:
    table = pd.read_csv(folder / "ludb.csv", dtype=str).fillna("")
    for name, words in (("fibrillation or flutter", "Atrial"), ("sinus rhythm", "Sinus")):
        headers = [folder / "data" / f"{i}.hea" for i, rhythm in zip(table.ID, table.Rhythms, strict=True) if words in rhythm]
        told_p_waves(f"LUDB, {name}", [header for header in headers if header.exists()])


def told_p_waves(name: str, headers: list[Path]) -> None:
    given = drawn = count = 0
    for header in headers:
        found = assess(read(next(studies(header)).files))
        if not found.refused:
            count += 1
            given += found.measured("pr_interval").value is not None
            drawn += bool((found.overlays["marks"][:, 1] == 0).any())
    print(f"{name}: PR is given in {given} of {count}, a P wave is drawn in {drawn}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="PTB-XL")
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--ludb", type=Path)
    parser.add_argument("--p-waves", action="store_true")
    arguments = parser.parse_args()
    if arguments.ludb:
        (p_waves_ludb if arguments.p_waves else paced)(arguments.ludb)
    if arguments.data:
        (p_waves_ptbxl if arguments.p_waves else swaps)(arguments.data, arguments.records)


if __name__ == "__main__":
    main()
