"""What the shipped weights say of the shipped examples, kept beside them as golden.json.

    python -m tests.cxr.golden        after weights were replaced on purpose
"""

from __future__ import annotations

import json

from core.assessment import Assessment
from core.cxr.assess import assess
from core.cxr.examples import PHANTOM, examples
from core.cxr.read import read
from core.settings import settings

GOLDEN = settings.weights / "cxr" / "golden.json"
FIELDS = {"age": 60, "sex": "male", "view": "PA"}


def predictions() -> dict[str, dict[str, float]]:
    """Probability by "group:code", of every example but the one that is refused."""
    return {example.name: by_target(assess(read(example.files, **FIELDS)))
            for example in examples() if example.name != PHANTOM}


def by_target(assessment: Assessment) -> dict[str, float]:
    return {f.target: round(f.probability, 5) for f in assessment.findings if f.probability is not None}


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({"fields": FIELDS, "examples": predictions()}, indent=1) + "\n")
    print(GOLDEN)
