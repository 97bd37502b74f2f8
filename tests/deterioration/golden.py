"""What the shipped weights say of the four made-up stays, kept in ``weights/deterioration/golden.json``.

``python -m tests.deterioration.golden`` writes it anew: only where other weights or examples ship.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from core.assessment import Assessment
from core.deterioration import ROOM
from core.deterioration.examples import examples
from core.deterioration.names import HIGHEST, LOWEST, RISK, WITHOUT, curve
from core.settings import settings

GOLDEN = settings.weights / "deterioration" / "golden.json"
HOURS = (0, 6, 12, 24, 36, 48)


def golden(assessment: Assessment) -> dict[str, list[float]]:
    """Every curve at a few hours."""
    return {name: [curve(assessment, name).y[hour] for hour in HOURS] for name in (RISK, WITHOUT, LOWEST, HIGHEST)}


def assessed() -> Iterator[tuple[str, Assessment]]:
    for one in examples():
        yield one.name, ROOM.verb("assess")(ROOM.verb("read")(one.files, **one.fields))


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({name: golden(assessment) for name, assessment in assessed()}, indent=1) + "\n")
    print(GOLDEN)
