"""The examples are files of nobody with a right geometry: seen from the apex, diaphragm below, sizes in millimetres."""

from __future__ import annotations

import gzip
import io

import nibabel
import numpy as np
import pytest
from pydicom import dcmread

from core.cmr.examples import ANTERIOR, INFERIOR, LONG_AXIS, affine, as_dicom, as_nifti, examples
from core.cmr.phantom import phantom
from core.uploads import collect, sniff

SLICES = phantom(ANTERIOR, 2)[0]
FILES = [dcmread(io.BytesIO(data)) for data in as_dicom(SLICES, ANTERIOR)]


def test_names_and_files():
    found = {one.name: one for one in examples()}
    assert [name.split(",")[0] for name in found] == [
        "Phantom: inferior infarct with no-reflow", "Phantom: anterior infarct", "Phantom: normal heart",
        "Phantom: no heart in the field"]
    assert not any(one.fields for one in found.values())
    series = collect(found["Phantom: anterior infarct, DICOM series"].files)
    assert len(series) == ANTERIOR.slices
    assert {sniff(upload) for upload in series} == {"dicom"}
    assert [upload.data for upload in series] == as_dicom(SLICES, ANTERIOR), "the same bytes every time"
    assert all(again.files[0] is found[again.name].files[0] for again in examples()), "drawn once"


def test_to_list_the_examples_draws_nothing(monkeypatch):
    for draw in ("_nifti", "_series"):
        monkeypatch.setattr(f"core.cmr.examples.{draw}", lambda *arguments: pytest.fail("drawn"))
    assert [len(one.files) for one in examples()] == [1, ANTERIOR.slices, 1, 1]


def test_nifti_carries_the_stack_in_millimetres():
    slices = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)
    image = nibabel.Nifti1Image.from_bytes(gzip.decompress(as_nifti(slices, INFERIOR)))
    assert image.shape == (4, 3, 2)
    assert image.get_data_dtype() == np.int16
    assert np.array_equal(image.get_fdata().transpose(2, 1, 0), slices)
    assert image.header.get_zooms() == pytest.approx((1.5, 1.5, 10.0))
    assert image.header.get_xyzt_units()[0] == "mm"
    assert np.allclose(image.affine, affine(INFERIOR), atol=1e-4)
    assert np.allclose(image.get_qform(), image.get_sform(), atol=1e-3)


def test_stack_is_a_short_axis_seen_from_the_apex():
    ras = affine(INFERIOR)[:3, :3] / np.array(INFERIOR.spacing_mm)[[1, 0, 2]]
    column, row, slice_ = ras.T
    assert np.allclose(ras.T @ ras, np.eye(3), atol=1e-9)
    to_base = np.array([1.0, -1.0, 1.0]) / np.sqrt(3)  # RAS: the apex points left, forward and down
    assert slice_ @ to_base > 0.9, "the first slice is the apical one"
    assert np.cross(column, row) @ to_base > 0.9, "not mirrored"
    assert row[2] < -0.5, "down is towards the feet"
    assert column[0] < -0.5, "right is towards the patient's left"


def test_dicom_geometry_is_that_of_the_affine():
    first, last = FILES[0], FILES[-1]
    to_ras = np.diag([-1.0, -1.0, 1.0])
    corner = affine(ANTERIOR) @ [0, 0, ANTERIOR.slices - 1, 1]
    assert np.allclose(to_ras @ np.array(first.ImagePositionPatient, float), corner[:3], atol=1e-4), "base first"
    step = np.array(last.ImagePositionPatient, float) - np.array(first.ImagePositionPatient, float)
    assert np.linalg.norm(step) == pytest.approx(10.0 * (ANTERIOR.slices - 1))
    assert step @ LONG_AXIS > 0
    along = np.array(first.ImageOrientationPatient, float).reshape(2, 3)
    assert np.allclose(to_ras @ along[0] * 1.6, affine(ANTERIOR)[:3, 0], atol=1e-6)
    assert np.allclose(to_ras @ along[1] * 1.6, affine(ANTERIOR)[:3, 1], atol=1e-6)
    for k, file in enumerate(FILES):
        assert np.array_equal(file.pixel_array, SLICES[len(SLICES) - 1 - k])


def test_dicom_is_late_enhancement_of_no_patient():
    assert {file.SeriesDescription for file in FILES} == {"LGE PSIR short axis"}
    assert len({file.SOPInstanceUID for file in FILES}) == len(FILES)
    assert len({f.SeriesInstanceUID for f in FILES}) == 1
    for file in FILES:
        assert not file.PatientName
        assert not file.PatientID
        assert not file.PatientBirthDate
        assert not file.StudyDate
        assert all(element.value.is_valid for element in file.iterall() if element.VR == "UI" and element.value)
