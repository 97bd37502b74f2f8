"""Many studies one after the other: each with its assessment or its error, read and assessed as they come."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from core.assessment import Assessment
from core.contract import Input, Modality
from core.uploads import InputError
from core.weights import WeightsError

log = logging.getLogger(__name__)
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


def attempted(verb: Callable[..., Any], *args: Any, **fields: Any) -> Any:
    """What a verb makes of one study, or the error: a fault of the program ends that study and none after it.

    Raises:
        WeightsError: without its model no study can be assessed.
    """
    try:
        return verb(*args, **fields)
    except InputError as error:
        return error
    except WeightsError:
        raise
    except Exception as error:
        log.exception("A study was left out")
        return InputError("study", f"{type(error).__name__}: {error}.", "The program is at fault: report it.")


def _read(one: Input, read: Callable[..., object]) -> object:
    """The study, or the error that says why there is none."""
    return one.error if one.error is not None else attempted(read, one.files, **one.fields)


def _one_by_one(assess: Callable[..., Assessment], weights: str, studies: Sequence[object]) -> list[Assessment]:
    return [assess(study, weights) for study in studies]


def _answers(studies: Sequence[object], assess: Callable[..., list[Assessment]]) -> list[Assessment | InputError]:
    """One answer a study: an error of one is not one of the others."""
    if len(studies) < 2:
        found = attempted(assess, studies) if studies else []
        return [found] if isinstance(found, InputError) else found
    try:
        return assess(studies)
    except WeightsError:
        raise
    except Exception:  # whose fault it was is seen when each is alone
        return [answer for one in studies for answer in _answers([one], assess)]
