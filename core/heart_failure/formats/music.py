"""MUSIC, sudden cardiac death in chronic heart failure (Martin-Yebra et al. 2024, doi 10.13026/cec2-9w70): its table.

Read as its code book (``subject-info_codes.csv``) says, and besides:

- "Urea (mg/dL)" holds mmol/l: its median is 8.4 at a median creatinine of 100 µmol/l; as mg/dl that would be a urea
  nitrogen of 3.9 mg/dl, which patients with heart failure do not have.
- "Pro-BNP (ng/L)" is NT-proBNP (Vazquez et al. 2009, Eur Heart J 30:1088).
- A PR interval of 999 is none: it stands with atrial fibrillation, flutter or a paced rhythm.
- The premature beats per hour are a 24th of those in 24 hours. The column of that name is 0 in 400 of 657 patients with
  premature beats, and in all without a Holter recording; so is "Non-sustained ventricular tachycardia (CH>10)".
- Two columns are called average RR: the one with a blank behind it is that of the ECG.
- The code book tells no defibrillator of CRT-I and CRT-II: both are taken as pacemakers. Code 6, an unknown device, is open.
- Who smokes has no smoke-free year and smokes cigarettes; who has neither never smoked.

Died: of any cause. Transplantation and loss to follow-up censor.
"""

from __future__ import annotations

from core.heart_failure.formats.layout import SEX, Layout, Numbers, Source, coded, flag, number
from core.heart_failure.variables import UNITS
from core.tables.cells import NotOne

DAYS = 365.25  # in a year
DEATH = 3  # exit of the study
_MMOL = {name: dict(UNITS[name])["mmol/l"] for name in ("cholesterol", "ldl", "hdl", "glucose")}
_AETIOLOGY = {1: "dilated", 2: "ischaemic", 3: "toxic", 4: "valvular", 5: "toxic", 6: "dilated", 7: "hypertrophic",
              8: "hypertensive", 9: "another"}
_DEVICE = {0: "no device", 1: "pacemaker", 2: "pacemaker", 3: "pacemaker", 4: "CRT-P", 5: "ICD", 6: None, 8: "CRT-P"}


def _smokes(cigarettes: Numbers, free: Numbers) -> bool | None:
    if cigarettes == 0:
        return False
    return None if None in (cigarettes, free) else free == 0


def _outcome(days: Numbers, exit_code: Numbers, cause: Numbers) -> tuple[float | None, bool | None]:
    if days is None or exit_code is None and cause is None:
        return (None if days is None else days / DAYS), None
    if exit_code is not None and cause is not None and (exit_code == DEATH) != (cause != 0):
        raise NotOne("does not agree with the cause of death")
    return days / DAYS, exit_code == DEATH if cause is None else cause != 0  # those who are alive have no exit


