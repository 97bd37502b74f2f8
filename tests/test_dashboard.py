"""The dashboard before there is anything to look at."""

from __future__ import annotations

import httpx
import pytest
from starlette.responses import PlainTextResponse

from core.dashboard import read_only


@pytest.mark.parametrize(("path", "empty"), [("/", True), ("/runs", False), ("/static/x.js", False)])
def test_without_a_run_it_says_how_to_get_one(path, empty, tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path))
    ask = lambda: answered(path)  # noqa: E731
    assert ("No run has been tracked yet" in ask()) == empty
    (tmp_path / "ecg.db").touch()
    assert ask() == "theirs"


def answered(path: str) -> str:
    import asyncio

    async def get() -> str:
        transport = httpx.ASGITransport(app=read_only(PlainTextResponse("theirs")))
        async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
            return (await client.get(path)).text

    return asyncio.run(get())
