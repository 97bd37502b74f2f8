import pytest
import torch

from core.deterioration.features import NAMES, summary
from core.deterioration.network import Compact, Normal, Published
from core.deterioration.sentences import WIDTH


@pytest.fixture
def model() -> Compact:
    torch.manual_seed(0)
    found = Compact(members=2, width=8)
    found.normal.learn(found_features())
    return found.eval()


def found_features() -> torch.Tensor:
    return summary(grids(8))


def grids(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    found = 90 + 15 * torch.randn(count, 49, 6, generator=generator)
    return found.masked_fill(torch.rand(count, 49, 6, generator=generator) < 0.4, torch.nan)


def note(count: int, sentences: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(2)
    return torch.nn.functional.normalize(torch.randn(count, sentences, WIDTH), dim=-1), torch.zeros(count, sentences).bool()


def test_the_future_moves_no_earlier_hour(model):
    whole = grids(2)
    cut = whole.clone()
    cut[:, 21:] = torch.nan
    torch.testing.assert_close(model(cut)[:, :21], model(whole)[:, :21])
    assert not torch.allclose(model(cut)[:, 21:], model(whole)[:, 21:])


def test_a_note_counts_from_its_hour_on(model):
    said, absent = note(2)
    alone, both = model.each(grids(2), said, absent, torch.tensor([10, 30]))
    changed = (alone.mean(0) - both.mean(0)).abs() > 1e-6
    share = torch.stack([member.share for member in model.members])
    assert torch.equal(share, torch.ones(2)), "before training the vital signs stand as they are"
    assert not changed[0, :10].any()
    assert changed[0, 10:].all()
    assert not changed[1, :30].any()
    assert changed[1, 30:].all()


def test_sentences_are_a_set_and_padding_says_nothing(model):
    said, absent = note(1)
    whole = model(grids(1), said, absent, torch.tensor([0]))
    torch.testing.assert_close(model(grids(1), said.flip(1), absent, torch.tensor([0])), whole)
    padded = torch.cat([said, torch.ones(1, 2, WIDTH)], 1), torch.tensor([[False] * 3 + [True] * 2])
    torch.testing.assert_close(model(grids(1), *padded, torch.tensor([0])), whole)


def test_the_note_teaches_the_vital_pathway_nothing(model):
    said, absent = note(2)
    member = model.members[0].train()
    _, both = member(model.inputs(grids(2)), said, absent, torch.tensor([0, 0]))
    both.sum().backward()
    assert all(p.grad is None or not p.grad.any() for p in member.vitals.parameters())
    assert member.note.evidence.weight.grad.any()


def test_gradients_reach_the_measured_cells_in_use(model):
    cells = grids(1).requires_grad_(True)
    model(cells)[0, -1].backward()
    assert torch.isfinite(cells.grad).all()
    assert cells.grad[~cells.isnan()].any()


def test_normal_scores_are_those_of_the_quantiles():
    features = len(NAMES)
    normal = Normal()
    normal.learn(torch.arange(1001.0)[:, None].expand(-1, features))
    found = normal(torch.tensor([500.0, 841.3, torch.nan, 5000.0]).repeat(features, 1).T)
    assert found[0, 0] == pytest.approx(0, abs=1e-4)
    assert found[1, 0] == pytest.approx(1, abs=0.02)
    assert found[2, 0] == 0
    assert found[2, features:].all()
    assert not found[0, features:].any()
    assert found[3, 0] == normal.scores[-1]


def test_the_network_of_the_source_has_its_sizes():
    found = Published()
    assert (found.memory.hidden_size, found.memory.num_layers, found.memory.input_size) == (128, 2, 6)
    sizes = [layer.out_features for layer in (*found.clinical, *found.fusion) if isinstance(layer, torch.nn.Linear)]
    assert sizes == [64, 32, 32, 16, 1]
    said, absent = note(1)
    alone, both = found.eval()(found.inputs(grids(1)), said, absent, torch.tensor([40]))
    assert torch.equal(alone[:, :40], both[:, :40])
    assert not torch.equal(alone[:, 40:], both[:, 40:])
