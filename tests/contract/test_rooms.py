"""What every room promises, asked of all of them alike with their own examples and weights."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest
from fhir.resources.diagnosticreport import DiagnosticReport
from pypdf import PdfReader

from core.assessment import Assessment, from_json, to_json
from core.contract import Modality
from core.export.entry import case_json
from core.export.fhir import diagnostic_report
from core.export.pdf import case_pdf
from core.fields import fields_of
from core.modality import MODALITIES
from core.progress import Cancelled
from core.settings import settings
from core.uploads import InputError, Upload
from core.weights import read_config

BUILT = [m for m in MODALITIES if m.built]
EXAMPLES = [(room, example) for room in BUILT for example in room.verb("examples")()]
FOREIGN = {
    "empty": Upload("study.dcm", b""), "text": Upload("letter.txt", b"Dear colleague, thank you for your letter.\n"),
    "pdf": Upload("report.pdf", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n"), "noise": Upload("x.bin", bytes(range(256)) * 40),
    "page": Upload("index.html", b"<!DOCTYPE html><html><body>no study</body></html>"),
    "cut picture": Upload("film.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    "cut archive": Upload("study.zip", b"PK\x03\x04" + bytes(60)),
    "no ending": Upload("x", b"\x7fELF" + bytes(500)),
}


@cache
def assessed(room: Modality, number: int) -> tuple[object, Assessment]:
    """Study and assessment of the room's example of that number."""
    example = [example for one, example in EXAMPLES if one is room][number]
    study = room.verb("read")(example.files, **example.fields)
    return study, room.verb("assess")(study)


def numbered() -> list:
    count: dict[str, int] = {}
    rows = []
    for room, example in EXAMPLES:
        number = count[room.name] = count.get(room.name, -1) + 1
        rows.append(pytest.param(room, number, id=f"{room.name}-{example.name}"))
    return rows


rooms = pytest.mark.parametrize("room", BUILT, ids=lambda room: room.name)
every_example = pytest.mark.parametrize(("room", "number"), numbered())


@rooms
def test_a_room_declares_itself(room: Modality):
    assert room.title
    assert room.summary.endswith(".")
    assert room.icon
    assert room.methods
    for name in room.folders:
        assert read_config(settings.weights / name).name == name
    names = [example.name for one, example in EXAMPLES if one is room]
    assert len(names) == len(set(names)) >= 2


@every_example
def test_an_assessment_survives_json_and_is_light(room: Modality, number: int):
    _, assessment = assessed(room, number)
    assert assessment.modality == room.name
    text = to_json(assessment)
    assert len(text) < 2_000_000
    back = from_json(text)
    assert to_json(back) == text
    assert back.findings == assessment.findings
    assert back.curves == assessment.curves
    codes = [m.code for m in assessment.measurements]
    assert len(codes) == len(set(codes))
    assert len({f.target for f in assessment.findings}) == len(assessment.findings)
    for finding in assessment.findings:
        assert (finding.probability is not None) == (finding.trained and finding.usable)


@every_example
def test_the_reports_of_an_example_are_valid_and_say_one_thing(room: Modality, number: int):
    study, assessment = assessed(room, number)
    for language in ("en", "de"):
        entry = room.verb("entry")(study, assessment, language)
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(case_pdf([entry], language))).pages]
        assert "Cardioscope" in pages[0]
        report = diagnostic_report(entry, language)
        DiagnosticReport.model_validate(report)
        said = assessment.report.get(language)
        if said:
            assert report["conclusion"] == "\n".join(said)
            printed = " ".join(" ".join(pages).split())
            for line in said:
                topic, _, rest = line.partition(": ")
                assert " ".join((rest or topic).split())[:60] in printed
    whole = json.loads(case_json([entry], datetime(2026, 1, 1, tzinfo=UTC)))
    assert whole["studies"][0]["assessment"] == json.loads(to_json(assessment))


