"""The printed report holds what the assessment says, in both languages, and nothing about the patient."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PIL import Image
from pypdf import PdfReader

from core.assessment import Assessment, Comparator, Finding, Measurement, ModelId, Notice
from core.export.entry import CaseEntry
from core.export.pdf import case_pdf
from core.modality import get

ROOM = get("ecg")
WHEN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ASSESSMENT = Assessment(
    modality="ecg", model=ModelId("ecg", "1.2.3", "c0ffee" * 10 + "abcd", "CPU (x86_64)"),
    findings=(
        Finding("superclass", "MI", "Myocardial infarction", 0.873, 0.41, True, (0.81, 0.92), True, "", 0.84, 0.91),
        Finding("superclass", "NORM", "Normal ECG", 0.04, 0.5, False),
        Finding("superclass", "XY", "Never taught", None, None, trained=False),
        *(Finding("statement", f"S{i}", f"Statement {i}", 0.9 if i == 3 else 0.1, 0.5, True) for i in range(12)),
    ),
    measurements=(Measurement("pr_interval", "PR interval", 161.2, "ms", 120, 200),
                  Measurement("qrs_axis", "QRS axis", -40, "°", -30, 90),
                  Measurement("qrs_duration", "QRS duration", 96, "ms", None, 110),
                  Measurement("qt_interval", "QT interval", None, "ms", note="No T waves.")),
    comparators=(Comparator("pr_interval", "PR interval", 158, "ms", "device"),
                 Comparator("rate_by_rule", "Rate by rule", "bradycardia", "", "textbook")),
    notices=(Notice("caution", "V1 is flat & <noisy>.", "V1"), Notice("info", "aVR was derived.")),
    report={"en": ("Rhythm: sinus rhythm.", "Conclusion: Abnormal ECG."),
            "de": ("Rhythmus: Sinusrhythmus, Größe ≥ 5 µV.", "Beurteilung: Pathologisches EKG.")},
)


def png(width: int, height: int, dpi: int | None) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#fdf0ee").save(out, "PNG", **({"dpi": (dpi, dpi)} if dpi else {}))
    return out.getvalue()


def pages(document: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(document)).pages]


def test_english_report_says_it_all():
    entry = CaseEntry(replace(ROOM, title="12-lead ECG"), ASSESSMENT, details={"Format": "WFDB"})
    text = " ".join(pages(case_pdf([entry], "en", WHEN)))
    for wanted in ("Cardioscope", "Research use only. Not a medical device.", "Generated 2026-03-01 09:30 UTC",
                   "12-lead ECG", "Format: WFDB", "V1: V1 is flat & <noisy>.", "Abnormal ECG.", "sinus rhythm.",
                   "Myocardial infarction", "87 % (81–92)", "41 %", "84 / 91 %", "Statement 3",
                   "11 further findings lie below", "Not trained, hence not assessed: Never taught.",
                   "PR interval", "161", "120 – 200", "158", "device", "≤ 110", "−40", "No T waves.", "bradycardia",
                   "aVR was derived.", "Model ecg, version 1.2.3", "c0ffee" * 10 + "abcd", "Page 1 of "):
        assert wanted in text, wanted
    assert "Statement 4" not in text
    assert "Normal ECG 4 % 50 % – no" in text


def test_german_report_renders_umlauts_and_its_own_labels():
    labels = {("superclass", "MI"): "Myokardinfarkt", ("measurement", "pr_interval"): "PQ-Zeit"}
    text = " ".join(pages(case_pdf([CaseEntry(ROOM, ASSESSMENT, labels=labels)], "de", WHEN)))
    for wanted in ("Größe ≥ 5 µV", "Nur für Forschungszwecke. Kein Medizinprodukt.", "01.03.2026, 09:30 UTC",
                   "Messgröße", "PQ-Zeit", "Myokardinfarkt", "Geprüft durch", "Pathologisches EKG.", "Seite 1 von"):
        assert wanted in text, wanted
    assert "Myocardial infarction" not in text
    assert "Conclusion" not in text


def test_fonts_are_embedded():
    reader = PdfReader(io.BytesIO(case_pdf([CaseEntry(ROOM, ASSESSMENT)])))
    fonts = [f.get_object() for f in reader.pages[0]["/Resources"]["/Font"].values()]
    assert any("/FontFile2" in f["/FontDescriptor"] for f in fonts if "/FontDescriptor" in f)


def test_picture_in_true_scale_gets_a_landscape_page():
    sheet = png(1594, 768, 150)  # 270 x 130 mm
    document = case_pdf([CaseEntry(ROOM, ASSESSMENT, sheet)])
    last = PdfReader(io.BytesIO(document)).pages[-1]
    assert last.mediabox.width > last.mediabox.height
    assert "True to scale" in pages(document)[-1]
    assert "Reduced to 66%" in pages(document)[0]
    content = last.get_contents().get_data().decode("latin-1")
    width, height = map(float, re.search(r"q\n([\d.]+) 0 0 ([\d.]+) 0 0 cm\n/FormXob", content).groups())
    assert width == pytest.approx(1594 / 150 * 72, abs=0.1)
    assert height == pytest.approx(768 / 150 * 72, abs=0.1)


@pytest.mark.parametrize(("width", "height", "dpi"), [(1594, 768, None), (1800, 900, 150), (300, 200, 300),
                                                      (200, 1500, None)])
def test_other_pictures_stay_on_the_portrait_page(width, height, dpi):
    picture = png(width, height, dpi)
    reader = PdfReader(io.BytesIO(case_pdf([CaseEntry(ROOM, ASSESSMENT, picture)])))
    assert len(reader.pages[0].images) == 1
    assert all(page.mediabox.width < page.mediabox.height for page in reader.pages)


def test_refused_study_lists_no_findings():
    refused = Assessment("ecg", ASSESSMENT.model, notices=(Notice("refuse", "Eleven leads are flat."),),
                         report={"en": ("Not interpreted: Eleven leads are flat.",)})
    text = " ".join(pages(case_pdf([CaseEntry(ROOM, refused)])))
    assert "Not interpreted" in text
    assert "Myocardial infarction" not in text


def test_every_study_starts_a_page_and_pages_are_counted():
    text = pages(case_pdf([CaseEntry(ROOM, ASSESSMENT, png(1594, 768, 150)), CaseEntry(get("cxr"), ASSESSMENT)]))
    assert sum("Chest X-ray" in page for page in text) == 1
    assert all(f"Page {i} of {len(text)}" in page for i, page in enumerate(text, 1))


def test_long_text_from_outside_does_not_break_the_page():
    notices = tuple(Notice("caution", "x" * 5000 + " word " * 2000, "V1") for _ in range(40))
    assert len(pages(case_pdf([CaseEntry(replace(ROOM, title="E" * 3000), replace(ASSESSMENT, notices=notices))]))) < 20


def test_same_input_same_bytes_also_from_threads():
    entry = CaseEntry(ROOM, ASSESSMENT, png(1594, 768, 150))
    wanted = case_pdf([entry], "de", WHEN)
    with ThreadPoolExecutor(4) as pool:
        assert all(made == wanted for made in pool.map(lambda _: case_pdf([entry], "de", WHEN), range(8)))


def test_no_entry_is_an_error():
    with pytest.raises(ValueError, match="at least one study"):
        case_pdf([])


def test_a_value_is_printed_as_finely_as_its_reference_range():
    found = replace(ASSESSMENT, measurements=(Measurement("temperature", "Temperature", 37.9, "°C", 36.1, 38.0),
                                              Measurement("heart_rate", "Heart rate", 81.4, "/min", 51, 90)))
    text = " ".join(pages(case_pdf([CaseEntry(ROOM, found)], "en", WHEN)))
    for wanted in ("37.9", "36.1 – 38.0", "81 ", "51 – 90"):
        assert wanted in text
    assert "37,9" in " ".join(pages(case_pdf([CaseEntry(ROOM, found)], "de", WHEN)))


def test_a_score_beside_a_measurement_has_its_name_where_it_is_another_quantity():
    beside = (Comparator("pr_interval", "PR interval", 158, "ms", "device"), Comparator("pr_interval", "Score", "2 of 3", "", ""))
    text = " ".join(pages(case_pdf([CaseEntry(ROOM, replace(ASSESSMENT, comparators=beside))])))
    assert "158; Score 2 of 3" in text


def test_codes_of_fields_are_not_printed_and_names_of_leads_are():
    said = (Notice("caution", "It is high.", "death_in_hospital"), Notice("info", "Noisy.", "V1"), Notice("info", "Old.", "age"))
    text = " ".join(pages(case_pdf([CaseEntry(ROOM, replace(ASSESSMENT, notices=said))])))
    assert "death_in_hospital" not in text
    assert "V1: Noisy." in text
    assert "age: Old." not in text


def test_sentences_in_a_table_stand_left_and_numbers_right():
    sentence = "The nurse informs the team at once."
    made = CaseEntry(ROOM, ASSESSMENT, tables={"T": [["Row", "Xnumber", "Xwords"], ["a", "7", sentence]]})
    where: dict[str, float] = {}

    def seen(text, cm, matrix, *_rest) -> None:
        where.setdefault(text.strip(), cm[4] + matrix[4])

    for page in PdfReader(io.BytesIO(case_pdf([made]))).pages:
        page.extract_text(visitor_text=seen)
    assert where[sentence] == pytest.approx(where["Xwords"], abs=0.5)
    assert where["7"] > where["Xnumber"] + 5
