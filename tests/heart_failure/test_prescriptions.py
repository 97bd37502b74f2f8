from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.drugs import CLASSES, vocabulary
from core.heart_failure.drug_status import STATUSES
from core.heart_failure.drugs import FLAGS
from core.heart_failure.prescriptions import classes, flags, pillars, recognise
from tests.pace import GROWN, linear

C, S, A, N, P = "current", "stopped", "intolerant", "never", "planned"
STATUS = (  # text, {drug: status}
    ("Bisoprolol 5 mg od, ramipril 2.5 mg bd", {"bisoprolol": C, "ramipril": C}),
    ("stopped amiodarone", {"amiodarone": S}),
    ("Stopped taking amiodarone in 2019.", {"amiodarone": S}),
    ("Discontinued ramipril due to cough. Candesartan 8 mg daily", {"ramipril": S, "candesartan": C}),
    ("bisoprolol (stopped 2019)", {"bisoprolol": S}),
    ("ramipril - discontinued", {"ramipril": S}),
    ("furosemide held", {"furosemide": S}),
    ("furosemide 40 mg bd was held on admission", {"furosemide": S}),
    ("digoxin 125 mcg od stopped last month, bisoprolol 5 mg", {"digoxin": S, "bisoprolol": C}),
    ("ramipril: stopped; bisoprolol: 5 mg", {"ramipril": S, "bisoprolol": C}),
    ("off amiodarone, on sotalol 80 mg bd", {"amiodarone": S, "sotalol": C}),
    ("Ramipril is off, bisoprolol continued", {"ramipril": S, "bisoprolol": C}),
    ("amiodarone and digoxin were stopped", {"amiodarone": S, "digoxin": S}),
    ("Bisoprolol 5 mg, amiodarone stopped, ramipril 5 mg", {"bisoprolol": C, "amiodarone": S, "ramipril": C}),
    ("bisoprolol 5 mg, stopped ramipril", {"bisoprolol": C, "ramipril": S}),
    ("bisoprolol 5 mg and stopped digoxin", {"bisoprolol": C, "digoxin": S}),
    ("no longer on digoxin but takes bisoprolol", {"digoxin": S, "bisoprolol": C}),
    ("previously on warfarin, now apixaban 5 mg bd", {"warfarin": S, "apixaban": C}),
    ("switched from ramipril to Entresto 24/26 mg bd", {"ramipril": S, "sacubitril/valsartan": C}),
    ("ramipril replaced by candesartan", {"ramipril": S, "candesartan": C}),
    ("ramipril switched to sacubitril/valsartan", {"ramipril": S, "sacubitril/valsartan": C}),
    ("bisoprolol stopped 2019, restarted 2020", {"bisoprolol": C}),
    ("digoxin held then resumed", {"digoxin": C}),
    ("amiodarone until 2018", {"amiodarone": S}),
    ("amiodarone 2015-2018", {"amiodarone": S}),
    ("hold metoprolol if HR < 50", {"metoprolol": C}),
    ("carvedilol 6.25 mg bid, hold for SBP < 90", {"carvedilol": C}),
    ("bisoprolol was not stopped", {"bisoprolol": C}),
    ("bisoprolol never discontinued", {"bisoprolol": C}),
    ("did not stop bisoprolol", {"bisoprolol": C}),
    ("consider stopping amiodarone", {"amiodarone": C}),
    ("stopped smoking, bisoprolol 5 mg", {"bisoprolol": C}),
    ("Smoking stopped 2010. Bisoprolol 5 mg", {"bisoprolol": C}),
    ("amiodarone on hold", {"amiodarone": S}),
    ("warfarin paused for surgery", {"warfarin": S}),
    ("spironolactone d/c'd", {"spironolactone": S}),
    ("metoprolol tartrate 25 mg PO tabs discontinued", {"metoprolol": S}),
    ("aspirin 75 mg (stopped), atorvastatin 40 mg", {"aspirin": S, "atorvastatin": C}),
    ("intolerant of ramipril", {"ramipril": A}),
    ("Intolerant to ramipril and losartan", {"ramipril": A, "losartan": A}),
    ("allergic to aspirin, bisoprolol 5 mg od", {"aspirin": A, "bisoprolol": C}),
    ("Allergies: aspirin, ramipril", {"aspirin": A, "ramipril": A}),
    ("Allergies: penicillin. Bisoprolol 5 mg", {"bisoprolol": C}),
    ("Allergies: none known. Bisoprolol 5 mg.", {"bisoprolol": C}),
    ("NKDA\nBisoprolol 5 mg", {"bisoprolol": C}),
    ("no known drug allergies, bisoprolol 5 mg", {"bisoprolol": C}),
    ("ACE inhibitor intolerance", {"ACE inhibitor": A}),
    ("statin-intolerant, ezetimibe 10 mg", {"statin": A, "ezetimibe": C}),
    ("ramipril not tolerated (cough)", {"ramipril": A}),
    ("did not tolerate ramipril", {"ramipril": A}),
    ("unable to tolerate carvedilol", {"carvedilol": A}),
    ("beta-blocker contraindicated", {"beta-blocker": A}),
    ("cough on ramipril", {"ramipril": A}),
    ("ACE inhibitor cough", {"ACE inhibitor": A}),
    ("Angioedema with lisinopril", {"lisinopril": A}),
    ("bisoprolol well tolerated", {"bisoprolol": C}),
    ("tolerates bisoprolol", {"bisoprolol": C}),
    ("no side effects from bisoprolol", {"bisoprolol": None}),
    ("no allergy to aspirin", {"aspirin": None}),
    ("bisoprolol 5 mg without side effects", {"bisoprolol": C}),
    ("no beta-blocker", {"beta-blocker": N}),
    ("no digoxin, bisoprolol 5 mg", {"digoxin": N, "bisoprolol": C}),
    ("no digoxin or amiodarone", {"digoxin": N, "amiodarone": N}),
    ("no ACE inhibitor, beta-blocker or MRA; furosemide 40 mg",
     {"ACE inhibitor": N, "beta-blocker": N, "MRA": N, "furosemide": C}),
    ("no ACE inhibitor/ARB", {"ACE inhibitor": N, "angiotensin receptor blocker": N}),
    ("no digoxin but bisoprolol", {"digoxin": N, "bisoprolol": C}),
    ("no digoxin\nbisoprolol", {"digoxin": N, "bisoprolol": C}),
    ("no digoxin and bisoprolol 5 mg", {"digoxin": N, "bisoprolol": C}),
    ("no chest pain today on bisoprolol", {"bisoprolol": C}),
    ("There was no oedema and the patient takes bisoprolol", {"bisoprolol": C}),
    ("No change in bisoprolol 5 mg", {"bisoprolol": C}),
    ("no changes to furosemide", {"furosemide": C}),
    ("never on digoxin", {"digoxin": N}),
    ("has never taken amiodarone", {"amiodarone": N}),
    ("not on a statin", {"statin": N}),
    ("not currently taking spironolactone", {"spironolactone": N}),
    ("She isn't on warfarin", {"warfarin": N}),
    ("bisoprolol without ACE inhibitor", {"bisoprolol": C, "ACE inhibitor": N}),
    ("w/o MRA", {"MRA": N}),
    ("avoid verapamil", {"verapamil": N}),
    ("digoxin: no\nbisoprolol: yes", {"digoxin": N, "bisoprolol": C}),
    ("statin: none", {"statin": N}),
    ("Digoxin no, statin yes", {"digoxin": N, "statin": C}),
    ("MRA | no\nloop diuretic | yes", {"MRA": N, "loop diuretic": C}),
    ("beta-blocker naive", {"beta-blocker": N}),
    ("spironolactone refused", {"spironolactone": N}),
    ("consider dapagliflozin", {"dapagliflozin": P}),
    ("Consider adding eplerenone 25 mg", {"eplerenone": P}),
    ("start ramipril 1.25 mg", {"ramipril": P}),
    ("plan to add spironolactone", {"spironolactone": P}),
    ("Plan: empagliflozin 10 mg", {"empagliflozin": P}),
    ("Plan: continue bisoprolol 5 mg", {"bisoprolol": C}),
    ("dapagliflozin to be started", {"dapagliflozin": P}),
    ("started on ramipril 2.5 mg", {"ramipril": C}),
    ("increase bisoprolol to 5 mg", {"bisoprolol": C}),
    ("would benefit from an MRA", {"MRA": P}),
    ("recommend starting sacubitril/valsartan", {"sacubitril/valsartan": P}),
    ("Stopped:\n- amiodarone 200 mg\n- digoxin\n\nCurrent medication:\nbisoprolol 2.5 mg",
     {"amiodarone": S, "digoxin": S, "bisoprolol": C}),
    ("Stopped: amiodarone, digoxin\nbisoprolol 5 mg", {"amiodarone": S, "digoxin": S, "bisoprolol": C}),
    ("STOPPED\namiodarone\ndigoxin", {"amiodarone": S, "digoxin": S}),
    ("Current medication:\n- bisoprolol 5 mg\nAllergies:\n- aspirin", {"bisoprolol": C, "aspirin": A}),
    ("Drug history: bisoprolol 5 mg, ramipril 5 mg", {"bisoprolol": C, "ramipril": C}),
    ("Beta-blocker: bisoprolol 5 mg; MRA: none", {"bisoprolol": C, "beta-blocker": C, "MRA": N}),
    ("ACE inhibitor: ramipril (stopped)", {"ACE inhibitor": S, "ramipril": S}),
    ("no beta-blocker (bisoprolol stopped 2019)", {"beta-blocker": N, "bisoprolol": S}),
    ("Amiodaron abgesetzt, Bisoprolol 5 mg 1-0-0", {"amiodarone": S, "bisoprolol": C}),
    ("ACE-Hemmer-Unverträglichkeit", {"ACE inhibitor": A}),
    ("Unverträglichkeit von Ramipril", {"ramipril": A}),
    ("kein Betablocker", {"beta-blocker": N}),
    ("amiodarona suspendida; bisoprolol 5 mg", {"amiodarone": S, "bisoprolol": C}),
    ("Se suspende digoxina", {"digoxin": S}),
    ("Se retira digoxina", {"digoxin": S}),
    ("Torasemid 10 mg, Spironolacton pausiert wegen Hyperkaliämie", {"torasemide": C, "spironolactone": S}),
    ("eplerenone 25 mg -> increased to 50 mg", {"eplerenone": C}),
    ("bisoprolol changed to 5 mg", {"bisoprolol": C}),
    ("bisoprolol 5 mg (never missed), ramipril", {"bisoprolol": C, "ramipril": C}),
    ("Previous MI, bisoprolol 5 mg. Former smoker on atorvastatin", {"bisoprolol": C, "atorvastatin": C}),
    ("ACEi and ARB not tolerated, MRA stopped because of hyperkalaemia",
     {"ACE inhibitor": A, "angiotensin receptor blocker": A, "MRA": S}),
    ("Unable to take ACE inhibitors or ARBs", {"ACE inhibitor": A, "angiotensin receptor blocker": A}),
    ("no history of amiodarone use", {"amiodarone": N}),
    ("Plan:\n- stop ramipril, start Entresto 24/26", {"ramipril": S, "sacubitril/valsartan": P}),
    ("Prior myocardial infarction\nLipitor 40 mg", {"atorvastatin": C}),
    ("Known diabetes. Medication: bisoprolol", {"bisoprolol": C}),
    ("sin betabloqueante", {"beta-blocker": N}),
    ("alérgico a ácido acetilsalicílico", {"aspirin": A}),
)


