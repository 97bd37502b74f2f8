"""Sex and age as files, tables and forms say them."""

from __future__ import annotations

import pytest

from core.patient import Age, age_between, age_of, sex_of


@pytest.mark.parametrize(("text", "years"), [
    ("056Y", 56), ("18M", 1.5), ("6 months", 0.5), ("3 weeks", 0.06), ("10 days", 0.03), ("61 years", 61), ("6 monkeys", None),
    ("000D", 0), (0, 0), (0.0, 0), ("130", 130), (None, None), ("", None), ("131", None),
    ("-1", None),
])
def test_ages_are_years_and_zero_is_one(text, years):
    assert age_of(text) == years


def test_a_date_in_the_future_or_too_long_ago_gives_no_age():
    assert age_between("20200101", "20200101") == 0
    assert age_between("20200101", "20200701") == pytest.approx(0.5, abs=0.01)
    assert age_between("20171230", "20200101") == pytest.approx(2.0, abs=0.01)
    assert age_between("2020", "20200701") == 0
    assert age_between("18900101", "20200102") == 130
    assert age_between("18890101", "20200102") is None
    assert age_between("20210101", "20200101") is None


def test_files_are_believed_as_far_as_the_field_goes():
    (field,) = Age.__metadata__
    assert age_of(str(int(field.high))) == field.high
    assert age_of(str(int(field.high) + 1)) is None


@pytest.mark.parametrize(("text", "sex"), [("F", "female"), ("mann", "male"), ("O", None), (None, None), (0, None)])
def test_sexes(text, sex):
    assert sex_of(text) == sex
