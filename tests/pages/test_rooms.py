"""What every room's page does alike: empty, example, findings, why, compare, report, refused, failed, cancelled, dark."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
from fhir.resources.bundle import Bundle
from fhir.resources.diagnosticreport import DiagnosticReport
from pypdf import PdfReader
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from core.assessment import to_light
from core.fields import fields_of
from core.modality import MODALITIES
from core.plot_style import DARK
from core.weights import WeightsError
from pages import progress, report, sidebar
from pages.state import RoomState
from tests.pages.rooms import PAGES, accepted, chosen, finished, held, opened, pressed, refusing, words

BUILT = [m for m in MODALITIES if m.built]
rooms = pytest.mark.parametrize("room", BUILT, ids=lambda room: room.name)
FOREIGN = [(room, ending, data) for room in BUILT for ending, data in zip(
    (*room.accepts, *room.accepts)[:3] if room.accepts else (), (b"just words\n", b"", b"\x07broken" * 40), strict=False)]


@pytest.fixture(scope="module")
def assessed():
    """Each room's page with its first example: opened once, by name of the room; nobody may change it."""
    pages = {}

    def page(room):
        if room.name not in pages:
            pages[room.name] = opened(room.name, accepted(room)[0])
        return pages[room.name]

    return page


@rooms
def test_empty_state_says_what_to_do(room):
    app = opened(room.name)
    assert any(heading in words(app) for heading in (" yet", " here"))
    assert "example" in words(app)
    assert not app.tabs
    assert not app.error
    assert room.name not in app.session_state or held(app, room.name).study is None


@rooms
def test_an_example_from_the_overview_is_assessed_and_enters_the_case(room, assessed):
    app = assessed(room)
    name, state = accepted(room)[0], held(app, room.name)
    assert [tab.label for tab in app.tabs] == ["Findings", "Why", "Compare", "Report"]
    assert state.name == name
    assert state.wanted == ""
    part = app.session_state["case"][room.name]
    assert (part.study, part.assessment) == (name, state.assessment)
    assert state.assessment.model.sha256[:12] in words(app)
    assert len(app.get("plotly_chart")) >= (1 if room.name == "deterioration" else 2)  # whose traces are a viewer of its own
    assert "What was read" in words(app)


@rooms
def test_one_frozen_state_and_the_case_are_all_that_the_session_holds(room, assessed):
    app = assessed(room)
    kept = [key for key in app.session_state if not key.startswith(f"{room.name}.")]
    assert set(kept) == {room.name, "case"}
    with pytest.raises(AttributeError):
        held(app, room.name).name = "other"


@rooms
def test_the_report_tab_shows_what_core_wrote(room, assessed):
    app = assessed(room)
    text = words(app).replace("\\", "")
    for line in held(app, room.name).assessment.report["en"]:
        assert line in text
    labels = [button.proto.label for button in app.get("download_button")]
    assert {"Report, PDF", "Assessment, JSON", "Report, FHIR"} <= set(labels)


@rooms
def test_downloads_are_whole(room, assessed):
    state = held(assessed(room), room.name)
    make = partial(report.entry, state, {})
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(report.pdf([make]))).pages)
    assert room.title in text
    assert "not a medical device" in text.lower()
    written = json.loads(report.fhir(make))
    DiagnosticReport.model_validate(written)
    assert written["conclusion"] == "\n".join(state.assessment.report["en"])
    assert make("en").study == state.name


@rooms
def test_the_case_report_is_whole_and_made_of_the_same_entries(room, assessed):
    part = assessed(room).session_state["case"][room.name]
    pdf, plain, fhir = (file.make() for file in sidebar.files([part]))
    assert pdf[:4] == b"%PDF"
    studies = json.loads(plain)["studies"]
    assert [one["study"] for one in studies] == [part.study]
    assert studies[0]["assessment"] == json.loads(json.dumps(to_light(part.assessment)))
    assert "not a medical device" in plain
    assert len(Bundle.model_validate(json.loads(fhir)).entry) == 1


