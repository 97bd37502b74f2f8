"""The running server: every face answers, nothing calls home."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
FACES = ("/", "/api/", "/runs/")


def test_health_and_readiness(app_url):
    assert httpx.get(f"{app_url}/healthz").json()["status"] == "up"
    ready = httpx.get(f"{app_url}/readyz")
    assert ready.status_code == 200
    assert ready.json()["ready"]
    state = ready.json()["models"]["ecg"]
    assert len(state["sha256"]) == 64
    assert state["device"]
    assert state["seconds"] >= 0


@pytest.mark.parametrize("path", ["/", "/api", "/api/", "/runs", "/runs/", "/models"])
def test_every_face_answers(app_url, path):
    answer = httpx.get(app_url + path, follow_redirects=True)
    assert answer.status_code == 200
    assert "<html" in answer.text.lower()


@pytest.mark.parametrize("path", FACES)
def test_html_loads_nothing_from_elsewhere(app_url, path):
    page = httpx.get(app_url + path, follow_redirects=True).text
    loaded = re.findall(r"""<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=["'](https?:)?//([^/"']+)""", page)
    assert {host for _, host in loaded} <= {app_url.removeprefix("http://")}
    assert "fonts.googleapis" not in page
    assert "fonts.gstatic" not in page


def test_no_request_leaves_the_machine(app_url):
    foreign: list[str] = []
    here = (app_url, app_url.replace("http", "ws"), "data:", "blob:")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                      "--no-first-run"])
        except Exception as error:
            pytest.skip(f"no Chromium here: {type(error).__name__}")
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.on("request", lambda request: request.url.startswith(here) or foreign.append(request.url))
        for path in (*FACES, "/models"):
            page.goto(app_url + path)
            page.wait_for_timeout(3000)  # never idle: the faces keep a channel to the server open
        browser.close()
    assert foreign == []


def test_the_dashboard_is_read_only(app_url):
    runs = f"{app_url}/runs"
    assert httpx.post(f"{runs}/api/get_all_projects", json={}).status_code == 200
    token = {"X-Trackio-Write-Token": "guess"}
    for path in ("api/log", "api/bulk_log", "api/delete_run", "api/force_sync", "api/query_project", "api/upload",
                 "gradio_api/upload", "gradio_api/call/log"):
        assert httpx.post(f"{runs}/{path}", json={}, headers=token).status_code == 403, path
    assert httpx.get(f"{runs}/oauth/hf/start").status_code == 403
    assert "write_token" not in httpx.get(f"{runs}/").text


def test_every_way_to_start_it_finds_the_application():
    import app

    assert callable(app.app)
    assert app.app.script_path.name == "navigation.py"
