"""Our MobileNetV2 is timm's: the same parameters under the same names, the same answers, also with the shipped weights."""

from __future__ import annotations

import pytest
import timm
import torch

from core.cxr.mobilenet import MobileNetV2
from core.cxr.model import CxrNet, ImageEncoder
from core.weights import load


def theirs() -> torch.nn.Module:
    return timm.create_model("mobilenetv2_100", pretrained=False, num_classes=0, pad_type="same")


@pytest.mark.parametrize("shape", [(64, 96), (75, 33), (224, 224)])
def test_the_same_parameters_give_the_same_answers_and_training_the_same_statistics(shape):
    torch.manual_seed(0)
    ours, reference = MobileNetV2(), theirs()
    assert list(ours.state_dict()) == list(reference.state_dict())
    for name, value in reference.named_parameters():  # drawn anew, but as widely spread
        assert ours.get_parameter(name).std().item() == pytest.approx(value.std().item(), rel=0.3), name
    ours.load_state_dict(reference.state_dict())
    x = torch.randn(2, 3, *shape)
    torch.testing.assert_close(ours.train().forward_features(x), reference.train().forward_features(x))
    for name, value in reference.state_dict().items():  # after a step of the running statistics
        torch.testing.assert_close(ours.state_dict()[name], value, msg=name)
    torch.testing.assert_close(ours.eval()(x), reference.eval()(x))


def test_the_shipped_encoder_answers_as_timms_does():
    ours, reference = load("cxr")[0].encoder.net, theirs().eval()
    assert isinstance(ours, MobileNetV2)
    reference.load_state_dict(ours.state_dict())
    x = torch.rand(1, 3, 224, 224) * 2 - 1
    with torch.inference_mode():
        torch.testing.assert_close(ours.forward_features(x), reference.forward_features(x))
        torch.testing.assert_close(ours(x), reference(x))


def test_other_backbones_are_timms():
    assert ImageEncoder("mobilenetv2_050").width == 1280
    assert not isinstance(ImageEncoder("mobilenetv2_100").net, MobileNetV2)  # another padding
    assert CxrNet("vit_tiny_patch16_224", 32, 4).encoder.transformer
