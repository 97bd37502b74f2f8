import pytest

from core.drugs import CLASSES, drug_class, is_class, listed, plain, vocabulary, words
from core.heart_failure.drugs import FLAG_OF, FLAGS, PILLARS


@pytest.mark.parametrize(("name", "drug", "code"), [
    ("Lasix", "furosemide", "loop"), ("frusemide", "furosemide", "loop"), ("torsemide", "torasemide", "loop"),
    ("Concor", "bisoprolol", "beta_blocker"), ("Beloc-Zok", "metoprolol", "beta_blocker"),
    ("Coreg", "carvedilol", "beta_blocker"),
    ("Entresto", "sacubitril/valsartan", "arni"),
    ("Aldactone", "spironolactone", "mra"), ("espironolactona", "spironolactone", "mra"),
    ("HCTZ", "hydrochlorothiazide", "thiazide"), 
    ("ISMN", "isosorbide mononitrate", "nitrate"), ("GTN", "glyceryl trinitrate", "nitrate"),
    ("ASA", "aspirin", "antiplatelet"), ("AAS", "aspirin", "antiplatelet"), ("Sintrom", "acenocoumarol", "anticoagulant"),
    ("Marcumar", "phenprocoumon", "anticoagulant"), ("Forxiga", "dapagliflozin", "sglt2"), ("Farxiga", "dapagliflozin", "sglt2"),
    ("Glucophage", "metformin", "oral_antidiabetic"), ("Lantus", "insulin", "insulin"),
    ("glyburide", "glibenclamide", "oral_antidiabetic"),
    ("Digimerck", "digitoxin", "digoxin"), ("sotalol", "sotalol", "antiarrhythmic"), ("Istin", "amlodipine", "calcium_blocker"),
    ("Procoralan", "ivabradine", "ivabradine"),
    ("Verquvo", "vericiguat", "vericiguat"), ("Zyloric", "allopurinol", "allopurinol"),
    ("doxazosin", "doxazosin", "alpha_blocker"), ("Kerendia", "finerenone", "mra"), ("apixaban", "apixaban", "anticoagulant")])
def test_name(name, drug, code):
    assert vocabulary()[words(name)] == ((drug, code),)
    assert drug_class(drug) == code


@pytest.mark.parametrize(("short", "code"), [
    ("BB", "beta_blocker"), ("ACEi", "acei"), ("ARB", "arb"), ("ARNI", "arni"), ("MRA", "mra"), ("OAC", "anticoagulant"),
    ("DOAC", "anticoagulant"), ("NOAC", "anticoagulant"), ("CCB", "calcium_blocker"), ("SGLT2i", "sglt2"),
    ("β-blocker", "beta_blocker"),
    ("ACE-Hemmer", "acei"), ("Betablocker", "beta_blocker"), ("IECA", "acei")])
def test_abbreviations_name_the_class(short, code):
    assert vocabulary()[words(short)] == ((CLASSES[code], code),)


def test_combination_has_its_drugs_in_the_order_of_its_doses():
    assert vocabulary()[("bidil",)] == (("isosorbide dinitrate", "nitrate"), ("hydralazine", "hydralazine"))
    assert vocabulary()[words("co-amilofruse")] == (("amiloride", "potassium_sparing"), ("furosemide", "loop"))


def test_flags_are_classes_and_have_their_order():
    assert FLAGS == ("acei", "arb", "beta_blocker", "mra", "loop", "thiazide", "digoxin", "antiarrhythmic", "antithrombotic",
                     "statin", "nitrate", "hydralazine", "calcium_blocker", "antidiabetic")
    assert set(FLAGS) | set(FLAG_OF) <= set(CLASSES)
    assert FLAG_OF["arni"] == "arb"
    assert FLAG_OF["antiplatelet"] == FLAG_OF["anticoagulant"] == "antithrombotic"
    assert FLAG_OF["insulin"] == FLAG_OF["oral_antidiabetic"] == "antidiabetic"
    assert "sglt2" not in FLAG_OF
    assert {code for _, codes in PILLARS.values() for code in codes} <= set(CLASSES)


def test_every_meaning_is_a_class_and_every_name_can_be_found():
    for name, drugs in vocabulary().items():
        assert name
        assert all(code in CLASSES for _, code in drugs)
    assert set(CLASSES) == {code for drugs in vocabulary().values() for _, code in drugs}


def test_one_name_has_one_meaning():
    named = [(name, drug) for drugs in listed()["drugs"].values() for drug, others in drugs.items() for name in {drug, *others}]
    named += [(name, str(one["drugs"])) for one in listed()["combined"] for name in one["names"]]
    named += [(name, code) for code, of_class in listed()["classes"].items() for name in of_class]
    seen = {}
    for name, meaning in named:
        assert seen.setdefault(words(name), meaning) == meaning


def test_class_or_drug():
    assert is_class("ACE inhibitor", "acei")
    assert not is_class("ramipril", "acei")
    assert not is_class("ivabradine", "ivabradine")


def test_plain_keeps_positions():
    assert plain("Losartán ÄÖß İX") == "losartan aoß ix"
    assert len(plain("ﬁ ½ Ⅳ 😀")) == len("ﬁ ½ Ⅳ 😀")
