"""Numbers, gaps and formulas in cells; the decimal comma is one for a whole table."""

from __future__ import annotations

import pytest

from core.tables.cells import MISSING, NotOne, decimal_comma, formula, is_number, number
from core.uploads import InputError


@pytest.mark.parametrize(("cell", "comma", "value"), [
    ("31.2", False, 31.2), (" 5 ", False, 5), ("-1e2", False, -100), ("31,2", True, 31.2), ("7", True, 7), ("+3", False, 3),
    ("", False, None), ("NA", False, None), ("n/a", True, None), (" ", False, None), ("?", False, None), ("NaN", False, None),
])
def test_numbers(cell, comma, value):
    assert number(cell, comma) == value


@pytest.mark.parametrize(("cell", "comma", "said"), [
    ("31,2", False, "with a comma"), ("31.2", True, "with a point"), ("=1+1", False, "formula"), ("@SUM(A1)", False, "formula"),
    ("+A1", False, "formula"), ("-cmd|' /C calc'!A0", False, "formula"), ("abc", False, "no number"), ("inf", False, "no number"),
    ("1_000", False, "no number"), ("1.234,5", True, "no number"), ("1e999", False, "no number"), ("13 8", False, "no number"),
])
def test_what_is_no_number_says_why(cell, comma, said):
    with pytest.raises(NotOne, match=said):
        number(cell, comma)


def test_the_decimal_comma_is_decided_for_the_table():
    assert decimal_comma(["31,2", "5", "", "NA"])
    assert decimal_comma(["1,234", "31,2"])
    assert not decimal_comma(["31.2", "5"])
    assert not decimal_comma(["abc, def"])
    with pytest.raises(InputError, match="both with a comma .31,2. and with a point .5[.]1."):
        decimal_comma(["31,2", "5.1"])
    with pytest.raises(InputError, match="thousands"):
        decimal_comma(["263,358", "5"])


def test_a_dash_alone_and_a_signed_number_are_no_formula():
    assert not any(formula(cell) for cell in ("-", "-1", "+2,5", "P-1", ""))
    assert all(formula(cell) for cell in ("=A1", "@x", "+x", "--1"))


@pytest.mark.parametrize("word", sorted(MISSING))
def test_words_for_nothing_are_nothing_and_no_formula(word):
    assert number(word.upper()) is None
    assert not formula(word)
    assert not is_number(word)


def test_what_may_be_a_number_in_either_way():
    assert all(is_number(cell) for cell in ("31.2", "31,2", "1,200", "5", "-1e3"))
    assert not any(is_number(cell) for cell in ("HR", "", "12:30", "2024-05-31", "=1"))


def test_a_number_as_large_as_none_is_measured_is_none():
    with pytest.raises(NotOne, match="no number"):
        number("1e12")
