"""Whether a built Space is what the Hub takes: its front matter, the size of its files, and what its kind needs."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from core.space import Way
from core.space.build import files_below
from core.space.front_matter import FrontMatter, parse
from core.uploads import InputError

LARGEST = 10_000_000  # bytes of a file; above it goes to large-file storage
PLANS = {
    "docker": "A Docker Space needs a paid plan (PRO, Team or Enterprise); without one the Hub answers 402.",
    "gradio": "A free account may have two Gradio Spaces on ZeroGPU (--hardware zero-a10g); on a processor of its own it needs a "
              "paid plan, and the Hub answers 402 without one.",
    "static": "A static Space is free.",
}
SECRET = re.compile(rb"hf_[A-Za-z0-9]{30,}|-----BEGIN [A-Z ]*PRIVATE KEY-----")


@dataclass(frozen=True)
class Checked:
    """What a Space is made of.

    Attributes:
        files: path -> bytes; large: those above 10 MB. sha256: of all paths and contents, in their order. problems: what the
            Hub would refuse, or what would not run there; whole sentences.
    """

    way: Way
    front_matter: FrontMatter | None
    files: dict[str, int]
    large: tuple[str, ...]
    sha256: str
    problems: tuple[str, ...]

    @property
    def bytes(self) -> int:
        return sum(self.files.values())


def check(folder: Path, way: Way) -> Checked:
    """Look at a built Space; nothing is run and nothing is asked of the network."""
    problems, head, whole, files = [], None, hashlib.sha256(), {}
    for path in files_below(folder):
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        files[name] = len(data)
        whole.update(f"{name}\0{len(data)}\0".encode() + data)
        if SECRET.search(data):
            problems.append(f"{name} holds what looks like a key or a token.")
    try:
        head = parse((folder / "README.md").read_text())
        if head.sdk != way:
            problems.append(f"README.md says {head.sdk}, not {way}.")
    except (InputError, OSError) as error:
        problems.append(str(error))
    if head is not None:
        problems += {"docker": _docker, "gradio": _gradio, "static": _static}[way](folder, head)
    large = tuple(name for name, size in files.items() if size > LARGEST)
    return Checked(way, head, files, large, whole.hexdigest(), tuple(problems))


def _docker(folder: Path, head: FrontMatter) -> Iterator[str]:
    steps = re.findall(r"^(\w+) (.*)$", (folder / "Dockerfile").read_text(), flags=re.M)
    ports = [words for step, words in steps if step == "EXPOSE"]
    if ports != [str(head.app_port or 7860)]:
        yield f"The Dockerfile exposes {', '.join(ports) or 'no port'}, README.md names {head.app_port or 7860}."
    if not any(step == "RUN" and "--uid 1000" in words for step, words in steps) or not any(step == "USER" for step, _ in steps):
        yield "A Space runs as user 1000; the Dockerfile must make that user and change to it."
    if not any(step == "HEALTHCHECK" for step, _ in steps):
        yield "The Dockerfile has no HEALTHCHECK."
    for step, words in steps:
        names = [name for name in words.split() if not name.startswith("--")][:-1] if step == "COPY" else []
        yield from (f"The Dockerfile copies {name}, which is not there." for name in names if not (folder / name).exists())


def _gradio(folder: Path, head: FrontMatter) -> Iterator[str]:
    app, pins = folder / (head.app_file or ""), (folder / "requirements.txt").read_text()
    if not app.is_file():
        yield f"{head.app_file} is not there."
        return
    ast.parse(app.read_text())
    if not re.search(rf"^gradio\[?.*=={re.escape(head.sdk_version)}$", pins, flags=re.M):
        yield f"requirements.txt does not pin Gradio {head.sdk_version}."
    if (head.suggested_hardware or "").startswith("zero"):
        if "spaces" not in pins.split():
            yield "ZeroGPU needs the package spaces in requirements.txt."
        if app.read_text().count("spaces.GPU(") != 1:
            yield "ZeroGPU needs one function under spaces.GPU."
        for path in folder.rglob("*.py"):
            if any(isinstance(node, ast.Attribute) and node.attr == "compile" and ast.unparse(node) == "torch.compile"
                   for node in ast.walk(ast.parse(path.read_text()))):
                yield f"{path.relative_to(folder)} calls torch.compile, which ZeroGPU does not have."


class _Links(HTMLParser):
    """Addresses that a page loads or points at."""

    def __init__(self):
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if value and (name == "src" or name == "href" and tag == "link"):
                self.loaded.append(value)
            elif value and name == "href":
                self.linked.append(value)


def _static(folder: Path, head: FrontMatter) -> Iterator[str]:
    page = folder / (head.app_file or "index.html")
    if not page.is_file():
        yield f"{page.name} is not there."
        return
    links = _Links()
    links.feed(page.read_text())
    for address in links.loaded:
        if re.match(r"(https?:)?//", address):
            yield f"The page loads {address} from elsewhere."
    for address in (*links.loaded, *links.linked):
        bare = address.split("#")[0]
        if bare and not re.match(r"[a-z]+:|//", bare) and not (folder / bare).is_file():
            yield f"The page points at {bare}, which is not there."
