"""The flags of drug classes that models take, and the pillars of treatment. Names of drugs are the house's, ``core.drugs``."""

from __future__ import annotations

from types import MappingProxyType

FLAGS: tuple[str, ...] = (  # the order of the models' columns: never reorder
    "acei", "arb", "beta_blocker", "mra", "loop", "thiazide", "digoxin", "antiarrhythmic", "antithrombotic", "statin", "nitrate",
    "hydralazine", "calcium_blocker", "antidiabetic")

# Classes that count as a flag of another name. A SGLT2 inhibitor is no antidiabetic here: the cohorts are older than it.
FLAG_OF = MappingProxyType({**{flag: flag for flag in FLAGS}, "arni": "arb", "anticoagulant": "antithrombotic",
                            "antiplatelet": "antithrombotic", "insulin": "antidiabetic", "oral_antidiabetic": "antidiabetic",
                            "glp1": "antidiabetic"})

PILLARS: dict[str, tuple[str, frozenset[str]]] = {  # 2021 ESC guideline, Eur Heart J 42:3599: wording, classes
    "ras": ("RAS inhibitor or ARNI", frozenset({"acei", "arb", "arni", "ras_inhibitor"})),
    "beta_blocker": ("beta-blocker", frozenset({"beta_blocker"})),
    "mra": ("MRA", frozenset({"mra"})),
    "sglt2": ("SGLT2 inhibitor", frozenset({"sglt2"})),
}
