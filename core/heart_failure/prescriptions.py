"""Prescriptions as doctors write them: which drug, which dose, and whether it is taken.

One recogniser for the chips of the page, the scores and the models. A list is taken to be complete: what it does not name is not
taken. A text without a drug says nothing, unless it says that there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from core.drugs import is_class
from core.heart_failure.dosing import Dosing, dosing
from core.heart_failure.drug_headings import no_drugs
from core.heart_failure.drug_scope import Stated, statements
from core.heart_failure.drug_search import Name, names
from core.heart_failure.drug_status import CURRENT, INTOLERANT, NEVER, NOTHING, PLANNED, STOPPED
from core.heart_failure.drugs import FLAG_OF, FLAGS, PILLARS

LONGEST = 20_000  # characters that are read; a form takes 6,000


@dataclass(frozen=True)
class Mention:
    """A drug, or a class of drugs, in a text.

    Attributes:
        drug: its international name, or the wording of the class. drug_class: of ``CLASSES``.
        start, end: ``text[start:end]`` is the name as written; the drugs of a combination have the same span.
        dose: of one intake, None where not written; both parts together of sacubitril/valsartan.
        unit: "mg", "µg", "g", "IU", "mmol"; None where not written.
        times_per_day: with the tablets of a scheme counted ("2-0-1": 3), so that dose and times make the dose of a day.
        status: "current", "stopped", "intolerant", "never", "planned".
        written: dose and frequency as in the text. history: the statement is about the past and overrules nothing.
    """

    drug: str
    drug_class: str
    start: int
    end: int
    dose: float | None
    unit: str | None
    times_per_day: float | None
    status: str
    written: str = ""
    history: bool = False

    @property
    def of_class(self) -> bool:
        return is_class(self.drug, self.drug_class)


@lru_cache(maxsize=256)
def recognise(text: str) -> tuple[Mention, ...]:
    """Every mention, in the order of the text; of the first ``LONGEST`` characters."""
    text = text[:LONGEST]
    found = names(text)
    doses = _doses(text, found)
    mentions = []
    for name, dose, stated in zip(found, doses, statements(text, found, doses), strict=True):
        if stated.status != NOTHING:
            mentions += _mentions(text, name, dose, stated)
    return tuple(mentions)


def _doses(text: str, found: list[Name]) -> list[Dosing]:
    doses, since = [], 0
    for k, name in enumerate(found):
        until = found[k + 1].start if k + 1 < len(found) else len(text)
        dose = dosing(text, name.start, name.end, since, until)
        if doses and len(dose.amounts) == 2 and len(name.drugs) == 1 and name.drugs[0][1] != "arni" and not doses[-1].amounts \
                and len(text[doses[-1].end:name.start].strip()) == 1:  # lisinopril/HCTZ 20/12.5 mg
            doses[-1] = replace(doses[-1], amounts=dose.amounts[:1], unit=dose.unit, times=dose.times)
            dose = replace(dose, amounts=dose.amounts[1:])
        doses.append(dose)
        since = dose.end
    return doses


def _mentions(text: str, name: Name, dose: Dosing, stated: Stated):
    written = text[dose.start:dose.end if dose.end > name.end and dose.start > name.end else name.start]
    for k, (drug, code) in enumerate(name.drugs):
        amount = dose.amounts[k] if k < len(dose.amounts) else None
        if code == "arni" and len(dose.amounts) == 2:
            amount = sum(dose.amounts)
        yield Mention(drug, code, name.start, name.end, amount, dose.unit if amount is not None else None, dose.times,
                      stated.status, written.strip(" \t,:(-"), stated.history)


def standing(text: str) -> dict[tuple[str, str], str]:
    """(drug, class) -> status after all that is said of it: the later statement counts, unless it is about the past or a plan."""
    found: dict[tuple[str, str], str] = {}
    for one in recognise(text):
        key = (one.drug, one.drug_class)
        before = found.get(key)
        if before is None or before == PLANNED or not (one.history or one.status == PLANNED):
            found[key] = one.status
        if one.of_class and one.status == STOPPED and not one.history:  # "ACE inhibitor stopped" after "ramipril 5 mg"
            found.update({other: STOPPED for other, status in found.items() if other[1] == one.drug_class and status == CURRENT})
    return found


def classes(text: str) -> frozenset[str] | None:
    """Classes that are taken; None where the text says nothing of drugs."""
    found = standing(text)
    if not found:
        return frozenset() if no_drugs(text) else None
    return frozenset(code for (_, code), status in found.items() if status == CURRENT)


def flags(text: str) -> np.ndarray:
    """float32 ``[14]`` in the order of ``FLAGS``: 1 taken, 0 not; all NaN where the text says nothing of drugs."""
    taken = classes(text)
    if taken is None:
        return np.full(len(FLAGS), np.nan, np.float32)
    as_flags = {FLAG_OF.get(code) for code in taken}
    return np.array([flag in as_flags for flag in FLAGS], np.float32)


def pillars(text: str) -> dict[str, str | None]:
    """Of each of ``PILLARS``: "current", "intolerant", "stopped", "planned", "never" (named as not taken), or None: not named."""
    found = standing(text)
    order = (CURRENT, INTOLERANT, STOPPED, PLANNED, NEVER)
    return {pillar: next((status for status in order
                          if any(code in codes and stated == status for (_, code), stated in found.items())), None)
            for pillar, (_, codes) in PILLARS.items()}
