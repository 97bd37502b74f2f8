"""Fetching from a publisher that drops the connection, knows no ranges, changes its files or is not there."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from core.modality import MODALITIES
from core.progress import Cancelled
from core.training import publisher
from core.training.publisher import Dataset, Part, fetch
from core.uploads import InputError

CONTENT = bytes(range(256)) * 2000


@dataclass
class Publisher:
    """What the server holds, how it behaves, and what it was asked."""

    files: dict[str, bytes]
    address: str = ""
    ranges: bool = True
    drop_after: int | None = None  # bytes of an answer, once
    status: int | None = None
    etag: str = '"1"'
    asked: list[str | None] = field(default_factory=list)


@pytest.fixture
def at() -> Iterator[Publisher]:
    held = Publisher({"/film.bin": CONTENT})

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            held.asked.append(wanted)
            body = held.files.get(self.path)
            if held.status or body is None:
                self.send_error(held.status or 404)
                return
            begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and held.ranges else 0
            if self.headers.get("If-Range", held.etag) != held.etag:
                begin = 0
            if begin >= len(body) > 0 and begin:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                self.end_headers()
                return
            self.send_response(206 if begin else 200)
            self.send_header("Content-Length", str(len(body) - begin))
            self.send_header("ETag", held.etag)
            self.end_headers()
            part = body[begin:]
            if held.drop_after is not None:
                part, held.drop_after = part[: held.drop_after], None
                self.close_connection = True
            self.wfile.write(part)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        held.address = f"http://127.0.0.1:{server.server_port}"
        yield held
        server.shutdown()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "PAUSE_S", 0.0)
    monkeypatch.setattr(publisher, "CHUNK", 10_000)


def dataset(at: Publisher, *parts: Part, **more) -> Dataset:
    own = parts or (Part(f"{at.address}/film.bin", "film.bin", len(CONTENT), sha(CONTENT)),)
    return Dataset("toy", "Toy data", "https://example.org/toy", "CC0-1.0", "nobody", len(CONTENT), own, **more)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_is_fetched_once_and_told(at, tmp_path):
    told = []
    settings = fetch(dataset(at, data="film.bin"), tmp_path, lambda *one: told.append(one) or True)
    assert settings == {"data": str(tmp_path / "film.bin")}
    assert (tmp_path / "film.bin").read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [got for got, _ in told] == sorted(got for got, _ in told)
    fetch(dataset(at), tmp_path)
    assert at.asked == [None]


def test_a_dropped_connection_goes_on_where_it_was(at, tmp_path):
    at.drop_after = 123_456
    fetch(dataset(at), tmp_path)
    assert at.asked == [None, "bytes=123456-"]
    assert (tmp_path / "film.bin").read_bytes() == CONTENT
    assert not list(tmp_path.glob("*.part*"))


def test_a_cancelled_call_is_gone_on_from_by_the_next(at, tmp_path):
    with pytest.raises(Cancelled):
        fetch(dataset(at), tmp_path, lambda got, of: got < 200_000)
    have = (tmp_path / "film.bin.part").stat().st_size
    assert 200_000 <= have < len(CONTENT)
    fetch(dataset(at), tmp_path)
    assert at.asked == [None, f"bytes={have}-"]
    assert (tmp_path / "film.bin").read_bytes() == CONTENT


def test_a_publisher_without_ranges_sends_all_again(at, tmp_path):
    at.ranges, at.drop_after = False, 50_000
    fetch(dataset(at), tmp_path)
    assert (tmp_path / "film.bin").read_bytes() == CONTENT


def test_another_version_at_the_publisher_begins_anew(at, tmp_path):
    at.drop_after = 100_000
    with pytest.raises(Cancelled):
        fetch(dataset(at), tmp_path, lambda got, of: got < 90_000)
    other = CONTENT[::-1]
    at.files["/film.bin"], at.etag = other, '"2"'
    fetch(dataset(at, Part(f"{at.address}/film.bin", "film.bin", len(other), sha(other))), tmp_path)
    assert (tmp_path / "film.bin").read_bytes() == other


def test_what_is_complete_but_was_not_named_so_is_taken(at, tmp_path):
    (tmp_path / "film.bin.part").write_bytes(CONTENT)
    fetch(dataset(at), tmp_path)
    assert at.asked == [f"bytes={len(CONTENT)}-"]
    assert (tmp_path / "film.bin").read_bytes() == CONTENT


@pytest.mark.parametrize(("part", "says"), [
    ({"sha256": "0" * 64}, "SHA-256 differs"), ({"bytes": len(CONTENT) + 1, "sha256": None}, "should have"),
])
def test_another_file_is_refused_and_gone(at, tmp_path, part, says):
    whole = dataset(at)
    with pytest.raises(InputError, match=says):
        fetch(replace(whole, parts=(replace(whole.parts[0], **part),)), tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("film")]


@pytest.mark.parametrize(("status", "says"), [(404, "any more"), (403, "any more"), (503, "cannot be reached")])
def test_a_refusal_is_one_sentence_with_what_to_do(at, tmp_path, status, says):
    at.status = status
    with pytest.raises(InputError, match=says) as error:
        fetch(dataset(at), tmp_path)
    assert "https://example.org/toy" in error.value.remedy
    assert len(at.asked) == (publisher.ATTEMPTS if status == 503 else 1)


def test_without_a_network_it_says_so(at, tmp_path):
    gone = Part("http://127.0.0.1:9/film.bin", "film.bin")
    with pytest.raises(InputError, match="cannot be reached") as error:
        fetch(dataset(at, gone), tmp_path)
    assert "by hand" in error.value.remedy or "elsewhere" in error.value.remedy


def test_only_https_is_asked(at, tmp_path):
    with pytest.raises(InputError, match="no https"):
        fetch(dataset(at, Part("http://example.org/film.bin", "film.bin")), tmp_path)


def zipped(members: dict[str, bytes], link: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)
        if link:
            one = zipfile.ZipInfo(link)
            one.external_attr = 0o120777 << 16
            packed.writestr(one, "/etc/passwd")
    return file.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as packed:
        for name, data in members.items():
            one = tarfile.TarInfo(name)
            one.size = len(data)
            packed.addfile(one, io.BytesIO(data))
        link = tarfile.TarInfo("records/evil")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    return file.getvalue()


@pytest.mark.parametrize(("name", "pack"), [("a.zip", lambda m: zipped(m, "records/evil")), ("a.tar.gz", tarred)])
def test_archives_give_what_is_asked_for_and_no_links(at, tmp_path, name, pack):
    at.files["/a"] = pack({"records/1.hea": b"one", "records/2.hea": b"two", "huge/3.hea": b"three"})
    fetch(dataset(at, Part(f"{at.address}/a", name, members=("records/*",))), tmp_path)
    assert {path.name for path in (tmp_path / "records").iterdir()} == {"1.hea", "2.hea"}
    assert not (tmp_path / "huge").exists()
    assert not (tmp_path / name).exists()
    fetch(dataset(at, Part(f"{at.address}/a", name, members=("records/*",))), tmp_path)
    assert len(at.asked) == 1


@pytest.mark.parametrize("name", ["../evil", "/evil", "records/../../evil", "C:\\evil"])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_member_that_leads_out_of_the_folder_is_refused(at, tmp_path, name, pack):
    at.files["/a"] = pack({name: b"x"})
    archive = "a.zip" if pack is zipped else "a.tar.gz"
    with pytest.raises(InputError, match="outside its folder"):
        fetch(dataset(at, Part(f"{at.address}/a", archive, members=("*",))), tmp_path / "in")
    assert not list(tmp_path.rglob("evil"))


def test_the_first_folder_may_be_left_out_and_gzip_is_one_file(at, tmp_path):
    at.files |= {"/a": zipped({"toy-1.0/table.csv": b"a\n"}), "/b": gzip.compress(b"b\n")}
    fetch(dataset(at, Part(f"{at.address}/a", "a.zip", members=("table.csv",), bare=True),
                  Part(f"{at.address}/b", "more.csv.gz", members=("more.csv",))), tmp_path)
    assert ((tmp_path / "table.csv").read_bytes(), (tmp_path / "more.csv").read_bytes()) == (b"a\n", b"b\n")


def test_the_publishers_own_checksums_hold_for_files_and_for_members(at, tmp_path):
    at.files |= {"/a": zipped({"set-a/1.txt": b"one"}), "/o.txt": b"outcomes",
                 "/SHA256SUMS.txt": f"{sha(b'one')} set-a/1.txt\n{sha(b'outcomes')}  o.txt\n".encode()}
    parts = (Part(f"{at.address}/a", "set-a.zip", members=("set-a/*.txt",)), Part(f"{at.address}/o.txt", "o.txt"))
    fetch(dataset(at, *parts, sums=f"{at.address}/SHA256SUMS.txt"), tmp_path / "right")
    at.files["/a"] = zipped({"set-a/1.txt": b"0ne"})
    with pytest.raises(InputError, match="SHA-256 differs"):
        fetch(dataset(at, *parts, sums=f"{at.address}/SHA256SUMS.txt"), tmp_path / "wrong")
    assert not (tmp_path / "wrong" / "set-a" / "1.txt").exists()


@pytest.mark.parametrize("data", [b"no archive at all", zipped({"a/b": b"x" * 1000})[:-40], b""])
def test_a_damaged_archive_is_said(at, tmp_path, data):
    at.files["/a"] = data
    with pytest.raises(InputError):
        fetch(dataset(at, Part(f"{at.address}/a", "a.zip", members=("*",))), tmp_path)
    assert not (tmp_path / publisher.FETCHED).exists()


def test_a_full_disk_is_said_before_anything_is_fetched(at, tmp_path, monkeypatch):
    monkeypatch.setattr(publisher.shutil, "disk_usage", lambda _: type("Disk", (), {"free": 10})())
    with pytest.raises(InputError, match="of disk"):
        fetch(dataset(at), tmp_path)
    assert at.asked == []


@pytest.mark.parametrize("room", [m.name for m in MODALITIES if m.built])
def test_every_room_names_an_open_dataset(room):
    """Over https, with a licence, a size and whom to cite; or why it cannot be fetched."""
    modality = next(m for m in MODALITIES if m.name == room)
    found = modality.verb("published")()
    assert any(one.learned for one in found)
    for one in found:
        assert one.licence
        assert one.cite
        assert one.page.startswith("https://")
        assert bool(one.parts) != bool(one.why_not)
        assert all(url.startswith("https://") for url in [part.url for part in one.parts] + ([one.sums] if one.sums else []))
        assert one.why_not or one.bytes > 0
        if one.learned and one.parts:
            modality.verb("Recipe")(**one.recipe(Path("somewhere")))


def test_what_is_not_to_be_fetched_says_why(tmp_path):
    with pytest.raises(InputError, match="on request"):
        fetch(Dataset("x", "X", "https://example.org", "CC0", "nobody", 0, why_not="It is given on request."), tmp_path)
