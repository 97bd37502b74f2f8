import numpy as np
import pytest

from core.heart_failure.drugs import FLAGS
from core.heart_failure.prescriptions import flags, recognise
from core.heart_failure.training.render import render

KNOWN = {"device": "ICD", "diabetes": True, "infarction": True, "fibrillation": False, "smoker": True, "copd": False,
         "hypertension": True, "dyslipidaemia": True, "revascularised": False}


def _row(rng):
    return (rng.random(len(FLAGS)) < rng.choice([0.1, 0.4, 0.8])).astype(np.float32)


@pytest.mark.parametrize("known", [None, KNOWN], ids=["drugs alone", "with history"])
def test_the_text_says_what_the_row_says(known):
    rng = np.random.default_rng(20)
    for _ in range(500):
        row = _row(rng)
        text = render(row, rng, known)
        np.testing.assert_array_equal(flags(text), row, err_msg=text)


def test_the_same_state_writes_the_same_text():
    row = _row(np.random.default_rng(0))
    assert render(row, np.random.default_rng(3), KNOWN) == render(row, np.random.default_rng(3), KNOWN)
    assert len({render(row, np.random.default_rng(seed)) for seed in range(40)}) == 40


def test_nothing_taken_is_written():
    rng = np.random.default_rng(1)
    for _ in range(50):
        text = render(np.zeros(14), rng)
        assert text
        assert flags(text).tolist() == [0] * 14


def test_unknown_flags_are_not_written():
    rng = np.random.default_rng(2)
    row = np.full(14, np.nan)
    assert render(row, rng) == ""
    row[FLAGS.index("statin")] = 1
    for _ in range(50):
        assert {one.drug_class for one in recognise(render(row, rng))} == {"statin"}


def test_history_is_written_only_where_it_is_passed():
    rng = np.random.default_rng(4)
    row = np.eye(14)[0]
    with_it = [render(row, rng, {"device": "CRT-D", "diabetes": True}) for _ in range(40)]
    assert any("CRT-D" in text or "defibrillator" in text for text in with_it)
    assert any("Diabetes mellitus" in text or "Known diabetes" in text for text in with_it)
    without = [render(row, rng, {"device": None, "diabetes": float("nan")}) for _ in range(40)]
    assert not any("implant" in text or "ellitus" in text or "Known" in text or "efibrillator" in text for text in without)


def test_wording_varies():
    rng = np.random.default_rng(5)
    row = np.zeros(14)
    row[[FLAGS.index("loop"), FLAGS.index("beta_blocker")]] = 1
    texts = " ¶ ".join(render(row, rng) for _ in range(300))
    for piece in ("furosemide", "Lasix", "loop diuretic", "BB", "1-0-0", "mg od", "ntolerant of", "topped", "No ", "\n", " | "):
        assert piece in texts, piece
