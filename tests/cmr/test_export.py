"""A mask that leaves the room lies on the scan it came from, says what it is, and carries no identity."""

from __future__ import annotations

import csv
import gzip
import io

import nibabel
import numpy as np
import pytest
from highdicom.seg import segread
from PIL import Image
from pydicom import dcmread

from core.assessment import Assessment, Finding, ModelId, Notice
from core.cmr import ROOM
from core.cmr.assess import corrected
from core.cmr.examples import as_dicom
from core.cmr.export import dicom_seg, entry, mask, nifti, segments_csv
from core.cmr.phantom import Heart, Scar, phantom
from core.cmr.quantify import agreement
from core.cmr.read import read
from core.cmr.segments import Geometry, Segment
from core.cmr.study import CmrStudy
from core.cmr.thresholds import n_sd
from core.uploads import InputError, Upload
from tests.cmr.writers import multi_frame

HEART = Heart(slices=4, rows=96, columns=80, spacing_mm=(3.0, 3.0, 20.0),
              scars=(Scar(200, 330, transmurality=1.0, no_reflow=0.7),))
SLICES, LABELS = phantom(HEART, 1)
MODEL = ModelId("cmr", "1.2.3", "c0ffee" * 10 + "abcd", "CPU")
IDENTITY = {"PatientName": "Doe^Jane", "PatientID": "4711", "PatientBirthDate": "19500101", "AccessionNumber": "A-99",
            "ReferringPhysicianName": "Roe^Richard", "InstitutionName": "General Hospital", "PatientAddress": "Main St",
            "OtherPatientIDs": "0815", "StudyDescription": "Doe heart"}


def headers(order: list[int], **more: str) -> tuple:
    """Headers of the series, from base to apex, in the order given."""
    files = [dcmread(io.BytesIO(data)) for data in as_dicom(SLICES, HEART)]
    for file in files:
        del file.PixelData
        for name, value in more.items():
            setattr(file, name, value)
    return tuple(files[k] for k in order)


def opened(data: bytes) -> nibabel.Nifti1Image:
    return nibabel.Nifti1Image.from_bytes(gzip.decompress(data))


@pytest.mark.parametrize("axes", [(2, 1, 0), (0, 1, 2), (1, 2, 0), (1, 0, 2)])
def test_nifti_lies_on_the_input_grid(axes: tuple[int, int, int]):
    scan = np.random.default_rng(0).normal(size=(5, 6, 7)).astype(np.float32)
    place = np.array([[0, -2.0, 0, 5], [1.5, 0, 0.1, -4], [0, 0.3, 9, 2], [0, 0, 0, 1]])
    study = CmrStudy(scan.transpose(axes), place, axes, (1.5, 2.0, 9.0))
    image = opened(nifti(study, (study.slices > 1).astype(np.uint8) * 3))
    assert image.shape == scan.shape
    assert image.get_data_dtype() == np.uint8
    assert np.array_equal(np.asarray(image.dataobj), np.where(scan > 1, 3, 0))
    assert np.allclose(image.affine, place)
    assert image.header.get_slope_inter() in ((1.0, 0.0), (None, None))


def test_nifti_without_geometry_and_twice_the_same():
    study = CmrStudy(SLICES)
    assert np.array_equal(opened(nifti(study, LABELS)).affine, np.eye(4))
    assert nifti(study, LABELS) == nifti(study, LABELS)
    with pytest.raises(ValueError, match="does not fit"):
        nifti(study, LABELS[1:])


@pytest.mark.parametrize("order", [[3, 2, 1, 0], [0, 1, 2, 3], [2, 0, 3, 1]])
def test_seg_frames_point_at_their_slices(order: list[int]):
    from_base = LABELS[::-1]
    study = CmrStudy(SLICES[::-1][order], references=headers(order))
    seg = segread(io.BytesIO(dicom_seg(study, from_base[order], MODEL)))
    uids = [header.SOPInstanceUID for header in headers([0, 1, 2, 3])]
    back = seg.get_pixels_by_source_instance(uids, combine_segments=True, ignore_spatial_locations=True)
    assert np.array_equal(back, from_base)
    positions = {f.PlanePositionSequence[0].ImagePositionPatient[2] for f in seg.PerFrameFunctionalGroupsSequence}
    assert positions <= {header.ImagePositionPatient[2] for header in study.references}
    volume = seg.get_volume(combine_segments=True)
    counts = {int(k): int((volume.array == k).sum()) for k in range(1, 5)}
    assert counts == {k: int((LABELS == k).sum()) for k in range(1, 5)}
    assert np.allclose(np.sort(volume.spacing), [3.0, 3.0, 20.0], atol=1e-4)


