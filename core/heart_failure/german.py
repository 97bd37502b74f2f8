"""German wording of the room's fields, choices, drug classes and results, for reports."""

from __future__ import annotations

from core.heart_failure import scar

FIELDS = {
    "age": "Alter", "sex": "Geschlecht", "weight": "Gewicht", "height": "Größe", "bmi": "Body-Mass-Index", "nyha": "NYHA-Klasse",
    "setting": "Versorgung", "systolic": "Systolischer Blutdruck", "diastolic": "Diastolischer Blutdruck",
    "mean_pressure": "Arterieller Mitteldruck", "heart_rate": "Herzfrequenz", "duration": "Herzinsuffizienz bekannt seit",
    "aetiology": "Ursache der Herzinsuffizienz", "diabetes": "Diabetes", "hypertension": "Hypertonie in der Vorgeschichte",
    "dyslipidaemia": "Fettstoffwechselstörung in der Vorgeschichte", "smoker": "Raucht derzeit", "copd": "COPD",
    "infarction": "Früherer Myokardinfarkt", "revascularised": "Frühere Revaskularisation",
    "arterial_disease": "Periphere Gefäßkrankheit", "syncope": "Synkope", "fibrillation": "Vorhofflimmern, jetzt oder früher",
    "device": "Implantiertes Gerät", "creatinine": "Kreatinin", "clearance": "Kreatinin-Clearance", "bun": "Harnstoff-Stickstoff",
    "sodium": "Natrium", "potassium": "Kalium", "haemoglobin": "Hämoglobin", "nt_probnp": "NT-proBNP", "albumin": "Albumin",
    "cholesterol": "Gesamtcholesterin", "ldl": "LDL-Cholesterin", "hdl": "HDL-Cholesterin", "glucose": "Glukose",
    "uric_acid": "Harnsäure", "bilirubin": "Bilirubin", "alt": "ALT", "ast": "AST", "ggt": "Gamma-GT",
    "creatine_kinase": "Kreatinkinase", "tsh": "TSH", "leukocytes": "Leukozyten", "lymphocytes": "Lymphozyten",
    "platelets": "Thrombozyten", "rdw": "Erythrozytenverteilungsbreite", "lvef": "LV-Ejektionsfraktion",
    "lvedd": "LV-Durchmesser, enddiastolisch", "lvesd": "LV-Durchmesser, endsystolisch",
    "left_atrium": "Durchmesser des linken Vorhofs", "septum": "Septumdicke", "regurgitation": "Mitralinsuffizienz",
    "restrictive": "Restriktiver Mitraleinstrom",
    "rv_impaired": "Rechter Ventrikel eingeschränkt", "e_over_e": "E/e′",
    "pulmonary_pressure": "Systolischer Pulmonalarteriendruck", "cardiothoracic_ratio": "Herz-Thorax-Quotient",
    "congestion": "Pulmonalvenöse Stauung im Röntgenbild", "rhythm": "Rhythmus im EKG", "pr": "PQ-Zeit", "qrs": "QRS-Dauer",
    "qtc": "QTc", "q_waves": "Q-Zacken eines Infarkts", "hypertrophy": "LV-Hypertrophie im EKG", "lbbb": "Linksschenkelblock",
    "vpb_hour": "Ventrikuläre Extrasystolen", "nsvt": "Nicht anhaltende ventrikuläre Tachykardie", "sdnn": "SDNN",
    "peak_vo2": "Maximale Sauerstoffaufnahme", "peak_rer": "Maximaler respiratorischer Quotient", "respiration": "Atemfrequenz",
    "temperature": "Temperatur", "scar_share": "Late Enhancement", "scar_segments": "Segmente, mehr als halb transmural",
    "scar_adjustment": "Veröffentlichte Wirkung der Narbe zeichnen", "prescriptions": "Medikamente, Plan und Vorgeschichte",
}
UNITS = {
    "years": "Jahre", "months": "Monate", "% of white cells": "% der Leukozyten", "per hour": "pro Stunde",
    "% of the myocardium": "% des Myokards", "of 17": "von 17",
}
CHOICES = {
    "female": "weiblich", "male": "männlich", "ischaemic": "ischämisch", "idiopathic dilated": "idiopathisch dilatativ",
    "hypertensive": "hypertensiv", "valvular": "valvulär", "hypertrophic": "hypertroph",
    "alcoholic or toxic": "alkoholisch oder toxisch", "another one": "eine andere", "none": "keines",
    "pacemaker": "Schrittmacher", "ICD": "ICD", "CRT pacemaker": "CRT-Schrittmacher",
    "CRT defibrillator": "CRT-Defibrillator", "sinus rhythm": "Sinusrhythmus", "atrial fibrillation": "Vorhofflimmern",
    "atrial flutter": "Vorhofflattern", "paced": "Schrittmacherrhythmus", "no": "nein", "yes": "ja", "mild": "leicht",
    "moderate": "mittel", "moderate to severe": "mittel bis schwer", "severe": "schwer",
    "heart-failure clinic": "Herzinsuffizienz-Ambulanz", "referred for exercise testing": "zur Belastungsuntersuchung",
    "in hospital": "im Krankenhaus", "I": "I", "II": "II", "III": "III", "IV": "IV",
}
CLASSES = {
    "acei": "ACE-Hemmer", "arb": "Angiotensin-Rezeptorblocker", "arni": "ARNI", "ras_inhibitor": "RAS-Hemmer",
    "beta_blocker": "Betablocker", "mra": "MRA", "sglt2": "SGLT2-Hemmer", "loop": "Schleifendiuretikum",
    "thiazide": "Thiaziddiuretikum", "potassium_sparing": "kaliumsparendes Diuretikum", "diuretic": "Diuretikum",
    "carbonic_anhydrase": "Carboanhydrasehemmer", "vaptan": "Vasopressin-Antagonist", "digoxin": "Digitalis",
    "antiarrhythmic": "Antiarrhythmikum", "ivabradine": "Ivabradin", "vericiguat": "Vericiguat", "hydralazine": "Hydralazin",
    "nitrate": "Nitrat", "molsidomine": "Molsidomin", "antianginal": "Antianginosum", "calcium_blocker": "Calciumkanalblocker",
    "alpha_blocker": "Alphablocker", "central_antihypertensive": "zentral wirkendes Antihypertensivum",
    "vasodilator": "Vasodilatator", "inotrope": "Inotropikum", "vasopressor": "Vasopressor",
    "pulmonary_vasodilator": "pulmonaler Vasodilatator", "transthyretin_stabiliser": "Transthyretin-Stabilisator",
    "myosin_inhibitor": "Myosinhemmer", "iron": "Eisenpräparat", "potassium_binder": "Kaliumbinder",
    "anticoagulant": "Antikoagulans", "antiplatelet": "Thrombozytenhemmer", "antithrombotic": "Antithrombotikum",
    "thrombolytic": "Thrombolytikum", "statin": "Statin", "other_lipid": "anderer Lipidsenker", "insulin": "Insulin",
    "oral_antidiabetic": "orales Antidiabetikum", "glp1": "GLP-1-Rezeptoragonist", "antidiabetic": "Antidiabetikum",
    "allopurinol": "Allopurinol", "urate_lowering": "Harnsäuresenker", "colchicine": "Colchicin",
}
STATUSES = {"current": "genommen", "stopped": "abgesetzt", "intolerant": "nicht vertragen", "never": "nicht genommen",
            "planned": "geplant"}
