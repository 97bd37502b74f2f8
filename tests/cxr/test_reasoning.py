"""The differential: order, contradictions, and every number of a sentence among its evidence."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from core.assessment import Finding
from core.cxr import german
from core.cxr.labels import GROUPS, LABELS
from core.cxr.notes import filter_sections
from core.cxr.reasoning import Statement, differential, ranked, written


def finding(code: str, probability: float | None, threshold: float | None = 0.4, group: str = "observation",
            interval: tuple[float, float] | None = None, calibrated: bool = True) -> Finding:
    return Finding(group, code, f"{code} of a child" if group == "child" else code, probability, threshold,
                   calibrated=calibrated, interval=interval, trained=probability is not None)


def texts_of(findings, without_note=None, words=(), regions=None, leaks=()) -> list[str]:
    return [s.text for s in differential(findings, without_note or {}, words, regions or {}, leaks)]


EFFUSION = finding("Pleural Effusion", 0.71, 0.42, interval=(0.6, 0.8))


def test_a_finding_in_one_sentence_each():
    effusion = replace(EFFUSION, sensitivity=0.75, specificity=0.7)
    (text,) = texts_of(
        [effusion], {"observation:Pleural Effusion": 0.65},
        [("Dyspnea,", 0.31), ("cough", -0.4), ("fever.", 0.12), ("a", 0.001)],
        {"observation:Pleural Effusion": "left lower zone"})
    assert text == (
        "Pleural Effusion is likely: 71 % (operating threshold 42 %, 95 % interval 60 to 80 %); its map is strongest "
        "in the left lower zone. So marked are 75 % of the films that have it, and 30 % of those that have not. "
        "The note adds 6 percentage points (65 % without it). "
        "Of the note, “Dyspnea” (+0.31) and “fever” (+0.12) speak most for it, in log odds.")


def test_three_findings_above_their_threshold_and_the_rest_in_one_sentence():
    findings = [finding("Edema", 0.39), finding("Fracture", 0.05, 0.04), EFFUSION, finding("Mass", 0.5, 0.2, "further"),
                finding("Hernia", 0.1, 0.05, "further"), finding("Cardiomegaly", 0.45)]
    assert [f.code for f in ranked(findings)] == ["Pleural Effusion", "Mass", "Cardiomegaly"]
    texts = texts_of(findings, words=[("pain", 0.5)])
    assert [t.split(":")[0] for t in texts] == [
        "Pleural Effusion is likely", "Mass is likely", "Cardiomegaly is possible", "Also above their operating threshold"]
    assert texts[3].endswith("Hernia (10 %, threshold 5 %) and Fracture (5 %, threshold 4 %).")
    assert ["“pain”" in text for text in texts] == [True, False, False, False], "the words explain the first finding alone"
    assert not any("Edema" in text for text in texts), "what is below its threshold is not spoken of"


def test_words_for_small_large_and_uncertain_numbers():
    texts = texts_of([finding("Hernia", 0.0004, 0.0003, "further"),
                  finding("Edema", 0.998, interval=(0.3, 0.999), calibrated=False)],
                 {"observation:Edema": 0.998, "further:Hernia": 0.05})
    assert texts[0] == ("Edema is likely: more than 99 % (operating threshold 40 %, "
                        "95 % interval 30 to more than 99 %, not calibrated). The interval includes the threshold."), (
        "a note that changes nothing is not spoken of")
    assert "less than 0.1 %" in texts[1]
    assert "takes away 5 percentage points" in texts[1]


def test_nothing_reached_says_what_is_nearest_or_that_it_is_normal():
    assert texts_of([finding("Edema", 0.1)]) == [
        "No finding reaches its operating threshold; nearest to it is Edema (10 %, threshold 40 %)."]
    assert texts_of([finding("Edema", 0.1), finding("No Finding", 0.8, 0.5)]) == [
        "No Finding is above its threshold, and no finding is: 80 % (operating threshold 50 %)."]


def test_undecided_is_one_sentence():
    normal = finding("No Finding", 0.61, 0.5)
    many = [finding(code, 0.5) for code in ("Edema", "Cardiomegaly", "Pneumonia", "Fracture")]
    assert texts_of([normal, EFFUSION, *many]) == [
        "Undecided: No Finding (61 %, threshold 50 %) is above its threshold, and so are Pleural Effusion (71 %, threshold "
        "42 %), Edema (50 %, threshold 40 %), Cardiomegaly (50 %, threshold 40 %) and 2 more."]
    assert ranked([normal, EFFUSION]) == ()
    assert written((), [normal, EFFUSION]) == ("Conclusion: undecided.",)
    assert texts_of([finding("Edema", 0.1), finding("No Finding", 0.3, 0.5)]) == [
        "Undecided: neither a finding nor No Finding (30 %, threshold 50 %) reaches its operating threshold."]
    assert "Undecided" not in " ".join(texts_of([normal, finding("Support Devices", 0.9)]))
    assert "Undecided" not in " ".join(texts_of([finding("No Finding", 0.1, 0.5), EFFUSION]))


def test_hierarchy():
    opacity, pneumonia = finding("Lung Opacity", 0.2, 0.45), finding("Pneumonia", 0.52, 0.5)
    assert texts_of([opacity, pneumonia])[-1] == (
        "Lung Opacity (20 %, threshold 45 %) is below its threshold, although Pneumonia (52 %, threshold 50 %) "
        "would imply it: the findings disagree.")
    assert len(texts_of([finding("Lung Opacity", 0.7), pneumonia])) == 2, "what agrees needs no words"
    assert len(texts_of([pneumonia, finding("Lung Opacity", None, None)])) == 2, "an untrained parent says nothing"


def test_what_the_model_does_not_tell_from_chance_is_named_without_a_number():
    useless = [replace(finding(code, None, None), trained=True, usable=False) for code in ("Nodule", "Atelectasis")]
    assert texts_of([EFFUSION, *useless])[-1] == "Not usable, for the model does not tell them from chance: Nodule, Atelectasis."


def test_leaks_missing_thresholds_and_untrained_labels_are_named():
    leaks = filter_sections("PNA? History of pneumonia, pacemaker").leaks
    texts = texts_of([EFFUSION, finding("Azygos lobe", 0.3, None, "added"), finding("Fracture", None, None)],
                 leaks=leaks)
    assert texts[1].startswith("The note itself names Pneumonia (2 mentions) and Support Devices (1 mention)")
    assert texts[2] == "Without an operating threshold, and so not ranked: Azygos lobe (30 %)."
    assert texts[3] == "Not trained, and so neither found nor excluded: 1 of 3 labels (Fracture)."


def _numbers(text: str) -> list[float]:
    text = text.replace("95 % interval", "interval").replace("in log odds", "")
    return [float(n) for n in re.findall(r"(?<![\w.])[+-]?\d+(?:\.\d+)?", text)]


def _traceable(statement: Statement) -> bool:
    values = [v for _, v in statement.evidence]
    quoted = [*values, *(100 * v for v in values)]
    changes = [100 * abs(a - b) for a in values[:1] for b in values]  # of rounded numbers, so up to a point apart
    return all(any(abs(n - k) <= (0.51 if n >= 10 else 0.06) for k in quoted) or any(abs(n - k) <= 1 for k in changes)
               or n in (0.1, 99) for n in _numbers(statement.text))


def test_every_number_is_among_the_evidence():
    rng = np.random.default_rng(0)
    for _ in range(40):
        findings = [
            finding(code, None, None, group) if rng.random() < 0.2 else
            finding(code, p := float(rng.random() ** 2), float(rng.uniform(0.05, 0.6)), group,
                    (p * 0.8, min(1, p * 1.2)))
            for group, code in LABELS]
        without = {f"{f.group}:{f.code}": float(rng.random()) for f in findings if f.probability is not None}
        statements = differential(findings, without, [("cough", 0.3)], {}, ((0, 3, "PNA", "Pneumonia"),))
        assert statements
        assert all(s.evidence and _traceable(s) for s in statements)
        assert len({s.text for s in statements}) == len(statements)


def test_no_findings_no_words():
    assert differential([], {}, (), {}, ()) == ()


def test_the_conclusion_stands_last_and_names_what_is_above_its_threshold():
    alone = Finding("observation_film_alone", "Edema", "Edema", 0.9, None, source="model without the note")
    lines = written((Statement("One.", ()),), [finding("Edema", 0.39), finding("Fracture", 0.05, 0.04), EFFUSION, alone])
    assert lines == ("One.", "Conclusion: Pleural Effusion 71 %, Fracture 5 %.")
    assert written((), [finding("Edema", 0.1)]) == ("Conclusion: no finding above its operating threshold.",)


def test_the_german_report_says_the_same_and_has_a_word_for_every_label():
    assert set(german.LABELS) == {code for codes in GROUPS.values() for code in codes}
    found = [finding("No Finding", 0.1), replace(EFFUSION, calibrated=False), finding("Cardiomegaly", 0.052, 0.05),
             replace(finding("Fracture", None), trained=True, usable=False), finding("Lung Lesion", None)]
    lines = german.written(found)
    assert lines[0] == "Pleuraerguss wahrscheinlich: 71 % (Schwelle 42 %, 95-%-Intervall 60 bis 80 %, nicht kalibriert)."
    assert lines[1] == "Kardiomegalie möglich: 5,2 % (Schwelle 5 %)."
    assert "Nicht verwendbar, da nicht vom Zufall zu unterscheiden: Fraktur." in lines
    assert "Nicht trainiert, daher weder gefunden noch ausgeschlossen: Lungenläsion." in lines
    assert lines[-1] == "Beurteilung: Pleuraerguss 71 %, Kardiomegalie 5,2 %."
    assert german.written([finding("No Finding", 0.9), EFFUSION])[-1] == "Beurteilung: unentschieden."
    assert german.written([finding("No Finding", 0.9)])[-1] == "Beurteilung: kein Befund über seinem Schwellenwert."
    for case in (found, [finding("No Finding", 0.9), EFFUSION], [finding("No Finding", 0.9)], [finding("No Finding", 0.1)]):
        english = written(differential(case, {}, (), {}, ()), case)
        digits = re.findall(r"\d+(?:\.\d+)? %", english[-1])
        assert digits == [word.replace(",", ".") for word in re.findall(r"\d+(?:,\d+)? %", german.written(case)[-1])]
