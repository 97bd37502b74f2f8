"""What the reader must know of the risk: what it is a risk of, of whose stays it was learned, how much was observed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from core.assessment import Notice
from core.deterioration import moments, risk
from core.deterioration.names import MEASURED
from core.deterioration.study import HOURS, DeteriorationStudy
from core.deterioration.wards import WARDS
from core.weights import Config, WeightsError, read_metrics

WEAK = 0.7  # AUROC below which the room says "weak"; our choice
ELSEWHERE = ("emergency", "ward")  # kinds of ward that no stay of the training data was on
LEARNED = ("It is the risk of death in this hospital stay, not of deterioration in the next hours; learned from adults in "
           "intensive care in 2001 to 2008 (PhysioNet 2012, set A).")


def cautions(study: DeteriorationStudy, config: Config, weights: str, found: risk.Running, row: int) -> Iterator[Notice]:
    """Everything beside what ``read`` noticed.

    Args:
        weights: where they were loaded from, for what was measured of them. row: of the grid, at which the stay is judged.
    """
    if not found.enough[row]:
        yield Notice("caution", "Too little observed: the risk is little more than that of any such patient.", MEASURED)
    yield Notice("info", LEARNED, MEASURED)
    if study.unit_type in ELSEWHERE:
        yield Notice("caution", f"No stay that it learned from was in such a place ({WARDS[study.unit_type].lower()}): the risk "
                     "may be far too high.", "unit_type")
    if study.note and not moments.counts(study):
        late = study.note_hour - study.start - HOURS
        yield Notice("caution", f"The note was written {late:.4g} h after the last hour that is judged: it does not count.",
                     "note")
    elif found.without_note is not None:
        yield Notice("info", f"With the note the risk is {100 * found.risk[row]:.1f} %, without it "
                     f"{100 * found.without_note[row]:.1f} %. It learned from sentences written from the record; what a nurse's "
                     "own note adds was not measured with these weights.", "note")
    measured = discrimination(weights, config.sha256, "vital signs" if found.without_note is None else "vital signs and note")
    if measured is not None:
        yield _ranked(*measured)


def _ranked(value: float, interval: tuple[float, float] | None, n: int) -> Notice:
    between = f", 95 % interval {interval[0]:.3f} to {interval[1]:.3f}" if interval else ""
    said = (f"Of one patient who dies and one who survives it gives the first the higher risk in {100 * value:.0f} of 100 pairs "
            f"(AUROC {value:.3f}{between}, {n:,} stays); 50 were chance.")
    weak = value < WEAK or interval is not None and interval[0] <= 0.5
    return Notice("caution", f"{said} That is weak.") if weak else Notice("info", said)


@lru_cache(maxsize=16)
def discrimination(weights: str, sha256: str, known: str) -> tuple[float, tuple[float, float] | None, int] | None:
    """The AUROC after 48 h as metrics.json has it, with interval and stays; None where it does not.

    Args:
        sha256: of the weights, so that other weights at the same place are looked up anew. known: what the model was given.
    """
    try:
        figures = read_metrics(weights).get("figures", [])
    except WeightsError:  # gone since they were loaded
        return None
    for one in figures:
        if one["name"] == f"AUROC, {known}":
            return one["value"], tuple(one["interval"]) if one.get("interval") else None, one["n"]
    return None