@rooms
def test_explain_draws_a_checked_map_and_no_map_takes_it_away(room):
    app = pressed(opened(room.name, accepted(room)[0]), room.name, "explain")
    state = held(app, room.name)
    assert state.attribution.method == room.methods[0]
    assert state.attribution.target in {f.target for f in state.assessment.own}
    text = words(app)
    check = state.attribution.faithfulness
    verdicts = {"the map holds": True, "do not rely on this map": False, "No deletion check": None}
    assert [verdicts[said] for said in verdicts if said in text] == [check["holds"] if "fractions" in check else None]
    app.button(key=f"{room.name}.no_map:0").click().run()
    assert held(app, room.name).attribution is None


@rooms
def test_another_input_forgets_all_that_was_made_of_the_last(room):
    first, second = accepted(room)[:2]
    app = pressed(opened(room.name, first), room.name, "explain")
    before = held(app, room.name)
    chosen(app, room.name, second)
    after = held(app, room.name)
    assert after.attribution is None
    assert after.job is None
    assert after.key != before.key
    assert app.session_state["case"][room.name].study == second
    assert not set(map(id, after.made.values())) & set(map(id, before.made.values()))


@rooms
def test_a_refused_study_is_shown_with_its_reason_and_nothing_else(room, monkeypatch):
    monkeypatch.setattr(f"core.{room.name}.assess.assess", refusing(room))
    app = opened(room.name, accepted(room)[0])
    assert [error.value for error in app.error] == ["This is not what the room reads."]
    text = words(app)
    assert "No findings" in text
    assert "Nothing to explain" in text
    assert "Nothing to compare" in text
    assert "Not interpreted" in text
    assert not app.metric
    assert not app.get("plotly_chart")
    assert [tab.label for tab in app.tabs] == ["Findings", "Why", "Compare", "Report"]
    state = held(app, room.name)
    assert state.study is not None
    assert report.pdf([partial(report.entry, state, {})])[:4] == b"%PDF"
    assert json.loads(report.fhir(partial(report.entry, state, {})))["status"] == "cancelled"
    assert "Refused" in sidebar.headline(app.session_state["case"][room.name].assessment)


@rooms
def test_a_refused_study_says_on_the_page_what_its_reports_say(room, monkeypatch):
    told = "Not interpreted, this is a drawing."
    refused = refusing(room)
    monkeypatch.setattr(f"core.{room.name}.assess.assess", lambda *given: replace(refused(*given), report={"en": (told,)}))
    app = opened(room.name, accepted(room)[0])
    assert told in words(app)
    assert json.loads(report.fhir(partial(report.entry, held(app, room.name), {})))["conclusion"] == told


@pytest.mark.parametrize(("room", "ending", "data"), FOREIGN, ids=lambda value: getattr(value, "name", None))
def test_a_foreign_upload_gets_one_clear_sentence(room, ending, data):
    app = opened(room.name)
    app.file_uploader[0].upload(f"upload.{ending}", data, "application/octet-stream").run()
    assert not app.exception
    assert len(app.error) == 1
    assert not app.tabs
    assert "Traceback" not in app.error[0].value
    assert held(app, room.name).study is None


@rooms
def test_missing_weights_are_said_and_tried_again_at_the_next_run(room, monkeypatch):
    def missing(study, weights="", done=None):
        raise WeightsError("No weights there.")

    with monkeypatch.context() as patch:
        patch.setattr(f"core.{room.name}.assess.assess", missing)
        app = opened(room.name, accepted(room)[0])
        assert "No weights there" in app.error[0].value
        assert not app.tabs
    app.run()
    assert not app.error
    assert len(app.tabs) == 4