def test_seg_says_what_and_who():
    data = dicom_seg(CmrStudy(SLICES[::-1], references=headers([0, 1, 2, 3])), LABELS[::-1], MODEL)
    seg = dcmread(io.BytesIO(data))
    assert seg.Modality == "SEG"
    assert seg.SegmentationType == "BINARY"
    assert seg.file_meta.TransferSyntaxUID.is_valid
    assert [s.SegmentLabel for s in seg.SegmentSequence] == [
        "Left ventricular cavity", "Normal myocardium", "Infarct", "No-reflow (microvascular obstruction)"]
    assert [s.SegmentedPropertyTypeCodeSequence[0].CodeValue for s in seg.SegmentSequence] == [
        "87878005", "122112", "22298006", "26036001"]
    for segment in seg.SegmentSequence:
        algorithm = segment.SegmentationAlgorithmIdentificationSequence[0]
        assert (algorithm.AlgorithmName, algorithm.AlgorithmVersion) == ("cmr", "1.2.3")
    source = headers([0])[0]
    assert seg.StudyInstanceUID == source.StudyInstanceUID
    assert seg.FrameOfReferenceUID == source.FrameOfReferenceUID
    assert seg.SeriesInstanceUID != source.SeriesInstanceUID


def test_seg_of_a_healthy_heart_has_no_frames_of_infarct():
    healthy = np.where(LABELS > 2, 2, LABELS).astype(np.uint8)
    seg = dcmread(io.BytesIO(dicom_seg(CmrStudy(SLICES[::-1], references=headers([0, 1, 2, 3])), healthy[::-1], MODEL)))
    used = {f.SegmentIdentificationSequence[0].ReferencedSegmentNumber for f in seg.PerFrameFunctionalGroupsSequence}
    assert used == {1, 2}


def test_seg_carries_no_identity_even_where_a_header_does():
    study = CmrStudy(SLICES[::-1], references=headers([0, 1, 2, 3], **IDENTITY))
    data = dicom_seg(study, LABELS[::-1], MODEL)
    for value in IDENTITY.values():
        assert value.encode() not in data, value
    assert study.references[0].PatientName == "Doe^Jane", "the study itself is left as it was"


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
def test_seg_of_a_multi_frame_file_in_any_order(order: list[int]):
    study = read([multi_frame(np.round(SLICES).astype(np.uint16), order)])
    turned = np.array_equal(study.slices[0], 2 * SLICES[3] - 100)
    labels = LABELS[::-1] if turned else LABELS
    seg = segread(io.BytesIO(dicom_seg(study, labels, MODEL)))
    frames = seg.get_pixels_by_source_frame(
        study.references[0].SOPInstanceUID, [1, 2, 3, 4], combine_segments=True, ignore_spatial_locations=True)
    assert np.array_equal(frames, LABELS[order])


def test_seg_of_a_series_as_read():
    study = read([Upload(f"{k}.dcm", data) for k, data in enumerate(as_dicom(SLICES, HEART))])
    assert study.apex_first
    assert np.array_equal(study.slices, SLICES)
    seg = segread(io.BytesIO(dicom_seg(study, LABELS, MODEL)))
    uids = [header.SOPInstanceUID for header in study.references]
    assert np.array_equal(seg.get_pixels_by_source_instance(uids, combine_segments=True), LABELS)
    back, geometry = opened(nifti(study, LABELS)), seg.get_volume(combine_segments=True).get_geometry()
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ back.affine
    ends = {tuple(np.round((lps @ [0, 0, k, 1])[:3], 2)) for k in (0, 3)}
    assert tuple(np.round(geometry.affine[:3, 3], 2)) in ends, "mask and SEG lie in the same place"


def test_seg_needs_no_more_than_geometry_and_uids():
    kept = {"SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "Rows",
            "Columns", "PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient", "Modality"}
    bare = headers([0, 1, 2, 3])
    for header in bare:
        for element in list(header):
            if element.keyword not in kept:
                del header[element.tag]
        header.__dict__.pop("file_meta", None)
    study = CmrStudy(SLICES[::-1], spacing_mm=HEART.spacing_mm, references=bare)
    seg = dcmread(io.BytesIO(dicom_seg(study, LABELS[::-1], MODEL)))
    measures = seg.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert seg.Modality == "SEG"
    assert measures.SliceThickness == 20


def test_seg_refuses_what_it_cannot_hold():
    with pytest.raises(InputError):
        dicom_seg(CmrStudy(SLICES[::-1], references=headers([0, 1, 2])), LABELS[::-1], MODEL)
    with pytest.raises(InputError) as caught:
        dicom_seg(CmrStudy(SLICES), LABELS, MODEL)
    assert caught.value.field == "export"
    assert "NIfTI" in caught.value.remedy
    for name in ("FrameOfReferenceUID", "ImagePositionPatient"):
        lacking = headers([0, 1, 2, 3])
        delattr(lacking[2], name)
        with pytest.raises(InputError):
            dicom_seg(CmrStudy(SLICES[::-1], references=lacking), LABELS[::-1], MODEL)
    with pytest.raises(InputError):
        dicom_seg(CmrStudy(SLICES[::-1], references=headers([0, 1, 2, 3])), np.zeros_like(LABELS), MODEL)
    with pytest.raises(ValueError, match="does not fit"):
        dicom_seg(CmrStudy(SLICES, references=headers([0, 1, 2, 3])), LABELS[:2], MODEL)


