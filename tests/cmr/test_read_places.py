"""Headers that say little, or wrong, of where a stack lies: the right millilitres, or none."""

from __future__ import annotations

import gzip
import io

import nibabel
import numpy as np
import pytest

from core.cmr.export import nifti as as_nifti
from core.cmr.formats import dicom, nifti, nrrd_file
from core.cmr.formats.pairs import joined
from core.cmr.read import read
from core.cmr.studies import studies
from core.cmr.study import CmrStudy
from core.uploads import Upload
from tests.cmr.writers import SPACING, affine_of, dataset_of, heart, multi_frame, series_of, written
from tests.cmr.writers import nrrd_file as nrrd_of

HEART = heart()  # [7, 72, 64]
XYZ = HEART.transpose(2, 1, 0)
OPEN = [None, None, None]


def written_nifti(affine: np.ndarray, zooms: tuple | None = None, unit: str | None = None) -> bytes:
    """The header says just this: a library that writes one keeps matrix and voxel size in step."""
    out = bytearray(nibabel.Nifti1Image(XYZ, np.eye(4)).to_bytes())
    header = nibabel.Nifti1Header(bytes(out[:348]))
    header.set_sform(affine, 2)
    header["pixdim"][1:4] = zooms or np.linalg.norm(affine[:3, :3], axis=0)
    if unit:
        header.set_xyzt_units(unit)
    out[:348] = header.binaryblock
    return bytes(out)


def of_nifti(data: bytes) -> CmrStudy:
    return nifti.read([data], ["scan.nii"], OPEN)


def of_dicom(files: list[Upload], names: list[str] | None = None) -> CmrStudy:
    return dicom.read([file.data for file in files], names or [file.name for file in files], OPEN, None)


def subjects(study: CmrStudy) -> set[str]:
    return {notice.subject for notice in study.notices if notice.level == "caution"}


@pytest.mark.parametrize("matrix", [np.eye(4), np.diag([-1.0, -1, 1, 1]), np.ones((4, 4)), np.diag([1.2, 1.4, 0, 1])])
def test_a_matrix_never_filled_in_leaves_the_size_to_the_voxels(matrix):
    study = of_nifti(written_nifti(matrix, (1.2, 1.4, 10.0)))
    assert study.spacing_mm == pytest.approx(SPACING)
    assert study.mirrored is None
    back = nibabel.Nifti1Image.from_bytes(gzip.decompress(as_nifti(study, np.ones(HEART.shape, np.uint8))))
    assert back.header.get_zooms() == pytest.approx((1.2, 1.4, 10.0))


def test_a_singular_matrix_in_hand_still_gives_a_mask():
    study = CmrStudy(HEART.astype(np.float32), np.ones((4, 4)), spacing_mm=SPACING)
    back = nibabel.Nifti1Image.from_bytes(gzip.decompress(as_nifti(study, np.ones(HEART.shape, np.uint8))))
    assert np.linalg.det(back.affine) != 0


@pytest.mark.parametrize(("unit", "factor"), [("meter", 1e-3), ("micron", 1e3), ("mm", 1.0)])
def test_metres_and_microns(unit, factor):
    study = of_nifti(written_nifti(np.diag([factor] * 3 + [1]) @ affine_of(), unit=unit))
    assert study.spacing_mm == pytest.approx(SPACING, rel=1e-4)
    np.testing.assert_allclose(study.affine, affine_of(), rtol=1e-4, atol=1e-3)
    unfilled = of_nifti(written_nifti(np.eye(4), tuple(factor * np.array([1.2, 1.4, 10.0])), unit))
    assert unfilled.spacing_mm == pytest.approx(SPACING, rel=1e-4)


def test_slices_are_measured_across_the_pictures():
    slanted, sheared = affine_of(), affine_of()
    slanted[:3, 2] += 6 * affine_of()[:3, 0]
    sheared[:3, 1] += 0.5 * affine_of()[:3, 0]
    study = of_nifti(written_nifti(slanted))
    assert study.spacing_mm == pytest.approx(SPACING, rel=1e-4)
    assert not subjects(study)
    distorted = of_nifti(written_nifti(sheared))
    assert np.prod(distorted.spacing_mm) == pytest.approx(np.prod(SPACING), rel=1e-4)
    assert subjects(distorted) == {"shear"}
    lps = np.diag([-1.0, -1.0, 1.0]) @ slanted[:3, :3]
    file = nrrd_of(XYZ, {"space": "left-posterior-superior", "space directions": lps.T, "space origin": np.zeros(3)})
    assert nrrd_file.read(file.data, "a.nrrd", OPEN).spacing_mm == pytest.approx(SPACING, rel=1e-4)


def test_two_sizes_of_a_voxel_are_told():
    assert subjects(of_nifti(written_nifti(affine_of(), (1.2, 1.4, 5.0)))) == {"spacing"}


def placeless(z: int, **tags) -> Upload:
    return written(dataset_of(HEART[z], z, **{"ImagePositionPatient": None} | tags))


