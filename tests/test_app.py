"""The running server: every face answers, nothing calls home."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

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


def test_it_stops_without_an_error(monkeypatch):
    import app

    async def live() -> None:
        async with app.lifespan(app.app):
            pass

    monkeypatch.setattr(app.serving, "begin_warm_up", lambda then: None)
    asyncio.run(live())
