"""Figures by group, against values worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from core.modality import get
from core.training.compare import Predictions, Statistic
from core.training.subgroups import age_bands, by_group
from core.uploads import InputError

HITS = np.repeat([1.0, 0.0, 1.0, 1.0], [90, 30, 100, 20])  # of 120 women 90, of 100 men 100, of 20 unknown 20


@dataclass
class Room:
    """What ``by_group`` asks of a room."""

    has: bool = True
    title: str = "Room"

    def offers(self, name: str) -> bool:
        return self.has

    def verb(self, name: str):
        many = np.arange(len(HITS))
        return {"predictions": lambda *_: Predictions(many, many, {}, {"hit": HITS}, "fold 9"),
                "statistics": lambda made: {"Share": Statistic(lambda rows: float(HITS[rows].mean()))},
                "groups": lambda data, studies: {
                    "sex": np.repeat(["female", "male", ""], [120, 100, 20]), "device": np.repeat(["A", "B"], [200, 40])}}[name]


def test_a_group_has_its_own_figure_and_small_ones_none():
    found = by_group(Room(), Path(), 9, "w")
    rows = {one["group"]: one for one in found["groups"]}
    assert list(rows) == ["all", "female", "male", "A"], "unknown sex and a device of 40 are left out"
    assert rows["all"]["value"] == pytest.approx(210 / 240)
    assert rows["female"]["value"] == pytest.approx(0.75)
    assert rows["male"]["value"] == 1
    low, high = rows["female"]["interval"]
    assert low < 0.75 < high
    assert 0.1 < high - low < 0.25, "two standard errors of 0.04 on either side"


def test_without_groups_it_says_so():
    with pytest.raises(InputError, match="no groups"):
        by_group(Room(has=False), Path(), None, "w")


def test_age_bands():
    assert age_bands(np.array([0, 17.9, 18, 59, 60, 95, np.nan])).tolist() == [
        "under 18", "under 18", "18 to 39", "40 to 59", "60 to 79", "80 and over", ""]


def test_groups_of_ecg_records_follow_their_order(tmp_path):
    (tmp_path / "ptbxl_database.csv").write_text(
        "ecg_id,age,sex,device\n1,56,1,CS-12   E\n2,19,0,\n3,300,1,AT-6 C\n")
    found = get("ecg").verb("groups")(tmp_path, np.array([2, 1]))
    assert {name: values.tolist() for name, values in found.items()} == {
        "sex": ["male", "female"], "age": ["18 to 39", "40 to 59"], "device": ["", "CS-12   E"]}
