"""A stay typed or pasted into an editable table, begun from nothing or from what was read. Not a page."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.contract import Input, Modality
from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import CODES, VITALS
from core.uploads import Upload
from pages import form, state
from pages.state import widget

EMPTY_ROWS = 12
OXYGEN, AWAKE = ("no", "yes"), ("A", "C", "V", "P", "U")
HEADINGS = ("hours", *CODES, "oxygen", "consciousness")  # as ``read`` understands them
SHORT = ("Hour", "Heart rate", "Resp. rate", "Temp.", "Systolic", "Diastolic", "SpO2", "Oxygen", "ACVPU")
HOW = ("One row per time, hours from the start of the stay; leave open what was not measured. Rows can be pasted from a "
       "spreadsheet, in the order of these columns. Temperatures in °F or pressures in kPa are asked about.")


def button(room: Modality, study: DeteriorationStudy | None) -> None:
    """Opens the table, with what was read if there is something."""
    typed = state.of(room).fetched
    label = "Type or paste a table" if study is None and typed is None else "Edit as a table"
    if st.button(label, icon=":material/table_edit:", width="stretch", key=widget(room, "type")):
        st.session_state[widget(room, "begun")] = st.session_state.get(widget(room, "begun"), 0) + 1  # forget what was left
        _dialog(room, rows_of(study) if typed is None else typed_rows(typed.files[0]))


@st.dialog("Observations of one stay", width="large", icon=":material/table_edit:")
def _dialog(room: Modality, begun: pd.DataFrame) -> None:
    st.caption(HOW)
    columns: dict[str, Any] = {"hours": st.column_config.NumberColumn(SHORT[0], min_value=0, format="%g", width="small")}
    for vital, short in zip(VITALS, SHORT[1:], strict=False):
        columns[vital.code] = st.column_config.NumberColumn(short, format="%g", width="small",
                                                               help=f"{vital.label}, {vital.unit}")
    columns["oxygen"] = st.column_config.SelectboxColumn(SHORT[7], options=OXYGEN, width="small", help="Supplemental oxygen")
    columns["consciousness"] = st.column_config.SelectboxColumn(
        SHORT[8], options=AWAKE, width="small", help="Alert, new Confusion, Voice, Pain, Unresponsive")
    edited = st.data_editor(begun, num_rows="dynamic", hide_index=True, column_config=columns, height=420, placeholder="",
                            key=widget(room, f"rows.{st.session_state.get(widget(room, 'begun'), 0)}"))
    use, leave = st.columns(2)
    upload = as_upload(edited)
    if use.button("Use this table", type="primary", width="stretch", key=widget(room, "use"), disabled=upload is None):
        state.change(room, fetched=Input(form.BY_HAND, (upload,)))
        st.rerun()
    if leave.button("Leave it", width="stretch", key=widget(room, "leave")):
        st.rerun()


def rows_of(study: DeteriorationStudy | None) -> pd.DataFrame:
    """The rows of a stay, then empty ones to write into."""
    empty = pd.DataFrame({name: [None] * EMPTY_ROWS for name in HEADINGS})
    if study is None:
        table = empty
    else:
        values = np.where(np.isnan(study.values), np.nan, np.round(study.values.astype(np.float64), 2))
        told = {"hours": np.round(study.hours, 4), **dict(zip(CODES, values.T, strict=True)),
                "oxygen": [None if np.isnan(one) else OXYGEN[int(one)] for one in study.oxygen],
                "consciousness": list(study.consciousness)}
        table = pd.DataFrame({name: [*told[name], None] for name in HEADINGS})
    return _kinds(table)


def typed_rows(upload: Upload) -> pd.DataFrame:
    """What ``as_upload`` wrote, as it was typed, and an empty row."""
    table = pd.read_csv(io.BytesIO(upload.data), dtype={"oxygen": str, "consciousness": str})
    return _kinds(pd.concat([table.reindex(columns=HEADINGS), pd.DataFrame({"hours": [np.nan]})], ignore_index=True))


def _kinds(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers and words, so that the editor knows empty columns."""
    words = {name: table[name].astype("object").where(table[name].notna(), None) for name in ("oxygen", "consciousness")}
    return table.astype(dict.fromkeys(("hours", *CODES), "float64")).assign(**words)


def as_upload(table: pd.DataFrame) -> Upload | None:
    """What was entered as the table that ``read`` reads, a heading and rows; None where no row holds anything.

    A column without a value is left out: nobody asks for its unit.
    """
    kept = table[table.notna().any(axis=1)]
    if kept.drop(columns="hours").isna().all(axis=None):
        return None
    used = [name for name in HEADINGS if name == "hours" or kept[name].notna().any()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(used)
    for row in kept[used].itertuples(index=False):
        writer.writerow(["" if pd.isna(one) else f"{one:.10g}" if isinstance(one, float) else one for one in row])
    return Upload("entered.csv", text.getvalue().encode())
