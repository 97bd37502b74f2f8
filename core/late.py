"""An application that is built when it is first asked for, or when there is time: what it imports costs the start nothing."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from types import TracebackType

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send


class Late:
    """ASGI application, to be mounted, and entered (``async with``) for as long as the server lives.

    ``build`` runs once, in a thread; the first requests wait for it. The application's own lifespan begins then and ends
    with the server's, in a task of its own: what it opened must be closed where it was opened. If building fails, every
    request fails with its error.
    """

    def __init__(self, build: Callable[[], Starlette]):
        self._build = build
        self._living: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Late:
        self._living, self._built, self._closing = None, asyncio.get_running_loop().create_future(), asyncio.Event()
        return self

    async def __aexit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closing.set()
        if self._living is not None:
            await self._living

    def begin(self) -> None:
        """Start building, if nothing did; to be called in the server's loop."""
        if self._living is None and not self._closing.is_set():
            self._living = asyncio.create_task(self._live())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begin()
        application = await asyncio.shield(self._built)  # a client that leaves takes nothing from the others
        await application(scope, receive, send)

    async def _live(self) -> None:
        try:
            application = await asyncio.to_thread(self._build)
            gc.freeze()  # it stays: nobody need look for garbage in it
            async with application.router.lifespan_context(application):
                self._built.set_result(application)
                await self._closing.wait()
        except Exception as error:
            if self._built.done():
                raise
            self._built.set_exception(error)
