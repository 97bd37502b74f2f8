"""Round trips: every format, written by its own library, comes back as the same stack in the same place."""

from __future__ import annotations

import io
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image
from pydicom import uid

from core.cmr.formats.geometry import PIXEL_MM, SLICE_MM
from core.cmr.read import read
from core.cmr.study import CmrStudy, on_grid
from core.fields import fields_of
from core.uploads import InputError, Upload
from tests.cmr.writers import (
    NORMAL,
    ORIGIN,
    SPACING,
    affine_of,
    dataset_of,
    heart,
    multi_frame,
    nifti,
    nrrd_file,
    png,
    series_of,
    written,
    zipped,
)

HEART = heart()  # [7, 72, 64]
XYZ = HEART.transpose(2, 1, 0)
EMIDEC = Path(__file__).resolve().parents[2] / "../shared/data/emidec"


def cautions(study: CmrStudy) -> set[str]:
    return {notice.subject for notice in study.notices if notice.level == "caution"}


def words(study: CmrStudy, subject: str) -> str:
    return " ".join(notice.message for notice in study.notices if notice.subject == subject)


def same(study: CmrStudy, values: np.ndarray = HEART) -> CmrStudy:
    assert study.slices.dtype == np.float32
    np.testing.assert_array_equal(study.slices, values.astype(np.float32))
    return study


def test_a_nifti_comes_back_with_its_place():
    for name in ("scan.nii", "scan.nii.gz"):
        study = same(read([nifti(XYZ, affine_of(), name)]))
        assert study.spacing_mm == pytest.approx(SPACING)
        assert study.axes == (2, 1, 0)
        np.testing.assert_allclose(study.affine, affine_of(), atol=1e-4)
        assert study.mirrored is False
        assert study.apex_first is True
        assert not study.notices
        assert study.source["format"] == "NIfTI"
        assert study.source["slices"] == "7"
    np.testing.assert_array_equal(on_grid(study, study.slices), XYZ)


def test_second_edition_and_scaled_values():
    image = nibabel.Nifti2Image(XYZ.astype(np.int16), affine_of())
    same(read([Upload("a.nii", image.to_bytes())]))
    image = nibabel.Nifti1Image(XYZ / 7.0 - 100, affine_of())
    image.set_data_dtype(np.int16)  # written with slope and intercept
    np.testing.assert_allclose(read([Upload("a.nii", image.to_bytes())]).slices, HEART / 7.0 - 100, atol=0.01)


def test_mirrored_and_turned_stacks_say_so():
    flipped, behind = affine_of(), affine_of()
    flipped[:3, 1] *= -1
    behind[:3, 2] *= -1
    assert (read([nifti(XYZ, flipped)]).mirrored, read([nifti(XYZ, flipped)]).apex_first) == (True, True)
    assert (read([nifti(XYZ, behind)]).mirrored, read([nifti(XYZ, behind)]).apex_first) == (False, False)
    lost = read([nifti(XYZ, np.diag([1.4, 1.4, 8, 1]))])
    assert lost.mirrored is None
    assert lost.apex_first is None
    assert cautions(lost) == {"orientation"}


@pytest.mark.parametrize(("order", "axes"), [((2, 1, 0), (2, 1, 0)), ((0, 2, 1), (0, 2, 1)), ((2, 0, 1), (1, 2, 0))])
def test_the_slice_axis_is_found(order: tuple, axes: tuple):
    """By spacing where it is stated, by shape where it is not."""
    values = HEART.transpose(order)
    matrix = np.eye(4)
    matrix[:3, :3] = np.diag(np.array([10.0, 1.4, 1.2])[list(order)])
    for affine in (matrix, None):
        study = same(read([nifti(values, affine)]), values.transpose(axes))
        assert study.axes == axes
        assert len(study.slices) == 7
        np.testing.assert_array_equal(on_grid(study, study.slices), values)


