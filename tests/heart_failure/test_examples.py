"""The made-up patients are read as they stand, and say that they are made up."""

from __future__ import annotations

import pytest

from core.heart_failure.examples import examples
from core.heart_failure.read import read


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_is_read_without_a_doubt(example):
    study = read(example.files, **example.fields)
    assert example.name.startswith("Made-up: ")
    assert study.notices == ()
    assert {name: study.values[name] for name in example.fields if name != "prescriptions"} == {
        name: value for name, value in example.fields.items() if name != "prescriptions"}


def test_little_is_known_of_the_last():
    *_, sparse, _ = examples()
    assert int((read(**sparse.fields).numbers == read(**sparse.fields).numbers).sum()) == 4
