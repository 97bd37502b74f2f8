"""Words of bedside notes: symptoms, and what a chart calls deterioration itself.

Symptoms are common complaints and the signs that worry nurses before vital signs change (Douw et al. 2015, Crit Care 19:230).
"""

from __future__ import annotations

SYMPTOMS: dict[str, str] = {
    "dyspnoea": r"short(?:ness)? of breath|breathless\w*|dyspno?e(?:a|ic)|sob|difficulty breathing|trouble breathing|"
                r"labou?red breathing|work of breathing|increased wob|air hunger",
    "cough": r"cough\w*",
    "sputum": r"sputum|phlegm",
    "wheeze": r"wheez\w+",
    "chest pain": r"chest (?:pain|pressure|tightness|discomfort)|angina",
    "palpitations": r"palpitations?",
    "syncope": r"syncop\w+|faint(?:ed|ing)?|passed out|collapsed?|blacked out",
    "dizziness": r"dizz(?:y|iness)|light-?headed(?:ness)?|vertigo",
    "fever": r"fevers?|febrile|pyrexi[ac]l?|chills|rigors?",
    "sweating": r"sweat(?:s|y|ing)?|diaphore(?:sis|tic)|clammy",
    "pallor": r"pale|pallor|ashen|grey|gray",
    "pain": r"pain(?:s|ful)?|ache|aching|sore(?:ness)?",
    "abdominal pain": r"abd(?:ominal|omen)?\.? pain|stomach (?:ache|pain)|epigastric pain|flank pain",
    "nausea": r"nause(?:a|ous|ated)",
    "vomiting": r"vomit\w*|emesis|throwing up",
    "diarrhoea": r"diarrh?o?ea|loose stools?",
    "headache": r"headaches?|migraine",
    "weakness": r"weak(?:ness)?|letharg\w+|fatigued?|malaise|tired(?:ness)?|exhausted",
    "confusion": r"confus(?:ed|ion)|disorient\w+|delir\w+|altered mental status|ams|not (?:him|her)self",
    "agitation": r"agitat\w+|restless\w*|combative|anxious|anxiety",
    "drowsiness": r"drows\w+|sleepy|somnolen\w+|obtunded|stupor\w*",
    "seizure": r"seiz(?:ure|ures|ing)|convuls\w+",
    "numbness": r"numb(?:ness)?|tingling|par(?:a)?esthesi\w+",
    "oedema": r"(?<!pulmonary )o?edema(?:tous)?|swell(?:ing|en)|swollen",
    "rash": r"rash|hives|urticaria",
    "poor intake": r"poor (?:oral )?intake|not eating|anorexi\w+|loss of appetite",
    "dysuria": r"dysuria|burning on urination",
}
MARKERS: dict[str, str] = {
    "sepsis": r"sep(?:sis|tic)|bacter(?:a)?emi[ac]|urosepsis",
    "shock": r"shock(?:ed)?",
    "hypotension": r"hypotensi(?:on|ve)|low (?:bp|blood pressure)",
    "tachycardia": r"tachycardi[ac]|tachy",
    "bradycardia": r"bradycardi[ac]|brady",
    "tachypnoea": r"tachypno?e(?:a|ic)",
    "hypoxia": r"hypox(?:i[ac]|a?emi[ac])|desat\w*|low sats?|cyano(?:sis|sed|tic)",
    "hypothermia": r"hypothermi[ac]",
    "hypercapnia": r"hypercapn\w+|hypercarb\w+|co2 (?:retention|retainer|narcosis)|type (?:2|ii) respiratory failure",
    "respiratory failure": r"respiratory (?:failure|distress|arrest)|resp(?:\.|iratory)? fail\w*|ards",
    "ventilation": r"intubat\w+|mechanical(?:ly)? ventilat\w+|ventilator|bipap|cpap|niv|high[- ]flow",
    "arrest": r"cardiac arrest|arrest(?:ed)?|code blue|pea|asystole|cpr|v(?:\.|entricular )?fib\w*|vf",
    "bleeding": r"(?:ha?emorrhag\w+|bleed(?:s|ing)?|bled|mel(?:a)?ena|ha?emat(?:emesis|ochezia|uria)|ha?emoptysis|blood loss|"
                r"gi bleed)",
    "organ failure": r"(?:multi-?organ|kidney|renal|liver|hepatic|heart) failure|aki|acute kidney injury",
    "oliguria": r"oligur\w+|anuri[ac]|(?:low|poor|reduced|decreased) urine output",
    "acidosis": r"acidosis|acidotic|(?:raised|elevated|high|rising) lactate|lact(?:ate|ic acid) (?:of )?[4-9]",
    "unresponsive": r"unrespons\w+|unconscious|unrousable|coma(?:tose)?|gcs (?:of )?[3-8]\b",
    "poor perfusion": r"mottled|mottling|cap(?:illary)? refill|cool peripher\w+|cold extremit\w+|poor(?:ly)? perfus\w+",
    "escalation": r"rapid response|met call|outreach|crash call|escalat\w+|transfer(?:red)? to (?:icu|itu|hdu)|icu transfer",
    "worsening": r"worsen\w*|deteriorat\w+|declin(?:e|ing)|unstable|decompensat\w+|going downhill|looks? unwell|crashing",
    "infarction": r"n?stemi|myocardial infarction|heart attack|acs",
    "embolism": r"pulmonary embol\w+|dvt",
    "stroke": r"stroke|cva|tia",
    "pneumonia": r"pneumonia\w*|pna",
    "pulmonary oedema": r"pulmonary o?edema|fluid overload|volume overload",
}
SALTED = ("potassium", "magnesium", "calcium", "sodium", "albumin", "glucose")  # drugs with their salt or strength only
SALTS = ("chloride", "gluconate", "sulfate", "sulphate", "phosphate", "phosphates", "oxide", "carbonate", "citrate", "acetate",
         "bicarbonate", "hydroxide", "human")