@every_example
def test_a_refused_study_has_one_reason_and_an_accepted_one_none(room: Modality, number: int):
    study, assessment = assessed(room, number)
    reasons = [notice for notice in assessment.notices if notice.level == "refuse"]
    assert len(reasons) == assessment.refused
    if assessment.refused:
        assert [notice.level for notice in assessment.notices[1:]] == ["info"] * (len(assessment.notices) - 1)
        assert assessment.report["en"] == (f"Not interpreted: {reasons[0].message}",)
        report = diagnostic_report(room.verb("entry")(study, assessment))
        assert report["status"] == "cancelled"
        assert report["conclusion"] == assessment.report["en"][0]
        with pytest.raises(InputError):
            room.verb("explain")(study, "observation:x", room.methods[0])
    else:
        assert assessment.findings or assessment.measurements


@rooms
def test_every_method_explains_the_leading_finding(room: Modality):
    study, assessment = next(assessed(room, k) for k in range(9) if not assessed(room, k)[1].refused)
    finding = max((f for f in assessment.own if f.probability is not None), key=lambda f: (f.present, f.probability))
    for method in room.methods:
        steps: list[tuple[int, int]] = []
        reason = room.verb("explain")(study, finding.target, method, done=lambda *step, steps=steps: not steps.append(step))
        assert reason.target == finding.target
        assert reason.method == method
        assert np.isfinite(reason.values).all()
        assert any(reason.values.shape == getattr(value, "shape", None) for value in vars(study).values())
        assert all(0 < done <= of for done, of in steps)
        if steps:
            with pytest.raises(Cancelled):
                room.verb("explain")(study, finding.target, method, done=lambda done, of: False)


@rooms
def test_an_unknown_finding_or_method_is_named(room: Modality):
    study, assessment = next(assessed(room, k) for k in range(9) if not assessed(room, k)[1].refused)
    with pytest.raises(InputError) as caught:
        room.verb("explain")(study, "nothing:of the kind", room.methods[0])
    assert caught.value.field == "target"
    with pytest.raises(InputError) as caught:
        room.verb("explain")(study, assessment.own[0].target, "crystal ball")
    assert caught.value.field == "method"


@rooms
@pytest.mark.parametrize("upload", FOREIGN.values(), ids=FOREIGN)
def test_foreign_input_is_one_clear_sentence(room: Modality, upload: Upload):
    with pytest.raises(InputError) as caught:
        room.verb("read")([upload])
    assert caught.value.message.endswith(".")
    assert caught.value.remedy.endswith(".")
    assert "\n" not in str(caught.value)


@rooms
def test_nothing_at_all_is_refused(room: Modality):
    with pytest.raises(InputError):
        room.verb("read")()


@rooms
def test_bounds_are_kept_and_zero_is_a_value(room: Modality):
    read, example = room.verb("read"), next(iter(room.verb("examples")()))
    for name, asked in fields_of(read).items():
        if asked.kind not in (float, int):
            continue
        low, high = asked.field.low, asked.field.high
        for outside in (low - 1, high + 1, float("nan"), "many"):
            with pytest.raises(InputError) as caught:
                read(example.files, **{**example.fields, name: outside})
            assert caught.value.field == name
            assert f"{high:g}" in caught.value.message
        if low <= 0:
            study = read(example.files, **{**example.fields, name: 0})
            assert getattr(study, name, 0) == 0
            assert getattr(study, name, 0) is not None


@rooms
def test_studies_of_a_folder_and_of_a_manifest_are_the_same(room: Modality, tmp_path):
    example = next(example for one, example in EXAMPLES if one is room and example.files)  # a form alone is in no folder
    folder = tmp_path / "files"
    folder.mkdir()
    for file in example.files:
        (folder / file.name).write_bytes(file.data if isinstance(file, Upload) else file.read_bytes())
    (found,) = room.verb("studies")(folder)
    first = room.verb("assess")(room.verb("read")(found.files, **found.fields))
    table = tmp_path / "studies.csv"
    table.write_text(f"path,hospital\n{found.files[0].relative_to(tmp_path)},north\n")
    (listed,) = room.verb("studies")(table)
    second = room.verb("assess")(room.verb("read")(listed.files, **listed.fields))
    assert first.findings == second.findings


@rooms
@pytest.mark.parametrize("which", [0, 1])
def test_any_of_the_rooms_weights_can_be_chosen(room: Modality, which: int):
    if which >= len(room.weights):
        pytest.skip("the room has one model")
    name = list(room.weights)[which]
    study, _ = assessed(room, 0)
    assert room.verb("assess")(study, name).model.name == name
