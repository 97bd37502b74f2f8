"""What a drug of each flag looks like on a prescription: names, strengths and how often.

Strengths are marketed ones, within the licensed daily dose; those of heart failure follow table 8 of the 2021 ESC guideline
(McDonagh et al. 2021, Eur Heart J 42:3599). Which drug of a class a row's patient took is not in the cohorts: it is drawn.
"""

from __future__ import annotations

ONCE, TWICE, THRICE, EVENING = "once", "twice", "thrice", "evening"

# flag -> (names, strengths, unit, how often)
DRUGS: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...], str, str], ...]] = {
    "acei": ((("ramipril", "Tritace", "Delix", "Altace"), ("1.25", "2.5", "5"), "mg", TWICE),
             (("enalapril", "Vasotec", "Renitec"), ("2.5", "5", "10", "20"), "mg", TWICE),
             (("lisinopril", "Zestril", "Prinivil"), ("2.5", "5", "10", "20"), "mg", ONCE),
             (("perindopril", "Coversyl"), ("2", "4", "8"), "mg", ONCE),
             (("captopril", "Capoten"), ("12.5", "25", "50"), "mg", THRICE)),
    "arb": ((("candesartan", "Atacand", "Blopress"), ("4", "8", "16", "32"), "mg", ONCE),
            (("valsartan", "Diovan"), ("40", "80", "160"), "mg", TWICE),
            (("losartan", "Cozaar"), ("25", "50", "100"), "mg", ONCE),
            (("irbesartan", "Aprovel"), ("75", "150", "300"), "mg", ONCE)),
    "beta_blocker": ((("bisoprolol", "Concor", "Cardicor", "Emconcor"), ("1.25", "2.5", "5", "10"), "mg", ONCE),
                     (("carvedilol", "Coreg", "Dilatrend"), ("3.125", "6.25", "12.5", "25"), "mg", TWICE),
                     (("metoprolol succinate", "Beloc-Zok", "Toprol XL"), ("23.75", "47.5", "95", "100"), "mg", ONCE),
                     (("nebivolol", "Nebilet", "Lobivon"), ("2.5", "5"), "mg", ONCE),
                     (("atenolol", "Tenormin"), ("25", "50"), "mg", ONCE)),
    "mra": ((("spironolactone", "Aldactone"), ("12.5", "25", "50"), "mg", ONCE),
            (("eplerenone", "Inspra"), ("25", "50"), "mg", ONCE)),
    "loop": ((("furosemide", "frusemide", "Lasix", "Seguril"), ("20", "40", "80"), "mg", ONCE),
             (("furosemide", "Lasix"), ("40", "80"), "mg", TWICE),
             (("torasemide", "torsemide", "Torem"), ("5", "10", "20"), "mg", ONCE),
             (("bumetanide", "Bumex", "Burinex"), ("1", "2"), "mg", ONCE)),
    "thiazide": ((("hydrochlorothiazide", "HCTZ", "Esidrix"), ("12.5", "25"), "mg", ONCE),
                 (("chlortalidone", "chlorthalidone", "Hygroton"), ("25", "50"), "mg", ONCE),
                 (("indapamide", "Natrilix"), ("1.5", "2.5"), "mg", ONCE),
                 (("metolazone", "Zaroxolyn"), ("2.5", "5"), "mg", ONCE)),
    "digoxin": ((("digoxin", "Lanoxin"), ("62.5", "125", "250"), "micrograms", ONCE),
                (("digoxin", "Lanoxin", "Lanicor"), ("0.125", "0.25"), "mg", ONCE),
                (("digitoxin", "Digimerck"), ("0.07", "0.1"), "mg", ONCE)),
    "antiarrhythmic": ((("amiodarone", "Cordarone", "Pacerone"), ("100", "200"), "mg", ONCE),),
    "antithrombotic": ((("aspirin", "ASA", "acetylsalicylic acid", "Adiro"), ("75", "81", "100"), "mg", ONCE),
                       (("clopidogrel", "Plavix"), ("75",), "mg", ONCE),
                       (("warfarin", "Coumadin"), ("2", "3", "5"), "mg", ONCE),
                       (("acenocoumarol", "Sintrom"), ("1", "2", "4"), "mg", ONCE)),
    "statin": ((("atorvastatin", "Lipitor", "Sortis"), ("10", "20", "40", "80"), "mg", EVENING),
               (("simvastatin", "Zocor"), ("10", "20", "40"), "mg", EVENING),
               (("pravastatin", "Pravachol"), ("20", "40"), "mg", EVENING),
               (("rosuvastatin", "Crestor"), ("5", "10", "20"), "mg", ONCE)),
    "nitrate": ((("isosorbide mononitrate", "ISMN", "Imdur"), ("20", "30", "60"), "mg", ONCE),
                (("isosorbide dinitrate", "ISDN", "Isordil"), ("10", "20", "40"), "mg", TWICE),
                (("glyceryl trinitrate patch", "nitroglycerin patch"), ("5", "10"), "mg", ONCE)),
    "hydralazine": ((("hydralazine", "Apresoline"), ("25", "37.5", "50"), "mg", THRICE),),
    "calcium_blocker": ((("amlodipine", "Norvasc", "Istin"), ("5", "10"), "mg", ONCE),
                        (("diltiazem", "Cardizem", "Tildiem"), ("60", "90"), "mg", TWICE),
                        (("nifedipine", "Adalat"), ("20", "30"), "mg", ONCE),
                        (("felodipine", "Plendil"), ("2.5", "5"), "mg", ONCE)),
    "antidiabetic": ((("metformin", "Glucophage"), ("500", "850", "1000"), "mg", TWICE),
                     (("insulin glargine", "Lantus"), ("12", "18", "24"), "IU", EVENING),
                     (("insulin", "NPH insulin", "Humulin N"), ("10", "16"), "units", TWICE),
                     (("glimepiride", "Amaryl"), ("1", "2", "3"), "mg", ONCE),
                     (("gliclazide", "Diamicron"), ("30", "60"), "mg", ONCE)),
}

CLASS_NAMES: dict[str, tuple[str, ...]] = {
    "acei": ("ACE inhibitor", "ACEi", "ACE-inhibitor"), "arb": ("ARB", "angiotensin receptor blocker", "sartan"),
    "beta_blocker": ("beta-blocker", "BB", "beta blocker", "betablocker"),
    "mra": ("MRA", "aldosterone antagonist", "mineralocorticoid receptor antagonist"), "loop": ("loop diuretic",),
    "thiazide": ("thiazide", "thiazide diuretic"), "digoxin": ("digoxin", "digitalis"),
    "antiarrhythmic": ("antiarrhythmic", "amiodarone"), "antithrombotic": ("antithrombotic", "antithrombotic drug"),
    "statin": ("statin",), "nitrate": ("nitrate", "long-acting nitrate"), "hydralazine": ("hydralazine",),
    "calcium_blocker": ("calcium channel blocker", "CCB", "calcium antagonist"),
    "antidiabetic": ("antidiabetic", "diabetes medication", "glucose-lowering drug"),
}

FREQUENCY: dict[str, tuple[str, ...]] = {
    ONCE: ("od", "once daily", "qd", "1-0-0", "daily", "q.d.", "every morning", "1x daily"),
    TWICE: ("bd", "twice daily", "bid", "1-0-1", "b.i.d.", "every 12 hours", "2x daily"),
    THRICE: ("tds", "three times daily", "tid", "1-1-1", "t.i.d.", "q8h"),
    EVENING: ("nocte", "at night", "0-0-1", "qhs", "once daily", "daily"),
}
