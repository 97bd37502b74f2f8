"""What reports are made of: one text for all of them, the film as it was asked for, wording in both languages."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from core.assessment import Assessment, Attribution, to_json
from core.cxr import ROOM, figures
from core.cxr.assess import assess
from core.cxr.examples import examples
from core.cxr.export import METHODS, entry, picture
from core.cxr.read import read
from core.cxr.study import CxrStudy
from core.export.entry import case_json
from core.export.fhir import diagnostic_report
from core.export.pdf import case_pdf

WHEN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def film() -> CxrStudy:
    return read(next(examples()).files, age=60, sex="male", view="PA", note="Fever and cough for three days.")


@pytest.fixture(scope="module")
def assessment(film: CxrStudy) -> Assessment:
    return assess(film)


def heat(film: CxrStudy, method: str = "grad_cam", holds: bool = True) -> Attribution:
    values = np.zeros(film.pixels.shape, np.float32)
    values[:100, :100] = 1
    return Attribution(values, "observation:Edema", method, {}, {"holds": holds}, 0.1)


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def printed(document: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages).split())


def test_page_pdf_json_and_fhir_carry_one_text(film: CxrStudy, assessment: Assessment):
    lines, made = assessment.report["en"], entry(film, assessment)
    assert made.assessment.report["en"] == lines
    assert tuple(json.loads(to_json(assessment))["report"]["en"]) == lines
    assert tuple(json.loads(case_json([made], WHEN))["studies"][0]["assessment"]["report"]["en"]) == lines
    assert diagnostic_report(made)["conclusion"] == "\n".join(lines)
    text = printed(case_pdf([made], "en", WHEN)).replace(" ", "")  # cells break lines where they like
    for line in lines:
        head, _, rest = line.partition(": ")
        assert (rest or head).replace(" ", "") in text, line
    assert case_pdf([made], "en", WHEN) == case_pdf([entry(film, assessment)], "en", WHEN)


@pytest.mark.parametrize(("language", "wording"), [
    ("en", {"observation": "Observations (CheXpert)", "further": "Further findings (ChestX-ray14)", "child": "Children's films"}),
    ("de", {"observation": "Befunde (CheXpert)", "further": "Weitere Befunde (ChestX-ray14)", "child": "Kinderaufnahmen"}),
])
def test_groups_are_worded_in_the_language_of_the_report(film, assessment, language, wording):
    made = entry(film, assessment, language)
    assert made.room is ROOM
    assert {group: made.labels["group", group] for group in wording} == wording
    assert wording["further"] in printed(case_pdf([made], language, WHEN))
    child = entry(film, assess(dataclasses.replace(film, age=4.0)), language)
    assert wording["child"] in printed(case_pdf([child], language, WHEN))


def test_only_the_models_own_findings_are_printed(film: CxrStudy, assessment: Assessment):
    text = printed(case_pdf([entry(film, assessment)], "en", WHEN))
    assert "film_alone" not in text
    assert "low_rank" not in text


def test_the_picture_is_the_film_or_the_film_under_the_map_that_was_given(film: CxrStudy, assessment: Assessment):
    plain, drawn = entry(film, assessment), entry(film, assessment, attribution=heat(film))
    np.testing.assert_array_equal(pixels(plain.picture), figures.film(film))
    np.testing.assert_array_equal(pixels(drawn.picture), figures.overlay(film, heat(film).values))
    assert plain.details == film.source
    assert drawn.details == film.source | {"heat map": "Edema, Grad-CAM; its deletion check holds"}
    large = dataclasses.replace(film, pixels=np.tile(film.pixels, (10, 8)))
    assert pixels(picture(large)).shape == (1200, 960)
    assert pixels(picture(large, heat(large))).shape == (1200, 960, 3)


@pytest.mark.parametrize("method", [*ROOM.methods, "xrv"])
def test_a_map_that_fails_its_check_says_so_in_both_languages(film, assessment, method):
    failed = heat(film, method, holds=False)
    detail = entry(film, assessment, attribution=failed).details["heat map"]
    assert detail == f"Edema, {METHODS[method]}; its deletion check is inconclusive: do not rely on the map"
    assert "ohne klares Ergebnis" in entry(film, assessment, "de", failed).details["Heatmap"]


def test_a_refused_film_is_shown_with_its_reason_and_nothing_else(film: CxrStudy):
    coloured = dataclasses.replace(film, colour=0.9)
    made = entry(coloured, assess(coloured))
    np.testing.assert_array_equal(pixels(made.picture), figures.film(coloured))
    text = printed(case_pdf([made], "en", WHEN))
    assert "Not interpreted" in text
    assert "This is a colour picture, not a radiograph." in text
    assert "Conclusion" not in text
    report = diagnostic_report(made)
    assert report["status"] == "cancelled"
    assert report["conclusion"] == "Not interpreted: This is a colour picture, not a radiograph."
    assert "result" not in report
