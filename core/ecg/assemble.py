"""From named channels in their own units to a study: one rate, millivolts, what is unusable left out, the rest derived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.assessment import Notice
from core.ecg import calibration_pulse, pacing, quality, signal, trend, usable
from core.ecg.channels import factors, named, opened, timed
from core.ecg.formats.leads import LIMB, derive
from core.ecg.formats.recording import Channel, Recording
from core.ecg.study import LEADS, EcgStudy
from core.settings import settings
from core.uploads import InputError

SHORTEST = 2.5  # seconds: one column of a printed 3x4 ECG
USUAL = 8.0  # seconds; the model was trained on 10
FEWEST, CHEST = 8, 3  # leads, recorded or derived, and how many of V1 to V6 among them
_GAP = 0.5  # seconds without a value that are no gap to be filled but a part that was not recorded
_PARTIAL = 0.85  # share of the time that the leads must cover for statements
CHEST_LEADS = LEADS[6:]


def assemble(
    recording: Recording, entered: float | None, unit: str | None, start: float | None = None, names: Sequence[str] = (),
) -> EcgStudy:
    """The study that a recording is.

    Args:
        entered: Hz, wins over the file. unit: of all leads, wins too. start: s, of the window of a long recording.
        names: of the channels in their order, "-" for one that is no lead; of a file that names none.

    Raises:
        InputError: no rate, no leads, too short or too long, a unit that is none.
    """
    notices = list(recording.notices)
    channels = timed(named(recording, names, notices), entered, notices)
    channels, course = _part(recording, channels, start, notices)
    channels = opened(channels)
    rate = max(channel.rate for channel in channels.values())
    leads, gaps = {}, []
    factor = factors(channels, unit, notices)
    for name, channel in channels.items():
        values = np.asarray(channel.values, np.float64) * factor[name]
        values = np.where(np.isfinite(values) & (np.abs(values) < 1e6), values, np.nan)
        filled = _fill(values, rate, channel.rate, name, notices, gaps)
        if filled is not None:
            leads[name] = filled
    claimed = len(set(derive({name: np.zeros(1) for name in channels})[0]))
    samples = min((v.size for v in leads.values()), default=0)
    leads = {name: values[:samples] for name, values in leads.items()}
    if not gaps and samples:
        leads, cut = calibration_pulse.cut(leads, rate)
        notices += cut
        samples = min(v.size for v in leads.values())
        leads, cut = usable.without_spikes(leads, rate)
        notices += cut
    _check_extent(claimed, len(derive({name: np.zeros(1) for name in leads})[0]), samples / rate)
    found = usable.judge(leads, rate) if not gaps else {}
    bad = {name: usable.reason(why) for name, (why, share) in found.items() if share > usable.MOSTLY}
    complete, derived = derive({name: values for name, values in leads.items() if name not in bad})
    if gaps:
        gaps += [(name, start, end) for name in derived for start, end in _common(gaps, set(leads) & set(LIMB))]
    shown = {**leads, **complete}
    missing = tuple(name for name in LEADS if name not in shown)
    unusable = {name: why for name, why in bad.items() if name not in complete}
    notices += _extent_notices(samples / rate, missing, derived, gaps)
    notices += usable.notices(found)
    millivolts = np.zeros((len(LEADS), samples), np.float32)
    for name, values in shown.items():
        millivolts[LEADS.index(name)] = values
    paced = () if gaps else tuple(pacing.spikes(np.stack(list(complete.values())), rate).tolist()) if complete else ()
    study = EcgStudy(millivolts, rate, missing, derived, unusable, tuple(gaps), paced, course, sex=recording.sex,
                     age=recording.age, source=recording.source, device_measurements=recording.measurements)
    refusal = _refusal(claimed, set(complete), missing)
    if refusal:
        notices.append(refusal)
    else:
        notices += quality.check(study.read_from, rate, (*missing, *unusable), study.there if gaps else None, bool(paced))
    return replace(study, notices=tuple(notices), withheld=_withheld(len(complete), study))


def _refusal(claimed: int, usable_leads: set[str], missing: Sequence[str]) -> Notice | None:
    """Too few leads with a signal, of a recording that has more; a recorder of few leads is another thing."""
    if not usable_leads:
        return Notice("refuse", "No lead carries a usable signal.", "leads")
    if claimed < FEWEST:
        return None
    chest = len(usable_leads & set(CHEST_LEADS))
    if len(usable_leads) >= FEWEST and chest >= CHEST:
        return None
    without = ", ".join(name for name in LEADS if name not in usable_leads and name not in missing)
    return Notice("refuse", f"Only {len(usable_leads)} of 12 leads carry a usable signal (not {without}): check the "
                  "electrodes and record again.", "leads")


def _withheld(usable_leads: int, study: EcgStudy) -> str:
    """Why the model, which was trained on twelve leads over ten seconds, says nothing."""
    if usable_leads < FEWEST:
        return (f"{usable_leads} lead{'s' if usable_leads > 1 else ''} of 12: shown and measured, without statements, "
                f"which need {FEWEST}.")
    there = np.array([name not in study.missing and name not in study.unusable for name in LEADS])
    cover = float(study.there[there].mean())
    if cover < _PARTIAL:
        return f"The leads cover {cover:.0%} of the time on average: shown and measured, without statements."
    return ""


def _part(
    recording: Recording, channels: dict[str, Channel], start: float | None, notices: list[Notice]
) -> tuple[dict[str, Channel], tuple[tuple[float, float], ...]]:
    """All of a recording, or the window from ``start`` on of a long one and the heart rate over the whole."""
    seconds = max(channel.values.size / channel.rate for channel in channels.values())
    if seconds <= settings.max_duration_s * 1.001 and start is None:
        return channels, ()
    if not recording.holter and seconds > settings.max_duration_s * 1.001:
        raise InputError("files", f"The recording lasts {seconds:,.0f} s; at most {settings.max_duration_s} s are read.",
                         "Cut the recording to the part of interest.")
    course = trend.rates(channels)
    part, notice = trend.window(channels, start or 0.0, seconds)
    notices.append(notice)
    return part, course


def _fill(
    values: np.ndarray, rate: float, own: float, name: str, notices: list[Notice], parts: list[tuple[str, float, float]]
) -> np.ndarray | None:
    """Short gaps interpolated, at the common rate; longer ones zero and added to ``parts``; None if there is no number."""
    gaps = np.isnan(values)
    if gaps.all():
        notices.append(Notice("caution", f"Lead {name} holds no values.", name))
        return None
    away = np.zeros_like(gaps)
    for first, last in usable.runs(gaps):
        if (last - first) / own >= _GAP:
            away[first:last] = True
            parts.append((name, first / own, last / own))
    if gaps.any():
        present = np.flatnonzero(~gaps)
        values = np.interp(np.arange(values.size), present, values[present])
        if (gaps & ~away).any():
            seconds = (gaps & ~away).sum() / own
            notices.append(Notice("caution", f"Lead {name} has gaps ({seconds:.2g} s), filled by interpolation.", name))
    if own != rate:
        values = signal.resample(values[None], own, rate)[0]
        away = away[np.minimum((np.arange(values.size) * own / rate).astype(int), away.size - 1)]
    return np.where(away, 0.0, values - np.median(values[~away])) if away.any() else values


def _common(gaps: Sequence[tuple[str, float, float]], leads: set[str]) -> list[tuple[float, float]]:
    """Start and end of what any of the leads lacks: a lead derived from them lacks it too."""
    spans = sorted((start, end) for name, start, end in gaps if name in leads)
    merged: list[list[float]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return [(start, end) for start, end in merged]


def _check_extent(claimed: int, leads: int, seconds: float) -> None:
    if leads == 0:
        raise InputError("files", "No lead holds a single valid value.", "Upload a recording that contains a signal.")
    if leads < FEWEST <= claimed:
        raise InputError("files", f"Only {leads} of 12 leads can be used.",
                         "Upload a 12-lead ECG, or one with the leads I, II and V1 to V6.")
    if not seconds >= SHORTEST:
        raise InputError("files", f"The recording lasts {seconds:.1f} s; at least {SHORTEST:g} s are needed.",
                         "Upload a recording of 10 s or longer.")


def _extent_notices(
    seconds: float, missing: tuple[str, ...], derived: tuple[str, ...], gaps: Sequence[tuple[str, float, float]]
) -> list[Notice]:
    notices = []
    if seconds < USUAL:
        notices.append(Notice("caution", f"The recording is short ({seconds:.1f} s); the model was trained on 10 s.", "duration"))
    if gaps:
        lacking: dict[str, float] = {}
        for name, start, end in gaps:
            lacking[name] = lacking.get(name, 0.0) + end - start
        shares = ", ".join(f"{name} {seconds - lacking[name]:.2g} s" for name in LEADS if name in lacking)
        notices.append(Notice("caution", f"Of {seconds:.2g} s not every lead shows all ({shares}): each is measured on what "
                              "is there.", "gaps"))
    if derived:
        notices.append(Notice("info", f"Computed from the other limb leads: {', '.join(derived)}.", "leads"))
    if missing:
        weak = " Findings that rest on them are weak." if len(LEADS) - len(missing) >= FEWEST else ""
        notices.append(Notice("caution", f"Not recorded: {', '.join(missing)}.{weak}", "leads"))
    return notices
