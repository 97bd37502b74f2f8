"""Round trips: every format and compression, written by its own library, comes back as the same film."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset

from core.cxr.read import read
from core.cxr.study import CxrStudy
from core.uploads import Upload
from tests.cxr.writers import as_dicom, as_picture, dataset_of, film, written

FILM8, FILM12, FILM16 = film(8), film(12), film(16)


def subjects(study: CxrStudy, level: str) -> set[str]:
    return {notice.subject for notice in study.notices if notice.level == level}


def pixels(upload: Upload) -> np.ndarray:
    study = read([upload])
    assert study.pixels.dtype == np.float32
    assert study.pixels.min() >= 0
    assert study.pixels.max() <= 1
    return study.pixels


def stretched(values: np.ndarray) -> np.ndarray:
    low, high = np.percentile(values, [0.5, 99.5])
    return np.clip((values - low) / (high - low), 0, 1)


LOSSLESS = [
    uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.DeflatedExplicitVRLittleEndian, uid.JPEGLossless,
    uid.JPEGLosslessSV1, uid.JPEGLSLossless, uid.JPEG2000Lossless, uid.RLELossless,
]


@pytest.mark.parametrize(("syntax", "bits"), [
    *((syntax, bits) for syntax in LOSSLESS for bits in (8, 12, 16)),
    *((uid.ExplicitVRBigEndian, bits) for bits in (12, 16)),  # bytes have no order
], ids=lambda value: getattr(value, "name", str(value))[:26])
def test_every_lossless_dicom_comes_back_as_it_was(syntax: str, bits: int):
    stored = film(bits)
    expected = stored / 255 if bits == 8 else stretched(stored)
    np.testing.assert_allclose(pixels(as_dicom(stored, bits, syntax)), expected, atol=1e-4)


def test_lossy_dicom_comes_back_nearly_as_it_was():
    expected = stretched(FILM12)
    assert np.abs(pixels(as_dicom(FILM12, 12, uid.JPEGLSNearLossless)) - expected).max() < 0.01
    baseline = read([as_dicom(FILM8, 8, uid.JPEGBaseline8Bit)])
    assert np.abs(baseline.pixels - FILM8 / 255).mean() < 0.005
    assert baseline.source["compression"] == "JPEG Baseline"
    extended = as_dicom(FILM12, 12, uid.JPEGExtended12Bit)
    assert np.abs(pixels(extended) - expected).mean() < 0.005
    assert np.abs(pixels(as_dicom(FILM8, 8, uid.JPEGExtended12Bit)) - FILM8 / 255).mean() < 0.005


def test_monochrome1_is_turned_to_bright_bone():
    opposite = as_dicom(4095 - FILM12, 12, PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_allclose(pixels(opposite), pixels(as_dicom(FILM12)), atol=1e-3)
    np.testing.assert_allclose(pixels(as_dicom(255 - FILM8, 8, PhotometricInterpretation="MONOCHROME1")), FILM8 / 255, atol=1e-6)
    windowed = as_dicom(4095 - FILM12, 12, PhotometricInterpretation="MONOCHROME1", WindowCenter=1096, WindowWidth=1500)
    np.testing.assert_allclose(pixels(windowed), pixels(as_dicom(FILM12, WindowCenter=3000, WindowWidth=1500)), atol=1e-5)


def test_window_and_its_functions():
    """PS3.3 C.11.2.1.2: centre 2000, width 1000 of stored values."""
    low, high = 2000 - 0.5 - 999 / 2, 2000 - 0.5 + 999 / 2
    expected = np.clip((FILM12 - low) / (high - low), 0, 1)
    several = pixels(as_dicom(FILM12, WindowCenter=["2000", "9"], WindowWidth=["1000", "9"]))
    np.testing.assert_allclose(several, expected, atol=1e-5)
    exact = pixels(as_dicom(FILM12, WindowCenter=2000, WindowWidth=1000, VOILUTFunction="LINEAR_EXACT"))
    np.testing.assert_allclose(exact, np.clip((FILM12 - 1500.0) / 1000, 0, 1), atol=1e-5)
    sigmoid = pixels(as_dicom(FILM12, WindowCenter=2000, WindowWidth=1000, VOILUTFunction="SIGMOID"))
    np.testing.assert_allclose(sigmoid, 1 / (1 + np.exp(-4 * (FILM12 - 2000.0) / 1000)), atol=1e-5)
    useless = read([as_dicom(FILM12, WindowCenter=60_000, WindowWidth=10)])
    np.testing.assert_allclose(useless.pixels, stretched(FILM12), atol=1e-4)
    assert useless.source["brightness"].startswith("percentiles")


def test_rescale_comes_before_the_window():
    rescaled = as_dicom(FILM12, RescaleSlope=2, RescaleIntercept=-1000, WindowCenter=3000, WindowWidth=2001)
    np.testing.assert_allclose(pixels(rescaled), np.clip((FILM12 * 2.0 - 1000 - 2999.5) / 2000 + 0.5, 0, 1), atol=1e-4)
    falling = as_dicom(FILM12, RescaleSlope=-1, RescaleIntercept=4095)
    np.testing.assert_allclose(pixels(falling), 1 - pixels(as_dicom(FILM12)), atol=1e-3)
    np.testing.assert_allclose(pixels(as_dicom(FILM8, 8, RescaleSlope=-1, RescaleIntercept=255)), 1 - FILM8 / 255, atol=1e-5)


@pytest.mark.parametrize("depth", [8, 12])
def test_a_lookup_table_is_applied(depth: int):
    table = Dataset()
    values = np.round(np.linspace(0, 1, 4096) ** 2 * (2**depth - 1)).astype(np.uint16)
    table.LUTDescriptor, table.LUTData = [4096, 0, depth], values.tobytes()
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "OW"
    study = read([as_dicom(FILM12, VOILUTSequence=[table])])
    np.testing.assert_allclose(study.pixels, values[FILM12] / (2**depth - 1), atol=1e-5)
    assert study.source["brightness"] == "VOI LUT"


def test_signed_padded_and_overfull_values():
    signed = FILM12.astype(np.int16) - 2048
    np.testing.assert_allclose(pixels(as_dicom(signed, 12, WindowCenter=0, WindowWidth=4096)),
                               pixels(as_dicom(FILM12, WindowCenter=2048, WindowWidth=4096)), atol=1e-6)
    padded = FILM12.copy()
    padded[:, :20] = 4095  # a white border would change the scaling
    padded[80, 60] = 4095
    study, inside = pixels(as_dicom(padded, PixelPaddingValue=4095)), np.where(padded < 4095, padded, np.nan)
    low, high = np.nanpercentile(inside, [0.5, 99.5])
    expected = np.clip((inside - low) / (high - low), 0, 1)
    np.testing.assert_allclose(study, np.nan_to_num(expected[:, 20:]), atol=1e-3)  # without the frame of padding
    np.testing.assert_allclose(pixels(as_dicom(FILM12, 10)), stretched(FILM12), atol=1e-4)  # more bits stored than said


def test_orientation_is_put_right():
    normal = read([as_dicom(FILM12, PatientOrientation=["L", "F"])])
    assert "orientation" not in subjects(normal, "info")
    for stored, way in ((FILM12[:, ::-1], ["R", "F"]), (FILM12[::-1], ["L", "H"]), (FILM12.T, ["F", "L"])):
        turned = read([as_dicom(np.ascontiguousarray(stored), PatientOrientation=way, PixelSpacing=[0.2, 0.1])])
        np.testing.assert_allclose(turned.pixels, normal.pixels, atol=1e-6)
        assert "orientation" in subjects(turned, "info")
        assert turned.spacing == ((0.1, 0.2) if way == ["F", "L"] else (0.2, 0.1))


def test_context_is_read_and_identity_dropped():
    study = read([as_dicom(FILM12, SeriesDescription="Chest PORTABLE", ImagerPixelSpacing=[0.143, 0.143])])
    assert (study.view, study.sex, study.age, study.portable) == ("PA", "female", 69.0, True)
    assert study.spacing == (0.143, 0.143)
    assert study.source["device"] == "Maker"
    assert "SECRET" not in repr(study).replace("array", "")
    assert "2020" not in repr(study.source)
    assert subjects(study, "info") == {"identity"}
    assert subjects(study, "refuse") == set()
    assert read([as_dicom(FILM12)]).portable is None
    assert read([as_dicom(FILM12, SeriesDescription="non-portable")]).portable is None
    assert read([as_dicom(FILM12, PatientAge="018M")]).age == 1.5
    assert read([as_dicom(FILM12, PatientAge="")]).age == 69.0  # from the two dates
    assert "identity" in subjects(read([as_dicom(FILM12, BurnedInAnnotation="YES")]), "caution")
    assert "body part" in subjects(read([as_dicom(FILM12, BodyPartExamined="HAND")]), "caution")


@pytest.mark.parametrize(("tags", "view"), [
    ({"ViewPosition": "AP"}, "AP"), ({"ViewPosition": "LL"}, "lateral"), ({"ViewPosition": "RL"}, "lateral"),
    ({"ViewPosition": "LATERAL"}, "lateral"), ({"ViewPosition": ""}, None), ({"ViewPosition": "LLO"}, None),
    ({"ViewPosition": "", "SeriesDescription": "W034 Thorax lat."}, "lateral"),
    ({"ViewPosition": "", "SeriesDescription": "Chest PA and lat"}, None),
])
def test_views(tags: dict, view: str | None):
    study = read([as_dicom(FILM12, **tags)])
    assert study.view == view
    assert ("view" in subjects(study, "refuse")) == (view == "lateral")


def test_the_users_fields_win():
    study = read([as_dicom(FILM12)], note="Cough.", view="AP", sex="male", age="40", portable=False, follow_up=3)
    assert (study.view, study.sex, study.age, study.portable, study.follow_up) == ("AP", "male", 40.0, False, 3)
    assert study.note == "Cough."
    assert "view" in subjects(study, "caution")
    assert "view" in subjects(read([as_picture(FILM8)], view="lateral"), "refuse")
    assert read([as_picture(FILM8)], view="", sex="unknown", age="", portable="", follow_up="").sex is None


def test_zeros_and_no_are_values():
    study = read([as_dicom(FILM12, SeriesDescription="Chest PORTABLE")], age=0, portable=False, follow_up=0, note="")
    assert (study.age, study.portable, study.follow_up) == (0.0, False, 0)
    assert not isinstance(study.follow_up, bool)
    typed = read([as_picture(FILM8)], age="0", portable="no", follow_up="0")
    assert (typed.age, typed.portable, typed.follow_up) == (0.0, False, 0)


def test_a_field_left_open_keeps_what_the_file_says():
    left = read([as_dicom(FILM12)], note=None, view=None, sex=None, age=None, portable=None, follow_up=None)
    assert (left.view, left.sex, left.age, left.note) == ("PA", "female", 69.0, "")


def test_fields_are_told_in_other_words_too():
    study = read([as_picture(FILM8)], view="Left lateral", sex="F", age="018M", portable="1")
    assert (study.view, study.sex, study.age, study.portable) == ("lateral", "female", 1.5, True)


def test_a_path_is_read_as_a_file(tmp_path):
    (tmp_path / "film.png").write_bytes(as_picture(FILM8).data)
    np.testing.assert_allclose(read([tmp_path / "film.png"]).pixels, FILM8 / 255, atol=1e-6)


def test_pictures_in_every_mode():
    grey = FILM8 / 255
    rgb = np.stack([FILM8] * 3, -1)
    for upload in (as_picture(FILM8), as_picture(rgb), as_picture(FILM8, "TIFF"),
                   as_picture(FILM8, "TIFF", compression="tiff_lzw"),
                   as_picture(Image.fromarray(FILM8).convert("P")), as_picture(Image.fromarray(rgb).convert("RGBA")),
                   as_picture(Image.merge("LA", [Image.fromarray(FILM8), Image.new("L", FILM8.shape[::-1], 255)]))):
        np.testing.assert_allclose(pixels(upload), grey, atol=0.005)
    for image in (Image.fromarray(FILM8), Image.fromarray(rgb), Image.fromarray(rgb).convert("CMYK")):
        assert np.abs(pixels(as_picture(image, "JPEG", quality=95)) - grey).mean() < 0.01
    clear = Image.fromarray(rgb).convert("RGBA")
    clear.putalpha(Image.fromarray(np.where(np.arange(128) < 64, 255, 0).astype(np.uint8)[None].repeat(160, 0)))
    assert pixels(as_picture(clear)).shape == (160, 64)


def test_sixteen_bit_pictures_are_scaled_by_percentiles():
    expected = stretched(FILM16)
    for upload in (as_picture(FILM16), as_picture(FILM16, "TIFF"), as_picture(FILM16, "TIFF", compression="tiff_adobe_deflate"),
                   as_picture(FILM16.astype(np.float32), "TIFF"), as_picture(FILM16.astype(np.int32), "TIFF")):
        np.testing.assert_allclose(pixels(upload), expected, atol=1e-4)
    np.testing.assert_allclose(pixels(as_picture(FILM12)), stretched(FILM12), atol=1e-4)
    inverted = as_picture(65535 - FILM16, "TIFF", tiffinfo={262: 0})
    assert Image.open(io.BytesIO(inverted.data)).tag_v2[262] == 0
    np.testing.assert_allclose(pixels(inverted), expected, atol=1e-4)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_turned_photograph_is_put_upright_and_cautioned(kind: str):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Phone"  # the camera was held to the right
    study = read([as_picture(np.rot90(FILM8).copy(), kind, exif=exif)])
    assert np.abs(study.pixels - FILM8 / 255).mean() < 0.03
    assert ("photograph" in subjects(study, "caution")) == (kind != "TIFF")
    assert "Phone" not in repr(study.source)


def test_colour_and_shape_are_noticed():
    tinted = np.stack([FILM8, FILM8, FILM8 // 2], -1)
    for upload in (as_picture(tinted), as_dicom(tinted, 8)):
        study = read([upload])
        assert study.colour < 0.05, "one tint is no colour picture"
        assert "photograph" in subjects(study, "caution")
    assert read([as_picture(FILM8)]).colour == 0
    bright = np.random.default_rng(0).integers(0, 255, (40, 32, 3)).repeat(4, 0).repeat(4, 1).astype(np.uint8)
    assert read([as_picture(bright)]).colour > 0.3
    assert read([as_dicom(bright, 8)]).colour > 0.3
    assert "shape" in subjects(read([as_picture(FILM8[:70])]), "caution")
    large = read([as_picture(film(8, 400, 330))])
    assert subjects(large, "caution") == set()
    assert subjects(large, "info") == {"identity"}


def test_an_archive_with_one_film():
    directory = dataset_of(FILM12, 12)
    directory.file_meta.MediaStorageSOPClassUID = directory.SOPClassUID = "1.2.840.10008.1.3.10"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("CD/IMAGES/0001", as_dicom(FILM12).data)
        archive.writestr("CD/DICOMDIR", written(directory))
        archive.writestr("CD/README.TXT", b"Open the viewer.")
    study = read([Upload("cd.zip", buffer.getvalue())])
    assert study.view == "PA"
    assert "files" in subjects(study, "info")


def test_a_dicom_without_preamble():
    data = as_dicom(FILM12, 12, uid.ImplicitVRLittleEndian).data
    start = 144 + int.from_bytes(data[140:144], "little")
    np.testing.assert_allclose(pixels(Upload("film.dcm", data[start:])), stretched(FILM12), atol=1e-4)


def packed(values: np.ndarray, words: bool) -> Dataset:
    """A table of eight bits, two entries in a word."""
    table = Dataset()
    table.LUTDescriptor, table.LUTData = [4096, 0, 8], values.tobytes()
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "OW"
    if words:
        del table.LUTData
        table.add_new(0x00283006, "US", np.frombuffer(values.tobytes(), "<u2").tolist())
    return table


@pytest.mark.parametrize("words", [False, True])
@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian])
def test_a_lookup_table_of_packed_bytes(words: bool, syntax: str):
    values = np.round(np.linspace(0, 1, 4096) ** 2 * 255).astype(np.uint8)
    study = read([as_dicom(FILM12, 12, syntax, VOILUTSequence=[packed(values, words)])])
    np.testing.assert_allclose(study.pixels, values[FILM12] / 255, atol=1e-5)


@pytest.mark.parametrize(("centre", "width"), [(128, 256), (512, 1024), (32_768, 65_536)])
def test_a_window_of_another_bit_depth_is_left_out_and_said(centre: int, width: int):
    study = read([as_dicom(FILM12, WindowCenter=centre, WindowWidth=width)])
    np.testing.assert_allclose(study.pixels, stretched(FILM12), atol=1e-4)
    assert "brightness" in subjects(study, "caution")
    assert "brightness" not in subjects(read([as_dicom(FILM12, WindowCenter=2048, WindowWidth=4096)]), "caution")


def test_padding_whose_sign_disagrees_with_the_pixels():
    signed = FILM12.astype(np.int16) - 2048
    signed[:, :20] = -2000
    right = pixels(as_dicom(signed, 12, PixelPaddingValue=-2000, WindowCenter=0, WindowWidth=4096))
    dataset = dataset_of(signed, 12, WindowCenter=0, WindowWidth=4096)
    dataset.add_new(0x00280120, "US", 65_536 - 2000)
    np.testing.assert_array_equal(pixels(Upload("a.dcm", written(dataset))), right)
    assert right.shape == (160, 108), "the padding is a black frame"
    plain = FILM16.copy()
    plain[:, :20] = 65_535
    dataset = dataset_of(plain, 16)
    dataset.add_new(0x00280120, "SS", -1)
    assert pixels(Upload("a.dcm", written(dataset))).shape == (160, 108)


@pytest.mark.parametrize("ways", [["A", "F"], ["P", "F"], ["AL", "F"]])
def test_an_orientation_from_front_to_back_is_a_lateral_film(ways: list[str]):
    assert "view" in subjects(read([as_dicom(FILM12, PatientOrientation=ways, ViewPosition="")]), "refuse")
    named = read([as_dicom(FILM12, PatientOrientation=ways, ViewPosition="PA")])
    assert "view" in subjects(named, "refuse")
    assert "orientation" in subjects(named, "caution")
    assert "view" in subjects(read([as_dicom(FILM12, PatientOrientation=ways, ViewPosition="")], view="PA"), "caution")


def deep_png(channels: np.ndarray) -> Upload:
    """``[height, width, 2 to 4]`` uint16 as PNG, row filters in turn."""
    height, width, count = channels.shape
    rows, size = [], 2 * count
    raw = channels.astype(">u2").tobytes()
    stride, before = width * size, bytes(width * size)
    for y in range(height):
        row, kind = raw[y * stride:(y + 1) * stride], y % 3  # none, left, above
        left = {0: bytes(stride), 1: bytes(size) + row[:-size], 2: before}[kind]
        rows.append(bytes([kind]) + (np.frombuffer(row, np.uint8) - np.frombuffer(left, np.uint8)).tobytes())
        before = row

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    colour = {2: 4, 3: 2, 4: 6}[count]
    return Upload("film.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0))
                  + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b""))


@pytest.mark.parametrize("count", [2, 3, 4])
def test_sixteen_bits_a_channel_keep_all_greys(count: int):
    colours = [FILM12] * (count - 1 + count % 2) + [np.full_like(FILM12, 65_535)] * (1 - count % 2)
    study = read([deep_png(np.stack(colours, -1))])
    np.testing.assert_allclose(study.pixels, stretched(FILM12), atol=1e-3)
    assert study.colour == 0
    assert "16" in study.source["depth"]
    if count % 2 == 0:
        colours[-1] = colours[-1] * (np.arange(128) < 64)
        assert pixels(deep_png(np.stack(colours, -1))).shape == (160, 64), "nothing is seen there: a black frame"


def tiff(values: np.ndarray, order: str) -> Upload:
    """``[height, width]`` or ``[height, width, 3]`` of any type as an uncompressed TIFF, "<" or ">"."""
    height, width = values.shape[:2]
    count, bits = (values.shape + (1,))[2], 8 * values.dtype.itemsize
    entries = [(256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, 1), (262, 3, 2 if count == 3 else 1), (273, 4, 0),
               (277, 3, count), (278, 4, height), (279, 4, values.nbytes), (339, 3, {"u": 1, "i": 2, "f": 3}[values.dtype.kind])]
    start = 8 + 2 + 12 * len(entries) + 4
    entries = [(tag, kind, start + 12 if tag == 273 else value) for tag, kind, value in entries]
    body = b"II*\0" if order == "<" else b"MM\0*"
    body += struct.pack(order + "IH", 8, len(entries))
    for tag, kind, value in entries:
        if count == 3 and tag in (258, 339):
            body += struct.pack(order + "HHII", tag, 3, 3, start + (0 if tag == 258 else 6))
        else:
            body += struct.pack(order + "HHI", tag, kind, 1) + (struct.pack(order + "HH", value, 0) if kind == 3 else
                                                                struct.pack(order + "I", value))
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    body += bytes(4) + struct.pack(order + "HHHHHH", bits, bits, bits, kind, kind, kind)
    return Upload("film.tif", body + values.astype(values.dtype.newbyteorder(order)).tobytes())


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("kind", ["u2", "i2", "i4", "f4"])
def test_tiff_of_either_byte_order_and_sign(kind: str, order: str):
    values = FILM12.astype(np.dtype(kind))
    np.testing.assert_allclose(pixels(tiff(values, order)), stretched(FILM12), atol=1e-3)
    if kind[0] != "u":
        np.testing.assert_allclose(pixels(tiff(values - np.array(2048, kind), order)), stretched(FILM12), atol=1e-3)


@pytest.mark.parametrize("order", "<>")
def test_tiff_of_eight_signed_bits_and_of_deep_colour(order: str):
    expected = stretched(FILM8)
    assert np.abs(pixels(tiff((FILM8.astype(np.int16) - 128).astype(np.int8), order)) - expected).max() < 0.02
    np.testing.assert_allclose(pixels(tiff(np.stack([FILM12] * 3, -1), order)), stretched(FILM12), atol=1e-3)


@pytest.mark.parametrize("colour", [0.0, 1.0])
def test_an_even_frame_is_cut_off_and_said(colour: float):
    inside = 0.2 + 0.6 * FILM8 / 255
    framed = np.full((300, 400), colour)
    framed[60:220, 200:328] = inside
    framed[5, 5:9] = 0.5  # a letter
    study = read([as_picture(np.uint8(np.round(255 * framed)))])
    assert study.pixels.shape == FILM8.shape
    np.testing.assert_allclose(study.pixels, inside, atol=0.005)
    assert "frame" in subjects(study, "info")
    assert "frame" not in subjects(read([as_picture(FILM8)]), "info")
    values = np.uint16(np.round(4095 * framed))
    study = read([as_dicom(values, WindowCenter=2048, WindowWidth=4096)])  # white may be soft tissue under a window
    assert study.pixels.shape == (framed.shape if colour else FILM8.shape)
