import numpy as np

from core.deterioration.sentences import WIDTH
from core.deterioration.training import real_text

HEADING = "Chief_complain,SBP,DBP,HR,RR,BT,Saturation,KTAS_expert\n"


def test_a_visit_is_a_stay_of_one_row(tmp_path):
    path = tmp_path / "ktas.csv"
    path.write_text(HEADING + "chest pain,110,70,120,24,36.5,91,2\nfever,120,80,90,20,38.1,#BOS!,3\n")
    data = real_text.ktas(path)
    np.testing.assert_allclose(data.grids[0, 0], [120, 24, 36.5, 110, 70, 91])
    assert np.isnan(data.grids[1, 0, 5])
    assert np.isnan(data.grids[:, 1:]).all()
    assert data.died.tolist() == [True, False], "levels 1 and 2 are urgent"
    assert data.notes[0][1] == "chest pain"


def test_a_real_note_is_the_same_at_every_hour(tmp_path, monkeypatch):
    path = tmp_path / "ktas.csv"
    path.write_text(HEADING + "Chest pain. Cold sweat,110,70,120,24,36.5,91,2\nfever,120,80,90,20,38.1,98,3\n")
    monkeypatch.setattr(real_text, "vectors", lambda said: np.eye(len(said), WIDTH, dtype=np.float32))
    notes = real_text.notes_of(real_text.ktas(path))
    assert notes.sentences == ["Chest pain.", "Cold sweat", "fever"]
    assert (notes.index[0, :, :, :2] == [0, 1]).all()
    assert (notes.index[1, :, :, 1:] == -1).all()
