"""Half precision only where a device knows it."""

from __future__ import annotations

import pytest
import torch

from core.training.precision import half, knows_bf16

CPU = torch.device("cpu")


@pytest.mark.parametrize(("known", "expected"), [
    ({"avx512_bf16": False, "amx_bf16": False}, False), ({}, False), ({"avx512_bf16": True}, True), ({"amx_bf16": True}, True),
])
def test_half_precision_is_for_processors_that_know_it(known, expected, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known)
    assert knows_bf16(CPU) is expected
    assert knows_bf16(torch.device("cuda"))
    with half(CPU):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == (torch.bfloat16 if expected else torch.float32)
    with half(CPU, wanted=False):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
