"""The frame around every page: style, navigation, sidebar."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # Streamlit runs this file by path; the rooms import core and pages
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from core.modality import MODALITIES  # noqa: E402
from pages import sidebar, understood  # noqa: E402

st.set_page_config(page_title="Cardioscope", page_icon=str(ROOT / "assets" / "logo.svg"), layout="wide")
st.html(ROOT / "assets" / "style.css")
st.logo(str(ROOT / "assets" / "logo.svg"), size="large")

HERE = Path(__file__).parent

page = st.navigation({
    "": [st.Page(HERE / "home.py", title="Overview", icon=":material/home:", default=True)],
    "Rooms": [
        st.Page(HERE / modality.name / "page.py", title=modality.title, icon=f":material/{modality.icon}:",
                url_path=modality.name)
        for modality in MODALITIES if modality.built
    ],
    "Workshop": [st.Page(HERE / "training" / "page.py", title="Training", icon=":material/model_training:", url_path="training")],
    "Evidence": [st.Page(HERE / "models.py", title="Models", icon=":material/inventory_2:")],
})
case = sidebar.frame()
try:
    if understood.needed():
        understood.ask()
    else:
        page.run()
finally:  # also after st.stop(): a page's result enters the case in the same run
    sidebar.show_case(case)
