"""Drugs of acute care: generic names and common brands by class, as "generic: brand, brand; generic"."""

from __future__ import annotations

DRUGS: dict[str, str] = {
    "vasopressor": "norepinephrine: levophed, noradrenaline; epinephrine: adrenaline; vasopressin; phenylephrine: "
                   "neosynephrine; dopamine; ephedrine; midodrine",
    "inotrope": "dobutamine; milrinone; digoxin: lanoxin",
    "antiarrhythmic": "amiodarone: cordarone, pacerone; lidocaine: lignocaine, xylocaine; adenosine; sotalol; procainamide; "
                      "flecainide",
    "beta_blocker": "metoprolol: lopressor, toprol; carvedilol: coreg; labetalol: trandate, normodyne; atenolol; propranolol; "
                    "esmolol; bisoprolol; nebivolol",
    "calcium_blocker": "diltiazem: cardizem; amlodipine: norvasc; nicardipine: cardene; nifedipine; verapamil; clevidipine",
    "ace_or_arb": "lisinopril: zestril, prinivil; enalapril; ramipril; captopril; losartan: cozaar; valsartan: diovan; "
                  "irbesartan",
    "vasodilator": "nitroglycerin: nitrostat, glyceryl; isosorbide: imdur; hydralazine: apresoline; nitroprusside; clonidine: "
                   "catapres",
    "diuretic": "furosemide: lasix, frusemide; bumetanide: bumex; torsemide; spironolactone: aldactone; hydrochlorothiazide: "
                "hctz; metolazone; acetazolamide; mannitol",
    "anticoagulant": "heparin; enoxaparin: lovenox, clexane; warfarin: coumadin; apixaban: eliquis; rivaroxaban: xarelto; "
                     "dabigatran; argatroban; bivalirudin; fondaparinux",
    "antiplatelet": "aspirin: ecotrin, bayer, asa; clopidogrel: plavix; ticagrelor: brilinta; prasugrel; eptifibatide",
    "thrombolytic": "alteplase: tpa, activase, cathflo; tenecteplase",
    "haemostatic": "tranexamic; phytonadione; protamine; octreotide",
    "statin": "atorvastatin: lipitor; simvastatin: zocor; rosuvastatin: crestor; pravastatin",
    "antibiotic": "vancomycin: vancocin; piperacillin: zosyn, piperacillin-tazobactam, tazocin; ceftriaxone: rocephin; "
                  "cefepime: maxipime; cefazolin: ancef; meropenem: merrem; levofloxacin: levaquin; ciprofloxacin: cipro; "
                  "azithromycin: zithromax; metronidazole: flagyl; clindamycin; gentamicin; amoxicillin: augmentin, "
                  "co-amoxiclav; ampicillin; linezolid; doxycycline; trimethoprim: bactrim; ertapenem; aztreonam; cefuroxime; "
                  "flucloxacillin",
    "antifungal_antiviral": "fluconazole; micafungin; acyclovir: aciclovir; oseltamivir: tamiflu",
    "opioid": "morphine; fentanyl: sublimaze; hydromorphone: dilaudid; oxycodone: percocet, oxycodone-acetaminophen; "
              "hydrocodone: norco, vicodin, hydrocodone-acetaminophen; tramadol: ultram; meperidine: demerol; codeine; "
              "methadone; remifentanil",
    "reversal": "naloxone: narcan; flumazenil; neostigmine; sugammadex",
    "sedative": "propofol: diprivan; midazolam: versed; lorazepam: ativan; dexmedetomidine: precedex; diazepam: valium; "
                "alprazolam: xanax; clonazepam: klonopin; etomidate; ketamine; zolpidem: ambien; temazepam: restoril",
    "paralytic": "rocuronium; succinylcholine: suxamethonium; vecuronium; cisatracurium: nimbex",
    "antipsychotic": "haloperidol: haldol; quetiapine: seroquel; olanzapine; risperidone",
    "antiepileptic": "levetiracetam: keppra; phenytoin: dilantin; gabapentin: neurontin; valproate: valproic; lacosamide; "
                     "carbamazepine; pregabalin",
    "antidepressant": "trazodone; sertraline: zoloft; citalopram: celexa; escitalopram; mirtazapine; fluoxetine; venlafaxine",
    "analgesic": "acetaminophen: tylenol, paracetamol, apap; ketorolac: toradol; ibuprofen: motrin, advil; naproxen",
    "antiemetic": "ondansetron: zofran; metoclopramide: reglan; promethazine: phenergan; prochlorperazine: compazine",
    "antihistamine": "diphenhydramine: benadryl; hydroxyzine",
    "acid_suppressant": "pantoprazole: protonix; famotidine: pepcid; omeprazole: prilosec; esomeprazole: nexium; ranitidine; "
                        "sucralfate; maalox; antacid",
    "laxative": "docusate: colace; bisacodyl: dulcolax; sennosides: senna, senokot, sennosides-docusate, senokot-s; "
                "polyethylene: miralax; lactulose; magnesia",
    "bronchodilator": "albuterol: ventolin, proventil, salbutamol; ipratropium: atrovent, duoneb, ipratropium-albuterol, "
                      "albuterol-ipratropium; tiotropium: spiriva; levalbuterol; budesonide: pulmicort; fluticasone: advair; "
                      "theophylline",
    "steroid": "methylprednisolone: solu-medrol, solumedrol, medrol; prednisone: deltasone; prednisolone; dexamethasone: "
               "decadron; hydrocortisone: solu-cortef; fludrocortisone",
    "insulin": "insulin: novolog, humalog, lantus, humulin, aspart, lispro, glargine, detemir, insulin-lispro, insulin-glargine",
    "antidiabetic": "metformin: glucophage; glipizide; glyburide; sitagliptin",
    "glucose": "glucagon: glucagen; dextrose: glutose, d50, glucose",
    "thyroid": "levothyroxine: synthroid",
    "anticholinergic": "atropine; glycopyrrolate: robinul",
    "electrolyte": "potassium: k-dur, klor-con, kcl; magnesium: magox; calcium; kayexalate: polystyrene",
    "fluid": "saline: nacl, nss; sodium; ringers: ringer, lactated, plasmalyte; albumin: buminate",
    "blood_product": "prbc: prbcs; ffp; cryoprecipitate",
    "vitamin": "thiamine; folic: folate; multivitamin: multivitamins, infuvite, mvi; ferrous; cyanocobalamin",
    "urological": "tamsulosin: flomax; finasteride",
    "gout": "allopurinol; colchicine",
    "immunosuppressant": "tacrolimus: prograf; mycophenolate: cellcept; cyclosporine; azathioprine; methotrexate",
    "antiseptic": "chlorhexidine: periogard, peridex",
    "vaccine": "pneumococcal; influenza",
    "contrast": "iopamidol; iohexol; optiray",
}
MEASURED = ("potassium", "magnesium", "calcium", "sodium", "albumin", "glucose")  # drugs with their salt or strength only
SALTS = ("chloride", "gluconate", "sulfate", "sulphate", "phosphate", "phosphates", "oxide", "carbonate", "citrate", "acetate",
         "bicarbonate", "hydroxide", "human")


def drug_names() -> dict[str, tuple[str, str]]:
    """Each name in lower case -> (generic name, class)."""
    found = {}
    for kind, listed in DRUGS.items():
        for entry in listed.split(";"):
            generic, _, others = entry.strip().partition(":")
            for name in (generic, *others.split(",")):
                if name.strip():
                    found[name.strip()] = (generic, kind)
    return found
