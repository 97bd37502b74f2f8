"""The showcase: what was computed is on the page, everything it needs lies beside it, and it works in a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core.modality import get
from core.space.check import check

pytestmark = pytest.mark.timeout(300)


def test_the_hub_would_take_it(static):
    found = check(static, "static")
    assert found.problems == ()
    assert found.large == ()
    assert found.front_matter.app_file == "index.html"
    assert found.sha256 == check(static, "static").sha256


def test_findings_and_reports_are_those_of_the_core(static):
    page = (static / "index.html").read_text()
    example = next(iter(get("deterioration").verb("examples")()))
    study = get("deterioration").verb("read")(example.files, **example.fields)
    assessment = get("deterioration").verb("assess")(study)
    assert example.name in page
    assert assessment.model.sha256[:12] in page
    kept = json.loads((static / "cases" / "deterioration-0.json").read_text())
    assert kept["findings"][0]["probability"] == pytest.approx(assessment.findings[0].probability, abs=1e-4)
    assert (static / "cases" / "deterioration-0.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads((static / "cases" / "deterioration-0.fhir.json").read_text())["resourceType"] == "DiagnosticReport"


def test_charts_are_there_in_both_themes_and_names_are_escaped(static):
    page, charts = (static / "index.html").read_text(), (static / "charts.js").read_text()
    made = json.loads(charts.removeprefix("window.CHARTS = ").rstrip(";\n"))
    places = re.findall(r"data-chart='([^']+)'", page)
    assert places
    assert set(places) == set(made)
    assert all(light["layout"]["template"] != dark["layout"]["template"] for light, dark in made.values())
    assert "<b>run</b>" not in page
    assert any(key.startswith("run-") for key in made)


def test_a_changed_page_is_noticed(static, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(static, copy)
    page = copy / "index.html"
    more = "<img src='https://example.org/x.png'><a href='nothing.pdf'>x</a></main>"
    page.write_text(page.read_text().replace("</main>", more))
    (copy / "notes.txt").write_text("hf_" + "a" * 34)
    problems = " ".join(check(copy, "static").problems)
    assert "elsewhere" in problems
    assert "nothing.pdf" in problems
    assert "token" in problems
    (copy / "README.md").unlink()
    assert "README.md" in " ".join(check(copy, "static").problems)


@pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="no /usr/bin/chromium")
def test_in_a_browser_without_a_server(static):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        faults, asked = [], []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.set_default_timeout(120_000)
        page.goto(f"file://{static}/index.html", timeout=120_000)
        page.locator("#heart_failure .chart .plot-container").first.wait_for(timeout=120_000)
        second = page.locator("#deterioration [role=tab]").nth(1)
        second.click()
        page.locator("#deterioration-1 .chart .plot-container").first.wait_for(timeout=120_000)
        assert page.locator("#deterioration-0").is_hidden()
        page.locator("#deterioration-1").get_by_role("tab", name="Report").click()
        assert page.locator("#deterioration-1-Report").is_visible()
        ground = "getComputedStyle(document.body).backgroundColor"
        before = page.evaluate(ground)
        page.get_by_role("button", name="Light or dark").click()
        assert page.evaluate(ground) != before
        browser.close()
    assert faults == []
    assert all(url.startswith(("file://", "data:", "blob:")) for url in asked)
