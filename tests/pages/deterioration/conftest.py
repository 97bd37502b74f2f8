"""The room's page with the model that one can compute by hand."""

from __future__ import annotations

import pytest

from core.contract import Modality
from pages import form
from tests.deterioration.standin import WEIGHTS, standin

__all__ = ["standin"]  # a fixture that every test uses


@pytest.fixture(autouse=True)
def spoken_with(monkeypatch: pytest.MonkeyPatch) -> None:
    def model(room: Modality) -> str:
        return WEIGHTS

    monkeypatch.setattr(form, "model", model)
