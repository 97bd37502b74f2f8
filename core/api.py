"""The face for programs: every built modality as named endpoints, and as a web form with its pictures.

``POST /api/gradio_api/call/assess_ecg``, ``gradio_client.Client("http://host:7860/api")`` and MCP
(``/api/gradio_api/mcp``) reach the same functions. ``python -m core.api`` serves this face alone.
Nothing is computed here.
"""

from __future__ import annotations

import base64
import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI

from core import gallery, markup, serving
from core.assessment import to_dict, to_light
from core.fields import Asked, fields_of
from core.modality import MODALITIES, Modality, get
from core.plot_style import DARK, LIGHT
from core.settings import ROOT, settings
from core.uploads import InputError, Upload
from core.weights import WeightsError

SYSTEM_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
MONOSPACE = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
LARGEST_MAP = 4_000_000  # numbers of an explanation that are sent as text
UNUSED_UPLOAD_S = 300  # an upload that was never assessed is deleted after this
CHARTS = 2  # places for charts in a form
MODELS = {"concurrency_id": "models", "concurrency_limit": 2}  # models are locked; two overlap reading
EMPTY = "<div class='cs'><p>Upload a study or choose an example, then press Assess.</p></div>"
Compute = Callable[..., Any]  # ``computed``, or what runs it elsewhere


def take(paths: list[str] | None) -> list[Upload]:
    """Read the uploaded files into memory and delete them from the upload folder at once."""
    uploads = []
    for path in map(Path, paths or []):
        try:
            uploads.append(Upload(path.name, path.read_bytes()))
            path.unlink()
        except FileNotFoundError as error:
            raise gone() from error
    return uploads


def gone() -> gr.Error:
    return gr.Error("This upload was read and deleted already. Upload the file again.", print_exception=False)


def answered(function: Callable[..., Any], *arguments: Any, **fields: Any) -> Any:
    """Call a verb; what the caller did wrong comes back as its one sentence, without a traceback."""
    try:
        return function(*arguments, **fields)
    except (InputError, WeightsError) as error:
        raise gr.Error(str(error), title="Input", print_exception=False) from error


def component(asked: Asked, **options: Any) -> gr.components.Component:
    """The component of one of the fields of a modality's ``read``, for programs."""
    if asked.choices:
        wording = asked.field.wording or {}
        return gr.Dropdown([(wording.get(choice, choice), choice) for choice in asked.choices], value=None, **options)
    if asked.kind is bool:
        # what programs are told of a choice is text: they may send that, too, and the field reads it
        return gr.Dropdown([("yes", True), ("no", False)], value=None, allow_custom_value=True, **options)
    return gr.Textbox(value=None, **options) if asked.kind is str else gr.Number(value=None, **options)


def form_field(asked: Asked) -> gr.components.Component:
    """The same for the web form, which sends 0 for a number that nobody touched: there a number is text."""
    field = asked.field
    label = f"{field.label} ({field.unit})" if field.unit else field.label
    if asked.kind in (float, int) or asked.kind is str and not asked.choices:
        return gr.Textbox(value=None, label=label, info=field.help or None, lines=4 if field.multiline else 1)
    return component(asked, label=label, info=field.help or None)


def named(function: Callable[..., Any], name: str, description: str, parameters: list[str]) -> Callable[..., Any]:
    """Give an endpoint the name and the parameter names that clients and MCP tools see; all have a default."""
    function.__name__, function.__doc__ = name, description
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    function.__signature__ = inspect.Signature([inspect.Parameter(p, kind, default=None) for p in parameters])
    return function


