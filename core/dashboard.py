"""The experiment tracking dashboard, for looking only.

Training writes to the store under ``settings.runs`` from its own process; nothing is ever written through
the web server, so every request that is not a plain read is refused before it reaches the dashboard.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from trackio.server import build_starlette_app_only

READS = ("/api/get_", "/api/list_")
CLOSED = ("/oauth", "/login", "/mcp", "/gradio_api")


def read_only(app: ASGIApp) -> ASGIApp:
    """Let through GET and HEAD, and POST to the dashboard's own queries."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"].removeprefix(scope.get("root_path", ""))
            looking = scope["method"] in ("GET", "HEAD") or path.startswith(READS)
            if path.startswith(CLOSED) or not looking:
                await JSONResponse({"error": "This dashboard is read-only."}, 403)(scope, receive, send)
                return
        await app(scope, receive, send)

    return guarded


def build() -> Starlette:
    """The dashboard application; enter its ``router.lifespan_context`` and mount ``read_only(app)``."""
    app, _write_token = build_starlette_app_only()  # the token stays here: nobody writes over the network
    return app