@pytest.mark.parametrize(("text", "expected"), STATUS, ids=[text[:60] for text, _ in STATUS])
def test_status(text, expected):
    found = {one.drug: one.status for one in recognise(text)}
    assert found == {drug: status for drug, status in expected.items() if status}


DOSES = (  # text, dose, unit, times a day
    ("bisoprolol 5 mg od", 5, "mg", 1), ("bisoprolol 5mg bd", 5, "mg", 2), ("Bisoprolol 2,5 mg 1-0-0", 2.5, "mg", 1),
    ("furosemide 40 mg 1-0-1", 40, "mg", 2), ("furosemide 40 mg 2-1-0-0", 40, "mg", 3), ("torasemide 10 mg ½-0-0", 10, "mg", 0.5),
    ("digoxin 125 micrograms daily", 125, "µg", 1), ("digoxin 125 mcg every other day", 125, "µg", 0.5),
    ("digoxin 0.125 mg q.d.", 0.125, "mg", 1), ("digoxin 62.5 µg on alternate days", 62.5, "µg", 0.5),
    ("metformin 1 g bid", 1, "g", 2), ("metformin 500 mg tds", 500, "mg", 3), ("hydralazine 25 mg tid", 25, "mg", 3),
    ("hydralazine 25 mg q8h", 25, "mg", 3), ("carvedilol 6.25 mg twice daily", 6.25, "mg", 2),
    ("carvedilol 25 mg every 12 hours", 25, "mg", 2), ("Entresto 97/103 mg bid", 200, "mg", 2),
    ("sacubitril/valsartan 24 mg/26 mg twice a day", 50, "mg", 2), ("heparin 5,000 units tds", 5000, "IU", 3),
    ("insulin glargine 20 IU nocte", 20, "IU", 1), ("aspirin 81", 81, None, None),
    ("aspirin EC 81 MG PO TBEC daily", 81, "mg", 1),
    ("metoprolol succinate XL 100 mg once daily", 100, "mg", 1), ("40 mg furosemide twice daily", 40, "mg", 2),
    ("furosemide, 40 mg, once daily", 40, "mg", 1), ("Tab. ramipril 10 mg hs", 10, "mg", 1),
    ("methotrexate weekly; warfarin 3 mg", 3, "mg", None), ("Furosemid 40 mg 2x täglich", 40, "mg", 2),
    ("furosemida 40 mg cada 12 horas", 40, "mg", 2), ("semaglutide 0.5 mg once weekly", 0.5, "mg", 1 / 7),
    ("bisoprolol started 2019", None, None, None),
    ("bisoprolol since 2019", None, None, None),
    ("bisoprolol 2019", None, None, None),
    ("bisoprolol. BP 120/80", None, None, None), ("bisoprolol; EF 35 %", None, None, None),
    ("carvedilol 6,25 mg/12h", 6.25, "mg", 2), ("furosemide 40 mg, daily weights", 40, "mg", None),
    ("furosemide 40 mg every morning and 20 mg at lunch", 40, "mg", None), ("Coreg 25 BID", 25, None, 2),
    ("furosemide 40-80 mg daily", 40, "mg", 1), ("bisoprolol 10 mg for 2 years", 10, "mg", None),
)


