"""What leaves for the Hugging Face Hub: one commit, all or nothing, and what it was is recorded.

A push is asked for by a person, so it goes online although the process stays at home otherwise (``core``). The token is an
argument or the Hub client's own (``HF_TOKEN``, ``hf auth login``); it is neither kept nor written anywhere.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from core.hub_errors import Refused, dropped, translated
from core.settings import settings
from core.uploads import InputError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

Kind = Literal["model", "space"]
Result = TypeVar("Result")
NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9_])?/[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9_])?")
LONGEST = 96  # characters of a repository's name, which the Hub allows
OWN = {".gitattributes"}  # what the Hub itself puts into a repository
WAITS = (1.0, 4.0)  # seconds before a dropped connection is tried again
RECORD = "published.jsonl"  # in the folder of runs
_online = threading.Lock()
_pushes = {"count": 0, "before": False}


@dataclass(frozen=True)
class Published:
    """What a push left on the Hub.

    Attributes:
        revision: the commit, which never changes: ``load("user/repo@revision")``. sha256: of the weights; of a Space "".
        files: path in the repository -> SHA-256. unchanged: everything was there already, and no commit was needed.
    """

    repository: str
    kind: Kind
    revision: str
    sha256: str
    address: str
    private: bool
    files: dict[str, str]
    bytes: int
    unchanged: bool = False
    weights: str = ""  # name of the weights

    @property
    def pinned(self) -> str:
        return f"{self.repository}@{self.revision}"


def publish(
    repository: str, files: Mapping[str, bytes | Path], *, message: str, kind: Kind = "model", sdk: str | None = None,
    hardware: str | None = None, private: bool = False, token: str | None = None,
    fits: Callable[[HfApi, list[str]], None] | None = None, replace: bool = False, said: Callable[[str], None] = lambda _: None,
) -> Published:
    """Make the repository where it is not there yet, and put the files there in one commit.

    A dropped connection is tried again; what was uploaded before is not sent twice. Until the commit nothing is visible.

    Args:
        files: path in the repository -> content. sdk, hardware: of a Space. fits: raises if what the repository holds already
            must not be written over. replace: whether files that are not among ``files`` are deleted, in the same commit.
        said: told each step in words.

    Raises:
        InputError: the Hub or the network refused; says what to do.
    """
    named(repository)
    with online():
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

        api = HfApi(token=token or None, library_name="cardioscope")
        if not (token or _own_token()):
            raise Refused("token", "No token for the Hugging Face Hub.", "Create one that may write at "
                          "https://huggingface.co/settings/tokens and set HF_TOKEN, or run `hf auth login`.")
        try:
            said("Preparing the repository")
            _again(lambda: api.create_repo(repository, repo_type=kind, space_sdk=sdk, space_hardware=hardware,
                                           private=private or None, exist_ok=True))
            there = _again(lambda: api.list_repo_files(repository, repo_type=kind))
            if fits:
                fits(api, there)
            before = _again(lambda: api.repo_info(repository, repo_type=kind))
            gone = [path for path in there if replace and path not in files and path not in OWN]
            said(f"Uploading {len(files)} files")

            def commit():
                # new operations each time: they ask the Hub again what it has
                adds = [CommitOperationAdd(path, str(content) if isinstance(content, Path) else content)
                        for path, content in files.items()]
                have = set(api.list_repo_files(repository, repo_type=kind)) if gone else set()
                return api.create_commit(repository, [*adds, *(CommitOperationDelete(path) for path in gone if path in have)],
                                         commit_message=message, repo_type=kind)

            revision = _again(commit).oid
            after = _again(lambda: api.repo_info(repository, repo_type=kind, revision=revision))
        except Exception as error:
            raise translated(error, repository, kind) from error
        contents = {path: content.read_bytes() if isinstance(content, Path) else content for path, content in files.items()}
        return Published(
            repository, kind, revision, "", f"{api.endpoint}/{'spaces/' if kind == 'space' else ''}{repository}",
            bool(after.private), {path: hashlib.sha256(data).hexdigest() for path, data in contents.items()},
            sum(map(len, contents.values())), unchanged=revision == before.sha)


def named(repository: str) -> str:
    """The name, if it is one.

    Raises:
        InputError: not ``user/name`` as the Hub allows it.
    """
    if not NAME.fullmatch(repository) or len(repository) > LONGEST or re.search(r"--|\.\.", repository):
        raise InputError("repository", f"{repository!r} is no name of a repository.",
                         "Write user/name with letters, digits, single hyphens, dots and underscores, 96 characters at most.")
    return repository


def record(published: Published) -> Path:
    """Append what was published, with its pinned revision and hashes, to the list of this machine."""
    path = settings.runs / RECORD
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(asdict(published) | {"time": time.time()}) + "\n")
    return path


def recorded(weights: str = "") -> list[dict]:
    """What was published from this machine, newest first; of those weights alone where they are named."""
    path = settings.runs / RECORD
    lines = path.read_text().splitlines() if path.is_file() else []
    found = []
    for line in reversed(lines):
        try:
            one = json.loads(line)
        except ValueError:  # a line that a full disk cut off
            continue
        if not weights or one.get("weights") == weights:
            found.append(one)
    return found


@contextmanager
def online() -> Iterator[None]:
    """The Hub's client may ask the network inside, whatever HF_HUB_OFFLINE says; several may be inside at once."""
    from huggingface_hub import constants

    with _online:
        if not _pushes["count"]:
            _pushes["before"] = constants.HF_HUB_OFFLINE
        _pushes["count"] += 1
        constants.HF_HUB_OFFLINE = False
    try:
        yield
    finally:
        with _online:
            _pushes["count"] -= 1
            if not _pushes["count"]:
                constants.HF_HUB_OFFLINE = _pushes["before"]


def _own_token() -> str | None:
    from huggingface_hub import get_token

    return get_token()


def _again(call: Callable[[], Result]) -> Result:
    """The call's answer; a dropped connection is tried again, for every call here may be made twice."""
    for wait in WAITS:
        try:
            return call()
        except Exception as error:
            if not dropped(error):
                raise
        time.sleep(wait)
    return call()