def endpoints(modality: Modality, compute: Compute) -> None:
    """``/assess_<name>`` and ``/explain_<name>`` for programs. No endpoint keeps anything."""
    main, needed = next(iter(modality.weights)), fields_of(modality.verb("read"))
    files, target, method = gr.File(file_count="multiple", visible=False, label="files", file_types=endings(modality)), \
        gr.Textbox(visible=False, label="target"), gr.Dropdown(list(modality.methods), visible=False, label="method")
    weights = gr.Dropdown([(words, name) for name, words in modality.weights.items()], value=main, visible=False, label="weights")
    sent = [*(component(asked, label=name, visible=False) for name, asked in needed.items()), weights]

    def study_of(paths, values):
        return answered(modality.verb("read"), take(paths), **dict(zip(needed, values, strict=True)))

    def assess_files(paths, *values):
        *values, weights = values
        study = study_of(paths, values)
        assessment = answered(compute, modality.name, "assess", study, weights or main)
        made = modality.verb("mask")(study, assessment) if modality.offers("mask") else None
        return to_light(assessment) | ({"mask_nifti_base64": base64.b64encode(made).decode()} if made else {})

    def explain_files(paths, target, method, *values):
        *values, weights = values
        study, method = study_of(paths, values), method or modality.methods[0]
        reason = answered(compute, modality.name, "explain", study, target or "", method, weights or main)
        if reason.values.size > LARGEST_MAP:
            left_out = {"values": f"left out, more than {LARGEST_MAP:,} numbers"}
            reason = replace(reason, values=None, parameters=reason.parameters | left_out)
        return to_dict(reason)

    for verb, function, inputs, parameters, about in (
        ("assess", assess_files, [files], ["files"], "the files of one study to an assessment."),
        ("explain", explain_files, [files, target, method], ["files", "target", "method"],
         "why the model speaks of one finding."),
    ):
        name, about = f"{verb}_{modality.name}", f"{modality.title}: {about}"
        gr.Button(visible=False).click(named(function, name, about, [*parameters, *needed, "weights"]), [*inputs, *sent],
                                       gr.JSON(visible=False), api_name=name, api_description=about, **MODELS)


def form(modality: Modality, compute: Compute) -> None:
    """The form for people: what goes in on the left; pictures, findings and the written report on the right.

    It keeps its study in the memory of its own session, because the files are gone once read. Pictures are in the page itself:
    nothing of a study is written to a disk.
    """
    main, needed = next(iter(modality.weights)), fields_of(modality.verb("read"))
    examples = [one.name for one in modality.verb("examples")()]
    with gr.Row():
        with gr.Column(scale=1, min_width=280):
            files = gr.File(file_count="multiple", file_types=endings(modality), label="Files of one study", height=120)
            example = gr.Dropdown(examples, value=None, label="Or an example")
            with gr.Accordion("What the files do not say", open=not modality.accepts):
                fields = [form_field(asked) for asked in needed.values()]
            weights = gr.Dropdown([(words, name) for name, words in modality.weights.items()], value=main, label="Model",
                                  visible=len(modality.weights) > 1)
            assess = gr.Button("Assess", variant="primary")
            target = gr.Dropdown([], label="Finding to explain", allow_custom_value=True)
            method = gr.Dropdown([(gallery.method_name(one), one) for one in modality.methods], value=modality.methods[0],
                                 label="Method")
            explain = gr.Button("Explain")
        with gr.Column(scale=3, min_width=320):
            summary, pictures = gr.HTML(EMPTY), gr.HTML()
            with gr.Row():
                charts = [gr.Plot(visible=False, show_label=False, container=False) for _ in range(CHARTS)]
            with gr.Tabs():
                with gr.Tab("Findings"):
                    findings = gr.HTML()
                with gr.Tab("Report"):
                    report = gr.HTML()
                with gr.Tab("As JSON"):
                    result, reason = gr.JSON(label="Assessment"), gr.JSON(label="Explanation, without its arrays")
    held, dark = gr.State(time_to_live=UNUSED_UPLOAD_S), gr.Checkbox(visible=False)
    shown = [pictures, *charts]

    def study_of(paths, example, values):
        given = {name: value for name, value in zip(needed, values, strict=True) if value not in (None, "")}
        if example and not paths:
            one = next(one for one in modality.verb("examples")() if one.name == example)
            return answered(modality.verb("read"), one.files, **{**one.fields, **given})
        return answered(modality.verb("read"), take(paths), **given)

    def assess_form(paths, example, weights, dark, *values):
        study = study_of(paths, example, values)
        assessment = answered(compute, modality.name, "assess", study, weights or main)
        choices = [(f"{one.label}, {100 * one.probability:.0f} %", one.target) for one in gallery.explainable(assessment)]
        words = html(markup.badge(assessment), markup.notices(assessment.notices))
        return [words, *drawn(gallery.of(modality, study, assessment, dark=dark)), html(markup.whole(assessment)),
                html(markup.report(assessment)), to_light(assessment), None, (study, assessment),
                gr.Dropdown(choices, value=choices[0][1] if choices else None)]

    def explain_form(held, target, method, weights, dark):
        if held is None:
            raise gr.Error("Nothing is assessed yet. Upload a study and assess it first.", print_exception=False)
        study, assessment = held
        if not target and (assessment.refused or not gallery.explainable(assessment)):
            return [gr.skip()] * (1 + len(shown))  # nothing to explain: the pictures stay
        reason = answered(compute, modality.name, "explain", study, target, method, weights or main)
        return [*drawn(gallery.of(modality, study, assessment, reason, dark=dark)), to_dict(replace(reason, values=None))]

    given, private = [files, example, weights, dark, *fields], {"api_visibility": "private", **MODELS}
    cleared = [summary, *shown, findings, report, result, reason, held, target]
    asked = assess.click(assess_form, given, cleared, js=theme_as(3), **private)
    asked.success(explain_form, [held, target, method, weights, dark], [*shown, reason], js=theme_as(4), **private)
    explain.click(explain_form, [held, target, method, weights, dark], [*shown, reason], js=theme_as(4), **private)
    for changed in (files.upload, example.input):
        changed(nothing, None, cleared, api_visibility="private")


