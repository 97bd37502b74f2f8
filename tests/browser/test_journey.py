"""In Chromium, on the real app: from upload to downloaded report, and two people at once."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pypdf

from core.cmr.examples import INFERIOR, as_nifti
from core.cmr.phantom import phantom
from core.ecg.examples import as_wfdb
from core.ecg.generate import generate
from core.settings import ROOT

PATIENCE = 120_000  # ms; two shared cores


def record(rhythm: str, name: str) -> list[dict]:
    made = generate(rhythm, seed=5)
    return [{"name": u.name, "mimeType": "application/octet-stream", "buffer": u.data}
            for u in as_wfdb(name, made.millivolts, made.sampling_rate)]


def open_ecg(browser, address: str):
    page = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/ecg")
    page.get_by_text("No recording yet").wait_for()
    return page


def upload(page, files: list[dict]) -> None:
    page.locator("input[type=file]").set_input_files(files)


def test_from_upload_to_downloaded_report(browser, app_url):
    page, foreign = open_ecg(browser, app_url), []
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith(
        (app_url, app_url.replace("http", "ws"), "data:", "blob:")) else None)
    upload(page, record("lbbb", "mine"))
    page.get_by_role("tab", name="Report").click()
    page.get_by_text("left bundle branch block").first.wait_for()
    with page.expect_download() as pdf:
        page.get_by_role("button", name="Report, PDF").click()
    text = "\n".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf.value.path().read_bytes())).pages)
    assert "left bundle branch block" in text.lower()
    assert "not a medical device" in text.lower()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Assessment, JSON").click()
    assessment = json.loads(saved.value.path().read_text())
    assert next(f for f in assessment["findings"] if f["code"] == "CLBBB")["probability"] > 0.5
    for kind, begins in (("PDF", b"%PDF"), ("JSON", b"{"), ("FHIR", b"{")):
        with page.expect_download() as case:
            page.get_by_role("button", name=kind, exact=True).click()
        assert case.value.path().read_bytes().startswith(begins)
    page.get_by_role("tab", name="Why").click()
    page.get_by_role("button", name="Explain").click()
    page.get_by_text("Erasing what the map marks").wait_for()
    assert page.locator("canvas").count() >= 1
    assert not foreign, foreign
    page.context.close()


def test_two_people_never_see_each_others_study(browser, app_url):
    first, second = open_ecg(browser, app_url), open_ecg(browser, app_url)
    upload(first, record("lbbb", "alpha"))
    upload(second, record("af", "beta"))
    for page, own, other in ((first, "left bundle branch block", "atrial fibrillation"),
                             (second, "atrial fibrillation", "left bundle branch block")):
        page.get_by_role("tab", name="Report").click()
        panel = page.get_by_role("tabpanel").filter(has_text="Conclusion")
        panel.wait_for()
        text = panel.inner_text().lower()
        assert own in text
        assert other not in text
    assert first.get_by_text("alpha").count()
    assert not first.get_by_text("beta").count()
    for page in (first, second):
        page.context.close()


def test_broken_file_is_one_sentence_and_the_app_goes_on(browser, app_url):
    page = open_ecg(browser, app_url)
    upload(page, [{"name": "x.hea", "mimeType": "text/plain", "buffer": b"x 12 500 5000\n../../etc/passwd 16 1000/mV\n"}])
    page.get_by_role("alert").first.wait_for()
    assert "Traceback" not in page.inner_text("body")
    page.context.close()
    again = open_ecg(browser, app_url)
    upload(again, record("sinus", "good"))
    again.get_by_role("tab", name="Report").click()
    again.get_by_text("Rhythm: sinus rhythm.").wait_for()
    again.context.close()


def test_chest_film_from_upload_to_explained_and_downloaded_report(browser, app_url):
    page = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{app_url}/cxr")
    page.locator("input[type=file]").wait_for(state="attached")
    film = (ROOT / "assets" / "cxr" / "composite_cardiomegaly.png").read_bytes()
    upload(page, [{"name": "film.png", "mimeType": "image/png", "buffer": film}])
    page.get_by_role("tab", name="Why").click()
    page.get_by_role("button", name="Explain").click()
    page.get_by_text("Does the map hold?").wait_for()
    page.get_by_role("tab", name="Report").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Assessment, JSON").click()
    found = json.loads(saved.value.path().read_text())
    assert found["modality"] == "cxr"
    assert any(f["code"] == "Cardiomegaly" and f["probability"] for f in found["findings"])
    upload(page, [{"name": "broken.png", "mimeType": "image/png", "buffer": film[:2000]}])
    page.get_by_test_id("stAlert").first.wait_for()
    page.context.close()


def test_no_request_leaves_the_machine(browser, app_url):
    page, foreign, asked = browser.new_page(), [], []
    page.set_default_timeout(PATIENCE)
    here = (app_url, app_url.replace("http", "ws"), "data:", "blob:")
    page.on("request", lambda request: (asked if request.url.startswith(here) else foreign).append(request.url))
    for path in ("/", "/api/", "/runs/", "/models"):
        page.goto(app_url + path)
        page.wait_for_timeout(3000)  # never idle: the faces keep a channel to the server open
    page.close()
    assert foreign == []
    assert len(asked) > 4


def test_a_long_reading_says_how_long_and_can_be_cancelled(browser, app_url):
    heart = replace(INFERIOR, slices=45, spacing_mm=(1.5, 1.5, 2.0))
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{app_url}/cmr")
    page.get_by_text("No stack yet").wait_for()
    upload(page, [{"name": "long.nii.gz", "mimeType": "application/gzip", "buffer": as_nifti(phantom(heart, 1)[0], heart)}])
    page.get_by_text(" of 45, about ").first.wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled.").wait_for()
    assert not page.get_by_role("tab").count()
    page.get_by_role("button", name="Read it again").click()
    page.get_by_text(" of 45, about ").first.wait_for()
    page.context.close()
