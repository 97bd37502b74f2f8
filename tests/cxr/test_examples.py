"""The examples are films that can be read, the phantom shows what its parameters say, fetching fails plainly."""

from __future__ import annotations

import io
import tarfile
from urllib.error import URLError

import numpy as np
import pytest
from PIL import Image

from core.contract import Input
from core.cxr import examples as module
from core.cxr import publisher
from core.cxr.examples import DRAWN, PHANTOM, examples
from core.cxr.phantom import FILM, Chest, phantom
from core.cxr.publisher import publisher_sample
from core.cxr.read import read
from core.uploads import InputError, Upload

SIZE = 256
NORMAL = phantom(Chest(noise=0), SIZE)


def as_png(pixels: np.ndarray) -> bytes:
    """``[height, width]`` in 0 to 1 as a 16-bit grey PNG."""
    file = io.BytesIO()
    Image.fromarray(np.round(pixels * 65535).astype(np.uint16)).save(file, "PNG")
    return file.getvalue()


def area(x0: float, x1: float, y0: float, y1: float) -> tuple[slice, slice]:
    """Rows and columns of a box given in cm."""
    at = lambda cm: round((cm + FILM / 2) / FILM * SIZE)  # noqa: E731
    return slice(at(y0), at(y1)), slice(at(x0), at(x1))


def loaded() -> dict[str, Input]:
    return {example.name: example for example in examples()}


def test_phantom_is_a_film_of_nobody_that_can_be_read():
    study = read(loaded()[PHANTOM].files)
    assert study.pixels.shape == (512, 512)
    assert study.pixels.dtype == np.float32
    assert study.sex is None
    assert study.age is None
    assert not [n for n in study.notices if n.level == "refuse"]
    assert study.view == "PA"
    assert study.spacing == pytest.approx((360 / 512,) * 2, abs=1e-3)
    assert np.abs(study.pixels - phantom(DRAWN)).max() < 0.01


def test_phantom_is_deterministic_and_looks_like_a_radiograph():
    assert np.array_equal(phantom(Chest(), SIZE), phantom(Chest(), SIZE))
    assert NORMAL.min() >= 0
    assert NORMAL.max() <= 1
    assert NORMAL[:20, :20].mean() < 0.1, "air beside the neck is black"
    lung, heart, liver = (NORMAL[area(*box)].mean() for box in ((-10, -6, -4, 4), (2.5, 5, 3, 6), (-9, -5, 12, 15)))
    assert lung + 0.2 < heart < liver


@pytest.mark.parametrize(("chest", "box"), [
    (Chest(heart=18, noise=0), (8.5, 10.5, 4, 8)), (Chest(effusion_left=6, noise=0), (8, 11, 8, 9)),
    (Chest(effusion_right=6, noise=0), (-11, -8, 7, 8.5)), (Chest(opacity=(-8, 2), noise=0), (-9, -7, 1, 3)),
])
def test_each_parameter_whitens_its_own_place(chest: Chest, box: tuple[float, ...]):
    change = phantom(chest, SIZE) - NORMAL
    assert change[area(*box)].mean() > 0.1
    mirrored = change[area(-box[1], -box[0], *box[2:])].mean()
    assert abs(mirrored) < 0.03


def test_pneumothorax_is_darker_outside_its_line():
    change = phantom(Chest(pneumothorax="left", collapse=3, noise=0), SIZE) - NORMAL
    assert change[area(11.0, 13.0, -2, 3)].mean() < -0.03
    assert abs(change[area(-13.0, -11.0, -2, 3)].mean()) < 0.01


def test_composites_come_first_when_they_ship(tmp_path, monkeypatch: pytest.MonkeyPatch):
    for name in ("composite_edema.png", "composite_no_finding.png", "other.png"):
        (tmp_path / name).write_bytes(as_png(NORMAL))
    monkeypatch.setattr(module, "COMPOSITES", tmp_path)
    found = loaded()
    assert list(found) == ["Composite: no finding", "Composite: edema", PHANTOM]
    assert found["Composite: edema"].files == (tmp_path / "composite_edema.png",)
    assert np.asarray(Image.open(io.BytesIO(as_png(NORMAL)))).max() > 255, "sixteen bits"


def test_the_list_is_cheap_and_the_phantom_drawn_once(monkeypatch: pytest.MonkeyPatch):
    list(examples())
    monkeypatch.setattr(module, "phantom", lambda chest: pytest.fail("drawn again"))
    assert {example.name for example in examples() if not example.fields} == set(loaded())


def archive(*members: tuple[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as opened:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return io.BytesIO(file.getvalue())


def test_publisher_sample_takes_the_first_film(monkeypatch: pytest.MonkeyPatch):
    png = as_png(NORMAL)
    stream = archive(("images/readme.txt", b"hello"), ("images/00000001_000.png", png), ("images/b.png", b"other"))
    monkeypatch.setattr(publisher, "_open", lambda address: stream)
    assert publisher_sample() == [Upload("00000001_000.png", png)]


def offline(address: str):
    raise URLError("no route to host")


@pytest.mark.parametrize("opened", [
    offline, lambda address: io.BytesIO(b"<html>blocked</html>"), lambda address: archive(("readme.txt", b"x")),
    lambda address: archive(("x.bin", np.random.default_rng(0).bytes(9 << 20)), ("a.png", b"x")),
    lambda address: io.BytesIO(archive(("a.png", np.random.default_rng(0).bytes(5000))).getvalue()[:2000]),
])
def test_publisher_sample_fails_with_one_sentence(opened, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(publisher, "_open", opened)
    with pytest.raises(InputError) as caught:
        publisher_sample()
    assert caught.value.field == "example"
    assert "example" in caught.value.remedy


def test_only_https_is_opened():
    for address in ("http://example.org/x", "file:///etc/hostname", "ftp://example.org/x"):
        with pytest.raises(URLError, match="unknown url type"):
            publisher._open(address)
