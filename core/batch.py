"""Many studies one after the other: each with its assessment or its error, read and assessed as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from core.assessment import Assessment
from core.contract import Input, Modality
from core.uploads import InputError

AT_ONCE = 256  # studies that a room may assess together


def studies_of(modality: Modality, paths: Iterable[Path]) -> Iterator[Input]:
    """The studies of files, folders and tables, one path after the other; none is listed before it is asked for."""
    return (study for path in paths for study in modality.verb("studies")(path))


def assessed(
    inputs: Iterator[Input], modality: Modality, weights: str | None
) -> Iterator[tuple[Input, object | None, Assessment | InputError]]:
    """Each input with its study and its assessment or error; many at once where the room is faster so."""
    read, weights = modality.verb("read"), weights or next(iter(modality.weights))
    if modality.offers("assess_many"):
        at_once, assess = AT_ONCE, partial(modality.verb("assess_many"), weights=weights)
    else:
        at_once, assess = 1, partial(_one_by_one, modality.verb("assess"), weights)
    while some := list(islice(inputs, at_once)):
        found = [_read(one, read) for one in some]
        good = [study for study in found if not isinstance(study, InputError)]
        answers = iter(_answers(good, assess))
        for one, study in zip(some, found, strict=True):
            if isinstance(study, InputError):
                yield one, None, study
                continue
            answer = next(answers)
            if one.notices and isinstance(answer, Assessment) and not answer.refused:
                answer = replace(answer, notices=(*answer.notices, *one.notices))
            yield one, study, answer


def _read(one: Input, read: Callable[..., object]) -> object:
    """The study, or the error that says why there is none."""
    try:
        if one.error is not None:
            raise one.error
        return read(one.files, **one.fields)
    except InputError as error:
        return error


def _one_by_one(assess: Callable[..., Assessment], weights: str, studies: Sequence[object]) -> list[Assessment]:
    return [assess(study, weights) for study in studies]


def _answers(studies: Sequence[object], assess: Callable[..., list[Assessment]]) -> list[Assessment | InputError]:
    """One answer a study: an error of one is not one of the others."""
    try:
        return assess(studies) if studies else []
    except InputError as error:
        return [error] if len(studies) == 1 else [answer for one in studies for answer in _answers([one], assess)]
