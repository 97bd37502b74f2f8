"""The six vital signs, in the order in which every array of the room holds them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vital:
    """One vital sign.

    Attributes:
        code: short, local and lasting. low, high: outside them a number is no measurement of it.
        usual: 0.1 % and 99.9 % of what 4,000 stays in intensive care hold; what lies outside is worth a second look.
        band: reference band of a chart. loinc: of FHIR's vital-sign profiles.
    """

    code: str
    label: str
    unit: str
    low: float
    high: float
    usual: tuple[float, float]
    band: tuple[float, float]
    loinc: str


# low, high: no more than set A of PhysioNet 2012 holds (largest respiratory rate 98, pressures 296 and 268), in round
# numbers; the heart rate, of which 0 is an arrest and no probe, beyond any rhythm: 350. A saturation, pressure or
# respiratory rate of 0 is a probe that measures nothing. Temperature: 13.7 °C (Gilbert et al. 2000, Lancet 355:375) and
# more than 46.5 °C (Slovis et al. 1982, Ann Emerg Med 11:269) were survived.
# usual: quantiles of set A within these bounds. band: what scores no point in NEWS2 (RCP 2017); of the diastolic pressure,
# which NEWS2 does not ask for, between hypotension (below 90/60 mmHg) and hypertension (from 140/90 mmHg).
VITALS = (
    Vital("heart_rate", "Heart rate", "/min", 0, 350, (40, 162), (51, 90), "8867-4"),
    Vital("respiration", "Respiratory rate", "/min", 1, 100, (6, 47), (12, 20), "9279-1"),
    Vital("temperature", "Temperature", "°C", 13, 47, (33.1, 40.1), (36.1, 38.0), "8310-5"),
    Vital("systolic", "Systolic pressure", "mmHg", 1, 300, (58, 215), (111, 219), "8480-6"),
    Vital("diastolic", "Diastolic pressure", "mmHg", 1, 300, (20, 123), (60, 90), "8462-4"),
    Vital("saturation", "Oxygen saturation", "%", 1, 100, (52, 100), (96, 100), "2708-6"),
)
CODES = tuple(vital.code for vital in VITALS)
SOURCES = ("cuff_systolic", "cuff_diastolic", "line_systolic", "line_diastolic")  # whose a pressure is, where that is known
HEART_RATE, RESPIRATION, TEMPERATURE, SYSTOLIC, DIASTOLIC, SATURATION = range(len(VITALS))
UNITS = {"temperature": "C", "pressure": "mmHg", "saturation": "%"}  # of what files write in several
PULSE_OXIMETRY = "59408-5"  # LOINC, beside 2708-6 where the saturation is a pulse oximeter's
