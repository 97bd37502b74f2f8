import numpy as np

from core.deterioration.sentences import LIST, MOST, WIDTH, sentences, vectors


def test_a_number_is_not_cut_at_its_point():
    assert sentences("Lactate 4.2, rising.  GCS 9; drowsy!\n\n- Not ventilated") == [
        "Lactate 4.2, rising.", "GCS 9;", "drowsy!", "- Not ventilated"]


def test_nothing_said_is_no_sentence():
    assert sentences("  \n...\n- ") == []


def test_a_long_list_is_cut_at_its_commas():
    drugs = ", ".join(f"drug number {k}" for k in range(20))
    assert len(drugs) > LIST
    assert sentences(drugs)[3] == "drug number 3"
    assert len(sentences("One. " * 100)) == MOST


def test_the_number_of_a_sentence_stands_beside_its_embedding():
    said = ["Creatinine 3.4, rising.", "WBC 12,5 thousand.", "PaO2/FiO2 poor.", "Seen at 10:30 on 12/03.", "Alert."]
    told = vectors(said)
    assert told.shape == (5, WIDTH)
    np.testing.assert_allclose(told[:, -2:], [[1, np.log1p(3.4)], [1, np.log1p(12.5)], [0, 0], [0, 0], [0, 0]], rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(told[:, :-2], axis=1), 1, rtol=1e-4)
    assert vectors([]).shape == (0, WIDTH)
