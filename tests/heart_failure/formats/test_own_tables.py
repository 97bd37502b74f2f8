"""Tables of one's own: named as the fields, or with a mapping."""

from __future__ import annotations

import json

import pytest

from core.fields import fields_of
from core.heart_failure.formats.asked import ASKED
from core.heart_failure.formats.mapped import opened
from core.heart_failure.layouts import cohort
from core.heart_failure.read import read
from core.uploads import InputError, Upload

GERMAN = ("Fall;Alter;Geschlecht;EF;Krea;NT;Furosemid;Ramipril;Enalapril;Tage;Tod\n"
          "A;70;w;35;88,42;100;1;0;1;730,5;ja\nB;61;m;40;120,5;;0;0;0;99;nein\n")
MAPPING = {
    "EF": {"field": "lvef"}, "Krea": {"field": "creatinine", "unit": "µmol/l"}, "Alter": "age",
    "NT": {"field": "nt_probnp", "unit": "pmol/l"}, "Geschlecht": {"field": "sex", "values": {"w": "female", "m": "male"}},
    "id": "Fall", "setting": "inpatient", "drugs": {"loop": "Furosemid", "acei": ["Ramipril", "Enalapril"]},
    "time": {"column": "Tage", "unit": "days"}, "event": {"column": "Tod", "values": {"ja": 1, "nein": 0}},
}


def rows(text: str, mapping=None):
    return list(cohort(Upload("a.csv", text.encode()), mapping))


def test_the_fields_of_tables_are_those_of_read():
    assert ASKED == fields_of(read)


def test_columns_named_as_the_fields():
    first, second = rows("id,Age,sex,LVEF,nyha,diabetes,regurgitation,prescriptions,time,event\n"
                         "a,70,F,35,iii,1.0,2.0,- bisoprolol 5 mg,2.5,True\nb,61,male,,II,no,,,1,0\n")
    assert first.values == {"age": 70, "sex": "female", "lvef": 35, "nyha": "III", "diabetes": True, "regurgitation": "2",
                            "prescriptions": "- bisoprolol 5 mg"}
    assert (first.id, first.time, first.event, first.cohort) == ("a", 2.5, True, "plain")
    assert second.values == {"age": 61, "sex": "male", "nyha": "II", "diabetes": False}
    assert second.event is False


@pytest.mark.parametrize(("cells", "said"), [
    ("a,70,female,=1+1,II,,1,0", "column “lvef”: “=1+1” is a formula"), ("a,70,female,35,=A1,,1,0", "“=A1” is a formula"),
    ("a,70,female,35,II,@SUM(A1),1,0", "is a formula"), ("=cmd|x,70,female,35,II,,1,0", "is a formula"),
    ("a,70,neither,35,II,,1,0", "Sex is none of female, male"), ("a,70,female,135,II,,1,0", "from 5 to 85"),
    ("a,70,female,35,IX,,1,0", "NYHA class is none of I"), ("a,70,female,35,II,,-1,0", "below zero"),
    ("a,70,female,35,II,,1,2", "is neither 0 nor 1"), ("a,70,female,35,II,,soon,1", "is no number"),
])
def test_what_is_wrong_is_said_of_row_and_column_and_the_next_row_goes_on(cells, said):
    wrong, right = rows(f"id,age,sex,lvef,nyha,prescriptions,time,event\n{cells}\nb,61,male,40,I,,2,1\n")
    assert str(wrong.error).startswith("Row 2, column")
    assert said in str(wrong.error)
    assert right.error is None


def test_a_mapping_says_fields_units_values_drugs_and_outcome():
    first, second = rows(GERMAN, MAPPING)
    assert first.values == {"age": 70, "sex": "female", "lvef": 35, "creatinine": pytest.approx(1), "setting": "inpatient",
                            "nt_probnp": pytest.approx(845.7), "prescriptions": "loop diuretic, ACE inhibitor"}
    assert (first.id, first.time, first.event, first.cohort) == ("A", pytest.approx(2), True, "mapped")
    assert second.values["prescriptions"] == "no drugs"
    assert second.event is False


def test_a_mapping_beside_its_table_is_found(tmp_path):
    (tmp_path / "t.csv").write_text(GERMAN)
    (tmp_path / "t.mapping.json").write_text(json.dumps(MAPPING))
    assert [row.id for row in cohort(tmp_path / "t.csv")] == ["A", "B"]


@pytest.mark.parametrize(("change", "said"), [
    ({"EF": "ejection"}, "names no field"), ({"EF": {"field": "lvef", "unit": "mm"}}, "unit that lvef does not have"),
    ({"Nowhere": "sodium"}, "column that the table does not have"), ({"Tage": "lvef"}, "Two columns"),
    ({"Geschlecht": {"field": "sex", "values": {"w": "girl"}}}, "Sex is none of"), ({"drugs": {"aspirin": "Furosemid"}}, "drug"),
    ({"time": {"column": "Tage", "unit": "weeks"}}, "unit that is not known"),
    ({"event": {"column": "Tod", "values": {"ja": 7}}}, "0 or 1"),
    ({"event": ["Tod"]}, "no JSON object"), ({"setting": "moon"}, "none of outpatient"),
])
def test_a_wrong_mapping_says_what_is_wrong(change, said):
    with pytest.raises(InputError) as caught:
        rows(GERMAN, MAPPING | change)
    assert said in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff\xfe\x00", b"[" * 100_000])
def test_a_mapping_that_is_no_json_object_says_so(data):
    with pytest.raises(InputError, match="JSON"):
        opened(data)