@pytest.mark.parametrize(("text", "dose", "unit", "times"), DOSES, ids=[one[0] for one in DOSES])
def test_dose(text, dose, unit, times):
    one = recognise(text)[-1]
    assert (one.dose, one.unit) == (dose, unit)
    assert one.times_per_day == (None if times is None else pytest.approx(times))


def test_each_drug_has_its_own_dose():
    assert [one.dose for one in recognise("5 mg bisoprolol, 10 mg ramipril, 40 mg furosemide")] == [5, 10, 40]
    assert [one.dose for one in recognise("bisoprolol 5 mg ramipril 10 mg furosemide 40 mg")] == [5, 10, 40]
    assert [one.dose for one in recognise("aspirin, bisoprolol 5 mg")] == [None, 5]
    assert [(one.drug, one.dose) for one in recognise("Hyzaar 50/12.5 mg")] == [("losartan", 50), ("hydrochlorothiazide", 12.5)]
    assert [(one.drug, one.dose, one.times_per_day) for one in recognise("lisinopril/HCTZ 20/12.5 mg daily")] == [
        ("lisinopril", 20, 1), ("hydrochlorothiazide", 12.5, 1)]


@pytest.mark.parametrize("text", [
    "NASA launch", "LASIK surgery in 2010", "arm pain in both arms", "digital examination", "MRA of the renal arteries",
    "HCT 38 %", "the dose was titrated", "diabetes", "cardiac arrest", "aspiring singer", "a natural death", "nostalgia",
    "carmine red", "mass of 80 kg", "the basal segments", "concorde", "heparin lock flush", "assessment", "bb gun", "k",
    "prednisone 5 mg", "prednisolone", "hydroxyzine", "levothyroxine 50 mcg", "omeprazole 20 mg", "aspirate", "quinine"])
