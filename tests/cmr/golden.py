"""What the shipped weights say of the examples, kept in ``weights/<name>/golden.json``.

``python -m tests.cmr.golden`` writes them anew: only where other weights or examples ship.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import torch

from core.assessment import Assessment
from core.cmr import ROOM
from core.settings import settings


def arithmetic() -> str:
    """Other libraries and processors round a little otherwise, and a pixel at the border falls to the other side."""
    return f"torch {torch.__version__.partition('+')[0]}, {torch.backends.cpu.get_cpu_capability()}"


def golden(assessment: Assessment) -> dict[str, Any]:
    if assessment.refused:
        return {"refused": True}
    labels = assessment.overlays["labels"]
    value = {m.code: round(m.value, 4) for m in assessment.measurements if m.value is not None}
    return {
        "arithmetic": arithmetic(), "mask_sha256": hashlib.sha256(np.ascontiguousarray(labels, np.uint8).tobytes()).hexdigest(),
        "pixels": np.bincount(labels.ravel(), minlength=5)[1:].tolist(),  # of labels 1 to 4
        **{code: value[code] for code in ("scar_share", "no_reflow_share", "infarct_present")},
        "member_scar_share": [share for code, share in value.items() if code.startswith("member_")],
    }


def kept(weights: str) -> dict[str, dict[str, Any]]:
    """Golden predictions by name of the example."""
    return json.loads((settings.weights / weights / "golden.json").read_text())


def main() -> None:
    for weights in ROOM.weights:
        made = {one.name: golden(ROOM.verb("assess")(ROOM.verb("read")(one.files, **one.fields), weights))
                for one in ROOM.verb("examples")()}
        (settings.weights / weights / "golden.json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
