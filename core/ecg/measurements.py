"""What is measured of an ECG, by us or by the device that recorded it: code, label, unit and, where verified, LOINC."""

from __future__ import annotations

from dataclasses import dataclass

from core.assessment import Measurement


@dataclass(frozen=True)
class Quantity:
    code: str
    label: str
    german: str
    unit: str
    loinc: str = ""


QUANTITIES: tuple[Quantity, ...] = (
    Quantity("heart_rate", "Heart rate", "Herzfrequenz", "/min", "8867-4"),
    Quantity("rr_mean", "RR mean", "RR-Abstand, Mittel", "ms", "8637-1"),
    Quantity("sdnn", "SDNN", "SDNN", "ms"),
    Quantity("rmssd", "RMSSD", "RMSSD", "ms"),
    Quantity("p_duration", "P duration", "P-Dauer", "ms"),
    Quantity("pr_interval", "PR interval", "PQ-Zeit", "ms", "8625-6"),
    Quantity("qrs_duration", "QRS duration", "QRS-Dauer", "ms", "8633-0"),
    Quantity("qt_interval", "QT interval", "QT-Zeit", "ms", "8634-8"),
    Quantity("qtc_fridericia", "QTc (Fridericia)", "QTc (Fridericia)", "ms", "76634-5"),
    Quantity("qtc_framingham", "QTc (Framingham)", "QTc (Framingham)", "ms"),
    Quantity("qtc_bazett", "QTc (Bazett)", "QTc (Bazett)", "ms", "76635-2"),
    Quantity("qtc", "QTc", "QTc", "ms"),  # of a device that does not say by which correction
    Quantity("p_axis", "P axis", "P-Achse", "°", "8626-4"),
    Quantity("qrs_axis", "QRS axis", "QRS-Achse", "°", "8632-2"),
    Quantity("t_axis", "T axis", "T-Achse", "°", "8638-9"),
)
# What simple rules say of them stands beside as comparators of their own: text, hence without a measurement's LOINC.
RULES: tuple[Quantity, ...] = (
    Quantity("rate_by_rule", "Rate by rule", "Frequenz nach Regel", ""),
    Quantity("axis_by_rule", "Axis by rule", "Achse nach Regel", ""),
    Quantity("pr_by_rule", "PR by rule", "PQ nach Regel", ""),
    Quantity("qrs_by_rule", "QRS by rule", "QRS nach Regel", ""),
    Quantity("qtc_by_rule", "QTc by rule", "QTc nach Regel", ""),
)
BY_CODE: dict[str, Quantity] = {quantity.code: quantity for quantity in QUANTITIES + RULES}


def measurement(
    code: str, value: float | None, source: str, *, low: float | None = None, high: float | None = None, note: str = "",
) -> Measurement:
    """A value of one of QUANTITIES, in its unit.

    Raises:
        KeyError: no such quantity.
    """
    quantity = BY_CODE[code]
    return Measurement(code, quantity.label, value, quantity.unit, low, high, source, note, loinc=quantity.loinc)
