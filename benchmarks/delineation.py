"""Delineation of LUDB beside NeuroKit2's: same records, same tolerance, same scoring.

    python benchmarks/delineation.py --ludb DIR [--records N]

Ours are the marks of the 5-fold cross-validation (``python -m core.ecg.training.delineation_evaluate --ludb DIR`` leaves
its networks in the runs folder). NeuroKit2 (Makowski et al. 2021, doi 10.3758/s13428-020-01516-y) lives in an environment
of its own under .cache, because it wants pandas < 3; it gets each lead as an array, cleans it, finds the R peaks
and delineates with its wavelet method.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from core.ecg.delineation import run  # noqa: E402
from core.ecg.training import delineation_data as data  # noqa: E402
from core.ecg.training.delineation_score import as_text, summarise, tally  # noqa: E402
from core.ecg.training.delineation_train import Recipe, cross_validate  # noqa: E402
from core.serving import get  # noqa: E402

ENVIRONMENT = ROOT / ".cache" / "neurokit"
PEER = """
import sys, time, warnings
import numpy as np
import neurokit2 as nk
warnings.simplefilter("ignore")
inputs = np.load(sys.argv[1])
results, failed, spent = {}, 0, 0.0
for name in inputs.files:
    signals, rows = inputs[name][:, :-1], []
    rate = int(inputs[name][0, -1])
    for lead, signal in enumerate(signals):
        began = time.process_time()
        try:
            clean = nk.ecg_clean(signal, sampling_rate=rate)
            _, found = nk.ecg_peaks(clean, sampling_rate=rate)
            _, waves = nk.ecg_delineate(clean, found, sampling_rate=rate, method="dwt")
        except Exception:
            failed += 1
            continue
        finally:
            spent += time.process_time() - began
        triples = (("P_Onsets", "P_Peaks", "P_Offsets"), ("R_Onsets", None, "R_Offsets"), ("T_Onsets", "T_Peaks", "T_Offsets"))
        for wave, (onset, peak, end) in enumerate(triples):
            peaks = found["ECG_R_Peaks"] if peak is None else waves["ECG_" + peak]
            for a, b, c in zip(waves["ECG_" + onset], peaks, waves["ECG_" + end]):
                if np.isfinite(b):
                    rows.append([lead, wave] + [int(v) if np.isfinite(v) else -1 for v in (a, b, c)])
    results[name] = np.array(rows, np.int64).reshape(-1, 5)
np.savez(sys.argv[2], **results)
print(f"NeuroKit2 {nk.__version__}: {1000 * spent / len(inputs.files):.0f} ms of CPU per 12-lead record; "
      f"{failed} of {12 * len(inputs.files)} leads raised an error")
"""


def environment() -> Path:
    """The Python of NeuroKit2's environment, made when first asked for."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    if subprocess.run([python, "-c", "import neurokit2"], capture_output=True).returncode:
        subprocess.run([python, "-m", "pip", "install", "-q", "neurokit2==0.2.13", "pandas<3"], check=True)
    return python


def peer_marks(records: list[data.Record]) -> dict[str, np.ndarray]:
    """NeuroKit2's marks, kept in its environment's folder, because they take minutes."""
    python, kept = environment(), ENVIRONMENT / f"marks-{len(records)}.npz"
    if not kept.exists():
        with tempfile.TemporaryDirectory() as folder:
            given = Path(folder) / "in.npz"
            rates = {r.id: np.full((len(r.millivolts), 1), r.sampling_rate) for r in records}
            np.savez(given, **{str(r.id): np.hstack([r.millivolts, rates[r.id]]) for r in records})
            printed = subprocess.run([python, "-c", PEER, given, kept], check=True, capture_output=True, text=True).stdout
        kept.with_suffix(".txt").write_text(printed)
    print(kept.with_suffix(".txt").read_text(), end="")
    return dict(np.load(kept))


def our_marks(records: list[data.Record]) -> dict[str, np.ndarray]:
    found = cross_validate(Recipe(), records)
    return {str(record.id): found[i].marks for i, record in enumerate(records)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ludb", type=Path, required=True, help="LUDB in its publisher's layout")
    parser.add_argument("--records", type=int, help="only the first N records")
    arguments = parser.parse_args()
    records = data.read_ludb(arguments.ludb)
    ours = our_marks(records)
    records = records[: arguments.records]
    net, began = get("ecg_delineation").model, time.process_time()
    for record in records[:10]:
        run(net, record.millivolts, record.sampling_rate)
    print(f"Ours: {100 * (time.process_time() - began):.0f} ms of CPU per 12-lead record")
    theirs = peer_marks(records)
    for name, marks in (("ours, 5-fold cross-validation", ours), ("NeuroKit2, dwt, per lead", theirs)):
        print(f"\n{name}, {len(records)} records, tolerance 150 ms")
        print(as_text(summarise([tally(record, marks[str(record.id)]) for record in records])))


if __name__ == "__main__":
    main()
