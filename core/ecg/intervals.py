"""Rate, intervals and axes from the marks of a recording, as an electrocardiograph reports them.

An interval is global: over the leads, in each beat, and then the median over beats (Kligfield et al. 2007,
AHA/ACC/HRS I, Circulation 115:1306). A P is measured between the quartiles of its onsets and ends over the leads, so
that a few noisy leads do not decide; QRS and the end of T at the median over the leads, which is how long the
electrocardiographs find them whose own figures were compared.

Adult reference ranges: PR 120-200 ms, QRS up to 110 ms, QRS axis -30 to 90 degrees (Surawicz et al. 2009,
AHA/ACCF/HRS III, Circulation 119:e235); QTc below 450 (men) or 460 ms (women) (Rautaharju et al. 2009,
AHA/ACCF/HRS IV, Circulation 119:e241) and from 350 ms, since a QTc of 350 to 390 is common in the healthy; P below
120 ms (Bayes de Luna et al. 2012, J Electrocardiol 45:445). Those of children are in ``children``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.assessment import Comparator, Measurement, Notice
from core.ecg import children
from core.ecg.children import is_child
from core.ecg.marks import WAVES, Delineation
from core.ecg.measurements import BY_CODE, measurement
from core.ecg.study import LEADS, EcgStudy

QTC_SHORT = 350.0  # ms
_P, _QRS, _T = range(3)
_OVER_LEADS = ((25, 75), (50, 50), (25, 50))  # percentiles over the leads of onset and end of P, QRS and T
SURAWICZ = "Surawicz et al. 2009, doi 10.1161/CIRCULATIONAHA.108.191095"
RAUTAHARJU = "Rautaharju et al. 2009, doi 10.1161/CIRCULATIONAHA.108.191096"


def qt_corrected(qt: float, rr: float) -> dict[str, float]:
    """QTc in ms from QT in ms and RR in s, by code: Bazett 1920, Fridericia 1920, Framingham (Sagie et al. 1992)."""
    return {"qtc_fridericia": qt / rr ** (1 / 3), "qtc_framingham": qt + 154 * (1 - rr), "qtc_bazett": qt / rr**0.5}


def limits(delineation: Delineation) -> np.ndarray:
    """``[beats, 3, 2]`` global onset and end of P, QRS and T of each beat, in samples; NaN where absent."""
    result = np.full((len(delineation.r_times), 3, 2), np.nan)
    for beat in range(len(result)):
        for wave in range(3):
            rows = delineation.marks[(delineation.beat == beat) & (delineation.marks[:, 1] == wave)]
            if len(rows):
                early, late = _OVER_LEADS[wave]
                result[beat, wave] = np.percentile(rows[:, 2], early), np.percentile(rows[:, 4], late)
    return result


def _axis(study: EcgStudy, edges: np.ndarray, wave: int) -> float | None:
    """Frontal axis in degrees, -180 to 180, from the net areas in I and aVF over all beats.

    aVF is stretched by 2 / sqrt(3), the ratio of an Einthoven to an augmented lead (Novosel et al. 1999,
    Croat Med J 40:77). The baseline is the level just before the QRS, for a P the level just before the P.
    """
    areas = []
    signal = np.where(study.there, study.millivolts, np.nan) if study.gaps else study.read_from
    width = max(round(0.02 * study.sampling_rate), 1)
    for beat in edges:
        start, end = beat[wave]
        origin = start if wave == _P else beat[_QRS, 0]
        if np.isnan([start, end, origin]).any():
            continue
        start, end, origin = round(start), round(end), round(origin)
        level = signal[:, max(origin - width, 0) : origin + 1].mean(1)
        part = signal[:, start : end + 1]
        areas.append((part - level[:, None]).sum(1) / study.sampling_rate)
    if not areas or {"I", "aVF"} & {*study.missing, *study.unusable}:
        return None
    found = [_median(np.array(areas)[:, LEADS.index(name)]) for name in ("I", "aVF")]
    if None in found:
        return None
    x, y = found
    return float(np.degrees(np.arctan2(y * 2 / 3**0.5, x))) if max(abs(x), abs(y)) > 1e-5 else None


def _median(values: np.ndarray) -> float | None:
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else None


def _ranges(study: EcgStudy) -> dict[str, tuple[float | None, float | None, str]]:
    """Lower and upper end of each reference range, and a remark; by code."""
    if is_child(study):
        remark = f"2nd to 98th percentile at {children.age_group(study.age)}{'' if study.sex else ', the wider of both sexes'}."
        return {code: (low, high, remark) for code, (low, high) in children.limits(study.age, study.sex).items()}
    remark = "" if study.sex else "Sex not known: the women's limit is used."
    qtc = (QTC_SHORT, 450.0 if study.sex == "male" else 460.0, remark)
    return {
        "heart_rate": (60.0, 100.0, ""), "pr_interval": (120.0, 200.0, ""), "qrs_duration": (None, 110.0, ""),
        "p_duration": (None, 120.0, ""), "qrs_axis": (-30.0, 90.0, ""), "qtc_fridericia": qtc, "qtc_framingham": qtc,
        "qtc_bazett": qtc,
    }


def measure(study: EcgStudy, delineation: Delineation) -> tuple[Measurement, ...]:
    """Rate (/min), RR and its variability, P, PR, QRS, QT, QTc (ms) and axes (degrees).

    A value that cannot be measured is None, and its note says why.
    """
    edges = limits(delineation)
    ms = 1000 / delineation.sampling_rate
    rr = delineation.rr * 1000
    apart = delineation.stretch is not None  # variability needs beats that follow each other
    few = "" if len(rr) else "Fewer than two beats were found."
    no_p = "" if delineation.has("P") else "No P waves."
    no_qrs = "" if len(delineation.r_times) else "No QRS complexes were found."
    no_t = no_qrs or ("" if delineation.has("T") else "No T waves could be delimited.")
    p = no_qrs or no_p
    qt = None if no_t else _median((edges[:, _T, 1] - edges[:, _QRS, 0]) * ms)
    mean_rr = float(rr.mean()) if len(rr) else None
    corrected = qt_corrected(qt, mean_rr / 1000) if qt is not None and mean_rr else {}
    varied = len(rr) > 1 and not apart
    why = "No lead was recorded throughout." if apart else "Too few beats."
    short = "" if few else f"Over {len(rr) + 1} beats; not comparable with 24-hour values."

    def duration(wave: int) -> float | None:
        return _median((edges[:, wave, 1] - edges[:, wave, 0]) * ms)

    rows: list[tuple[str, float | None, str]] = [
        ("heart_rate", 60000 / mean_rr if mean_rr else None, few),
        ("rr_mean", mean_rr, few),
        ("sdnn", float(rr.std(ddof=1)) if varied else None, short if varied else why),
        ("rmssd", float(np.sqrt((np.diff(rr) ** 2).mean())) if varied else None, short if varied else why),
        ("p_duration", None if p else duration(_P), p),
        ("pr_interval", None if p else _median((edges[:, _QRS, 0] - edges[:, _P, 0]) * ms), p),
        ("qrs_duration", duration(_QRS), no_qrs),
        ("qt_interval", qt, no_t),
        *((code, corrected.get(code), no_t or few) for code in ("qtc_fridericia", "qtc_framingham", "qtc_bazett")),
    ]
    for wave, reason in ((_P, p), (_QRS, no_qrs), (_T, no_t)):
        value = None if reason else _axis(study, edges, wave)
        rows.append((f"{WAVES[wave].lower()}_axis", value,
                     reason or ("" if value is not None else "Lead I or aVF is missing.")))
    ranges = _ranges(study)
    measured = []
    for code, value, note in rows:
        low, high, remark = ranges.get(code, (None, None, ""))
        measured.append(measurement(code, None if value is None else round(value, 1), "delineation", low=low, high=high,
                                    note=" ".join(filter(None, (note, remark)))))
    return tuple(measured)


def axis_class(degrees: float) -> str:
    """Surawicz et al. 2009, adults."""
    if -30 <= degrees <= 90:
        return "normal axis"
    if degrees > 90:
        return "right axis deviation" if degrees <= 180 else "extreme axis deviation"
    return "left axis deviation" if degrees >= -90 else "extreme axis deviation"


def _rules(measured: dict[str, Measurement]) -> list[Comparator]:
    value = {code: m.value for code, m in measured.items() if m.value is not None}
    rows = []
    if (rate := value.get("heart_rate")) is not None:
        kind = "bradycardia" if rate < 60 else "tachycardia" if rate > 100 else "normal rate"
        rows.append(_rule("rate_by_rule", kind, "below 60, above 100 /min"))
    if (axis := value.get("qrs_axis")) is not None:
        rows.append(_rule("axis_by_rule", axis_class(axis), SURAWICZ))
    if (pr := value.get("pr_interval")) is not None:
        kind = "prolonged" if pr > 200 else "short" if pr < 120 else "normal"
        rows.append(_rule("pr_by_rule", kind, f"below 120, above 200 ms; {SURAWICZ}"))
    if (qrs := value.get("qrs_duration")) is not None:
        kind = "wide" if qrs >= 120 else "slightly wide" if qrs > 110 else "normal"
        rows.append(_rule("qrs_by_rule", kind, f"above 110, from 120 ms; {SURAWICZ}"))
    if (qtc := measured.get("qtc_fridericia")) is not None and qtc.value is not None and qtc.high is not None:
        kind = "prolonged" if qtc.value >= qtc.high else "short" if qtc.value < (qtc.low or 0) else "normal"
        rows.append(_rule("qtc_by_rule", kind, f"from {qtc.high:.0f} ms, below {qtc.low:.0f} ms; {RAUTAHARJU}"))
    return rows


def _rules_of_children(measured: dict[str, Measurement], group: str) -> list[Comparator]:
    """Each value against the 2nd and 98th percentile of its age group."""
    rows = []
    for code, rule in (("heart_rate", "rate_by_rule"), ("qrs_axis", "axis_by_rule"), ("pr_interval", "pr_by_rule"),
                       ("qrs_duration", "qrs_by_rule"), ("qtc_bazett", "qtc_by_rule")):
        m = measured.get(code)
        if m is not None and None not in (m.value, m.low, m.high):
            kind = "normal" if not m.abnormal else f"{'below the 2nd' if m.value < m.low else 'above the 98th'} percentile"
            rows.append(_rule(rule, kind, f"{m.low:.0f} to {m.high:.0f} {m.unit} at {group}; {children.RIJNBEEK}"))
    return rows


def _rule(code: str, kind: str, source: str) -> Comparator:
    return Comparator(code, BY_CODE[code].label, kind, "", source)


def comparators(study: EcgStudy, measured: Sequence[Measurement] = (), paced: bool = False) -> tuple[Comparator, ...]:
    """What the recording device wrote into the file, under our codes, then what simple rules say of ``measured``.

    A child is held against the limits of its age. The axis of a ventricular pacemaker's beats is no finding.
    """
    device = study.source.get("device") or "recording device"
    rows = [Comparator(m.code, m.label, m.value, m.unit, device) for m in study.device_measurements]
    values = {m.code: m for m in measured}
    rules = _rules_of_children(values, children.age_group(study.age)) if is_child(study) else _rules(values)
    return tuple(rows + [rule for rule in rules if not (paced and rule.code == "axis_by_rule")])


_TOLERATED = {"heart_rate": 6.0, "pr_interval": 40.0, "qrs_duration": 25.0, "qt_interval": 50.0, "qrs_axis": 45.0}


def against_device(study: EcgStudy, measured: Sequence[Measurement]) -> Notice | None:
    """A caution where rate, PR, QRS, QT or axis differ from what the device itself measured, more than methods do."""
    device, apart = {m.code: m for m in study.device_measurements if m.value is not None}, []
    for m in measured:
        if m.code not in _TOLERATED or m.code not in device or m.value is None:
            continue
        theirs = device[m.code].value
        distance = abs((m.value - theirs + 180) % 360 - 180) if m.unit == "°" else abs(m.value - theirs)
        if distance > max(_TOLERATED[m.code], 0.08 * theirs if m.code == "heart_rate" else 0):
            apart.append(f"{m.label} {theirs:.0f} against {m.value:.0f} {m.unit} here".replace(" °", "°"))
    if not apart:
        return None
    return Notice("caution", f"The device measured otherwise: {'; '.join(apart)}. One of the two is wrong.", "device")
