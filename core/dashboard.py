"""The experiment tracking dashboard, for looking only.

Training writes to the store under ``settings.runs`` from its own process; nothing is ever written through
the web server, so every request that is not a plain read is refused before it reaches the dashboard.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.settings import ROOT

READS = ("/api/get_", "/api/list_")
CLOSED = ("/oauth", "/login", "/mcp", "/gradio_api")
EMPTY = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="10"><title>Runs</title><style>
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { min-height: 90vh; display: grid; place-content: center; text-align: center; line-height: 1.6; padding: 1rem; }
a { color: light-dark(#9c2f3a, #f0959d); }</style></head><body><main><h1>No run has been tracked yet</h1>
<p>Losses, figures and alerts of every training appear here as soon as its first epoch is over.</p>
<p><a href="../training" target="_top">Launch one on the training page</a>, or with <code>python -m core launch</code>.</p>
</main></body></html>"""


def address(room: str, stages: Sequence[str] = ()) -> str:
    """Of the dashboard, with the room's project chosen, and of its runs those (``core.training.state.stages``)."""
    return f"/runs/?{urlencode({'project': room} | ({'runs': ','.join(stages)} if stages else {}))}"


def read_only(app: ASGIApp) -> ASGIApp:
    """Let through GET and HEAD, and POST to the dashboard's own queries."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"].removeprefix(scope.get("root_path", ""))
            looking = scope["method"] in ("GET", "HEAD") or path.startswith(READS)
            if path.startswith(CLOSED) or not looking:
                await JSONResponse({"error": "This dashboard is read-only."}, 403)(scope, receive, send)
                return
            if path in ("", "/") and not any(Path(os.environ["TRACKIO_DIR"]).glob("*.db")):  # its own greeting is for programmers
                await HTMLResponse(EMPTY, headers={"cache-control": "no-store"})(scope, receive, send)
                return
        await app(scope, receive, send)

    return guarded


def build() -> Starlette:
    """The dashboard application; enter its ``router.lifespan_context`` and mount ``read_only(app)``."""
    from trackio.server import build_starlette_app_only

    logo = base64.b64encode((ROOT / "assets" / "logo.svg").read_bytes()).decode()
    for theme in ("LIGHT", "DARK"):  # its own logo has a path that breaks when the dashboard is mounted
        os.environ[f"TRACKIO_LOGO_{theme}_URL"] = f"data:image/svg+xml;base64,{logo}"
    app, _write_token = build_starlette_app_only()  # the token stays here: nobody writes over the network
    return app