LAYOUT = Layout(
    "music", "MUSIC", ("NYHA class", "HF etiology - Diagnosis", "Gender (male=1)", "LVEF (%)"),
    (
        number("age", "Age"), coded("sex", "Gender (male=1)", SEX),
        number("weight", "Weight (kg)"), number("height", "Height (cm)"), number("bmi", "Body Mass Index (Kg/m2)"),
        coded("nyha", "NYHA class", {1: "I", 2: "II", 3: "III", 4: "IV"}),
        number("diastolic", "Diastolic blood  pressure (mmHg)"), number("systolic", "Systolic blood pressure (mmHg)"),
        Source("heart_rate", ("Average RR (ms) ",), lambda rr: None if not rr else 60_000 / rr),
        coded("aetiology", "HF etiology - Diagnosis", _AETIOLOGY),
        flag("diabetes", "Diabetes (yes=1)"), flag("dyslipidaemia", "History of dyslipemia (yes=1)"),
        flag("arterial_disease", "Peripheral vascular disease (yes=1)"),
        flag("hypertension", "History of hypertension (yes=1)"), flag("infarction", "Prior Myocardial Infarction (yes=1)"),
        coded("device", "Prior implantable device", _DEVICE),
        coded("revascularised", "Prior Revascularization", {0: False, 1: True, 2: True, 3: True}),
        coded("syncope", "Syncope", {0: False, 1: True, 2: True}),
        Source("smoker", ("daily smoking (cigarretes/day)", "smoke-free time (years)"), _smokes),
        number("albumin", "Albumin (g/L)", 0.1), number("alt", "ALT or GPT (IU/L)"), number("ast", "AST or GOT (IU/L)"),
        number("cholesterol", "Total Cholesterol (mmol/L)", _MMOL["cholesterol"]),
        number("creatinine", "Creatinine (µmol/L)", dict(UNITS["creatinine"])["µmol/l"]),
        number("ggt", "Gamma-glutamil transpeptidase (IU/L)"), number("glucose", "Glucose (mmol/L)", _MMOL["glucose"]),
        number("haemoglobin", "Hemoglobin (g/L)", 0.1), number("hdl", "HDL (mmol/L)", _MMOL["hdl"]),
        number("potassium", "Potassium (mEq/L)"), number("ldl", "LDL (mmol/L)", _MMOL["ldl"]),
        number("sodium", "Sodium (mEq/L)"), number("nt_probnp", "Pro-BNP (ng/L)"), number("tsh", "TSH (mIU/L)"),
        number("bun", "Urea (mg/dL)", dict(UNITS["bun"])["urea, mmol/l"]),
        flag("congestion", "Signs of pulmonary venous hypertension (yes=1)"),
        number("cardiothoracic_ratio", "Cardiothoracic ratio"), number("left_atrium", "Left atrial size (mm)"),
        flag("rv_impaired", "Right ventricle contractility (altered=1)"), number("lvef", "LVEF (%)"),
        coded("regurgitation", "Mitral valve insufficiency ", {k: str(k) for k in range(5)}),
        coded("restrictive", "Mitral flow pattern", {0: False, 1: False, 2: False, 3: True, 9: None}),
        number("septum", "Septal thickness (mm)"), number("lvedd", "Left ventricle end-diastolic diameter (mm)"),
        number("lvesd", "Left ventricle end-systolic diameter (mm)"),
        coded("rhythm", "ECG rhythm ", {0: "sinus", 1: "fibrillation", 2: "flutter", 3: "paced"}),
        flag("q_waves", "Q-waves (necrosis, yes=1)"), number("pr", "PR interval (ms)", missing=(999,)),
        number("qrs", "QRS duration (ms)"), number("qtc", "QT corrected "),
        flag("hypertrophy", "Left ventricular hypertrophy (yes=1)"),
        coded("lbbb", "Intraventricular conduction disorder", {k: k == 2 for k in range(8)}),
        number("vpb_hour", "Number of ventricular premature beats in 24h", 1 / 24),
        coded("nsvt", "Ventricular Tachycardia", {0: False, 1: True, 2: True, 3: True}),
        number("sdnn", "SDNN (ms)"),
    ),
    ident="Patient ID", setting="outpatient",
    drugs={
        "acei": ("ACE inhibitor (yes=1)",), "arb": ("Angiotensin-II receptor blocker (yes=1)",),
        "beta_blocker": ("Betablockers (yes=1)",), "mra": ("Spironolactone (yes=1)",), "loop": ("Loop diuretics (yes=1)",),
        "digoxin": ("Digoxin (yes=1)",), "antiarrhythmic": ("Amiodarone (yes=1)",),
        "antithrombotic": ("Anticoagulants/antitrombotics  (yes=1)",), "statin": ("Statins (yes=1)",),
        "nitrate": ("Nitrovasodilator (yes=1)",), "hydralazine": ("Hidralazina (yes=1)",),
        "calcium_blocker": ("Calcium channel blocker (yes=1)",), "antidiabetic": ("Diabetes medication (yes=1)",),
    },
    spelt={"Age": {">89": (90.0, "The age is given as above 89, and was read as 90.")}},
    outcome=(("Follow-up period from enrollment (days)", "Exit of the study", "Cause of death"), _outcome),
)
