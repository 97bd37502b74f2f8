"""Models: per weights folder its card, figures with intervals, calibration, licence, hash and download."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core import figures, model_facts
from core.modality import MODALITIES
from core.settings import settings
from core.weights import CARD, WEIGHTS, Config, WeightsError, local, place, read_config, read_metrics, read_trust
from pages.charts import dark
from pages.plugins import plugins
from pages.publish import publish
from pages.words import plain


def folders() -> list[str]:
    """Weights the built rooms ask for, then whatever else lies in the weights folder."""
    wanted = [name for modality in MODALITIES if modality.built for name in modality.folders]
    found = sorted(p.parent.name for p in settings.weights.glob("*/config.json"))
    return list(dict.fromkeys([*wanted, *found]))


def title(name: str) -> str:
    """The room's name, with the model's where it is not the room's first."""
    for modality in MODALITIES:
        if name in modality.parts:
            return name.replace(modality.name, modality.title, 1).replace("_", " ")
        if name in modality.weights:
            return modality.title if name == next(iter(modality.weights)) else f"{modality.title}, {modality.weights[name]}"
    return name.replace("_", " ")


def body(card: str) -> str:
    """A model card without its YAML front matter, headings two levels down."""
    if card.startswith("---"):
        card = card.split("\n---", 1)[-1].lstrip("-\n")
    return "\n".join(f"##{line}" if line.startswith("#") else line for line in card.splitlines())


def facts(name: str, folder: Path, config: Config) -> None:
    """Identity of the file, licence, and the file itself."""
    weights = folder / WEIGHTS
    rows = {"Folder": f"weights/{name}", "Version": config.version, "Trained on": config.training_data,
            "Licence": config.licence, "Architecture": config.architecture.target.partition(":")[2], "Seed": str(config.seed),
            "Code revision": config.revision[:12] or "not recorded"}
    if folder.is_relative_to(place(name)):
        rows |= {"Folder": f"{folder.relative_to(settings.runs)}, in place of weights/{name}",
                 "Version": f"{config.version}, promoted from a run"}
    if weights.is_file():
        rows["Size"] = f"{weights.stat().st_size / 1e6:.1f} MB"
    rows["SHA-256"] = config.sha256 or "not recorded"
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items())
    st.markdown(f"<dl class='facts'>{lines}</dl>", unsafe_allow_html=True)
    if weights.is_file():
        st.download_button("Download weights", weights.read_bytes, f"{config.name}.safetensors",
                           "application/octet-stream", icon=":material/download:", on_click="ignore",
                           key=f"download_{name}")


def label(config: Config, metrics: dict[str, Any], trusted: dict[str, Any]) -> None:
    """The model facts label."""
    lines = "".join(f"<dt>{escape(title)}</dt>" + "".join(f"<dd>{escape(line)}</dd>" for line in said)
                    for title, said in model_facts.label(config, metrics, trusted))
    st.markdown(f"<dl class='facts label'>{lines}</dl>", unsafe_allow_html=True)
    st.caption("Fields of the CHAI applied model card, v0.2." + (f" Safety by `{trusted['command']}`." if trusted else ""))


def figures_table(metrics: dict[str, Any]) -> None:
    """Every measured figure with split, n and 95 % interval, and the command that printed it."""
    if not metrics.get("figures"):
        st.info("No metrics.json beside these weights, so no figure is quoted.", icon=":material/info:")
        return
    rows = [{
        "Figure": plain(f["name"]),
        "Value": f"{f['value']:.3f}" + (f" {f['unit']}" if f.get("unit") else ""),
        "95 % interval": f"{f['interval'][0]:.3f} to {f['interval'][1]:.3f}" if f.get("interval") else "not computed",
        "Split": plain(f["split"]), "n": f"{f['n']:,}",
        "Target": plain(str(f.get("target") or "").replace(">=", "≥").replace("<=", "≤")),
    } for f in metrics["figures"]]
    table = pd.DataFrame(rows)
    st.table(table.loc[:, (table != "").any()], border="horizontal", hide_index=True)
    st.caption(f"Measured on {metrics['dataset']} with `{metrics['command']}`")


def calibration(metrics: dict[str, Any], key: str) -> None:
    data = metrics["calibration"]
    picture, words = st.columns([3, 2], gap="large")
    picture.plotly_chart(figures.reliability(data, dark()), theme=None, key=key, config={"displayModeBar": False},
                         alt="Reliability diagram: observed frequency over predicted probability")
    words.metric("Expected calibration error", f"{data['ece']:.3f}")
    words.caption(f"{data['split']}. On the dotted line a probability means what it says; "
                  "the larger the point, the more predictions lie in its bin.")


def thresholds(metrics: dict[str, Any]) -> None:
    percent = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        pd.DataFrame(metrics["thresholds"]), hide_index=True, height=380,
        column_order=["group", "code", "label", "threshold", "sensitivity", "specificity", "n_positive"],
        column_config={
            "group": "Level", "code": "Code", "label": st.column_config.TextColumn("Finding", width="large"),
            "threshold": st.column_config.NumberColumn("Threshold", format="%.3f"),
            "sensitivity": percent | {"label": "Sensitivity"}, "specificity": percent | {"label": "Specificity"},
            "n_positive": st.column_config.NumberColumn("Positives", format="localized"),
        },
    )


def section(name: str) -> None:
    folder = local(name)  # what serves: the promoted weights of that name, else the shipped ones
    st.header(title(name))
    try:
        config, metrics = read_config(folder or name), read_metrics(folder or name)
    except WeightsError:
        st.markdown(":orange-badge[Not installed]")
        st.markdown(f"There is no usable model in `weights/{name}`. Put `config.json` and `model.safetensors` "
                    "there, or train it; the room that needs it says so until then.")
        return
    with st.container(key=f"model_{name}"):
        with st.container(key=f"model_facts_{name}"):
            facts(name, folder, config)
        with st.container(key=f"model_figures_{name}"):
            figures_table(metrics)
    card = folder / CARD
    trusted = read_trust(folder or name)
    shown = {
        "Model facts": lambda: label(config, metrics, trusted),
        "Model card": card.is_file() and (lambda: st.markdown(body(card.read_text()))),
        "Calibration": bool(metrics.get("calibration")) and (lambda: calibration(metrics, f"reliability_{name}")),
        "Operating points": bool(metrics.get("thresholds")) and (lambda: thresholds(metrics)),
        "Publish": (folder / WEIGHTS).is_file() and (lambda: publish(name)),
    }
    shown = {title: draw for title, draw in shown.items() if draw}
    if shown:
        for tab, draw in zip(st.tabs(list(shown)), shown.values(), strict=True):
            with tab:
                draw()


st.title("Models", anchor=False)
st.markdown("What runs here, what it was trained on, how well it does on data it never saw, and under which licence.")
for position, name in enumerate(folders()):
    if position:
        st.divider()
    section(name)
st.divider()
plugins()