def test_csv_of_segments():
    rows = [Segment(1, "basal anterior", 12.345, None, None, 0.0, None, 120),
            Segment(17, 'a "b", c', *4 * (0.5,), 3.2, 7)]
    table = list(csv.reader(io.StringIO(segments_csv(rows).decode())))
    assert table[0][:3] == ["number", "name", "scar_share"]
    assert table[0][-2:] == ["myocardium_ml", "pixels"]
    assert table[1] == ["1", "basal anterior", "12.35", "", "", "0.00", "", "120"]
    assert table[2] == ["17", 'a "b", c', *4 * ("0.50",), "3.20", "7"]
    assert len(segments_csv([]).splitlines()) == 1


STUDY = CmrStudy(SLICES, spacing_mm=HEART.spacing_mm, source={"format": "NIfTI"})
FINDING = Finding("scar", "infarct_present", "Infarct", 0.9, 0.5, calibrated=True)
METHODS = ["2-SD", "3-SD", "5-SD", "FWHM"]


@pytest.fixture(scope="module")
def drawn() -> Assessment:
    """Numbers of the heart as it was drawn."""
    return corrected(STUDY, Assessment("cmr", MODEL, findings=(FINDING,)), LABELS, Geometry())


def methods_of(table: list[list[str]]) -> dict[str, str]:
    return {row[0]: row[1] for row in table[1:]}


@pytest.mark.parametrize("sd", [2, 3, 5, 4, 2.5])
def test_the_report_lists_the_threshold_that_the_reader_chose(drawn, sd):
    rows = methods_of(entry(STUDY, drawn, sd=sd).tables["Infarct by method"])
    name = f"{sd:g}-SD"
    assert list(rows) == ["Model", *sorted({*METHODS[:3], name}, key=lambda n: float(n[:-3])), "FWHM"]
    share = agreement(LABELS, {name: n_sd(SLICES, LABELS, sd)})[1].scar_share
    assert rows[name] == f"{share:.1f}"


def test_a_report_is_made_of_its_arguments_alone(drawn):
    first = entry(STUDY, drawn, sd=4)
    entry(STUDY, drawn, sd=2, by_hand=True)
    again = entry(STUDY, drawn, sd=4)
    assert (again.tables, again.picture, again.details) == (first.tables, first.picture, first.details)
    assert first.assessment is drawn
    assert first.room is ROOM
    assert first.details == {"format": "NIfTI"}
    assert Image.open(io.BytesIO(first.picture)).mode == "RGB"
    assert list(first.tables) == ["Segments (AHA)", "Infarct by method"]


def test_a_correction_and_other_models_are_told(drawn):
    made = entry(STUDY, drawn, by_hand=True, beside={"Model": LABELS >= 3, "DAE-Former": LABELS >= 2})
    assert made.details["mask"] == "corrected by hand"
    rows = methods_of(made.tables["Infarct by method"])
    assert list(rows) == ["Corrected by hand", *METHODS, "Model", "DAE-Former"]
    assert rows["Model"] == rows["Corrected by hand"]
    assert rows["DAE-Former"] == "100.0"


def test_the_report_in_german(drawn):
    made = entry(STUDY, drawn, "de", by_hand=True)
    assert list(made.tables) == ["Segmente (AHA)", "Infarkt nach Methode"]
    assert made.tables["Infarkt nach Methode"][1][0] == "Von Hand korrigiert"
    known = {code for kind, code in made.labels if kind == "measurement"}
    assert known == {m.code for m in drawn.measurements if not m.group} | {c.code for c in drawn.comparators}
    assert all((f.group, f.code) in made.labels and ("group", f.group) in made.labels for f in drawn.findings)


def test_a_stack_without_enough_normal_wall_has_no_thresholds():
    labels = np.where(LABELS == 2, 3, LABELS).astype(np.uint8)
    made = corrected(STUDY, Assessment("cmr", MODEL, findings=(FINDING,)), labels, Geometry())
    assert list(methods_of(entry(STUDY, made).tables["Infarct by method"])) == ["Model"]


def test_a_refused_stack_is_shown_without_mask_and_tables():
    refused = Assessment("cmr", MODEL, notices=(Notice("refuse", "No left ventricle was found.", "heart"),))
    made = entry(STUDY, refused)
    assert Image.open(io.BytesIO(made.picture)).size[0] > 0
    assert not made.tables
    assert mask(STUDY, refused) is None


def test_the_mask_is_without_slices_out_of_range():
    made = corrected(STUDY, Assessment("cmr", MODEL, findings=(FINDING,)), LABELS, Geometry(excluded=(1,)))
    array = np.asanyarray(opened(mask(STUDY, made)).dataobj).transpose(2, 1, 0)
    assert not array[1].any()
    assert np.array_equal(array[[0, 2, 3]], LABELS[[0, 2, 3]])
