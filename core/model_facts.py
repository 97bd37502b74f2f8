"""The model facts label: the fields of the applied model card of the Coalition for Health AI (CHAI), v0.2.

What a model is for is said by its room (``core.contract``, verb ``intended``); everything else is read from config.json,
metrics.json and trust.json. What nobody measured is said to be not measured.
"""

from __future__ import annotations

from typing import Any

from core import trust
from core.modality import MODALITIES
from core.weights import Config

NOT_SAID = "Not stated."
USEFULNESS, SAFETY = 3, 4  # figures that are shown of each, at most


def label(config: Config, metrics: dict[str, Any], trusted: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Title and lines of each field, in the card's order.

    Args:
        metrics: metrics.json, or empty. trusted: trust.json of these weights, or empty.
    """
    said = _intended(config)
    field = lambda name: [said.get(name, NOT_SAID)]  # noqa: E731
    return [
        ("Intended use", field("use")),
        ("Users", field("users")),
        ("Out of scope", field("out_of_scope")),
        ("Risks", [f"{said.get('risks', NOT_SAID)} The model card lists its limits."]),
        ("Outputs", field("outputs")),
        ("Training data", [config.training_data]),
        ("Funding", ["None recorded."]),
        ("Bias", field("bias")),
        ("Maintenance", [f"Version {config.version}, code {config.revision or 'not recorded'}, SHA-256 {config.sha256[:12]}. New "
                         "weights are measured anew; nothing is learned while in use."]),
        ("Usefulness", [_figure(one) for one in _useful(metrics)] or ["Not measured."]),
        ("Fairness", trust.fairness(trusted) or [
            "Not measured by sex, age, view or device: what a subgroup can expect is unknown."]),
        ("Safety", _safety(metrics, trusted) or ["Not measured."]),
    ]


def markdown(fields: list[tuple[str, list[str]]]) -> list[str]:
    """Lines of the card's section."""
    rows = ["## Model facts", "", "Fields of the CHAI applied model card, v0.2.", ""]
    for title, lines in fields:
        rows += [f"- **{title}**: {lines[0]}"] if len(lines) == 1 else [f"- **{title}**", *(f"  - {line}" for line in lines)]
    return [*rows, ""]


def _intended(config: Config) -> dict[str, str]:
    """What the room of the model's network says of it."""
    name = config.architecture.target.split(".")[1]
    room = next((one for one in MODALITIES if one.name == name and one.built), None)
    return room.verb("intended")(config.name) if room is not None and room.offers("intended") else {}


def _refusals(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in metrics.get("figures", []) if "refused" in one["name"]]


def _useful(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    """The first figures that have an interval."""
    return [one for one in metrics.get("figures", []) if one.get("interval")][:USEFULNESS]


def _safety(metrics: dict[str, Any], trusted: dict[str, Any]) -> list[str]:
    rows = [f"{title}: {sentence}." for title, sentence in trust.told(trusted)] if trusted else []
    if calibration := metrics.get("calibration"):
        rows.append(f"Expected calibration error {calibration['ece']:.3f}, {calibration['split']}.")
    return rows + [_figure(one) for one in _refusals(metrics)[:SAFETY]]


def _figure(one: dict[str, Any]) -> str:
    unit = f" {one['unit']}" if one.get("unit") else ""
    interval = f" (95 % interval {one['interval'][0]:.3g} to {one['interval'][1]:.3g})" if one.get("interval") else ""
    return f"{one['name']}: {one['value']:.3g}{unit}{interval}, n = {one['n']:,}, {one['split']}."
