"""A stand-in of the Hugging Face Hub on this machine: the endpoints that its client calls, and their refusals.

Bodies and headers are those of the Hub's API as huggingface_hub reads them. ``Hub.faults`` names what goes wrong next.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote, urlsplit

TOKEN = "hf_standin_write"
LICENCES = {"apache-2.0", "mit", "cc-by-4.0", "cc-by-nc-sa-4.0", "odc-by", "cc0-1.0"}
LARGE = (".safetensors", ".png", ".jpg")
PREFIX = {"": "model", "spaces/": "space", "datasets/": "dataset"}
DROP = "drop"  # the connection is cut instead of an answer


@dataclass
class Repository:
    private: bool = False
    sdk: str | None = None
    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)

    def at(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        if revision == "main":
            return self.commits[-1]
        return next((one for one in self.commits if one[0] == revision), None)


@dataclass
class Hub:
    """What it holds, whom it lets in, and what it does wrong.

    Attributes:
        faults: step -> what the next requests of that step get: statuses, or DROP. Steps: create, info, preupload, batch,
            store, commit, lost (the commit is made and its answer never comes), resolve.
        asked: method, path of each request. plan: whether the account pays.
    """

    repositories: dict[tuple[str, str], Repository] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[int | str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    plan: bool = False
    address: str = ""
    stored: int = 0  # how many large files were sent

    def files(self, name: str, kind: str = "model") -> dict[str, bytes]:
        return self.repositories[kind, name].commits[-1][1]


@contextlib.contextmanager
def serving() -> Iterator[Hub]:
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Endpoints,), {"hub": hub}))
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def git_hash(data: bytes) -> str:
    return hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()


class Endpoints(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(("POST", path))
        if path == "/api/validate-yaml":
            return self.validate(json.loads(body)["content"])
        if found := re.fullmatch(r"/lfs/verify", path):
            return self.answer(200, {})
        if not self.admitted():
            return None
        if path == "/api/repos/create":
            return self.failing("create") or self.create(json.loads(body))
        if found := re.fullmatch(r"/((?:spaces/)?)([\w.-]+/[\w.-]+)\.git/info/lfs/objects/batch", path):
            return self.failing("batch") or self.batch(json.loads(body))
        if found := re.fullmatch(r"/api/(model|space)s/([\w.-]+/[\w.-]+)/preupload/main", path):
            return self.failing("preupload") or self.preupload(*found.groups(), json.loads(body))
        if found := re.fullmatch(r"/api/(model|space)s/([\w.-]+/[\w.-]+)/commit/main", path):
            return self.failing("commit") or self.commit(*found.groups(), [json.loads(line) for line in body.splitlines()])
        return self.answer(404, {"error": "Not found"})

    def do_PUT(self) -> None:
        self.hub.asked.append(("PUT", self.path))
        if self.hub.faults.get("store"):  # an answer in the middle of an upload, or none
            self.rfile.read(64)
            self.failing("store")
            self.close_connection = True
            return
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.hub.large[hashlib.sha256(data).hexdigest()] = data
        self.hub.stored += 1
        self.answer(200, {})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append((self.command, path))
        if found := re.fullmatch(r"/api/(model|space)s/([\w.-]+/[\w.-]+)(?:/revision/([\w.-]+))?", path):
            return self.failing("info") or self.info(*found.groups("main"))
        if found := re.fullmatch(r"/api/(model|space)s/([\w.-]+/[\w.-]+)/tree/([\w.-]+)", path):
            return self.tree(*found.groups())
        if found := re.fullmatch(r"/((?:spaces/)?)([\w.-]+/[\w.-]+)/resolve/([^/]+)/(.+)", path):
            prefix, name, revision, file = found.groups()
            return self.failing("resolve") or self.resolve(PREFIX[prefix], name, revision, file)
        return self.answer(404, {"error": "Not found"})

    # what the endpoints do

    def create(self, asked: dict) -> None:
        owner, kind = asked["organization"], asked.get("type", "model")
        name = f"{owner}/{asked['name']}"
        address = f"{self.hub.address}/{'spaces/' if kind == 'space' else ''}{name}"
        if owner == "nobody":
            return self.answer(404, {"error": "Namespace not found"})
        if owner != "user":
            return self.answer(403, {"error": f"You don't have the rights to create a {kind} under the namespace \"{owner}\""})
        if (kind, name) in self.hub.repositories:
            return self.answer(409, {"error": "You already created this model repo", "url": address})
        free = asked.get("sdk") in (None, "static") or asked.get("hardware") == "zero-a10g"
        if not free and not self.hub.plan:
            return self.answer(402, {"error": "Payment required: subscribe to PRO to create this Space"})
        repository = Repository(asked.get("visibility") == "private", asked.get("sdk"))
        repository.commits.append((self.new_commit({}), {".gitattributes": b"*.safetensors filter=lfs\n"}))
        self.hub.repositories[kind, name] = repository
        return self.answer(200, {"url": address})

    def info(self, kind: str, name: str, revision: str) -> None:
        if (repository := self.found(kind, name)) is None:
            return
        if (commit := repository.at(revision)) is None:
            return self.answer(404, {"error": "Invalid rev id"}, {"X-Error-Code": "RevisionNotFound"})
        return self.answer(200, {"id": name, "sha": commit[0], "private": repository.private, "sdk": repository.sdk,
                                 "siblings": [{"rfilename": path} for path in commit[1]]})

    def tree(self, kind: str, name: str, revision: str) -> None:
        if (repository := self.found(kind, name)) is None:
            return
        if (commit := repository.at(revision)) is None:
            return self.answer(404, {"error": "Invalid rev id"}, {"X-Error-Code": "RevisionNotFound"})
        rows = []
        for path, data in commit[1].items():
            row = {"type": "file", "path": path, "size": len(data), "oid": git_hash(data)}
            if path.endswith(LARGE):
                row["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 132}
            rows.append(row)
        return self.answer(200, rows)

    def validate(self, card: str) -> None:
        import yaml

        about = yaml.safe_load(card.split("---")[1]) if card.startswith("---") else {}
        wrong = [{"message": '"license" must be one of [...]'}] if about.get("license") not in LICENCES | {None} else []
        return self.answer(400 if wrong else 200, {"errors": wrong, "warnings": []})

    def preupload(self, kind: str, name: str, asked: dict) -> None:
        if (repository := self.found(kind, name)) is None:
            return
        have, files = repository.commits[-1][1], []
        for one in asked["files"]:
            large, data = one["path"].endswith(LARGE), have.get(one["path"])
            oid = data and (hashlib.sha256(data).hexdigest() if large else git_hash(data))
            files.append({"path": one["path"], "uploadMode": "lfs" if large else "regular", "shouldIgnore": False,
                          "oid": oid or None})
        return self.answer(200, {"files": files})

    def batch(self, asked: dict) -> None:
        objects = []
        for one in asked["objects"]:
            upload = {"upload": {"href": f"{self.hub.address}/lfs/{one['oid']}", "header": {}},
                      "verify": {"href": f"{self.hub.address}/lfs/verify"}}
            objects.append(one | ({} if one["oid"] in self.hub.large else {"actions": upload}))
        return self.answer(200, {"transfer": "basic", "objects": objects})

    def commit(self, kind: str, name: str, lines: list[dict]) -> None:
        if (repository := self.found(kind, name)) is None:
            return
        files = dict(repository.commits[-1][1])
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                if value["oid"] not in self.hub.large:
                    return self.answer(400, {"error": f"LFS file {value['oid']} is missing"})
                files[value["path"]] = self.hub.large[value["oid"]]
            elif line["key"] == "deletedFile":
                del files[value["path"]]
        oid = self.new_commit(files)
        repository.commits.append((oid, files))
        address = f"{self.hub.address}/{'spaces/' if kind == 'space' else ''}{name}"
        made = {"success": True, "commitOid": oid, "commitUrl": f"{address}/commit/{oid}"}
        return self.failing("lost") or self.answer(200, made)

    def resolve(self, kind: str, name: str, revision: str, path: str) -> None:
        if (repository := self.found(kind, name)) is None:
            return
        oid, files = repository.at(revision) or ("", {})
        if path not in files:
            return self.answer(404, {"error": "Entry not found"}, {"X-Error-Code": "EntryNotFound"})
        data = files[path]
        etag = hashlib.sha256(data).hexdigest() if path.endswith(LARGE) else git_hash(data)
        self.send_response(200)
        for key, value in {"X-Repo-Commit": oid, "ETag": f'"{etag}"', "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    # what they share

    def new_commit(self, files: dict[str, bytes]) -> str:
        seed = repr(sorted((path, git_hash(data)) for path, data in files.items())) + repr(len(self.hub.asked))
        return hashlib.sha1(seed.encode()).hexdigest()

    @property
    def known(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def admitted(self) -> bool:
        if not self.known:
            wrong = "Invalid credentials in Authorization header"
            self.answer(401, {"error": "Invalid username or password."}, {"X-Error-Message": wrong})
        return self.known

    def found(self, kind: str, name: str) -> Repository | None:
        repository = self.hub.repositories.get((kind, name))
        if repository is None or repository.private and not self.known:
            code = 404 if self.known else 401
            self.answer(code, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
            return None
        return repository

    def failing(self, step: str) -> bool:
        """Whether this request goes wrong, and then lets it."""
        if not self.hub.faults.get(step):
            return False
        fault = self.hub.faults[step].pop(0)
        if fault == DROP:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self.answer(fault, {"error": f"fault {fault}"}, {"Retry-After": "37"} if fault == 429 else {})
        return True

    def answer(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
