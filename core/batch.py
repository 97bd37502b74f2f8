"""Many studies one after the other: each with its assessment or its error, read and assessed as they come."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from core.assessment import Assessment
from core.contract import Input, Modality
from core.fields import fields_of
from core.uploads import InputError
from core.weights import WeightsError

log = logging.getLogger(__name__)
AT_ONCE = 256  # studies that a room may assess together


def studies_of(modality: Modality, paths: Iterable[Path]) -> Iterator[Input]:
    """The studies of files, folders and tables, one path after the other; none is listed before it is asked for."""
    return (study for path in paths for study in modality.verb("studies")(path))


def told(path: Path) -> list[dict[str, Any]]:
    """The lines of a prediction that was broken off; one that was torn in the writing is cut from the file.

    Raises:
        InputError: the file holds something else.
    """
    if not path.is_file():
        return []
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    try:
        lines = [json.loads(line) for line in whole.splitlines()]
        _ = [line["study"] for line in lines]
    except (ValueError, TypeError, KeyError) as error:
        raise InputError("out", f"{path} is no prediction that could go on.",
                         "Name another file, or leave --resume out.") from error
    if len(whole) < len(data):
        with path.open("rb+") as file:
            file.truncate(len(whole))
    return lines


def passed(studies: Iterator[Input], names: Iterable[str]) -> None:
    """Go past the studies of these names.

    Raises:
        InputError: others come.
    """
    for name in names:
        one = next(studies, None)
        if one is None or one.name != name:
            raise InputError("out", f"The studies are not those that were begun: {name!r} does not come where it came.",
                             "Give the same paths, or leave --resume out.")


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
    """The study, or the error that says why there is none; what ``read`` asks for, a manifest can say."""
    if one.error is not None:
        return one.error
    found = attempted(read, one.files, **one.fields)
    if isinstance(found, InputError) and one.files and found.field in fields_of(read) and found.field not in one.fields:
        return InputError(found.field, found.message, f"{found.remedy} In a manifest: the column {found.field}.".strip())
    return found


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