def test_spacing_that_was_never_filled_in_is_not_believed():
    study = read([nifti(XYZ)])
    assert study.spacing_mm is None
    assert cautions(study) == {"spacing"}
    assert study.affine is not None
    assert study.mirrored is None
    assert read([nifti(XYZ, np.diag([-1.0, -1, 1, 1]))]).spacing_mm is None
    assert read([nifti(XYZ, np.diag([0.0014, 0.0014, 0.01, 1]))]).spacing_mm is None  # metres
    partly = read([nifti(XYZ)], row_spacing=1.5, column_spacing="1,5")
    assert partly.spacing_mm is None
    assert "not fully" in words(partly, "spacing")
    given = read([nifti(XYZ)], row_spacing=1.5, column_spacing="1,5", slice_distance=8)
    assert given.spacing_mm == (1.5, 1.5, 8.0)
    assert not cautions(given)


def test_what_the_user_gives_wins():
    study = read([nifti(XYZ, affine_of())], slice_distance=8)
    assert study.spacing_mm == pytest.approx((*SPACING[:2], 8))
    assert "yours is used" in words(study, "spacing")
    assert not cautions(read([nifti(XYZ, affine_of())], slice_distance=10.0, row_spacing="", series="none"))


def test_zero_is_a_value_and_never_left_open():
    for name in ("row_spacing", "column_spacing", "slice_distance"):
        with pytest.raises(InputError) as caught:
            read([nifti(XYZ, affine_of())], **{name: 0})
        assert caught.value.field == name
    chosen = read(series_of(HEART) + series_of(HEART + 9, 0, SeriesDescription="DE_SAX_MAG"), series=0)
    same(chosen, HEART + 9)


def test_the_fields_are_declared_once():
    asked = fields_of(read)
    assert list(asked) == ["row_spacing", "column_spacing", "slice_distance", "series"]
    for name, bounds in (("row_spacing", PIXEL_MM), ("column_spacing", PIXEL_MM), ("slice_distance", SLICE_MM)):
        assert asked[name].kind is float
        assert (asked[name].field.unit, asked[name].field.low, asked[name].field.high) == ("mm", *bounds)
    assert asked["series"].kind is str
    assert read([nifti(XYZ)], row_spacing="0.2", column_spacing=10, slice_distance=50).spacing_mm == (0.2, 10.0, 50.0)


