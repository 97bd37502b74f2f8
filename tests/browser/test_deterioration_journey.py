"""In Chromium, on the real app: a table with two stays to a replayed, explained and downloaded one."""

from __future__ import annotations

import io
import json

import pypdf

from tests.browser.test_journey import PATIENCE, upload

HEADING = "stay,hours,HR,RR,temp,SBP,DBP,SpO2,oxygen,ACVPU,note\n"
CALM = "".join(f"calm,{hour},72,14,36.8,124,74,98,no,A,\n" for hour in range(12))
WORSE = "".join(
    f"worse,{hour},{84 + 4 * hour},{16 + hour},{37 + hour / 8},{124 - 3 * hour},{70 - hour},{97 - hour // 2},yes,A,"
    f"{'Mottled and newly confused.' if hour == 6 else ''}\n" for hour in range(13))


def test_a_table_of_two_stays_is_asked_about_replayed_explained_and_handed_over(browser, app_url):
    page = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{app_url}/deterioration")
    page.get_by_text("No stay yet").wait_for()
    upload(page, [{"name": "ward.csv", "mimeType": "text/csv", "buffer": (HEADING + CALM + WORSE).encode()}])
    page.get_by_text("The table holds several stays").wait_for()
    page.get_by_role("combobox", name="Which of the 2 stays?").click()
    page.get_by_role("option", name="worse").click()
    page.wait_for_selector("canvas[data-row='12']")
    grounds = [page.locator(place).evaluate("e => getComputedStyle(e).backgroundColor") for place in (".st-key-result", ".stApp")]
    assert grounds[0] in ("rgba(0, 0, 0, 0)", grounds[1])  # what came out is no card, and no viewer lies on another ground
    page.get_by_role("button", name="First hour").click()
    page.get_by_text("Too little observed").first.wait_for()
    page.locator("input.scrub").fill("8")
    page.wait_for_selector("canvas[data-row='8']")
    page.get_by_role("button", name="Explain this hour").click()
    page.get_by_text("Strips: what each value adds to the risk at 8 h").wait_for()
    page.get_by_role("tab", name="Why").click()
    page.get_by_text("What changed within the hour before 8 h").wait_for()
    page.get_by_role("tab", name="Report").click()
    with page.expect_download() as pdf:
        page.get_by_role("button", name="Report, PDF").click()
    text = "\n".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pdf.value.path().read_bytes())).pages)
    assert "Hand-over" in text
    assert "Mottled" not in text
    with page.expect_download() as saved:
        page.get_by_role("button", name="Assessment, JSON").click()
    found = json.loads(saved.value.path().read_text())
    assert found["modality"] == "deterioration"
    assert any(one["code"] == "death_in_hospital" and one["value"] for one in found["measurements"])
    page.context.close()


def test_a_table_is_typed_into_the_page(browser, app_url):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{app_url}/deterioration")
    page.get_by_role("button", name="Type or paste a table").click()
    page.get_by_text("One row per time").wait_for()
    cells = page.get_by_test_id("stDataFrame").locator("canvas").first
    box = cells.bounding_box()
    page.mouse.click(box["x"] + 100, box["y"] + 52)  # the first hour
    for value in ("1", "88", "18", "37.2"):
        page.wait_for_timeout(400)  # a cell opens and closes
        page.keyboard.type(value)
        page.wait_for_timeout(400)
        page.keyboard.press("Tab")
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Use this table").click()
    page.wait_for_selector("canvas[data-row='1']")
    page.get_by_text("There is no course yet").or_(page.get_by_text("Too little observed")).first.wait_for()
    page.close()


def test_a_stay_outlives_another_room_and_a_reload_and_leaving_asks_first(browser, app_url):
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(PATIENCE)
    asked = []

    def answer(dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    def is_there() -> None:
        page.wait_for_selector("canvas[data-row='11']")
        page.get_by_text("ward.csv").first.wait_for()
        assert page.get_by_label("Nurse's note").input_value() == "Newly confused."

    page.on("dialog", answer)
    page.goto(f"{app_url}/deterioration")
    page.get_by_text("No stay yet").wait_for()
    upload(page, [{"name": "ward.csv", "mimeType": "text/csv", "buffer": (HEADING + CALM).encode()}])
    page.wait_for_selector("canvas[data-row='11']")
    page.get_by_label("Nurse's note").fill("Newly confused.")
    page.keyboard.press("Control+Enter")
    page.get_by_text("The note is taken as written at the start of the stay.").wait_for()
    page.get_by_role("link", name="ECG").click()
    page.get_by_role("heading", name="ECG").wait_for()
    page.get_by_role("link", name="Deterioration").first.click()
    is_there()
    assert asked == []
    page.reload()
    is_there()
    page.goto("about:blank")
    assert asked == ["beforeunload"] * 2
    page.context.close()