def nothing() -> list[Any]:
    """The right side of a form before anything is assessed."""
    return [EMPTY, "", *[gr.Plot(value=None, visible=False)] * CHARTS, "", "", None, None, None, gr.Dropdown([], value=None)]


def endings(modality: Modality) -> list[str]:
    return [f".{ending}" for ending in modality.accepts]


def html(*parts: str) -> str:
    return f"<div class='cs'>{''.join(parts)}</div>"


def drawn(shown: Sequence[gallery.Shown]) -> list[Any]:
    """Pictures as HTML and as many charts as the form has places for."""
    charts = [one.chart for one in shown if one.chart is not None][:CHARTS]
    hidden = [gr.Plot(value=None, visible=False)] * (CHARTS - len(charts))
    return [html(markup.pictures(shown)), *(gr.Plot(value=chart, visible=True) for chart in charts), *hidden]


def theme_as(place: int) -> str:
    """JavaScript that puts whether the page is dark among the inputs of an event."""
    return f"(...given) => {{ given[{place}] = document.body.classList.contains('dark'); return given; }}"


def computed(room: str, verb: str, *arguments: Any) -> Any:
    """What the models do, of every room: the one function that needs a graphics card where there is one to be had."""
    return get(room).verb(verb)(*arguments)


def build(compute: Compute = computed) -> gr.Blocks:
    """The forms and endpoints of all built modalities.

    Args:
        compute: called instead of ``computed``, with the same arguments: on a machine that lends its graphics card by the call.
    """
    with gr.Blocks(title="Cardioscope", analytics_enabled=False, delete_cache=(60, UNUSED_UPLOAD_S)) as blocks:
        gr.HTML(html("<h2>Cardioscope</h2><p>Cardiac AI, a room for each modality: prediction, reason, uncertainty, and the "
                     "established score beside it. Research use only, not a medical device. "
                     "Uploads are read into memory and deleted.</p>"))
        for modality in (m for m in MODALITIES if m.built):
            with gr.Tab(modality.title):
                gr.HTML(html(f"<p class='cs-small'>{modality.summary}</p>"))
                form(modality, compute)
                endpoints(modality, compute)
        with gr.Tab("Models"):
            loaded = gr.JSON(label="Loaded models")
            gr.Button("List").click(serving.status, None, loaded, api_name="models",
                                    api_description="Loaded models with version, SHA-256 and device.")
    return blocks.queue(max_size=64, default_concurrency_limit=2, api_open=True)


def presentation() -> dict[str, Any]:
    """Options of the page that ``launch`` and ``mount_gradio_app`` share."""
    theme = gr.themes.Base(primary_hue="teal", neutral_hue="slate", font=SYSTEM_FONT, font_mono=MONOSPACE)
    colours = {"body_background_fill": "paper", "body_text_color": "ink", "block_background_fill": "surface",
               "block_label_text_color": "muted", "block_info_text_color": "muted", "border_color_primary": "line",
               "button_primary_background_fill": "accent", "input_background_fill": "surface",
               "background_fill_primary": "paper", "background_fill_secondary": "surface", "link_text_color": "accent"}
    theme.set(block_label_background_fill="none", block_label_background_fill_dark="none",
              button_primary_text_color=LIGHT.surface, button_primary_text_color_dark=DARK.paper,
              **{name: getattr(LIGHT, of) for name, of in colours.items()},
              **{f"{name}_dark": getattr(DARK, of) for name, of in colours.items()})
    return {"theme": theme, "max_file_size": f"{settings.max_upload_mb}mb", "show_error": False,
            "mcp_server": True, "footer_links": ["api"], "run_history": False, "css_paths": [ROOT / "assets" / "face.css"]}


def build_asgi() -> FastAPI:
    """The forms as an application to mount; enter its ``router.lifespan_context``."""
    return gr.mount_gradio_app(FastAPI(openapi_url=None), build(), path="/", **presentation())


if __name__ == "__main__":
    uvicorn.run(build_asgi(), host=settings.host, port=settings.port, access_log=False, log_level="warning")
