"""A form, or the row of a cohort, to a HeartFailureStudy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from core.assessment import Notice
from core.fields import checked
from core.heart_failure import renal
from core.heart_failure.plausible import check
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.variables import FIELDS, encode
from core.patient import Age, Sex
from core.uploads import InputError, Upload, collect

FEWEST = 2  # things known that a model knows, too


@checked
def read(
    files: Sequence[Upload | Path] = (), *,
    age: Age = None, sex: Sex = None,
    weight: Annotated[float | None, FIELDS["weight"]] = None,
    height: Annotated[float | None, FIELDS["height"]] = None,
    bmi: Annotated[float | None, FIELDS["bmi"]] = None,
    nyha: Annotated[Literal["I", "II", "III", "IV"] | None, FIELDS["nyha"]] = None,
    setting: Annotated[Literal["outpatient", "exercise", "inpatient"] | None, FIELDS["setting"]] = None,
    systolic: Annotated[float | None, FIELDS["systolic"]] = None,
    diastolic: Annotated[float | None, FIELDS["diastolic"]] = None,
    mean_pressure: Annotated[float | None, FIELDS["mean_pressure"]] = None,
    heart_rate: Annotated[float | None, FIELDS["heart_rate"]] = None,
    duration: Annotated[float | None, FIELDS["duration"]] = None,
    aetiology: Annotated[Literal["ischaemic", "dilated", "hypertensive", "valvular", "hypertrophic", "toxic", "another"] | None,
                         FIELDS["aetiology"]] = None,
    diabetes: Annotated[bool | None, FIELDS["diabetes"]] = None,
    hypertension: Annotated[bool | None, FIELDS["hypertension"]] = None,
    dyslipidaemia: Annotated[bool | None, FIELDS["dyslipidaemia"]] = None,
    smoker: Annotated[bool | None, FIELDS["smoker"]] = None,
    copd: Annotated[bool | None, FIELDS["copd"]] = None,
    infarction: Annotated[bool | None, FIELDS["infarction"]] = None,
    revascularised: Annotated[bool | None, FIELDS["revascularised"]] = None,
    arterial_disease: Annotated[bool | None, FIELDS["arterial_disease"]] = None,
    syncope: Annotated[bool | None, FIELDS["syncope"]] = None,
    fibrillation: Annotated[bool | None, FIELDS["fibrillation"]] = None,
    device: Annotated[Literal["no device", "pacemaker", "ICD", "CRT-P", "CRT-D"] | None, FIELDS["device"]] = None,
    creatinine: Annotated[float | None, FIELDS["creatinine"]] = None,
    clearance: Annotated[float | None, FIELDS["clearance"]] = None,
    bun: Annotated[float | None, FIELDS["bun"]] = None,
    sodium: Annotated[float | None, FIELDS["sodium"]] = None,
    potassium: Annotated[float | None, FIELDS["potassium"]] = None,
    haemoglobin: Annotated[float | None, FIELDS["haemoglobin"]] = None,
    nt_probnp: Annotated[float | None, FIELDS["nt_probnp"]] = None,
    albumin: Annotated[float | None, FIELDS["albumin"]] = None,
    cholesterol: Annotated[float | None, FIELDS["cholesterol"]] = None,
    ldl: Annotated[float | None, FIELDS["ldl"]] = None,
    hdl: Annotated[float | None, FIELDS["hdl"]] = None,
    glucose: Annotated[float | None, FIELDS["glucose"]] = None,
    uric_acid: Annotated[float | None, FIELDS["uric_acid"]] = None,
    bilirubin: Annotated[float | None, FIELDS["bilirubin"]] = None,
    alt: Annotated[float | None, FIELDS["alt"]] = None,
    ast: Annotated[float | None, FIELDS["ast"]] = None,
    ggt: Annotated[float | None, FIELDS["ggt"]] = None,
    creatine_kinase: Annotated[float | None, FIELDS["creatine_kinase"]] = None,
    tsh: Annotated[float | None, FIELDS["tsh"]] = None,
    leukocytes: Annotated[float | None, FIELDS["leukocytes"]] = None,
    lymphocytes: Annotated[float | None, FIELDS["lymphocytes"]] = None,
    platelets: Annotated[float | None, FIELDS["platelets"]] = None,
    rdw: Annotated[float | None, FIELDS["rdw"]] = None,
    lvef: Annotated[float | None, FIELDS["lvef"]] = None,
    lvedd: Annotated[float | None, FIELDS["lvedd"]] = None,
    lvesd: Annotated[float | None, FIELDS["lvesd"]] = None,
    left_atrium: Annotated[float | None, FIELDS["left_atrium"]] = None,
    septum: Annotated[float | None, FIELDS["septum"]] = None,
    regurgitation: Annotated[Literal["0", "1", "2", "3", "4"] | None, FIELDS["regurgitation"]] = None,
    restrictive: Annotated[bool | None, FIELDS["restrictive"]] = None,
    rv_impaired: Annotated[bool | None, FIELDS["rv_impaired"]] = None,
    e_over_e: Annotated[float | None, FIELDS["e_over_e"]] = None,
    pulmonary_pressure: Annotated[float | None, FIELDS["pulmonary_pressure"]] = None,
    cardiothoracic_ratio: Annotated[float | None, FIELDS["cardiothoracic_ratio"]] = None,
    congestion: Annotated[bool | None, FIELDS["congestion"]] = None,
    rhythm: Annotated[Literal["sinus", "fibrillation", "flutter", "paced"] | None, FIELDS["rhythm"]] = None,
    pr: Annotated[float | None, FIELDS["pr"]] = None,
    qrs: Annotated[float | None, FIELDS["qrs"]] = None,
    qtc: Annotated[float | None, FIELDS["qtc"]] = None,
    q_waves: Annotated[bool | None, FIELDS["q_waves"]] = None,
    hypertrophy: Annotated[bool | None, FIELDS["hypertrophy"]] = None,
    lbbb: Annotated[bool | None, FIELDS["lbbb"]] = None,
    vpb_hour: Annotated[float | None, FIELDS["vpb_hour"]] = None,
    nsvt: Annotated[bool | None, FIELDS["nsvt"]] = None,
    sdnn: Annotated[float | None, FIELDS["sdnn"]] = None,
    peak_vo2: Annotated[float | None, FIELDS["peak_vo2"]] = None,
    peak_rer: Annotated[float | None, FIELDS["peak_rer"]] = None,
    respiration: Annotated[float | None, FIELDS["respiration"]] = None,
    temperature: Annotated[float | None, FIELDS["temperature"]] = None,
    scar_share: Annotated[float | None, FIELDS["scar_share"]] = None,
    scar_segments: Annotated[int | None, FIELDS["scar_segments"]] = None,
    scar_adjustment: Annotated[bool | None, FIELDS["scar_adjustment"]] = None,
    prescriptions: Annotated[str | None, FIELDS["prescriptions"]] = None,
) -> HeartFailureStudy:
    """One patient from what is entered; None is unknown, and stays so.

    Args:
        files: a cohort table with one row of data; fields win over what it says.

    Raises:
        InputError: nothing was entered, or values that cannot be right.
    """
    given = {name: value for name, value in locals().items() if name != "files" and value is not None}
    values, source, noticed = {}, {"Input": "entered by hand"}, ()
    if files:
        from core.heart_failure.layouts import one_patient  # a table needs more than a form

        values, source, noticed = one_patient(collect(files))
    elif not given:
        raise InputError("age", "Nothing was entered.", "Give at least age and a few further values.")
    return study({**values, **given}, source, noticed)


def study(values: dict, source: dict[str, str], noticed: Sequence[Notice] = ()) -> HeartFailureStudy:
    """What is known, checked and completed by what follows from it."""
    values, computed = dict(values), {}
    text = str(values.pop("prescriptions", "") or "").strip()
    notices = (*noticed, *check(values))
    for name, (value, how) in _followed(values):
        if name not in values:
            values[name], computed[name] = value, how
    numbers = encode(values)
    known = sum(number == number for number in numbers.tolist()) + bool(text)
    if known < FEWEST and not any(notice.level == "refuse" for notice in notices):
        needed = Notice("refuse", "Too little is known of the patient. Give at least age and one further value.", "age")
        notices = (*notices, needed)
    return HeartFailureStudy(MappingProxyType(values), text, numbers, MappingProxyType(computed), source, notices)


def _followed(values: dict):
    """What follows from what was given, in an order in which one may need another."""
    if {"weight", "height"} <= values.keys():
        yield "bmi", (values["weight"] / (values["height"] / 100) ** 2, "weight and height")
    if {"systolic", "diastolic"} <= values.keys():
        yield "mean_pressure", ((values["systolic"] + 2 * values["diastolic"]) / 3, "systolic and diastolic pressure")
    if {"creatinine", "age", "sex", "weight"} <= values.keys() and values["age"] >= 18:
        clearance = renal.cockcroft_gault(values["creatinine"], values["age"], values["sex"], values["weight"])
        yield "clearance", (clearance, "creatinine, age, sex and weight (Cockcroft and Gault 1976)")
