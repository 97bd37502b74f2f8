"""How often the quality checks speak on PTB-XL, and how often swapped limb electrodes are found.

    python benchmarks/ecg_quality.py --data DIR [--records 1000] [--ludb DIR]

DIR is PTB-XL in its publisher's layout; records are drawn from fold 9 with a fixed seed. The swaps are
made by calculation: exchanging limb electrodes permutes and negates the limb leads and leaves the chest
leads as they are. With LUDB, how often pacing spikes are found where its table names a pacemaker, and where it does not.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.ecg import electrodes, quality, usable  # noqa: E402
from core.ecg.read import read  # noqa: E402
from core.ecg.studies import studies  # noqa: E402
from core.ecg.study import LEADS  # noqa: E402


def exchanged(signal: np.ndarray, swap: str, random: np.random.Generator) -> np.ndarray:
    """``[12, n]`` mV with two limb electrodes swapped; an arm on the right leg leaves 10 uV of noise in lead II."""
    one, two, three, right, left, foot = signal[:6]
    noise = 0.01 * random.standard_normal(one.size)
    limb = {"none": signal[:6], "left and right arm": [-one, three, two, left, right, foot],
            "right arm and left leg": [-three, -two, -one, foot, left, right],
            "right arm and right leg": [-three, noise, three, three / 2, -three, three / 2]}[swap]
    return np.concatenate([np.stack(limb), signal[6:]]).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--ludb", type=Path)
    arguments = parser.parse_args()
    table = pd.read_csv(arguments.data / "ptbxl_database.csv")
    chosen = table[table.strat_fold == 9].sample(arguments.records, random_state=0)
    random, remarks, found = np.random.default_rng(0), Counter(), {}
    for name in chosen.filename_lr:
        study = read(next(studies(arguments.data / f"{name}.hea")).files)
        flags = quality.lead_flags(study.millivolts, study.sampling_rate, ())
        judged = usable.judge(dict(zip(LEADS, study.millivolts.astype(float), strict=True)), study.sampling_rate)
        remarks["not used"] += any(share > usable.MOSTLY for _, share in judged.values())
        remarks["refused"] += any(notice.level == "refuse" for notice in study.notices)
        remarks["spike"] += any("which no heart makes" in notice.message for notice in study.notices)
        remarks["calibration pulse"] += any(notice.subject == "calibration pulse" for notice in study.notices)
        remarks.update({kind for flag in flags.values() for kind in flag.split(", ")})
        remarks["limb leads contradict"] += bool(quality.contradictions(study.millivolts, study.sampling_rate, ()))
        for swap in ("none", "left and right arm", "right arm and left leg", "right arm and right leg"):
            answer = electrodes.swapped(exchanged(study.millivolts, swap, random), study.sampling_rate) or ": nothing"
            found.setdefault(swap, Counter())[answer.split(": ")[-1]] += 1
    print(f"{len(chosen)} records; remarks on at least one lead: {dict(remarks)}")
    for swap, answers in found.items():
        print(f"swapped: {swap:26s} answered: {dict(answers)}")
    if arguments.ludb:
        table = pd.read_csv(arguments.ludb / "ludb.csv", dtype=str).fillna("")
        counts = Counter()
        for record, pacemaker in zip(table.ID, table["Cardiac pacing"], strict=True):
            if (arguments.ludb / "data" / f"{record}.hea").exists():
                found = read(next(studies(arguments.ludb / "data" / f"{record}.hea")).files).pacing
                counts[bool(pacemaker.strip()), bool(found)] += 1
        print(f"pacing spikes found in {counts[True, True]} of {counts[True, True] + counts[True, False]} paced records of LUDB "
              f"and in {counts[False, True]} of {counts[False, True] + counts[False, False]} others")


if __name__ == "__main__":
    main()
