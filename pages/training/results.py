"""What a finished run leaves behind: where its model lies, and a trial of it in its room. Not a page."""

from __future__ import annotations

import streamlit as st

from core.training.state import Status
from core.weights import WEIGHTS, WeightsError, read_config, read_metrics
from pages import trial
from pages.charts import facts, table
from pages.training import held, versions, who
from pages.training.words import size
from pages.words import plain


def actions(one: Status) -> None:
    if one.room in held.ROOMS and trial.fits(one.room, one.weights):
        if st.button("Try in its room", type="primary", key="training_try",
                     help="In this session alone, marked as a trial on the page and in its reports."):
            who.act(trial.begin, one.room, one.name, one.weights)
            if trial.of(held.ROOMS[one.room]) is not None:
                st.switch_page(f"{one.room}/page.py")
        versions.promoting(one)


def where(one: Status) -> None:
    """The folder of the weights, what they are, and the figures that were measured when they were trained."""
    st.markdown("##### The trained model")
    file = one.weights / WEIGHTS
    rows = {"Folder": str(one.weights)} | ({"Size": size(file.stat().st_size)} if file.is_file() else {})
    try:
        config, figures = read_config(one.weights), read_metrics(one.weights).get("figures", ())
        rows |= {"Version": config.version, "Trained on": config.training_data, "SHA-256": config.sha256}
    except (WeightsError, ValueError):
        figures = ()
    facts(rows)
    if figures:
        with st.expander(f"{len(figures)} figures, measured after training"):
            table([{"Figure": plain(f["name"]), "Value": f"{f['value']:.3f}", "95 % interval": _interval(f),
                    "Split": plain(f["split"]), "n": f"{f['n']:,}"} for f in figures])


def _interval(figure: dict) -> str:
    span = figure.get("interval")
    return f"{span[0]:.3f} to {span[1]:.3f}" if span else "not computed"
