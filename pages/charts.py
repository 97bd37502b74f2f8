"""Charts and tables that more than one room shows. Not a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.assessment import Comparator, Measurement
from pages.words import plain

NO_BREAK = "\u00a0"


def dark() -> bool:
    return st.context.theme.type == "dark"


def chart(figure: go.Figure, key: str) -> None:
    """In the house style, which the figure brings along."""
    st.plotly_chart(figure, theme=None, key=key)


def table(rows: Sequence[Mapping[str, str]]) -> None:
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def facts(rows: Mapping[str, str]) -> None:
    """Names and values as a quiet table; values come from files and are shown as they are."""
    cells = [(name, plain(value)) for name, value in rows.items()]
    st.table(pd.DataFrame(cells, columns=["Item", "Value"]), border="horizontal", hide_index=True, hide_header=True)


def measurements(rows: Sequence[Measurement]) -> None:
    """Values with their reference ranges; what lies outside is marked, what could not be measured says why."""
    if not rows:
        return
    table([{"Measurement": plain(m.label), "Value": _value(m), "Reference": _span(m.low, m.high)} for m in rows])
    if any(m.low is not None or m.high is not None for m in rows):
        st.caption("↑ ↓ outside the reference range.")


def _value(m: Measurement) -> str:
    if m.value is None:
        return f":gray[{plain(m.note) or '–'}]"
    text = f"{_digits(m.value)}{NO_BREAK}{plain(m.unit)}".strip(NO_BREAK)
    if m.abnormal:
        return f":orange[{text}{NO_BREAK}{'↓' if m.low is not None and m.value < m.low else '↑'}]"
    return text if m.interval is None else f"{text} ({_digits(m.interval[0])} to {_digits(m.interval[1])})"


def _digits(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 or float(value).is_integer() else f"{value:.3g}"


def _span(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        text = f"{low:g} to {high:g}"
    else:
        text = f"up to {high:g}" if high is not None else f"from {low:g}" if low is not None else ""
    return text.replace(" ", NO_BREAK)


def comparators(rows: Sequence[Comparator], otherwise: str) -> None:
    """What established scores, rules and the device say beside the model."""
    if not rows:
        st.caption(otherwise)
        return
    table([{"Rule or device": plain(c.label), "Says": _says(c), "Source": plain(c.source)} for c in rows])


def _says(c: Comparator) -> str:
    if c.value is None:
        return "–"
    return plain(c.value) if isinstance(c.value, str) else f"{c.value:.4g} {plain(c.unit)}".strip()
