"""An assessment as HTML: nothing of a file becomes markup, and nothing without a number gets one."""

from __future__ import annotations

from core import gallery, markup
from core.assessment import Assessment, Comparator, Finding, Measurement, ModelId, Notice
from core.gallery import Shown

EVIL = "<script>alert('x')</script>"
MODEL = ModelId(EVIL, "1", "a" * 64, "CPU")


def test_nothing_of_a_study_becomes_markup():
    assessment = Assessment("x", MODEL, (Finding("g", EVIL, EVIL, 0.4, 0.3),), (Measurement(EVIL, EVIL, 3.0, EVIL, note=EVIL),),
                            comparators=(Comparator(EVIL, EVIL, EVIL, EVIL, EVIL),), notices=(Notice("caution", EVIL, EVIL),),
                            report={"en": (f"{EVIL}: {EVIL}",)})
    made = "".join((markup.badge(assessment), markup.notices(assessment.notices), markup.whole(assessment),
                    markup.report(assessment), markup.pictures([Shown(EVIL, f"'{EVIL}", b"x")])))
    assert "<script" not in made
    assert "alt='&#x27;&lt;script" in made


def test_an_untrained_label_has_no_number():
    made = markup.findings([Finding("g", "A", "Alpha", None, None, trained=False), Finding("g", "B", "Beta", 0.8, 0.5)])
    assert "neither found nor excluded: Alpha" in made
    assert made.count("<tr") == 2
    assert "80 %" in made
    assert "not calibrated" in made


def test_what_is_present_comes_first_and_the_rest_folds_away():
    rows = [Finding("g", str(k), f"Finding {k}", k / 40, 0.9) for k in range(20)] + [Finding("g", "p", "Present", 0.3, 0.2)]
    made = markup.findings(rows)
    assert made.index("Present") < made.index("Finding 19")
    assert f"{21 - markup.FIRST} more" in made
    assert made.count("<tr class=cs-present>") == 1


def test_a_refusal_is_loud_and_a_note_is_not():
    made = markup.notices([Notice("info", "quiet"), Notice("refuse", "no heart")])
    assert made.index("no heart") < made.index("<details")
    assert made.index("quiet") > made.index("<details")


def test_the_finding_to_explain_is_one_that_is_there_and_not_normal():
    rows = (Finding("s", "SR", "Sinus rhythm", 0.99, 0.5), Finding("s", "MI", "Infarction", 0.7, 0.5),
            Finding("s", "X", "X", 0.4, 0.5))
    assert [f.code for f in gallery.explainable(Assessment("x", MODEL, rows))] == ["MI", "SR", "X"]
