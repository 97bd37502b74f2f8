"""An application that is built with its first request: once, for all who wait, and closed with the server."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from core.late import Late


class Watched:
    """A builder that counts what happens to its application, and in which task."""

    def __init__(self, fails: bool = False):
        self.events: list[tuple[str, object]] = []
        self.fails = fails

    def __call__(self) -> Starlette:
        self.events.append(("built", threading.current_thread()))
        if self.fails:
            raise OSError("no such page")

        @asynccontextmanager
        async def lifespan(_app):
            self.events.append(("opened", asyncio.current_task()))
            yield
            self.events.append(("closed", asyncio.current_task()))

        return Starlette(routes=[Route("/hello", lambda request: PlainTextResponse(request.url.path))], lifespan=lifespan)

    def named(self, name: str) -> list[object]:
        return [what for event, what in self.events if event == name]


def client(late: Late) -> httpx.AsyncClient:
    outer = Starlette(routes=[Mount("/late", late), Route("/", lambda request: PlainTextResponse("first page"))])
    return httpx.AsyncClient(transport=httpx.ASGITransport(outer), base_url="http://here")


def test_it_is_built_once_in_a_thread_when_it_is_first_asked_for():
    build = Watched()

    async def serve():
        async with Late(build) as late, client(late) as http:
            assert (await http.get("/")).text == "first page"
            assert build.events == []
            answers = await asyncio.gather(*(http.get("/late/hello") for _ in range(5)))
            assert {answer.text for answer in answers} == {"/late/hello"}
            assert len(build.named("built")) == len(build.named("opened")) == 1
            assert build.named("built")[0] is not threading.main_thread()
            assert build.named("closed") == []
        assert build.named("closed") == build.named("opened")  # in the task that opened it

    asyncio.run(serve())


def test_it_can_be_built_before_anybody_asks():
    build = Watched()

    async def serve():
        async with Late(build) as late, client(late) as http:
            late.begin()
            while not build.named("opened"):
                await asyncio.sleep(0.01)
            assert (await http.get("/late/hello")).status_code == 200
        late.begin()  # too late
        await asyncio.sleep(0.01)

    asyncio.run(serve())
    assert len(build.named("built")) == len(build.named("closed")) == 1


def test_nobody_asked_and_nothing_was_built():
    build = Watched()

    async def serve():
        async with Late(build):
            pass

    asyncio.run(serve())
    assert build.events == []


def test_a_client_that_leaves_takes_nothing_from_the_next():
    build = Watched()

    async def serve():
        async with Late(build) as late, client(late) as http:
            leaving = asyncio.create_task(http.get("/late/hello"))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            leaving.cancel()
            assert (await http.get("/late/hello")).status_code == 200

    asyncio.run(serve())
    assert len(build.named("built")) == 1


def test_what_fails_to_build_says_so_to_everyone():
    build = Watched(fails=True)

    async def serve():
        async with Late(build) as late, client(late) as http:
            for _ in range(2):
                with pytest.raises(OSError, match="no such page"):
                    await http.get("/late/hello")

    asyncio.run(serve())
    assert len(build.named("built")) == 1


def test_a_second_life_builds_anew():
    build = Watched()

    async def serve(late: Late):
        async with late, client(late) as http:
            assert (await http.get("/late/hello")).status_code == 200

    late = Late(build)
    asyncio.run(serve(late))
    asyncio.run(serve(late))
    assert len(build.named("built")) == len(build.named("closed")) == 2
