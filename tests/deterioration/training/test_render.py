import numpy as np

from core.deterioration.training.render import LABS, _level, note

EXTRA = {"Age": [(0.0, 82.0)], "Gender": [(0.0, 1.0)], "GCS": [(1.0, 14.0), (10.0, 7.0)], "Creatinine": [(2.0, 1.0), (20.0, 3.6)],
         "Lactate": [(3.0, 5.1), (12.0, 1.2)], "MechVent": [(8.0, 1.0), (9.0, 1.0)], "FiO2": [(8.0, 0.6)], "PaO2": [(9.0, 60.0)],
         "Urine": [(2.0, 100.0), (5.0, 20.0)]}


def said(hour: float, seed: int = 0) -> str:
    return " ".join(note(EXTRA, "medical", hour, np.random.default_rng(seed)))


def test_what_comes_later_is_not_told():
    assert note(EXTRA, "medical", 6, np.random.default_rng(3)) == note(
        {name: [one for one in found if one[0] <= 6] for name, found in EXTRA.items()}, "medical", 6, np.random.default_rng(3))
    for seed in range(10):
        early = said(6, seed)
        assert "3.6" not in early
        assert "entilated for" not in early
        assert "14" in early
        assert "3.6" in said(24, seed) and "rising" in said(24, seed) or "going up" in said(24, seed)


def test_the_same_draw_gives_the_same_words_and_another_varies_them():
    assert said(24, 1) == said(24, 1)
    assert len({said(24, seed) for seed in range(20)}) > 10


def test_what_is_said_is_true():
    for seed in range(20):
        text = said(24, seed)
        assert "82" in text
        assert "man" in text.lower()
        assert "woman" not in text
        assert "GCS 7" in text or "score 7" in text
        assert "normal" in text
        assert "5.1" in text, "the lactate was raised and is not any more"
        assert "P/F ratio 100" in text or "PaO2/FiO2 100" in text


def test_levels_go_by_their_edges():
    assert [_level(LABS["Creatinine"], value) for value in (1.1, 1.2, 5.0)] == [0, 1, 4]
    assert [_level(LABS["Platelets"], value) for value in (19, 20, 149, 150, 450)] == [-4, -3, -1, 0, 1]
