"""Made-up stays in the layouts of their publishers, written for tests."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from core.uploads import Upload

CHALLENGE = """Time,Parameter,Value
00:00,RecordID,{0}
00:00,Age,54
00:00,Gender,0
00:00,Height,-1
00:00,ICUType,4
00:07,HR,73
00:07,Temp,-17.8
00:07,NISysABP,147
00:07,NIDiasABP,65
00:37,HR,77
00:37,GCS,15
00:37,FiO2,0.21
01:37,SysABP,120
01:37,DiasABP,60
01:37,NISysABP,110
01:37,NIDiasABP,58
02:00,SysABP,0
02:00,DiasABP,0
02:00,NISysABP,108
02:00,NIDiasABP,56
02:00,RespRate,19
02:00,SaO2,97
02:00,FiO2,0.5
02:00,HR,80
02:00,HR,82
47:37,Temp,37.6
"""
EICU = {
    "patient": "patientunitstayid,gender,age,unittype,hospitaldischargestatus,unitdischargeoffset,uniquepid\n"
               "1,Female,> 89,MICU,Expired,1800,p1\n2,Male,61,Med-Surg ICU,Alive,600,p2\n3,Male,50,SICU,Alive,600,p3\n",
    "vitalAperiodic": "patientunitstayid,observationoffset,noninvasivesystolic,noninvasivediastolic\n"
                      "1,-5,90,50\n1,30,110.0,70.0\n1,90,,\n1,1900,60,30\n2,0,120,80\n9,0,120,80\n",
    "apacheApsVar": "patientunitstayid,temperature,respiratoryrate,heartrate\n1,35.2,30,130\n2,-1.0,-1,88\n",
    "medication": "patientunitstayid,drugorderoffset,drugname,drugordercancelled\n1,-20,WARFARIN 5 MG,No\n"
                  "1,120,HEPARIN,No\n1,60,ASPIRIN,Yes\n1,5000,MORPHINE,No\n",
    "pastHistory": "patientunitstayid,pasthistoryenteredoffset,pasthistoryvalue\n1,10,COPD\n1,12,COPD\n",
}
MIMIC = {
    "D_ITEMS": "row_id,itemid,label\n1,211,Heart Rate\n2,678,Temperature F\n3,51,Arterial BP [Systolic]\n"
               "4,8368,Arterial BP [Diastolic]\n5,646,SpO2\n6,8554,SpO2 Alarm [High]\n",
    "CHARTEVENTS": "subject_id,hadm_id,icustay_id,itemid,charttime,value,valuenum,error\n"
                   "10,20,30.0,211,2150-01-01 10:30:00,88,88,\n10,20,30,678,2150-01-01 11:00:00,98.6,98.6,0\n"
                   "10,20,30,51,2150-01-01 11:00:00,120,120,0\n10,20,30,8368,2150-01-01 11:00:00,80,80,0\n"
                   "10,20,30,646,2150-01-01 11:00:00,97,97,1\n10,20,30,8554,2150-01-01 11:00:00,100,100,0\n"
                   "10,20,30,211,2149-12-31 09:00:00,60,60,0\n10,20,,211,2150-01-01 11:00:00,60,60,0\n",
    "ICUSTAYS": "subject_id,hadm_id,icustay_id,first_careunit,intime,outtime\n"
                "10,20,30,CCU,2150-01-01 10:00:00,2150-01-03 10:00:00\n",
    "ADMISSIONS": "subject_id,hadm_id,hospital_expire_flag\n10,20,1\n",
    "PATIENTS": "subject_id,gender,dob\n10,F,2080-06-01 00:00:00\n",
}


def challenge(folder: Path, *stays: str, died: str = "") -> Path:
    """``set-a`` with its outcomes."""
    (folder / "set-a").mkdir(parents=True)
    for stay in stays:
        (folder / "set-a" / f"{stay}.txt").write_text(CHALLENGE.format(stay))
    rows = "".join(f"{stay},1,1,5,-1,{int(stay == died)}\n" for stay in stays)
    (folder / "Outcomes-a.txt").write_text(f"RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n{rows}")
    return folder


def database(folder: Path, tables: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def uploads(tables: dict[str, str]) -> list[Upload]:
    return [Upload(f"{name}.csv", text.encode()) for name, text in tables.items()]


def arrays(**named: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **named)
    return file.getvalue()
