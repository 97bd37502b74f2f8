"""Cleveland's systolic heart failure at exercise testing (Hsich et al. 2011, doi 10.1161/CIRCOUTCOMES.110.939371): peakVO2.

Potassium-sparing diuretics count as MRA: spironolactone is most of them, and amiloride cannot be told apart. Who has no
coronary disease ("cad") has another cause. A defibrillator and a pacemaker together are an ICD: whether it resynchronises is
not told. Diabetes without insulin is "niddm"; its tablets are not in the table. "interval" is the length of the exercise.
"""

from __future__ import annotations

from core.heart_failure.formats.layout import SEX, Layout, Numbers, Source, any_of, coded, flag, number, yes


def _device(defibrillator: Numbers, pacemaker: Numbers) -> str | None:
    if yes(defibrillator):
        return "ICD"
    paced = yes(pacemaker)
    return None if None in (defibrillator, paced) else "pacemaker" if paced else "no device"


def _outcome(years: Numbers, died: Numbers) -> tuple[float | None, bool | None]:
    return years, yes(died)


LAYOUT = Layout(
    "peakvo2", "peakVO2", ("peak.vo2", "lvef.metabl", "resting.systolic.bp", "crcl"),
    (
        number("age", "age"), coded("sex", "male", SEX), number("bmi", "bmi"), number("systolic", "resting.systolic.bp"),
        number("heart_rate", "resting.hr"), coded("aetiology", "cad", {0: "another", 1: "ischaemic"}),
        any_of("diabetes", "niddm", "insulin"), flag("smoker", "smknow"),
        any_of("revascularised", "surgery.cabg", "surgery.pci"), flag("q_waves", "q.wave.mi"),
        Source("device", ("surgery.aicd.implant", "surgery.pacemaker"), _device),
        number("clearance", "crcl"), number("bun", "bun"), number("sodium", "sodium"), number("haemoglobin", "hgb"),
        number("glucose", "glucose"), number("lvef", "lvef.metabl"), number("peak_vo2", "peak.vo2"),
        number("peak_rer", "peak.rer"),
    ),
    ident="patient_id", setting="exercise",
    drugs={
        "acei": ("acei",), "arb": ("angioten.II",), "beta_blocker": ("betablok",), "mra": ("diuretic.potassium.spar",),
        "loop": ("diuretic.loop",), "thiazide": ("diuretic.thiazide",), "digoxin": ("digoxin",),
        "antiarrhythmic": ("anti.arrhy",), "antithrombotic": ("anti.coag", "aspirin"), "statin": ("lipidrx.statin",),
        "nitrate": ("nitrates",), "hydralazine": ("vasodilator",), "calcium_blocker": ("dilver", "nifed"),
        "antidiabetic": ("insulin",),
    },
    outcome=(("ttodead", "died"), _outcome),
)
