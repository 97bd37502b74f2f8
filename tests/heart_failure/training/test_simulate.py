import pytest

from core.heart_failure.network import MODALITIES
from core.heart_failure.training.simulate import RECIPE, SCENARIOS, recovered, table

QUICK = RECIPE.model_copy(update={"epochs": 4})


@pytest.mark.parametrize("scenario", ["text strongest", "cinematic silent"])
def test_attention_and_ablation_recover_which_modality_carries_what(scenario):
    strengths = dict(zip(MODALITIES, SCENARIOS[scenario], strict=True))
    found = recovered(SCENARIOS[scenario], 1000, recipe=QUICK)
    assert found["c_index"] > 0.7
    strongest, weakest = max(MODALITIES, key=strengths.get), min(MODALITIES, key=strengths.get)
    for kind, sign in (("attention", 1), ("without", -1)):
        values = {name: sign * found[f"{kind} {name}"] for name in MODALITIES}
        assert min(values, key=values.get) == weakest
        if scenario != "cinematic silent":  # there the other two are alike
            assert max(values, key=values.get) == strongest
    assert scenario in table({scenario: found})