def test_without_positions_the_location_of_the_slices_counts_and_never_their_thickness():
    order = [3, 0, 6, 1, 5, 2, 4]
    files = [placeless(z, SliceLocation=10.0 * z, InstanceNumber=50 - z) for z in order]
    study = of_dicom(files)
    np.testing.assert_array_equal(study.slices, HEART)
    assert study.spacing_mm == (1.4, 1.2, 10.0)
    assert study.affine is None
    assert subjects(study) == {"order"}
    assert of_dicom([placeless(z) for z in order]).spacing_mm is None
    assert of_dicom([placeless(z, SpacingBetweenSlices=10) for z in order]).spacing_mm == (1.4, 1.2, 10.0)
    assert of_dicom([placeless(z, SpacingBetweenSlices=2) for z in order]).spacing_mm is None, "that is the gap"


def test_positions_of_zero_are_none():
    nought = {"ImagePositionPatient": [0, 0, 0]}
    study = of_dicom([placeless(z, **nought) for z in range(7)])
    np.testing.assert_array_equal(study.slices, HEART)
    assert (study.spacing_mm, study.affine) == (None, None)
    located = of_dicom([placeless(z, **nought, SliceLocation=-10.0 * z) for z in range(7)])
    np.testing.assert_array_equal(located.slices, HEART[::-1])
    assert located.spacing_mm == (1.4, 1.2, 10.0)


def test_names_are_the_order_where_there_are_no_numbers():
    order = [3, 0, 6, 1, 5, 2, 4]
    datasets = [dataset_of(HEART[z], z, ImagePositionPatient=None, InstanceNumber=1) for z in order]
    for dataset, z in zip(datasets, order, strict=True):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.9.{z + 1}"
    study = of_dicom([written(dataset) for dataset in datasets], [f"slice{z + 8}.dcm" for z in order])
    np.testing.assert_array_equal(study.slices, HEART)


def test_white_may_be_low():
    dark = of_dicom(series_of(4095 - HEART, PhotometricInterpretation="MONOCHROME1"))
    np.testing.assert_array_equal(dark.slices, HEART)


def test_frames_of_a_file_are_told_apart_by_their_own_kind():
    import pydicom
    from pydicom.dataset import Dataset

    both = np.concatenate([HEART, HEART + 50])
    file = pydicom.dcmread(io.BytesIO(multi_frame(both, range(14)).data))
    for k, frame in enumerate(file.PerFrameFunctionalGroupsSequence):
        kind = Dataset()
        kind.FrameType = ["ORIGINAL", "PRIMARY", "CARDIAC", "NONE"] if k < 7 else ["DERIVED", "PRIMARY", "CARDIAC", "NONE"]
        kind.ComplexImageComponent = "MAGNITUDE" if k < 7 else "REAL"
        frame.MRImageFrameTypeSequence = [kind]
        frame.PlanePositionSequence = file.PerFrameFunctionalGroupsSequence[k % 7].PlanePositionSequence
    study = of_dicom([written(file)])
    np.testing.assert_array_equal(study.slices, (HEART + 50) * 2.0 - 100)
    assert not subjects(study)
    assert study.references == (), "a segmentation would have to speak of all frames"


def nrrd_header(extra: str) -> bytes:
    return (b"NRRD0004\ntype: uint16\ndimension: 3\nsizes: 64 72 7\nspacings: 1.2 1.4 10\nendian: little\nencoding: raw\n"
            + extra.encode() + b"\n")


def pixels() -> bytes:
    return np.ascontiguousarray(HEART).astype("<u2").tobytes()


def test_pixels_at_the_end_of_an_nrrd():
    study = nrrd_file.read(nrrd_header("byte skip: -1\n") + b"something else" + pixels(), "a.nrrd", OPEN)
    np.testing.assert_array_equal(study.slices, HEART)


def test_pairs_of_header_and_pixels_are_one_scan(tmp_path):
    image = nibabel.Nifti1Pair(XYZ, affine_of())
    for name, header, other, body in (
            ("a.nhdr", nrrd_header("data file: a.raw\n")[:-1], "a.raw", pixels()),
            ("b.nhdr", nrrd_header("byte skip: -1\ndata file: b.raw\n"), "b.raw", b"left over" + pixels()),
            ("c.hdr", image.header.binaryblock, "c.img", np.asarray(XYZ).tobytes("F"))):
        (one,) = joined([Upload(other, body), Upload(name, header)])
        assert one.name.startswith(name[:1])
        (tmp_path / name).write_bytes(header)
        (tmp_path / other).write_bytes(body)
    found = list(studies(tmp_path))
    assert [[file.name for file in one.files] for one in found] == [["a.nhdr", "a.raw"], ["b.nhdr", "b.raw"], ["c.hdr", "c.img"]]
    for one in found:
        study = read(one.files)
        np.testing.assert_array_equal(study.slices, HEART)
        assert study.spacing_mm == pytest.approx(SPACING)
