"""The printed cardiac MR page: montage, segments and methods, with dashes where nothing is known."""

from __future__ import annotations

import io

from PIL import Image
from pypdf import PdfReader

from core.assessment import Assessment, Comparator, Measurement, ModelId, Notice
from core.cmr.quantify import Agreement
from core.cmr.segments import NAMES, Segment
from core.export.pdf import CaseEntry, case_pdf
from core.export.pdf_cmr import tables

SEGMENTS = [Segment(k, name, 41.4 if k == 4 else 0.0, 55.0 if k == 4 else 0.0, 80.0, 63.2, 7.25, 300)
            for k, name in NAMES.items() if k < 17] + [Segment(17, "apex", *4 * (None,), None, 0)]
AGREEMENT = [Agreement("Model", 12.34, None, None), Agreement("5 SD", 10.2, -2.14, 0.815)]
ASSESSMENT = Assessment(
    modality="cmr", model=ModelId("cmr", "1.0.0", "c0ffee" * 10 + "abcd", "CPU"),
    measurements=(Measurement("scar_share", 12.3, "%"),), comparators=(Comparator("scar_share", 10.2, "%", "5 SD"),),
)


def written(assessment: Assessment, **more) -> str:
    picture = io.BytesIO()
    Image.new("L", (1200, 600), 90).save(picture, "PNG")
    entry = CaseEntry("Cardiac MR", assessment, picture.getvalue(), **more)
    pages = PdfReader(io.BytesIO(case_pdf([entry]))).pages
    assert len(pages[0].images) == 1
    assert len(pages) <= 3
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_page_has_segments_and_methods():
    text = written(ASSESSMENT, tables=tables(SEGMENTS, AGREEMENT))
    for wanted in ("Segments (AHA)", "4 basal inferior 41 55 80 63 7.2", "17 apex – – – – –", "Infarct by method",
                   "Model 12.3 – –", "5 SD 10.2 −2.1 0.81", "scar_share"):
        assert wanted in text, wanted


def test_german_numbers_and_no_empty_table():
    found = tables(SEGMENTS[:1], language="de")
    assert list(found) == ["Segmente (AHA)"]
    assert found["Segmente (AHA)"][1][-1] == "7,2"
    assert tables([]) == {}


def test_refused_scan_shows_no_table():
    refused = Assessment("cmr", ASSESSMENT.model, notices=(Notice("refuse", "There is no heart in the field."),))
    assert "Segments" not in written(refused, tables=tables(SEGMENTS))
