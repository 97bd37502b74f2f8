"""Files of notes, row by row: CSV or TSV (also .gz, .xz), JSON lines, Parquet."""

from __future__ import annotations

import csv
import gzip
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from core.tables.rows import separator_of
from core.uploads import InputError

TEXTS = ("note", "notes", "note_text", "text", "full_note", "section_text", "clinical_note", "nurse_note", "chief_complain",
         "chief_complaint", "description", "drugname", "pasthistoryvalue", "admitdxname", "drug")
IDS = ("stay", "stay_id", "patientunitstayid", "icustay_id", "hadm_id", "recordid", "record_id", "encounter_id", "note_id", "id",
       "idx", "subject_id")
LONGEST = 100_000  # characters of one note; what is beyond is no note
_OPEN = {".gz": gzip.open, ".xz": lzma.open}
_REMEDY = "Give a CSV, JSON lines or Parquet file with a column named note or text, and one named id or stay."


def notes(path: Path) -> Iterator[tuple[str, str]]:
    """(id, text) of each note in the order of the file; rows of one id that follow each other are one note.

    Rows without text are left out; where no column names the stay, the id is the number of the row from 1.

    Raises:
        InputError: no such file, no column of text, a note that is too long.
    """
    last, parts = None, []
    for name, text in _rows(path):
        if last is not None and name != last:
            yield last, _joined(last, parts)
            parts = []
        last = name
        parts.append(text)
    if last is not None:
        yield last, _joined(last, parts)


def _joined(name: str, parts: list[str]) -> str:
    text = "\n".join(dict.fromkeys(parts))
    if len(text) > LONGEST:
        raise InputError("notes", f"The note {name[:40]} has {len(text):,} characters; at most {LONGEST:,} are read.",
                         "Check the columns, and shorten it.")
    return text


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    if not path.is_file():
        raise InputError("notes", f"{path.name} is not a file.", _REMEDY)
    columns = None
    try:
        for number, row in enumerate(_dictionaries(path), 1):
            if columns is None:
                columns = {str(name).strip().lower(): name for name in row}
                text = next((columns[name] for name in TEXTS if name in columns), None)
                name = next((columns[name] for name in IDS if name in columns), None)
                if text is None:
                    raise InputError("notes", f"None of the columns holds notes ({', '.join(list(columns)[:8])}).", _REMEDY)
            said = str(row.get(text) or "").strip()
            if said:
                yield (str(row.get(name) or number).strip() if name is not None else str(number)), said
    except (OSError, EOFError, lzma.LZMAError, csv.Error, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("notes", f"{path.name} is damaged or not what its name says.", _REMEDY) from error


def _dictionaries(path: Path) -> Iterator[dict]:
    ends = path.suffixes[-1].lower() if path.suffixes else ""
    if ends == ".parquet":
        import pyarrow.parquet as parquet  # only for such files

        for batch in parquet.ParquetFile(path).iter_batches(batch_size=256):
            yield from batch.to_pylist()
        return
    with _OPEN.get(ends, open)(path, "rt", newline="", encoding="utf-8-sig", errors="replace") as file:
        if path.name.lower().removesuffix(ends).endswith(".jsonl") or ends == ".jsonl":
            yield from (row for line in file if line.strip() and isinstance(row := json.loads(line), dict))
        else:
            yield from _table(file)


def _table(file: TextIO) -> Iterator[dict]:
    heading = file.readline()
    separator = separator_of(heading) or ","
    names = next(csv.reader([heading], delimiter=separator), [])
    yield from csv.DictReader(file, names, delimiter=separator)