def test_an_emidec_folder_with_contours_and_two_equal_names():
    labels = np.uint8(HEART.transpose(2, 1, 0) // 600 % 5)
    scan, contours = nifti(XYZ, name="Case_P001.nii.gz"), nifti(labels, name="Case_P001.nii.gz")
    folder = zipped(("Case_P001/Contours/Case_P001.nii.gz", contours.data), ("Case_P001/Images/Case_P001.nii.gz", scan.data),
                    ("Case P001.txt", b"age 60"))
    for files in ([contours, scan], folder):
        study = same(read(files))
        assert "contours" in words(study, "files")
    assert "1 other files" in words(study, "files")


def test_odd_numbers_and_single_slices_are_cautioned():
    values = XYZ.astype(np.float32) - 800  # phase-sensitive pictures have negative values
    values[0, 0, 0], values[1, 0, 0], values[2, 0, 0] = np.nan, np.inf, -np.inf
    study = read([nifti(values, affine_of())])
    assert np.isfinite(study.slices).all()
    assert study.slices.min() == HEART.min() - 800.0
    assert cautions(study) == {"intensity"}
    assert cautions(read([nifti(XYZ[..., :1], affine_of())])) == {"slices"}
    assert read([nifti(XYZ[..., None], affine_of())]).slices.shape == HEART.shape
    assert read([nifti(XYZ[..., 0])]).slices.shape == (1, 72, 64)


def refusals(study: CmrStudy) -> list[str]:
    return [notice.message for notice in study.notices if notice.level == "refuse"]


def test_what_calls_itself_something_else_is_refused():
    (said,) = refusals(read([nifti(XYZ, name="patient1_cine_sax.nii.gz")]))
    assert "cine" in said
    assert refusals(read([nifti(XYZ, text="TrueFISP retro")]))
    assert not refusals(read([nifti(XYZ, text="trufi_psir_LGE")]))


LPS = {"space": "left-posterior-superior", "space directions": (np.diag([-1, -1, 1]) @ affine_of()[:3, :3]).T,
       "space origin": ORIGIN}


@pytest.mark.parametrize("encoding", ["gzip", "raw", "bzip2", "ascii"])
def test_an_nrrd_comes_back_with_its_place(encoding: str):
    study = same(read([nrrd_file(XYZ, LPS | {"encoding": encoding})]))
    np.testing.assert_allclose(study.affine, affine_of(), atol=1e-4)
    assert study.spacing_mm == pytest.approx(SPACING)
    assert (study.mirrored, study.apex_first) == (False, True)


def test_an_nrrd_with_less_in_its_header():
    spaced = same(read([nrrd_file(XYZ, {"spacings": [1.2, 1.4, 10.0]})]))
    assert spaced.spacing_mm == SPACING
    assert spaced.affine is None
    assert same(read([nrrd_file(XYZ)])).spacing_mm is None
    listed = LPS | {"space directions": np.vstack([np.full(3, np.nan), LPS["space directions"]])}
    study = same(read([nrrd_file(XYZ[None], listed)]))
    np.testing.assert_allclose(study.affine, affine_of(), atol=1e-4)


def test_a_dicom_series_is_sorted_and_placed():
    files = series_of(HEART)
    for upload in (files, zipped(*((f"DICOM/{i}/IM1", file.data) for i, file in enumerate(files)))):
        study = same(read(upload))
        np.testing.assert_allclose(study.affine, affine_of(), atol=1e-3)
        assert study.spacing_mm == pytest.approx(SPACING, abs=1e-3)
        assert not study.notices
        assert (study.mirrored, study.apex_first) == (False, True)
        assert study.axes == (2, 1, 0)
        assert [int(r.InstanceNumber) for r in study.references] == list(range(1, 8))
    assert study.source["device"] == "Maker"
    assert study.source["inversion time"] == "300 ms"
    everything = f"{study.source}{study.notices}" + "".join(map(str, study.references))
    assert "SECRET" not in everything
    assert "2020" not in everything
    assert "1950" not in everything


def test_compressed_signed_and_rescaled_dicom():
    signed = HEART.astype(np.int16) - 300
    np.testing.assert_array_equal(read(series_of(signed, RescaleSlope=2, RescaleIntercept=-5)).slices, signed * 2.0 - 5)
    packed = []
    for z, picture in enumerate(HEART):
        dataset = dataset_of(picture, z)
        dataset.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
        packed.append(written(dataset))
    assert same(read(packed)).source["compression"].startswith("JPEG 2000")
    bare = [Upload(f"{z}.dcm", file.data[132:]) for z, file in enumerate(series_of(HEART))]
    same(read(bare))


def test_of_several_series_the_late_enhancement_is_proposed():
    cine = [file for phase in range(3) for file in series_of(
        HEART + phase, 5, SeriesDescription="cine_trufi_SAX", TriggerTime=phase * 40, InversionTime=None)]
    scout = series_of(HEART[:3], 1, SeriesDescription="localizer", InversionTime=None)
    magnitude = series_of(HEART + 9, 11, SeriesDescription="DE_SAX_MAG")
    along = series_of(HEART[:1], 13, SeriesDescription="LGE_4ch_PSIR", ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    study = same(read(cine + scout + magnitude + along + series_of(HEART)))
    assert "Series 12 ('LGE_SAX_PSIR', 7 pictures) is read" in words(study, "series")
    assert all(f"{n} (" in words(study, "series") for n in (5, 1, 11, 13))
    for chosen in (11, "11", 11.0, "3.11"):
        same(read(cine + scout + magnitude + series_of(HEART), series=chosen), HEART + 9)


def test_magnitude_and_phase_in_one_series_are_kept_apart():
    phase = [written(dataset_of(picture, z, ImageType=["DERIVED", "PRIMARY", "P", "PSIR"], InstanceNumber=50 + z))
             for z, picture in enumerate(HEART + 50)]
    study = same(read(series_of(HEART) + phase), HEART + 50)
    assert "slices" not in cautions(study)
    assert "Left out: 12" in words(study, "series")


def test_repeated_missing_and_unplaced_slices_are_cautioned():
    again = written(dataset_of(HEART[3] + 7, 3, InstanceNumber=40, AcquisitionTime="120000"))
    study = read([*series_of(HEART), again, again])
    assert "slices" in cautions(study)
    np.testing.assert_array_equal(study.slices[3], HEART[3] + 7)
    gap = read([f for f in series_of(HEART) if b"1.2.3.12.3.0" not in f.data])
    assert len(gap.slices) == 6
    assert "evenly" in words(gap, "slices")
    assert gap.spacing_mm[2] == pytest.approx(10, abs=1e-3)
    nowhere = same(read(series_of(HEART, ImagePositionPatient=None)))
    assert nowhere.affine is None
    assert cautions(nowhere) == {"order", "spacing"}
    assert nowhere.spacing_mm is None
    single = read(series_of(HEART[:1]))
    assert cautions(single) == {"slices"}
    assert single.spacing_mm == (1.4, 1.2, 8.0)


def test_a_cine_phase_is_refused():
    assert "cine" in refusals(read(series_of(HEART, SeriesDescription="SAX", CardiacNumberOfImages=25)))[0]
    assert "cine" in refusals(read(series_of(HEART, SeriesDescription="cine SAX")))[0]
    silent = read(series_of(HEART, SeriesDescription="series"))
    assert not refusals(silent)
    assert "does not say" in words(silent, "sequence")


def test_a_multi_frame_file_is_sorted_by_position():
    study = same(read([multi_frame(HEART, [3, 0, 6, 1, 5, 2, 4])]), HEART * 2.0 - 100)
    np.testing.assert_allclose(study.affine, affine_of(), atol=1e-3)
    assert study.spacing_mm == pytest.approx(SPACING, abs=1e-3)
    assert len(study.references) == 1
    assert "SECRET" not in str(study.references)
    assert "2020" not in str(study.references)
    assert study.source["format"] == "DICOM MR, multi-frame"


def test_the_headers_are_enough_for_a_segmentation():
    from highdicom import UID, AlgorithmIdentificationSequence
    from highdicom.seg import Segmentation, SegmentDescription
    from pydicom.sr.codedict import codes

    study = read(series_of(HEART))
    algorithm = AlgorithmIdentificationSequence("model", codes.DCM.ArtificialIntelligence, "1")
    described = SegmentDescription(1, "cavity", codes.SCT.AnatomicalStructure, codes.SCT.LeftVentricle, "AUTOMATIC", algorithm)
    made = Segmentation(list(study.references), np.uint8(study.slices > 600), "BINARY", [described], UID(), 9, UID(), 1,
                        "maker", "model", "1", "1")
    buffer = io.BytesIO()
    made.save_as(buffer)
    positions = {tuple(f.PlanePositionSequence[0].ImagePositionPatient) for f in made.PerFrameFunctionalGroupsSequence}
    assert len(positions) == 7
    assert np.allclose(min(positions, key=lambda p: np.dot(p, NORMAL)), ORIGIN, atol=1e-3)
    assert made.StudyInstanceUID == "1.2.3"
    assert not made.PatientName


def test_pictures_are_sorted_by_the_numbers_in_their_names():
    files = [png(picture, f"slice{z + 6}.png") for z, picture in enumerate(HEART)]  # 10 comes after 9
    study = same(read(files[::-1]))
    assert study.spacing_mm is None
    assert study.affine is None
    assert cautions(study) == {"spacing"}
    assert read(files, row_spacing=1.4, column_spacing=1.2, slice_distance=10).spacing_mm == SPACING
    small = np.uint8(HEART // 16)
    for mode in ("RGB", "RGBA", "P", "LA"):
        same(read([png(Image.fromarray(p).convert(mode), f"{z}.png") for z, p in enumerate(small)]), small)


def test_every_stack_of_emidec_is_read():
    if not EMIDEC.is_dir():
        pytest.skip("EMIDEC is not on this machine")
    folders = sorted(EMIDEC.glob("Case_*"))
    assert folders
    for folder in folders:
        study = read([*folder.glob("Contours/*.nii.gz"), *folder.glob("Images/*.nii.gz")])
        expected = np.asarray(nibabel.load(next(folder.glob("Images/*.nii.gz"))).dataobj)
        np.testing.assert_array_equal(on_grid(study, study.slices), expected)
        assert (cautions(study), study.spacing_mm, study.axes) == ({"spacing"}, None, (2, 1, 0)), folder.name
