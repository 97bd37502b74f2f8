from core.deterioration.sentences import LIST, MOST, sentences


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
