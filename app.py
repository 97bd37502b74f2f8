"""The server: one process, two faces. Streamlit for people at ``/``, Gradio for programs at ``/api``.

``python app.py``, ``streamlit run app.py`` and ``uvicorn app:app`` all serve it.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

import core  # first: keeps the libraries below from calling home
from core import dashboard, serving
from core.late import Late
from core.settings import settings

# Starlette spools an upload above 1 MB to disk; ours stay in memory.
MultiPartParser.spool_max_size = settings.max_upload_mb * 2**20

programs = Late(lambda: import_module("core.api").build_asgi())  # with all of Gradio: seconds
runs = Late(dashboard.build)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    async with programs, runs:
        serving.begin_warm_up(then=lambda: loop.call_soon_threadsafe(programs.begin))  # a first page waits for neither
        queue = asyncio.create_task(asyncio.to_thread(go_on))
        yield
        await queue
        gc.unfreeze()  # at the end all is garbage


def go_on() -> None:
    """The trainings that waited when the app ended, or the machine."""
    from core.training import queue, ray_jobs

    queue.reconcile()
    ray_jobs.reconcile()


async def health(_request: Request) -> Response:
    return JSONResponse({"status": "up", "version": core.__version__})


async def readiness(_request: Request) -> Response:
    warm = serving.ready()
    return JSONResponse({"ready": warm, "models": serving.status()}, 200 if warm else 503)


def slash(request: Request) -> Response:
    return RedirectResponse(request.url.path + "/")


app = st.App(
    Path(__file__).parent / "pages" / "navigation.py",
    routes=[
        Route("/healthz", health),
        Route("/readyz", readiness),
        Route("/api", slash),
        Route("/runs", slash),
        Mount("/api", programs),
        Mount("/runs", dashboard.read_only(runs)),
    ],
    lifespan=lifespan,
)

if __name__ == "__main__":
    print(f"Cardioscope: http://localhost:{settings.port}", flush=True)
    # Programs keep event streams open: without a limit a stop would wait for them for ever.
    uvicorn.run(app, host=settings.host, port=settings.port, access_log=False, log_level="warning",
                timeout_graceful_shutdown=5)
