import pytest
import torch

from core.heart_failure.network import HEADS, MODALITIES, PRESETS, MPrtm, settle, strata
from core.heart_failure.variables import NAMES

K = len(NAMES)


def scored(**arguments) -> MPrtm:
    """A small network whose branches say something, as after training."""
    torch.manual_seed(0)
    model = MPrtm(text_width=12, read_width=8, width=8, **{"members": 2, **arguments}).eval()
    with torch.no_grad():
        for member in model.members:
            for layer in (*member.score, member.weigh):
                layer.weight.normal_(0, 0.3)
    return model


def patients(n: int = 6) -> dict:
    torch.manual_seed(1)
    return {"numbers": torch.rand(n, K) + 1, "text_states": torch.randn(n, 5, 12),
            "text_mask": torch.zeros(n, 5, dtype=torch.bool), "scar": torch.rand(n, 3) * 20}


def test_every_patient_gets_a_hazard_an_error_and_weights_that_sum_to_one():
    out = scored()(**patients())
    assert out["log_hazard"].shape == out["spread"].shape == out["year_1"].shape == (6,)
    assert out["stratum"].shape == (6, 3)
    assert out["weights"].shape == (6, len(HEADS), 3)
    assert torch.allclose(out["weights"].sum(-1), torch.ones(6, len(HEADS)))
    assert list(out["attention"]) == list(MODALITIES)
    assert out["words"].shape == (6, 5)
    assert all(torch.isfinite(out[name]).all() for name in ("log_hazard", "spread", "year_1", "year_3", "stratum"))


@pytest.mark.parametrize(("absent", "without"), [
    ("numbers", {"numbers": torch.full((6, K), torch.nan)}), ("text", {"text_states": None, "text_mask": None}),
    ("text", {"text_mask": torch.ones(6, 5, dtype=torch.bool)}), ("cinematic", {"scar": None}),
    ("cinematic", {"scar": torch.tensor([[torch.nan, torch.nan, 35.0]] * 6)}),  # an ejection fraction alone is no cardiac MR
])
def test_what_is_absent_has_no_weight_at_all_and_the_others_share_it(absent, without):
    out = scored()(**{**patients(), **without})
    assert (out["attention"][absent] == 0).all()
    assert torch.allclose(sum(out["attention"].values()), torch.ones(6))


def test_with_nothing_known_nothing_is_said():
    out = scored()(torch.full((2, K), torch.nan))
    assert out["log_hazard"].tolist() == [0, 0]
    assert out["weights"].abs().sum() == 0


def test_a_branch_that_was_never_trained_is_not_looked_at():
    model = scored()
    model.trained[2] = False
    given = patients()
    assert torch.equal(model(**given)["log_hazard"], model(**{**given, "scar": None})["log_hazard"])


def test_a_value_changes_the_token_of_its_own_field_alone():
    branch = scored().members[0].numbers
    values, known = torch.zeros(1, K), torch.ones(1, K, dtype=torch.bool)
    other = values.clone()
    other[0, 7] = 1.5
    changed = (branch.tokens(values, known) != branch.tokens(other, known)).any(-1)
    assert changed[0].nonzero().flatten().tolist() == [7]


def test_missing_is_not_the_mean():
    branch = scored().members[0].numbers
    values, known = torch.zeros(1, K), torch.ones(1, K, dtype=torch.bool)
    gone = known.clone()
    gone[0, 3] = False
    assert not torch.allclose(branch.tokens(values, known)[0, 3], branch.tokens(values, gone)[0, 3])


def test_flags_are_not_looked_at_the_text_says_them():
    model, given = scored(), patients()
    assert torch.equal(model(flags=torch.ones(6, 14), **given)["log_hazard"], model(**given)["log_hazard"])


def test_padding_says_nothing():
    model, given = scored(), patients()
    longer = {**given, "text_states": torch.cat([given["text_states"], torch.randn(6, 3, 12) * 9], 1),
              "text_mask": torch.cat([given["text_mask"], torch.ones(6, 3, dtype=torch.bool)], 1)}
    assert torch.allclose(model(**longer)["log_hazard"], model(**given)["log_hazard"], atol=1e-5)
    assert (model(**longer)["words"][:, 5:] < 1e-6).all()


def test_before_training_the_network_is_its_cox_model():
    model = MPrtm(members=2).eval()
    model.start.beta.copy_(torch.linspace(-0.1, 0.1, K + 14))
    numbers = torch.rand(4, K) + 1
    expected = model.start(numbers, torch.full((4, 14), torch.nan))
    out = model(numbers)
    assert torch.allclose(out["log_hazard"], expected["log_hazard"], atol=1e-6)
    assert torch.allclose(out["spread"], expected["spread"], atol=1e-6)


def test_settled_weights_are_shares_of_the_spread_and_predictions_stay():
    model, given = scored(members=1), patients(40)
    given["text_states"] = torch.randn(40, 5, 12)
    with torch.no_grad():
        model.members[0].weigh.weight.zero_()  # the same gains for everyone
    before = model(**given)["log_hazard"]
    settle(model, **given)
    out, parts = model(**given), model.parts(**given)
    assert torch.allclose(out["log_hazard"], before, atol=1e-5)
    spread = parts["members"][0][0][:, 0].std(0)
    assert torch.allclose(out["weights"][0, 0], spread / spread.sum(), atol=1e-5)


def test_strata_of_the_outcome_are_ordered():
    high, low = strata(torch.tensor([4.0, -4.0]), torch.zeros(2)).softmax(-1)
    assert high.argmax() == 2
    assert low.argmax() == 0


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_arguments_of_one_class_and_small_enough(preset):
    model = MPrtm(**PRESETS[preset])
    assert sum(p.numel() for p in model.parameters()) * 2 < 10e6  # bytes in half precision


def test_a_text_is_told_from_none():
    model = MPrtm(members=1).eval()
    states, padded = model.texts(["bisoprolol 5 mg", "", "  "])
    assert (~padded).any(1).tolist() == [True, False, False]
    assert model.texts(["", " "]) == (None, None)
    assert states.shape == (3, padded.shape[1], 384)
