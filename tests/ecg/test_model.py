"""The network: shapes, invariances, and each block against a slow direct formula."""

from __future__ import annotations

import pytest
import torch

from core.ecg.alignment import alignment_loss, nearest
from core.ecg.model import PRESETS, EcgNet, StateSpaceLayer, join, standardise
from core.ecg.training.augment import augment, mixup

SMALL = [{"widths": [16, 16], "strides": [2, 4], "embedding": 8}]


def test_standardise_by_hand():
    x = torch.zeros(1, 12, 1000)
    x[0, 0] = torch.tensor([1.0, -1.0]).repeat(500) + 5
    signal, amplitude = standardise(x)
    assert signal.shape == (1, 12, 1024)
    torch.testing.assert_close(signal[0, 0, 12:14], torch.tensor([1.0, -1.0]) / 1.01)
    assert (signal[0, 1] == 0).all()
    assert (signal[..., :12] == 0).all()
    torch.testing.assert_close(amplitude[0, :2], torch.log(torch.tensor([1.01, 0.01])))


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_share_one_class_and_a_latent_of_512(preset):
    model = EcgNet(PRESETS[preset], 99).eval()
    x = torch.randn(2, 12, 1000)
    with torch.no_grad():
        assert model(x).shape == (2, 99)
        rebuilt, z = model.reconstruct(x)
    assert rebuilt.shape == (2, 12, 1024)
    if preset in ("compact", "published"):
        assert z.shape == (2, 512)
    torch.testing.assert_close(z, model.encode(x))


def test_state_space_layer_is_the_recurrence_it_claims_to_be():
    torch.manual_seed(0)
    layer = StateSpaceLayer(width=3, modes=4, dropout=0.0).eval()
    u = torch.randn(1, 20, 3)
    kernel = layer.kernel(20)
    normed = layer.norm(u).transpose(1, 2)[0]
    slow = torch.zeros(3, 20)
    for t in range(20):
        for s in range(20):
            slow[:, t] += (kernel[0, :, t - s] if s <= t else kernel[1, :, s - t - 1]) * normed[:, s]
    slow = torch.nn.functional.gelu(slow + normed * layer.direct[:, None]).T
    expected = u[0] + torch.nn.functional.glu(layer.mix(slow), -1)
    torch.testing.assert_close(layer(u)[0], expected, atol=1e-4, rtol=1e-4)


def test_kernel_is_the_discretised_exponential():
    layer = StateSpaceLayer(width=2, modes=3, dropout=0.0)
    pole = torch.complex(-layer.log_decay.exp(), layer.frequency)[0, 1]
    step = layer.log_step.exp()[0, 1]
    weight = torch.complex(layer.readout[0, 0, 1], layer.readout[1, 0, 1]) * ((pole * step).exp() - 1) / pole
    at = torch.stack([2 * (weight * (pole * step * t).exp()).sum().real for t in range(5)])
    torch.testing.assert_close(layer.kernel(5)[0, 1], at)


def test_joined_model_gives_the_mean_of_the_logits():
    first, second = (EcgNet(SMALL, 5).eval() for _ in range(2))
    x = torch.randn(3, 12, 1000)
    torch.testing.assert_close(join([first, second]).eval()(x), (first(x) + second(x)) / 2, atol=1e-5, rtol=1e-4)


def test_gain_changes_nothing_but_the_amplitude():
    x = torch.randn(1, 12, 1000)
    (a, loud), (b, quiet) = standardise(2 * x), standardise(x)
    torch.testing.assert_close(a, b, atol=0.05, rtol=0.01)
    torch.testing.assert_close(loud - quiet, torch.full((1, 12), 2.0).log(), atol=0.01, rtol=0)


def test_augmentation_keeps_shape_and_loses_leads_sometimes():
    x = torch.randn(200, 12, 1000, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    y = augment(x)
    assert y.shape == x.shape
    assert y.isfinite().all()
    lost = (y == 0).all(-1).float().mean()
    assert 0.02 < lost < 0.09  # 0.1 x 0.5 expected


def test_mixup_mixes_signal_and_target_alike():
    torch.manual_seed(0)
    x = torch.eye(4)[:, None].expand(4, 12, 4).clone()
    mixed, target = mixup(x, torch.eye(4), 0.3)
    torch.testing.assert_close(mixed[:, 0], target)
    torch.testing.assert_close(target.sum(1), torch.ones(4))


def test_alignment_loss_by_hand():
    ecg = text = torch.eye(2)
    same = torch.eye(2, dtype=torch.bool)
    assert alignment_loss(ecg, text, same) == 0  # pairs agree, the others are orthogonal
    collapsed = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert alignment_loss(collapsed, collapsed, same) == pytest.approx(0.8)  # a constant vector is no way out


def test_nearest_orders_by_cosine():
    bank = torch.nn.functional.normalize(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), dim=-1)
    indices, cosines = nearest(torch.tensor([0.0, 1.0]), bank, 2)
    assert indices == [1, 2]
    assert cosines == pytest.approx([1.0, 0.5**0.5])


def test_attribution_works_after_an_inference_pass_on_the_same_layer():
    layer = StateSpaceLayer(8, 4, 0.0).train(False).requires_grad_(False)
    x = torch.randn(1, 64, 8)
    with torch.inference_mode():
        seen = layer(x)
    leaf = x.clone().requires_grad_()
    again = layer(leaf)
    again.sum().backward()
    assert torch.allclose(seen, again.detach(), atol=1e-6)
    assert leaf.grad.abs().sum() > 0
