import csv
import io
from typing import Annotated

from core.assessment import Notice
from core.fields import Field, checked
from core.patient import Age
from core.sixth.study import PulseStudy
from core.uploads import InputError, collect


@checked
def read(files=(), *, rate: Annotated[float | None, Field("Pulse", "/min", low=0, high=300)] = None, age: Age = None):
    source = {"format": "form"}
    if files:
        rows = list(csv.DictReader(io.StringIO(collect(files)[0].data.decode("utf-8", "replace"))))
        if not rows or "pulse" not in rows[0]:
            raise InputError("files", "The table has no column pulse.", "Give a CSV with a column pulse.")
        try:
            rate, source = float(rows[0]["pulse"]) if rate is None else rate, {"format": "CSV"}
        except (TypeError, ValueError) as error:
            raise InputError("files", "The pulse is no number.", "Give it per minute.") from error
    if rate is None:
        raise InputError("rate", "No pulse was given.", "Fill it in, or upload a CSV with a column pulse.")
    notices = (Notice("refuse", "A heart that stands still is not read.", "rate"),) if rate == 0 else ()
    return PulseStudy(rate, age, source, notices)
