"""Any table, by a JSON file that says which of its columns is what. It lies beside ``NAME.csv`` as ``NAME.mapping.json``.

::

    {"EF": {"field": "lvef"}, "Krea": {"field": "creatinine", "unit": "µmol/l"}, "Alter": "age",
     "Geschlecht": {"field": "sex", "values": {"w": "female", "m": "male"}},
     "id": "Fall", "setting": "outpatient", "drugs": {"loop": "Furosemid", "acei": ["Ramipril", "Enalapril"]},
     "time": {"column": "Tage", "unit": "days"}, "event": {"column": "Tod", "values": {"ja": 1, "nein": 0}}}

Units are those of the form beside its own. Drugs are flags of ``formats.layout.DRUGS``, columns of 0 and 1; what is not
named there counts as not taken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.heart_failure.formats.asked import ASKED
from core.heart_failure.formats.layout import DRUGS, Layout, Source
from core.heart_failure.formats.music import DAYS
from core.heart_failure.formats.plain import TRUTH, outcome, source
from core.heart_failure.variables import UNITS
from core.tables.rows import column
from core.uploads import MEGABYTE, InputError

RESERVED = ("id", "setting", "drugs", "time", "event")
PERIODS = {"years": 1.0, "months": 1 / 12, "days": 1 / DAYS}
_REMEDY = 'A mapping is JSON such as {"EF": {"field": "lvef"}, "time": {"column": "days", "unit": "days"}, "event": "died"}.'


def opened(data: bytes) -> Mapping[str, Any]:
    """A mapping from the bytes of its file.

    Raises:
        InputError: no JSON object.
    """
    try:
        found = json.loads(data[:MEGABYTE].decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError("mapping", "The mapping is no JSON file.", _REMEDY) from error
    if not isinstance(found, dict):
        raise InputError("mapping", "The mapping is no JSON object.", _REMEDY)
    return found


def beside(path: Path) -> Path | None:
    """The mapping that lies beside a table."""
    found = path.with_name(f"{path.name.split('.')[0]}.mapping.json")
    return found if found.is_file() else None


def layout(mapping: Mapping[str, Any], header: tuple[str, ...]) -> Layout:
    """The layout that a mapping declares for a table.

    Raises:
        InputError: a field, unit, choice or drug that does not exist, a column that the table lacks, a field that two columns
            claim.
    """
    sources = tuple(_source(_there(name, header), told) for name, told in mapping.items() if name not in RESERVED)
    fields = [one.field for one in sources]
    if not sources:
        raise InputError("mapping", "The mapping names no field.", _REMEDY)
    if doubled := next((name for name in fields if fields.count(name) > 1), None):
        raise InputError(doubled, f"Two columns of the mapping are {doubled}.", "Leave one of them.")
    setting = mapping.get("setting")
    if setting is not None:
        setting = ASKED["setting"].value(setting)
    drugs = {_drug(flag): tuple(_there(one, header) for one in ([names] if isinstance(names, str) else names))
             for flag, names in _object(mapping.get("drugs", {}), "drugs").items()}
    time, period = _time(mapping.get("time"), header)
    event, spelt = _event(mapping.get("event"), header)
    ident = mapping.get("id")
    return Layout("mapped", "a mapping of its own", (), sources, None if ident is None else _there(ident, header), setting,
                  drugs, {event: spelt}, ((time, event), outcome(period)))


def _source(name: str, told: Any) -> Source:
    told = {"field": told} if isinstance(told, str) else _object(told, name)
    field, unit, values = told.get("field"), told.get("unit"), told.get("values")
    if field not in ASKED:
        raise InputError("mapping", f"The mapping of “{name}” names no field: {field!r}.",
                         f"Fields are {', '.join(ASKED)}.")
    asked = ASKED[field]
    factors = {asked.field.unit or "1": 1.0, **dict(UNITS.get(field, ()))}
    if unit is not None and unit not in factors:
        raise InputError("mapping", f"The mapping of “{name}” has a unit that {field} does not have: {unit!r}.",
                         f"Units are {'; '.join(factors)}.")
    book = None if values is None else {str(cell): asked.value(value) for cell, value in _object(values, name).items()}
    return source(field, name, 1.0 if unit is None else factors[unit], book)


def _time(told: Any, header: tuple[str, ...]) -> tuple[str, float]:
    if told is None:
        return "", 1.0
    told = {"column": told} if isinstance(told, str) else _object(told, "time")
    unit = told.get("unit", "years")
    if unit not in PERIODS:
        raise InputError("mapping", f"The time of the mapping has a unit that is not known: {unit!r}.",
                         f"Units are {', '.join(PERIODS)}.")
    return _there(told.get("column"), header), PERIODS[unit]


def _event(told: Any, header: tuple[str, ...]) -> tuple[str, Mapping[str, tuple[float, str]]]:
    if told is None:
        return "", {}
    told = {"column": told} if isinstance(told, str) else _object(told, "event")
    values = {str(cell).lower(): value for cell, value in _object(told.get("values", {}), "event").items()}
    if any(value not in (0, 1) for value in values.values()):
        raise InputError("mapping", "The event of the mapping is 0 or 1.", _REMEDY)
    return _there(told.get("column"), header), TRUTH | {cell: (float(value), "") for cell, value in values.items()}


def _drug(flag: str) -> str:
    if flag not in DRUGS:
        raise InputError("mapping", f"The mapping has a drug that is not known: {flag!r}.", f"Drugs are {', '.join(DRUGS)}.")
    return flag


def _object(told: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(told, dict):
        raise InputError("mapping", f"What the mapping says of “{name}” is no JSON object.", _REMEDY)
    return told


def _there(name: Any, header: tuple[str, ...]) -> str:
    if not isinstance(name, str) or column(header, name) is None:
        raise InputError("mapping", f"The mapping names a column that the table does not have: {name!r}.",
                         "Check the mapping; names are those of the table's first row.")
    return name
