"""The cohort part of the heart-failure page: a table in, predictions and calibration out. Not a page."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.contract import Modality
from core.heart_failure import cohort_figures
from core.heart_failure.batch import YEARS, Batch, run
from core.heart_failure.fifths import fifths
from core.heart_failure.formats import mapped
from core.settings import settings
from core.uploads import InputError, Upload
from pages import form, progress, room, state
from pages.charts import chart, dark, table
from pages.heart_failure.desk import cohort_desk, switch
from pages.report import Download, button
from pages.state import Problem, RoomState, problem_of, widget
from pages.words import plain

TYPES = ("csv", "tsv", "gz", "xz", "json")
MADE = "batch"  # name of what the job makes
PLAIN = 100_000  # patients up to which a download is not packed
LAYOUTS = ("CSV in the layout of MUSIC, peakVO2, SUPPORT2, TRACE or UCI, or with columns named as the fields of the form; plain "
           "or packed (gz, xz). For other columns add a mapping as JSON. Outcomes may be there; they are only compared with.")


def page(patient: Modality) -> None:
    """The part of the page; it has a state and a job of its own."""
    desk = cohort_desk(patient)
    progress.collect(desk)
    st.title(patient.title, anchor=False)
    st.markdown(patient.summary)
    left, right = st.columns((1, 2), gap="medium")
    with left:
        st.markdown("##### Cohort")
        switch(patient)
        files = st.file_uploader("Cohort table", list(TYPES), accept_multiple_files=True, key=widget(desk, "files"), help=LAYOUTS)
        weights = form.model(desk)
        asked = st.button("Predict", type="primary", width="stretch", key=widget(desk, "predict"),
                          disabled=not files or state.of(desk).job is not None)
        st.caption(f"Up to {settings.max_upload_mb} MB, one row per patient. The table is read in memory and not kept; the "
                   "predictions are, packed, until another table or the end of the session.")
    with right:
        if asked:
            begin(desk, [Upload(file.name, file.getvalue()) for file in files], weights)
        progress.under_way(desk)
        held, batch = state.of(desk), state.known(desk, MADE)
        if held.problem is not None:
            progress.failed(held.problem)
        if batch is not None:
            result(held, batch)
        elif held.job is None and held.problem is None:
            room.empty(desk, "No cohort yet", "Drop a table on the left: each row becomes a prediction, and where the table says "
                       "who died and when, predicted and observed deaths are compared.")


def begin(desk: Modality, files: list[Upload], weights: str) -> None:
    """Start the job; its predecessor's result is forgotten."""
    tables = [file for file in files if file.suffix != ".json"]
    mappings = [file for file in files if file.suffix == ".json"]
    state.put(RoomState(desk, name=", ".join(file.name for file in files), weights=weights))
    if len(tables) != 1 or len(mappings) > 1:
        state.change(desk, problem=Problem("One table is read at a time.", "Leave one table, and at most one mapping."))
        return
    try:
        mapping = mapped.opened(mappings[0].data) if mappings else None
    except InputError as error:
        state.change(desk, problem=problem_of(error))
        return
    progress.begin(desk, "Predicting", MADE, lambda done: run(tables[0], weights, mapping, done), long=True)


def result(held: RoomState, batch: Batch) -> None:
    """Numbers of the cohort, its risks, their calibration where outcomes are known, and the files."""
    desk, last = held.room, YEARS[-1]
    known = len(batch.risk)
    st.markdown(f"##### {plain(held.name)} :gray[{plain(batch.cohort)}]")
    with st.container(horizontal=True, gap="medium"):
        st.metric("Patients", f"{batch.rows:,}", width="content")
        st.metric("Predicted", f"{known:,}", width="content")
        st.metric("Not read", f"{batch.rows - known:,}", width="content")
        for k, year in enumerate(YEARS):
            risk = batch.risk[:, k][np.isfinite(batch.risk[:, k])]
            if len(risk):
                low, middle, high = np.percentile(risk, (25, 50, 75))
                st.metric(f"Median {year}-year risk", f"{middle:.0f} %", f"half of them {low:.0f} to {high:.0f} %",
                          delta_color="off", delta_arrow="off", width="content")
    downloads(desk, batch)
    if known:
        first, second = st.columns(2, gap="medium")
        with first:
            st.markdown(f"###### Risk of death within {last} years")
            chart(cohort_figures.spread(batch.risk[:, -1], last, dark=dark()), widget(desk, "spread"))
        with second:
            st.markdown("###### Does it come true?")
            calibration(desk, batch, last)
    failures(batch)


def calibration(desk: Modality, batch: Batch, year: int) -> None:
    parts = state.made(desk, "fifths", partial(fifths, batch.risk[:, -1], batch.time, batch.event, year), id(batch))
    if not parts:
        st.caption("The table does not say of enough patients whether and when they died, or does not follow them for "
                   f"{year} years.")
        return
    chart(cohort_figures.calibration(parts, year, dark=dark()), widget(desk, "calibration"))
    expected = sum(one.n * one.predicted for one in parts)
    observed = sum(one.n * one.observed for one in parts)
    st.caption(f"By fifth of risk, {sum(one.n for one in parts):,} patients: observed by Kaplan-Meier with 95 % interval. "
               f"Observed over expected {observed / expected:.2f}." if expected else "")


def failures(batch: Batch) -> None:
    """Rows without a prediction, with the first reasons."""
    if not batch.fields:
        return
    missing = sum(batch.fields.values())
    with st.expander(f"{missing:,} row{'s' * (missing > 1)} without a prediction", expanded=not len(batch.risk)):
        most = sorted(batch.fields.items(), key=lambda item: -item[1])
        st.caption("By field: " + ", ".join(f"{plain(name) or 'row'} {count:,}" for name, count in most[:12]) + ".")
        table([{"Patient": plain(one.id), "Why": plain(one.reason)} for one in batch.failed])
        if missing > len(batch.failed):
            st.caption(f"The first {len(batch.failed)}. All are in the files.")


def downloads(desk: Modality, batch: Batch) -> None:
    if batch.rows <= PLAIN:
        files = [Download("Predictions, CSV", batch.csv, "cardioscope-cohort.csv", "text/csv", "table"),
                 Download("Predictions, JSONL", batch.jsonl, "cardioscope-cohort.jsonl", "application/x-ndjson", "data_object")]
    else:
        files = [Download("Predictions, CSV, packed", batch.csv_packed, "cardioscope-cohort.csv.gz", "application/gzip", "table"),
                 Download("Predictions, JSONL, packed", batch.jsonl_packed, "cardioscope-cohort.jsonl.gz", "application/gzip",
                          "data_object")]
    for place, file in zip(st.columns(2), files, strict=True):
        button(file, widget(desk, file.label), place)