@rooms
def test_a_cancelled_reading_begins_again_when_asked(room):
    app = opened(room.name, accepted(room)[0])
    app.session_state[room.name] = replace(held(app, room.name), study=None, assessment=None, problem=progress.CANCELLED)
    app.run()
    assert "Cancelled." in words(app)
    assert not app.tabs
    app.button(key=f"{room.name}.again:0").click().run()
    assert len(app.tabs) == 4


@rooms
def test_an_explanation_can_be_cancelled_and_says_so(room, monkeypatch):
    from core.progress import report as step

    monkeypatch.setattr(progress, "SOON", 0.2)

    def endless(study, target, method="", weights="", done=None, **own):
        while True:
            progress.time.sleep(0.05)
            step(done, 1, 4)

    monkeypatch.setattr(f"core.{room.name}.explain.explain", endless)
    app = opened(room.name, accepted(room)[0])
    app.button(key=f"{room.name}.explain:0").click().run()
    assert held(app, room.name).job is not None
    assert app.button(key=f"{room.name}.explain:0").disabled
    app.button(key=f"{room.name}.cancel:0").click().run()
    finished(app, room.name)
    assert "Cancelled." in words(app)
    assert held(app, room.name).attribution is None


@rooms
def test_new_patient_forgets_study_fields_and_upload(room):
    app = AppTest.from_file(str(PAGES / "navigation.py"), default_timeout=300)
    app.session_state[room.name] = RoomState(room, wanted=accepted(room)[0])
    app.run().switch_page(f"{room.name}/page.py").run()
    assert app.tabs
    app.button(key="new_patient").click().run()
    assert not app.exception
    assert not app.tabs
    assert all(key.endswith(":1") for key in app.session_state if key.startswith(f"{room.name}."))
    drawn = [*app.number_input, *app.selectbox, *app.text_area, *app.text_input, *app.segmented_control, *app.file_uploader]
    assert all(one.key.endswith(":1") for one in drawn if one.key)
    assert not any(one.value for one in [*app.number_input, *app.text_area, *app.text_input])


@rooms
def test_sessions_do_not_share_a_study(room, assessed):
    one = assessed(room)
    other = opened(room.name)
    assert held(one, room.name).study is not None
    assert room.name not in other.session_state
    assert not other.tabs


def widgets(app: AppTest) -> dict:
    """What can be filled in, by key."""
    kinds = (app.number_input, app.selectbox, app.text_area, app.text_input, app.segmented_control)
    return {one.key: one for kind in kinds for one in kind}


@rooms
def test_every_field_of_read_is_asked_with_its_label_unit_and_bounds(room):
    fields = fields_of(room.verb("read"))
    drawn = widgets(opened(room.name))
    more = {name: next(iter(one.choices), "x") for name, one in fields.items()
            if one.kind is str and f"{room.name}.{name}:0" not in drawn or one.field.multiline}
    drawn = {**widgets(opened(room.name, **more)), **drawn}  # what is asked once another is given, or in question
    for name, asked in fields.items():
        widget, field = drawn[f"{room.name}.{name}:0"], asked.field
        assert widget.label == (f"{field.label}, {field.unit}" if field.unit else field.label)
        if asked.kind in (int, float):
            assert (widget.min, widget.max) == (field.low, field.high)
            assert widget.value is None


@rooms
def test_a_model_is_chosen_only_where_there_are_several(room, assessed):
    boxes = [box for box in assessed(room).selectbox if box.key == f"{room.name}.model:0"]
    assert len(boxes) == (len(room.weights) > 1)
    if boxes:
        assert boxes[0].options == list(room.weights.values())


@rooms
def test_charts_follow_the_dark_theme(room, monkeypatch):
    monkeypatch.setattr(ContextProxy, "theme", property(lambda self: SimpleNamespace(type="dark")))
    app = opened(room.name, accepted(room)[0])
    charts = app.get("plotly_chart")
    assert charts
    assert all(DARK.ink in str(chart.proto) for chart in charts)


def test_a_state_is_replaced_never_changed():
    state = RoomState(BUILT[0])
    with pytest.raises(AttributeError):
        state.name = "x"
