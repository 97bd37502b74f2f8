"""MAGGIC against the published table, band by band, and totals added up by hand."""

import pytest

from core.heart_failure.maggic import score

NOTHING_COUNTS = {"lvef": 45, "age": 50, "systolic": 160, "bmi": 32, "creatinine": 0.8, "nyha": "I", "sex": "female",
                  "smoker": False, "diabetes": False, "copd": False, "duration": 3}
TREATED = frozenset({"beta_blocker", "acei"})


def points(drugs=TREATED, **changed):
    found = score({**NOTHING_COUNTS, **changed}, drugs)
    assert found.low == found.high
    assert found.complete
    return found.low


def test_lowest_patient_has_no_points_and_the_lowest_published_risk():
    found = score(NOTHING_COUNTS, TREATED)
    assert (found.low, found.high) == (0, 0)
    assert found.risk_1y == (1.5, 1.5, 1.5)
    assert found.risk_3y == (3.9, 3.9, 3.9)


@pytest.mark.parametrize(("lvef", "expected"), [
    (5, 7), (19.9, 7), (20, 6), (24, 6), (24.9, 6), (25, 5), (29.9, 5), (30, 3), (34.9, 3), (35, 2), (39.9, 2), (40, 0), (70, 0)])
def test_ejection_fraction(lvef, expected):
    assert points(lvef=lvef) == expected  # age under 55 and pressure from 150 add nothing in any row


@pytest.mark.parametrize(("lvef", "own", "expected"), [
    (25, 5, (0, 1, 2, 4, 6, 8, 10)), (35, 2, (0, 2, 4, 6, 8, 10, 13)), (45, 0, (0, 3, 5, 7, 9, 12, 15))])
def test_age_by_ejection_fraction(lvef, own, expected):
    for (lowest, highest), extra in zip(
        [(18, 54), (55, 59), (60, 64), (65, 69), (70, 74), (75, 79), (80, 99)], expected, strict=True
    ):
        assert points(lvef=lvef, age=lowest) == points(lvef=lvef, age=highest) == own + extra


@pytest.mark.parametrize(("lvef", "own", "expected"), [
    (29, 5, (5, 4, 3, 2, 1, 0)), (39, 2, (3, 2, 1, 1, 0, 0)), (40, 0, (2, 1, 1, 0, 0, 0))])
def test_systolic_pressure_by_ejection_fraction(lvef, own, expected):
    for (lowest, highest), extra in zip(
        [(70, 109), (110, 119), (120, 129), (130, 139), (140, 149), (150, 220)], expected, strict=True
    ):
        assert points(lvef=lvef, systolic=lowest) == points(lvef=lvef, systolic=highest) == own + extra


@pytest.mark.parametrize(("bmi", "expected"), [
    (14.9, 6), (15, 5), (19.9, 5), (20, 3), (24.9, 3), (25, 2), (29.9, 2), (30, 0), (50, 0)])
def test_body_mass_index(bmi, expected):
    assert points(bmi=bmi) == expected


@pytest.mark.parametrize(("micromoles", "expected"), [
    (89, 0), (90, 1), (109, 1), (110, 2), (129, 2), (130, 3), (149, 3), (150, 4), (169, 4), (170, 5), (209, 5), (210, 6),
    (249, 6), (250, 8), (900, 8)])
def test_creatinine_that_is_kept_in_mg_per_dl(micromoles, expected):
    assert points(creatinine=micromoles / 88.42) == expected
    assert points(creatinine=micromoles * (1 / 88.42)) == expected


@pytest.mark.parametrize(("changed", "expected"), [
    ({"nyha": "II"}, 2), ({"nyha": "III"}, 6), ({"nyha": "IV"}, 8), ({"sex": "male"}, 1), ({"smoker": True}, 1),
    ({"diabetes": True}, 3), ({"copd": True}, 2), ({"duration": 17}, 0), ({"duration": 18}, 2)])
def test_each_of_the_others(changed, expected):
    assert points(**changed) == expected


@pytest.mark.parametrize(("drugs", "expected"), [
    ((), 4), (("beta_blocker",), 1), (("acei",), 3), (("arb",), 3), (("arni",), 3), (("beta_blocker", "arni"), 0)])
def test_drugs_that_are_not_taken(drugs, expected):
    assert points(frozenset(drugs)) == expected


def test_whole_patient_by_hand():
    # 7 EF + 8 age 75-79 + 4 SBP 110-119 + 3 BMI 20-24 + 3 creatinine 130-149 + 6 NYHA III + 1 male + 3 diabetes + 2 duration
    found = score({**NOTHING_COUNTS, "lvef": 18, "age": 76, "systolic": 112, "bmi": 23, "creatinine": 1.6, "nyha": "III",
                   "sex": "male", "diabetes": True, "duration": 40}, TREATED)
    assert found.low == 37
    assert found.risk_1y[0] == 42.7
    assert found.risk_3y[0] == 75.6


def test_highest_patient_is_past_the_published_risks():
    worst = {"lvef": 15, "age": 85, "systolic": 90, "bmi": 14, "creatinine": 4, "nyha": "IV", "sex": "male", "smoker": True,
             "diabetes": True, "copd": True, "duration": 60}
    found = score(worst, frozenset())
    assert found.low == 7 + 10 + 5 + 6 + 8 + 8 + 1 + 1 + 3 + 2 + 2 + 3 + 1
    assert found.risk_1y == (84.2, 84.2, 84.2)


def test_unknown_yes_or_no_is_a_range():
    known = {name: value for name, value in NOTHING_COUNTS.items() if name != "copd"}
    found = score(known, None)
    assert (found.low, found.high) == (0, 2 + 3 + 1)
    assert found.missing == ("copd", "prescriptions")
    assert "copd" not in found.known
    assert found.risk_3y == (5.2, 3.9, 7.0)  # 3, 0 and 6 points
    assert not found.complete


def test_middle_between_two_numbers_of_points():
    found = score({**NOTHING_COUNTS, "smoker": None}, TREATED)
    assert (found.low, found.high) == (0, 1)
    assert found.risk_3y == (4.1, 3.9, 4.3)


def test_unknown_ejection_fraction_ties_age_and_pressure_together():
    found = score({**NOTHING_COUNTS, "lvef": None, "age": 82, "systolic": 105}, TREATED)
    # under 20: 7 + 10 + 5 = 22; 25 to 29: 20; 30 to 34: 3 + 13 + 3 = 19; 35 to 39: 18; from 40: 15 + 2 = 17
    assert (found.low, found.high) == (17, 22)


def test_nothing_known_spans_the_whole_score():
    found = score({}, None)
    assert (found.low, found.high) == (0, 57)
    assert len(found.missing) == 12
