"""The fields of ``read`` as a table needs them: kind, choices and bounds. Tables are read by ``read``, and so cannot ask it."""

from __future__ import annotations

import typing

from core.fields import Asked, Field
from core.heart_failure.variables import FIELDS, NYHA
from core.patient import Age, Sex

_WHOLE = {"scar_segments"}


def _asked(name: str, field: Field) -> Asked:
    choices = NYHA if name == "nyha" else tuple(field.wording or ())
    kind = str if choices or field.multiline else bool if field.low is None else int if name in _WHOLE else float
    return Asked(name, field, kind, choices)


ASKED: dict[str, Asked] = {
    "age": Asked("age", typing.get_args(Age)[1], float), "sex": Asked("sex", typing.get_args(Sex)[1], str, ("female", "male")),
    **{name: _asked(name, field) for name, field in FIELDS.items()},
}
