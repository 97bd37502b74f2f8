"""What may be wrong with a recording, before anything is concluded from it.

Thresholds were set on PTB-XL so that few records are flagged; ``benchmarks/ecg_quality.py`` prints how many.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.assessment import Notice
from core.ecg import electrodes
from core.ecg.formats.leads import LIMB
from core.ecg.signal import high_pass
from core.ecg.study import LEADS
from core.ecg.usable import FLAT, MOST, least, scale

NOISE = 0.025  # mV RMS above 20 Hz between the QRS complexes
WANDER = 2.0  # mV peak to peak of the signal below 0.5 Hz
UNIT = "amplitude"  # subject of the notice that says so: what rests on it is not to be trusted
LAW = 0.25  # RMS of Einthoven's remainder relative to the limb leads
_REMARKS = {
    "flat": "no signal; the electrode may be off",
    "clipped": "cut off at the recorder's limit; amplitudes are unreliable",
    "noise": "strong high-frequency noise; small waves may be hidden or false",
    "wander": "strong baseline wander; ST segments are unreliable",
    "constant": "without signal for a part of the recording",
}


def check(
    millivolts: np.ndarray, sampling_rate: float, missing: Sequence[str], there: np.ndarray | None = None,
    paced: bool = False,
) -> tuple[Notice, ...]:
    """Quality notices for ``[12, n]`` mV; one notice per kind of trouble, naming the leads it affects.

    A signal that cannot be an ECG in millivolts is refused; everything else is a caution.

    Args:
        there: ``[12, n]`` where the leads were recorded; of leads that were so in part, the amplitude alone is judged.
        paced: whether a pacemaker makes the beats.
    """
    if there is not None:
        rows = [np.subtract(*np.percentile(row[seen], [99.8, 0.2])) for row, seen in zip(millivolts, there, strict=True)
                if seen.any()]
        return _implausible(float(np.median(rows)), len(rows))
    present = [lead for lead in LEADS if lead not in missing]
    flags = lead_flags(millivolts, sampling_rate, missing)
    if all(flags.get(lead) == "flat" for lead in present):
        return (Notice("refuse", "No lead carries a signal.", "leads"),)
    notices = []
    moving = [lead for lead in present if flags.get(lead) != "flat"]
    notices += _implausible(_amplitude(millivolts, sampling_rate, moving), len(moving))
    for kind, remark in _REMARKS.items():
        leads = [lead for lead in present if kind in flags.get(lead, "").split(", ")]
        if leads:
            notices.append(Notice("caution", f"{', '.join(leads)}: {remark}.", ", ".join(leads)))
    broken = contradictions(millivolts, sampling_rate, missing)
    if broken:
        notices.append(Notice("caution", f"The limb leads contradict each other ({'; '.join(broken)}): they may be "
                              "misnamed, differently scaled or not recorded together.", "limb leads"))
    elif not missing and not paced:  # a pacemaker's beats run any way
        swapped = electrodes.swapped(millivolts, sampling_rate)
        if swapped:
            notices.append(Notice("caution", swapped, "limb leads"))
    return tuple(notices)


def _implausible(size: float, leads: int) -> tuple[Notice, ...]:
    """Of the median over so many leads of their span in mV: QRS complexes of over 5 mV in most leads are of no heart."""
    if least(leads) <= size <= MOST:
        return ()
    level = "caution" if least(leads) / 4 <= size <= 30 else "refuse"
    return (Notice(level, f"Most leads span {size:.3g} mV, which no ECG does; check the unit, and enter it where the file is "
                   "wrong.", UNIT),)


def lead_flags(millivolts: np.ndarray, sampling_rate: float, missing: Sequence[str]) -> dict[str, str]:
    """Lead to short remarks joined by ", " ("noise, wander"); leads without a remark are left out.

    In a wrong unit, noise and wander are judged as if it were right: of them the amplitude says nothing.
    """
    millivolts = millivolts * scale(high_pass(millivolts[[lead not in missing for lead in LEADS]], sampling_rate))
    slow = millivolts - high_pass(millivolts, sampling_rate, 0.5)
    fast = high_pass(millivolts, sampling_rate, 20.0)
    flags = {}
    for i, lead in enumerate(LEADS):
        values, remarks = millivolts[i], []
        if lead in missing:
            flags[lead] = "not recorded"
            continue
        if np.ptp(values) < FLAT:
            remarks = ["flat"]
        else:
            if _clipped(values, sampling_rate):
                remarks.append("clipped")
            if _constant(values, sampling_rate) >= 1.0:
                remarks.append("constant")
            if _between_beats(fast[i], sampling_rate) > NOISE:
                remarks.append("noise")
            if np.ptp(slow[i]) > WANDER:
                remarks.append("wander")
        if remarks:
            flags[lead] = ", ".join(remarks)
    return flags


def contradictions(millivolts: np.ndarray, sampling_rate: float, missing: Sequence[str]) -> list[str]:
    """Laws of the limb leads that are broken: Einthoven's I + III = II and Goldberger's for aVR, aVL, aVF."""
    known = {lead: row for lead, row in zip(LEADS, high_pass(millivolts, sampling_rate), strict=True)
             if lead not in missing and lead in LIMB}
    if not {"I", "II"} <= set(known):
        return []
    scale = np.sqrt(np.mean([row**2 for row in known.values()]))
    text = {"III": "I + III is not II", "aVR": "aVR is not -(I + II)/2", "aVL": "aVL is not I - II/2",
            "aVF": "aVF is not II - I/2"}
    broken = []
    for lead in text:
        if lead in known:
            one, two = LIMB[lead]
            rest = np.sqrt(np.mean((known[lead] - one * known["I"] - two * known["II"]) ** 2))
            if rest > max(LAW * scale, 0.03):
                broken.append(text[lead])
    return broken


def _amplitude(millivolts: np.ndarray, rate: float, leads: list[str]) -> float:
    """Median over leads of the span of the signal without its baseline, mV."""
    rows = high_pass(millivolts[[LEADS.index(lead) for lead in leads]], rate)
    return float(np.median(np.subtract(*np.percentile(rows, [99.8, 0.2], axis=1))))


def _runs(mask: np.ndarray) -> np.ndarray:
    """``[k, 2]`` first and one-past-last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return edges.reshape(-1, 2)


def _clipped(values: np.ndarray, rate: float) -> bool:
    """Plateaus at the extreme value that the signal runs into steeply, as a slow wave's rounded top is not."""
    before = max(int(0.01 * rate), 1)
    for extreme in (values.min(), values.max()):
        runs = _runs(np.abs(values - extreme) < 1e-6)
        runs = runs[(runs[:, 1] - runs[:, 0] >= 3) & (runs[:, 0] >= before)]
        steep = [end - start for start, end in runs if abs(values[start - before] - extreme) > 0.1]
        if sum(steep) >= max(0.03 * rate, 6):
            return True
    return False


def _constant(values: np.ndarray, rate: float) -> float:
    """Longest stretch without any change, seconds."""
    runs = _runs(np.diff(values) == 0)
    return float((runs[:, 1] - runs[:, 0]).max() / rate) if len(runs) else 0.0


def _between_beats(fast: np.ndarray, rate: float) -> float:
    """Median RMS of 100-ms pieces: QRS complexes fill under half of them and so do not count."""
    piece = max(int(0.1 * rate), 1)
    pieces = fast[: fast.size // piece * piece].reshape(-1, piece)
    return float(np.median(np.sqrt((pieces**2).mean(1))))
