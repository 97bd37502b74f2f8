"""What a model reaches, out of its figures and into its config: the banner, and which labels may give a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.cxr.labels import LABELS
from core.metrics import Figure

MACRO, CHILD = "Macro AUC, 14 findings, film and note", "AUC, pneumonia of children"


def reached(figures: Sequence[Figure], learned: int) -> dict[str, Any]:
    """The entries "reached", "auc" and "usable" of config.json.

    Args:
        figures: of metrics.json. learned: films of adults that were learned from.
    """
    by_name = {figure["name"]: figure for figure in figures}
    own = [by_name.get(CHILD if group == "child" else f"AUC, {code}") for group, code in LABELS]
    macro = by_name.get(MACRO)
    return {
        "reached": macro and {"auc": macro["value"], "interval": macro["interval"], "judged": macro["n"], "split": macro["split"],
                              "learned": learned},
        "auc": [figure and figure["value"] for figure in own],
        "usable": [figure is None or figure["interval"] is None or figure["interval"][0] > 0.5 for figure in own],
    }
