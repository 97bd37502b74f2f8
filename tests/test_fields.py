"""A field of ``read`` is said once; what a form, a table or a program gives arrives as it was meant, or as a clear error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fields import Field, checked, fields_of
from core.modality import MODALITIES
from core.patient import Age, Sex
from core.uploads import InputError


@checked
def read(
    files: Sequence = (), *, sex: Sex = None, age: Age = None, visits: Annotated[int | None, Field("Visits", low=0)] = None,
    smoker: Annotated[bool | None, Field("Smoker")] = None, lvef: Annotated[float | None, Field("LVEF", "%", 5, 90)] = None,
    unit: Annotated[Literal["mV", "uV"] | None, Field("Unit")] = None,
    note: Annotated[str | None, Field("Note", multiline=True, longest=10)] = None,
) -> dict:
    return dict(locals())


def refused(**given) -> InputError:
    with pytest.raises(InputError) as caught:
        read(**given)
    assert caught.value.message.endswith(".")
    assert caught.value.remedy.endswith(".")
    return caught.value


def test_zero_and_false_are_values_and_none_is_open():
    got = read(age=0, visits=0, smoker=False, lvef=None, note="")
    assert (got["age"], got["visits"], got["smoker"], got["lvef"], got["note"]) == (0.0, 0, False, None, "")


def test_text_of_a_table_becomes_what_is_meant():
    got = read(age="61", visits="3", smoker="yes", lvef=" 35.5 ", unit="mv", sex="F", note="12")
    assert (got["age"], got["visits"], got["smoker"], got["lvef"]) == (61.0, 3, True, 35.5)
    assert (got["unit"], got["sex"], got["note"]) == ("mV", "female", "12")
    assert read(age="056Y")["age"] == 56
    for left_open in ("", " ", "unknown", "None"):
        assert read(sex=left_open, age=left_open, unit=left_open, smoker=left_open) == read()


@pytest.mark.parametrize(("given", "words"), [
    ({"lvef": 3}, "LVEF is not a number of % from 5 to 90."), ({"lvef": "35,5"}, "LVEF is not a number of % from 5 to 90."),
    ({"lvef": float("nan")}, "LVEF"), ({"age": 131}, "Age is not a number of years from 0 to 130."), ({"age": "old"}, "Age"),
    ({"visits": 1.5}, "Visits is not a whole number of at least 0."), ({"visits": True and "x"}, "Visits"),
    ({"smoker": "perhaps"}, "Smoker is neither yes nor no."), ({"unit": "V"}, "Unit is none of mV, uV."),
    ({"sex": "x"}, "Sex is none of female, male."), ({"note": "a" * 11}, "Note has 11 characters; at most 10"),
])
def test_what_is_no_value_is_named_with_its_bounds(given, words):
    error = refused(**given)
    assert words in error.message
    assert error.field == next(iter(given))


@given(st.floats(5, 90))
def test_every_number_within_the_bounds_passes_unchanged(value: float):
    assert read(lvef=value)["lvef"] == value


def test_the_annotation_says_everything_a_form_needs():
    asked = fields_of(read)
    assert list(asked) == ["sex", "age", "visits", "smoker", "lvef", "unit", "note"]
    assert (asked["lvef"].kind, asked["lvef"].field.unit, asked["lvef"].field.high) == (float, "%", 90)
    assert asked["unit"].choices == ("mV", "uV")
    assert asked["note"].field.multiline


def test_a_field_without_annotation_is_an_error_of_the_room():
    def bare(files: Sequence = (), *, age: float | None = None) -> None: ...

    def odd(files: Sequence = (), *, age: Annotated[list | None, Field("Age")] = None) -> None: ...

    for room in (bare, odd):
        with pytest.raises(TypeError):
            fields_of(room)


@pytest.mark.parametrize("modality", [m for m in MODALITIES if m.built], ids=lambda m: m.name)
def test_every_rooms_fields_are_annotated(modality):
    for asked in fields_of(modality.verb("read")).values():
        assert asked.field.label
        assert (asked.field.low is None) == (asked.field.high is None)
