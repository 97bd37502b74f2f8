"""What weights have learned from is told by their own words."""

from __future__ import annotations

from core.heart_failure.training.compare import _learned
from core.heart_failure.training.recipe import DATA
from core.training.generated import SAID

OWN = f"{SAID}, in the layout of MUSIC, 200 patients, 48 deaths; peakVO2, 240 patients, 72 deaths"


def test_a_cohort_is_known_again_and_another_of_its_size_is_not():
    assert _learned(OWN, "MUSIC, 200 patients, 48 deaths", True)
    assert not _learned(OWN, "MUSIC, 200 patients, 54 deaths", True)
    assert not _learned(OWN, "MUSIC, 200 patients, 48 deaths", False)


def test_the_release_knows_its_cohorts():
    assert _learned(DATA, "MUSIC, 692 patients, 177 deaths", False)
    assert _learned(DATA, "peakVO2, 1775 patients, 572 deaths", False)
    assert not _learned(DATA, "MUSIC, 300 patients, 80 deaths", False)
    assert not _learned(DATA, "MUSIC, 692 patients, 177 deaths", True)