def test_false_friends(text):
    assert recognise(text) == ()


@pytest.mark.parametrize(("typed", "drug"), [
    ("biosprolol", "bisoprolol"), ("bisoprool", "bisoprolol"), ("furosemdie", "furosemide"), ("carvedillol", "carvedilol"),
    ("spironolacton", "spironolactone"), ("amioderone", "amiodarone"), ("atorvastatine", "atorvastatin"),
    ("ramiprill", "ramipril"),
    ("metoprollol", "metoprolol"), ("Empaglifozin", "empagliflozin"), ("digoxine", "digoxin"), ("losartán", "losartan"),
    ("VALSARTÁN", "valsartan"), ("Dapaglifozin", "dapagliflozin"), ("eplerenome", "eplerenone"), ("coversil", "perindopril")])
def test_one_typo(typed, drug):
    assert [one.drug for one in recognise(f"{typed} 5 mg")] == [drug]


@pytest.mark.parametrize("typed", ["bisoprxxl", "lasyx", "ramprl", "nitrats", "titrates", "lasik"])
def test_two_typos_or_a_short_name_are_not_guessed(typed):
    assert recognise(typed) == ()


def test_the_later_statement_counts_unless_it_is_history():
    assert classes("bisoprolol 5 mg\nbisoprolol stopped") == frozenset()
    assert classes("bisoprolol stopped in May. Bisoprolol 2.5 mg od restarted") == {"beta_blocker"}
    assert classes("Warfarin 3 mg od. Previously on warfarin in 2009") == {"anticoagulant"}
    assert classes("ramipril 5 mg. Plan to start ramipril 10 mg") == {"acei"}
    assert classes("ramipril 5 mg daily. Later: ACE inhibitor stopped.") == frozenset()
    assert classes("bisoprolol 5 mg, no other beta-blocker") == {"beta_blocker"}


