"""What the shipped weights say of the examples, kept in ``weights/<name>/golden.json``.

``python -m tests.heart_failure.golden`` writes them anew: only where other weights or examples ship.
"""

from __future__ import annotations

import json
from typing import Any

from core.assessment import Assessment
from core.heart_failure import ROOM
from core.settings import settings

CODES = ("death_1y", "death_3y", "log_hazard")


def golden(assessment: Assessment) -> dict[str, Any]:
    """Values with their intervals."""
    measured = [assessment.measured(code) for code in CODES]
    return {one.code: [round(number, 3) for number in (one.value, *one.interval)] for one in measured}


def kept(weights: str) -> dict[str, dict[str, Any]]:
    """Golden predictions by name of the example."""
    return json.loads((settings.weights / weights / "golden.json").read_text())


def assessed(weights: str) -> dict[str, dict[str, Any]]:
    return {one.name: golden(ROOM.verb("assess")(ROOM.verb("read")(one.files, **one.fields), weights))
            for one in ROOM.verb("examples")()}


def main() -> None:
    for weights in ROOM.weights:
        (settings.weights / weights / "golden.json").write_text(json.dumps(assessed(weights), indent=1) + "\n")


if __name__ == "__main__":
    main()
