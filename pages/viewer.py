"""A viewer in the browser as a Streamlit component, from a folder in assets/ and what all viewers share. Not a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from core.settings import ROOT

ASSETS = ROOT / "assets"


@cache
def viewer(folder: str, scripts: tuple[str, ...], picture: bool = False) -> Callable[..., Any]:
    """The component of ``assets/<folder>``: its viewer.html and viewer.css, and its scripts joined in this order.

    Args:
        picture: it shows a picture under a window, with the controls and the heat map of ``assets/viewer_picture.*``.
    """
    home, shared = ASSETS / folder, ["viewer", "viewer_picture"] if picture else ["viewer"]
    code = [ASSETS / f"{name}.js" for name in shared] + [home / f"{name}.js" for name in scripts]
    styles = [ASSETS / f"{name}.css" for name in shared] + [home / "viewer.css"]
    return st.components.v2.component(
        f"cardioscope_{folder}", html=_filled((home / "viewer.html").read_text("utf-8")),
        css="\n".join(path.read_text("utf-8") for path in styles), js="\n".join(path.read_text("utf-8") for path in code))


def _filled(html: str) -> str:
    """``<!-- name -->`` stands for the part of that name in viewer_picture.html."""
    _, *pieces = re.split(r"<!-- part: (\w+) -->\n", (ASSETS / "viewer_picture.html").read_text("utf-8"))
    for name, piece in zip(pieces[::2], pieces[1::2], strict=True):
        html = html.replace(f"<!-- {name} -->", piece)
    return html