def _flagged(text):
    return {flag for flag, value in zip(FLAGS, flags(text), strict=True) if value == 1}


def test_flags():
    found = flags("Entresto 49/51 mg bd, apixaban 5 mg bd, aspirin, insulin, empagliflozin 10 mg")
    assert found.dtype == np.float32
    assert found.shape == (14,)
    assert _flagged("Entresto 49/51 mg bd, apixaban 5 mg bd, aspirin, insulin") == {"arb", "antithrombotic", "antidiabetic"}
    assert _flagged("empagliflozin 10 mg") == set()
    assert _flagged("bisoprolol, ramipril stopped") == {"beta_blocker"}
    assert _flagged("ACE inhibitor, beta-blocker, loop diuretic") == {"acei", "beta_blocker", "loop"}
    words = ("ACE inhibitor, angiotensin receptor blocker, beta-blocker, MRA, loop diuretic, thiazide, digoxin, antiarrhythmic, "
             "antithrombotic, statin, nitrate, hydralazine, calcium channel blocker, antidiabetic")
    assert flags(words).tolist() == [1] * 14


@pytest.mark.parametrize("text", ["no drugs", "None", "none.", "No medication", "nil", "keine Medikamente", "takes no medication",
                                  "Medication: none", "Not on any medication", "sin tratamiento", "Drugs: nil\nHistory: MI 2010"])
