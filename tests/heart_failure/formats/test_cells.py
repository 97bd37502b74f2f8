"""Numbers, gaps and formulas in cells; the decimal comma is one for a whole table."""

from __future__ import annotations

import pytest

from core.heart_failure.formats.cells import NotOne, decimal_comma, formula, number
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
