"""The statement table against the publisher's own file, and the text made from it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from core.ecg import statements
from core.ecg.statements import LABELS, STATEMENTS, SUBCLASSES, SUPERCLASSES, structured_report, targets

DATA = Path(__file__).resolve().parents[2] / "../shared/data/ptbxl"


def on(codes: list[str]) -> set[tuple[str, str]]:
    return {LABELS[i] for i in np.flatnonzero(targets(codes))}


def test_table_has_all_labels_once_and_sorted_classes():
    assert len(STATEMENTS) == len({s.code for s in STATEMENTS}) == 71
    assert len(LABELS) == len(set(LABELS)) == 99
    assert [t.code for t in SUBCLASSES] == sorted({s.subclass for s in STATEMENTS if s.subclass})
    assert [t.code for t in SUPERCLASSES] == sorted({s.superclass for s in STATEMENTS if s.superclass})


def test_wording_is_complete_and_distinct_in_both_languages():
    for terms in statements.GROUPS.values():
        assert len({t.english for t in terms}) == len({t.german for t in terms}) == len(terms)
        assert all(t.label[0] == t.label[0].upper() and t.label_de[0] == t.label_de[0].upper() for t in terms)
    assert statements.term("statement", "AFIB").phrase("de") == "Vorhofflimmern"
    assert statements.term("superclass", "MI").label == "Myocardial infarction"


def test_targets_climb_the_hierarchy():
    assert on(["ASMI", "SR"]) == {
        ("statement", "ASMI"), ("subclass", "AMI"), ("superclass", "MI"), ("statement", "SR"),
    }
    assert on(["1AVB"]) >= {("subclass", "_AVB"), ("superclass", "CD")}
    assert targets([]).shape == (99,)
    assert targets([]).dtype == np.float32
    assert not targets([]).any()


def test_targets_refuse_an_unknown_code():
    with pytest.raises(KeyError):
        targets(["SR", "XYZ"])


def test_structured_report_of_the_source_example():
    assert structured_report({"IMI": 15.0, "LNGQT": 100.0}) == [
        "Myocardial Infarction: inferior myocardial infarction, confidence 15",
        "Other ST-T descriptive statements: long QT interval, confidence 100",
    ]
    assert structured_report({"XYZ": 0.0, "SR": 12.5}) == [
        "Other statements: XYZ, confidence 0",
        "Statements related to impulse formation (abnormalities): sinus rhythm, confidence 12.5",
    ]


def test_table_equals_the_publishers():
    path = next((p for p in (DATA / "scp_statements.csv", DATA / "unpacked/scp_statements.csv") if p.exists()), None)
    if path is None:
        pytest.skip("scp_statements.csv of PTB-XL is not here")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row[""] for row in rows] == [s.code for s in STATEMENTS]
    for row, statement in zip(rows, STATEMENTS, strict=True):
        kinds = tuple(kind for kind in ("diagnostic", "form", "rhythm") if row[kind])
        mine = (statement.kinds, statement.superclass, statement.subclass, statement.category.lower())
        assert mine == (kinds, row["diagnostic_class"], row["diagnostic_subclass"], row["Statement Category"].lower())
