"""The face for programs: every built modality as named endpoints, and as a plain web form.

``POST /api/gradio_api/call/assess_ecg``, ``gradio_client.Client("http://host:7860/api")`` and MCP
(``/api/gradio_api/mcp``) reach the same functions. ``python -m core.api`` serves this face alone.
Nothing is computed here.
"""

from __future__ import annotations

import base64
import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from core import serving
from core.assessment import to_dict, to_light
from core.fields import Asked, fields_of
from core.modality import MODALITIES, Modality
from core.settings import settings
from core.uploads import InputError, Upload
from core.weights import WeightsError

SYSTEM_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
MONOSPACE = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
LARGEST_MAP = 4_000_000  # numbers of an explanation that are sent as text
UNUSED_UPLOAD_S = 300  # an upload that was never assessed is deleted after this


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


def endpoints(modality: Modality) -> None:
    """``/assess_<name>`` and ``/explain_<name>``, and the form whose two buttons share one upload.

    The form keeps its study in the memory of its own session, because the files are gone once read, and leaves the
    arrays of an explanation out: tens of thousands of numbers are for programs. No endpoint keeps anything.
    """
    main, needed = next(iter(modality.weights)), fields_of(modality.verb("read"))
    with gr.Row():
        with gr.Column(scale=1):
            files = gr.File(file_count="multiple", file_types=[f".{e}" for e in modality.accepts],
                            label="Files of one study")
            fields = [form_field(asked) for asked in needed.values()]
            weights = gr.Dropdown([(words, name) for name, words in modality.weights.items()], value=main, label="Model",
                                  visible=len(modality.weights) > 1)
            assess = gr.Button("Assess", variant="primary")
            target = gr.Textbox(label="Finding to explain", info="group:code of a finding in the assessment")
            method = gr.Dropdown(list(modality.methods), value=modality.methods[0], label="Method")
            explain = gr.Button("Explain")
        with gr.Column(scale=2):
            result = gr.JSON(label="Assessment")
            reason = gr.JSON(label="Explanation, without its arrays")
    held = gr.State(time_to_live=UNUSED_UPLOAD_S)
    names, sent = list(needed), [*(component(asked, label=name, visible=False) for name, asked in needed.items()), weights]

    def study_of(paths, values):
        return answered(modality.verb("read"), take(paths), **dict(zip(names, values, strict=True)))

    def assessed(study, weights):
        assessment = answered(modality.verb("assess"), study, weights or main)
        made = modality.verb("mask")(study, assessment) if modality.offers("mask") else None
        return to_light(assessment) | ({"mask_nifti_base64": base64.b64encode(made).decode()} if made else {})

    def assess_files(paths, *values):
        *values, weights = values
        return assessed(study_of(paths, values), weights)

    def explain_files(paths, target, method, *values):
        *values, weights = values
        study, method = study_of(paths, values), method or modality.methods[0]
        reason = answered(modality.verb("explain"), study, target or "", method, weights or main)
        if reason.values.size > LARGEST_MAP:
            left_out = {"values": f"left out, more than {LARGEST_MAP:,} numbers"}
            reason = replace(reason, values=None, parameters=reason.parameters | left_out)
        return to_dict(reason)

    def assess_form(paths, *values):
        *values, weights = values
        study = study_of(paths, values)
        return assessed(study, weights), study

    def explain_form(study, target, method, weights):
        if study is None:
            raise gr.Error("Nothing is assessed yet. Upload a study and assess it first.", print_exception=False)
        return to_dict(replace(answered(modality.verb("explain"), study, target, method, weights or main), values=None))

    models = {"concurrency_id": "models", "concurrency_limit": 2}  # models are locked; two overlap reading
    for verb, function, inputs, parameters, about in (
        ("assess", assess_files, [files], ["files"], "the files of one study to an assessment."),
        ("explain", explain_files, [files, target, method], ["files", "target", "method"],
         "why the model speaks of one finding."),
    ):
        name, about = f"{verb}_{modality.name}", f"{modality.title}: {about}"
        gr.Button(visible=False).click(named(function, name, about, [*parameters, *names, "weights"]), [*inputs, *sent],
                                       gr.JSON(visible=False), api_name=name, api_description=about, **models)
    assess.click(assess_form, [files, *fields, weights], [result, held], api_visibility="private", **models)
    explain.click(explain_form, [held, target, method, weights], reason, api_visibility="private", **models)
    files.upload(lambda: (None, None, None), None, [held, result, reason], api_visibility="private")


def build() -> gr.Blocks:
    """The forms of all built modalities."""
    with gr.Blocks(title="Cardioscope API", analytics_enabled=False, delete_cache=(60, UNUSED_UPLOAD_S)) as blocks:
        gr.Markdown("# Cardioscope for programs\nResearch use only, not a medical device. "
                    "Uploads are read into memory and deleted.")
        for modality in (m for m in MODALITIES if m.built):
            with gr.Tab(modality.title):
                endpoints(modality)
        with gr.Tab("Models"):
            loaded = gr.JSON(label="Loaded models")
            gr.Button("List").click(serving.status, None, loaded, api_name="models",
                                    api_description="Loaded models with version, SHA-256 and device.")
    return blocks.queue(max_size=64, default_concurrency_limit=2, api_open=True)


def presentation() -> dict[str, Any]:
    """Options of the page that ``launch`` and ``mount_gradio_app`` share."""
    theme = gr.themes.Base(primary_hue="teal", neutral_hue="slate", font=SYSTEM_FONT, font_mono=MONOSPACE)
    return {"theme": theme, "max_file_size": f"{settings.max_upload_mb}mb", "show_error": False,
            "mcp_server": True, "footer_links": ["api"], "run_history": False}


def build_asgi() -> FastAPI:
    """The forms as an application to mount; enter its ``router.lifespan_context``."""
    return gr.mount_gradio_app(FastAPI(openapi_url=None), build(), path="/", **presentation())


if __name__ == "__main__":
    build().launch(server_name=settings.host, server_port=settings.port, **presentation())
