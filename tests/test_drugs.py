"""One vocabulary of drugs for prescriptions and for notes."""

from __future__ import annotations

import pytest

from core.drugs import CLASSES, GROUP_OF, bedside, drug_class, groups, listed, vocabulary


def test_a_name_of_the_bedside_has_one_meaning():
    named = [name for drugs in listed()["bedside"].values() for drug, others in drugs.items() for name in (drug, *others)]
    assert len(named) == len(set(named))
    assert all(name == name.lower() for name in named)
    assert {group for _, group in bedside().values()} <= set(groups())
    assert set(GROUP_OF) <= set(CLASSES)
    assert set(GROUP_OF.values()) <= set(groups())


def test_where_both_know_a_name_its_class_and_its_group_agree():
    for (name, *rest), meant in vocabulary().items():
        if not rest and len(meant) == 1 and name in bedside() and meant[0][1] in GROUP_OF:
            assert bedside()[name][1] == GROUP_OF[meant[0][1]], name


@pytest.mark.parametrize(("name", "group"), [
    ("lasix", "diuretic"), ("morphine", "opioid"), ("concor", "beta_blocker"), ("tazocin", "antibiotic"),
    ("levophed", "vasopressor"), ("forxiga", "antidiabetic"), ("entresto", "ace_or_arb"), ("asa", "antiplatelet")])
def test_notes_know_the_names_of_both(name, group):
    assert bedside()[name][1] == group


def test_words_that_may_be_another_thing_are_not_taken_from_prescriptions():
    assert not {"hct", "nitro", "arm", "bb", "digital"} & bedside().keys()


def test_what_only_notes_name_is_no_drug_of_a_prescription():
    assert ("morphine",) not in vocabulary()
    with pytest.raises(KeyError):
        drug_class("morphine")
