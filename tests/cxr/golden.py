"""What the shipped weights say of the shipped examples, kept in ``weights/cxr/golden.json``.

``python -m tests.cxr.golden`` writes it anew: only where other weights or examples ship.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from core.assessment import Assessment
from core.cxr import ROOM
from core.cxr.examples import PHANTOM, examples
from core.settings import settings

GOLDEN = settings.weights / "cxr" / "golden.json"
PATIENT = {"age": 60, "sex": "male", "view": "PA"}


def golden(assessment: Assessment) -> dict[str, float]:
    """Probability by "group:code", whoever speaks."""
    return {f.target: round(f.probability, 5) for f in assessment.findings if f.probability is not None}


def assessed() -> Iterator[tuple[str, Assessment]]:
    """Every example that is not refused, as it ships and of a man of 60."""
    for one in examples():
        if one.name != PHANTOM:
            for name, fields in ((one.name, one.fields), (f"{one.name}, man of 60, PA", PATIENT)):
                yield name, ROOM.verb("assess")(ROOM.verb("read")(one.files, **fields))


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({name: golden(assessment) for name, assessment in assessed()}, indent=1) + "\n")
    print(GOLDEN)