def test_no_drugs_is_known(text):
    assert flags(text).tolist() == [0] * 14
    assert classes(text) == frozenset()


@pytest.mark.parametrize("text", ["", "  ", "Myocardial infarction 2010, ICD.", "no known drug allergies", "Allergies: none",
                                  "No medication changes.", "no allergy to aspirin"])
def test_nothing_said_is_unknown(text):
    assert np.isnan(flags(text)).all()
    assert classes(text) is None


@pytest.mark.parametrize("code", CLASSES)
def test_the_wording_of_each_class_is_recognised(code):
    assert [(one.drug_class, one.status) for one in recognise(f"x; {CLASSES[code]}")] == [(code, C)]
    if code not in ("iron",):
        assert [one.status for one in recognise(f"no {CLASSES[code]}")] == [N]


def test_pillars():
    assert pillars("bisoprolol 5 mg; intolerant of spironolactone; ramipril stopped") == {
        "ras": S, "beta_blocker": C, "mra": A, "sglt2": None}
    assert pillars("ramipril stopped, candesartan 8 mg; consider dapagliflozin; no MRA") == {
        "ras": C, "beta_blocker": None, "mra": N, "sglt2": P}
    assert pillars("") == dict.fromkeys(("ras", "beta_blocker", "mra", "sglt2"))


NAMES = [" ".join(name) for name in vocabulary()]
PIECES = st.one_of(st.sampled_from(NAMES), st.sampled_from(
    ["no", "stopped", "(", ")", ":", "\n", ",", "and", "or", "5 mg", "1-0-1", "Allergies:", "bd", "not on",
     "ß", "İ", "97/103 mg"]),
    st.text(max_size=12))


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=30).map(" ".join))
def test_spans_are_the_names_and_nothing_crashes(text):
    last = 0
    for one in recognise(text):
        assert 0 <= one.start < one.end <= len(text)
        assert one.start >= last
        last = one.start
        assert one.status in STATUSES
        assert one.drug_class in CLASSES
        assert text[one.start:one.end].strip() == text[one.start:one.end]
    assert set(np.unique(flags(text)[~np.isnan(flags(text))])) <= {0, 1}


@settings(deadline=None)
@given(st.sampled_from([name for name in NAMES if len(name) > 5 and "β" not in name]),
       st.sampled_from(["", "Patient on ", "5 mg "]))
def test_a_span_is_the_name_as_written(name, before):
    for one in recognise(f"{before}{name.upper()} 5 mg"):
        assert f"{before}{name.upper()} 5 mg"[one.start:one.end] == name.upper()


@pytest.mark.parametrize("text", [
    "no " * 2000, "aspirin " * 750, "stopped " * 750, "(" * 6000, "aspirin, " * 660, "1-0-" * 1500, "a" * 6000, "\n" * 6000,
    "no aspirin or " * 430, "Stopped:\n" * 660, " " * 6000, "5 mg " * 1200, "not tolerated and " * 330,
    "bisoprolol 5 mg and " * 300,
    "aaaaaaaa:" * 660, "was " * 1500, "bisoprolol was was was " * 260, "qwertyuiop " * 540, ". " * 3000,
    "bisoprolol" + " " * 5990])
def test_hostile_text_takes_linear_time(text):
    recognise("warm up bisoprool")
    assert linear(partial(recognise.__wrapped__, text[:len(text) // GROWN]), partial(recognise.__wrapped__, text))


@pytest.mark.parametrize(("text", "written"), [
    ("metoprolol succinate 100 mg daily", "100 mg daily"), ("40 mg furosemide", "40 mg"), ("bisoprolol", ""),
    ("aspirin od", "od"),
    ("Entresto 97/103 mg bid, aspirin", "97/103 mg bid")])
def test_dose_as_written(text, written):
    assert recognise(text)[0].written == written
