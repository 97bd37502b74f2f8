"""In Chromium, on the real app: a form to a curve, values from the ECG of the same patient, the report; a cohort."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from core.ecg.examples import as_wfdb
from core.ecg.generate import generate

PATIENCE = 120_000  # ms; two shared cores


def opened(browser, address: str):
    page = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    return page


def enter(page, label: str, value: object) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(str(value))
    box.press("Tab")


def saved(page, button: str) -> dict:
    with page.expect_download() as file:
        page.get_by_role("button", name=button).click()
    return json.loads(file.value.path().read_text())


def test_from_form_and_ecg_to_curve_and_report(browser, app_url):
    page = opened(browser, f"{app_url}/ecg")
    made = generate("lbbb", seed=5)
    page.locator("input[type=file]").set_input_files([
        {"name": one.name, "mimeType": "application/octet-stream", "buffer": one.data}
        for one in as_wfdb("mine", made.millivolts, made.sampling_rate)])
    page.get_by_role("tab", name="Report").wait_for()
    page.get_by_role("link", name="Heart failure").click()
    page.get_by_text("Nothing entered yet").wait_for()
    enter(page, "Age, years", 71)
    page.get_by_text("Laboratory", exact=True).click()
    enter(page, "Creatinine, mg/dl", 1.4)
    page.locator(".js-plotly-plot").first.wait_for()
    page.get_by_text("Death within 3 years").first.wait_for()
    assert page.get_by_label("Creatinine, mg/dl", exact=True).is_visible()  # the group stays open
    page.get_by_role("button", name="Take from the ECG of this case").click()
    page.get_by_text("QRS duration", exact=False).first.wait_for()
    page.get_by_text("ECG and Holter", exact=True).click()
    page.get_by_text("From the ECG, mine").first.wait_for()
    qrs = float(page.get_by_label("QRS duration, ms", exact=True).input_value())
    assert qrs > 120
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("heading", name="Cardioscope").wait_for()
    page.get_by_role("link", name="Heart failure").click()
    page.get_by_text("Death within 3 years").first.wait_for()
    expect(page.get_by_label("Age, years", exact=True)).to_have_value("71")  # kept while another page was open
    page.get_by_role("tab", name="Report").click()
    assessment = saved(page, "Assessment, JSON")
    assert assessment["modality"] == "heart_failure"
    codes = {one["code"]: one for one in assessment["measurements"]}
    assert codes["death_1y"]["value"] < codes["death_3y"]["value"]
    with page.expect_download() as pdf:
        page.get_by_role("button", name="Report, PDF").click()
    assert pdf.value.path().read_bytes()[:4] == b"%PDF"
    page.context.close()


def test_a_cohort_to_predictions(browser, app_url):
    page = opened(browser, f"{app_url}/heart_failure")
    page.get_by_role("radio", name="Cohort").click()
    page.get_by_text("No cohort yet").wait_for()
    rows = "\n".join(f"{50 + k},male,{25 + k % 20},140" for k in range(30))
    page.locator("input[type=file]").set_input_files(
        [{"name": "cohort.csv", "mimeType": "text/csv", "buffer": f"age,sex,lvef,sodium\n{rows}\n".encode()}])
    page.get_by_role("button", name="Predict", exact=True).click()
    page.get_by_text("Median 3-year risk").wait_for()
    with page.expect_download() as file:
        page.get_by_role("button", name="Predictions, JSONL").click()
    assert len(file.value.path().read_text().splitlines()) == 30
    page.context.close()