LABELS = {
    ("room", "title"): "Herzinsuffizienz", ("detail", "format"): "Format",
    ("group", "death"): "Tod jeder Ursache", ("death", "1y"): "Tod innerhalb eines Jahres",
    ("death", "3y"): "Tod innerhalb von drei Jahren", ("measurement", "death_1y"): "Tod innerhalb eines Jahres",
    ("measurement", "death_3y"): "Tod innerhalb von drei Jahren", ("measurement", "log_hazard"): "Logarithmiertes Hazard",
    ("measurement", "egfr"): "eGFR", ("measurement", "clearance"): "Kreatinin-Clearance",
    ("measurement", "bmi"): "Body-Mass-Index", ("measurement", "stratum"): "Risikoviertel",
    ("measurement", "h2fpef"): "H2FPEF", ("measurement", "weight_numbers"): "Gewicht der Zahlen",
    ("measurement", "weight_text"): "Gewicht der Medikation", ("measurement", "weight_cinematic"): "Gewicht der Herz-MRT",
    ("group", "modalities"): "Gewichte der Modalitäten",
}
CURVES = {"Survival": "dieser Patient, 95-%-Band", "Cohort": "Kohorte",
          scar.CURVE: "mit Narbe, veröffentlichte Wirkung, nicht gelernt"}
