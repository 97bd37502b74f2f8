"""Each layout, written here as a small tree, becomes the same table; what a dataset does not label stays unknown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cxr.labels import LABELS, NIH_LABELLED, OBSERVATIONS
from core.cxr.training.layouts import folds, read_layout
from core.uploads import InputError

EFFUSION, OPACITY = ("observation", "Pleural Effusion"), ("observation", "Lung Opacity")


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def as_nih(folder: Path) -> Path:
    write(folder, "index.csv",
          "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,sources\n"
          "1_0.jpg,Edema|Effusion,2,1,77,M,AP,jrzech\n1_1.jpg,No Finding,3,1,078Y,M,PA,extra\n"
          "2_0.jpg,Mass,0,2,148,F,PA,extra\n")
    return folder


def as_kermany(folder: Path) -> Path:
    write(folder, "index.csv", "image,label,subtype,group\na.jpg,NORMAL,,g1\nb.jpg,PNEUMONIA,virus,g2\n")
    return folder


def as_chexpert(folder: Path) -> Path:
    header = "Path,Sex,Age,Frontal/Lateral,AP/PA," + ",".join(OBSERVATIONS)
    root = "CheXpert-v1.0-small"
    blank = {name: "" for name in OBSERVATIONS}
    one = blank | {"Pleural Effusion": "1.0", "Edema": "-1.0", "Pneumonia": "0.0", "Atelectasis": "-1.0"}
    write(folder, "train.csv", "\n".join([
        header,
        f"{root}/train/patient00001/study1/view1_frontal.jpg,Female,68,Frontal,AP," + ",".join(one.values()),
        f"{root}/train/patient00001/study1/view2_lateral.jpg,Female,68,Lateral,," + ",".join(one.values()),
        f"{root}/train/patient00002/study1/view1_frontal.jpg,Unknown,0,Frontal,LL," + ",".join(blank.values()),
    ]) + "\n")
    write(folder, "valid.csv", f"{header}\n{root}/valid/patient64541/study1/view1_frontal.jpg,Male,73,Frontal,PA,"
          + ",".join("0.0" for _ in OBSERVATIONS) + "\n")
    return folder


def as_mimic(folder: Path) -> Path:
    labels = pd.DataFrame({"subject_id": [10000032, 10000032, 10000764], "study_id": [50414267, 53189527, 57375967]})
    for name in OBSERVATIONS:
        labels[name] = np.nan
    labels["Pneumothorax"] = [1.0, -1.0, np.nan]
    labels.to_csv(folder / "mimic-cxr-2.0.0-chexpert.csv.gz", index=False)
    films = pd.DataFrame({
        "dicom_id": ["a", "b", "c", "d", "e"], "subject_id": [10000032] * 4 + [10000764],
        "study_id": [50414267, 50414267, 53189527, 53189527, 57375967],
        "PerformedProcedureStepDescription": ["CHEST (PA AND LAT)"] * 2 + ["CHEST (PORTABLE AP)"] * 2 + [None],
        "ViewPosition": ["PA", "LATERAL", "AP", None, "AP"],
        "StudyDate": [21800626, 21800626, 21800506, 21800506, 21500101],
        "StudyTime": [165500.312, 165501.0, 213014.531, 213015.0, 80000.0],
    })
    films.to_csv(folder / "mimic-cxr-2.0.0-metadata.csv", index=False)
    films.assign(split=["train"] * 4 + ["test"])[["dicom_id", "study_id", "subject_id", "split"]].to_csv(
        folder / "mimic-cxr-2.0.0-split.csv.gz", index=False)
    return folder


def test_nih_and_kermany_mask_what_they_do_not_label_and_come_together(tmp_path: Path):
    as_nih(tmp_path / "nih"), as_kermany(tmp_path / "kermany")
    both = read_layout(tmp_path)
    assert list(both.index) == list(range(5))
    assert both["part"].tolist() == ["jrzech", "extra", "extra", "kermany", "kermany"]
    assert both[EFFUSION].tolist()[:3] == [1, 0, 0]
    assert both[EFFUSION][3:].isna().all()
    assert both[OPACITY].tolist()[:3] == [1, 0, 1]
    assert both[("observation", "Lung Lesion")][2] == 1
    assert both[("child", "Pneumonia")].tolist()[3:] == [0, 1]
    assert both[("child", "Pneumonia")][:3].isna().all()
    assert both["age"].tolist()[:2] == [77, 78]
    assert np.isnan(both["age"][2]), "an age of 148 is a typing error"
    unlabelled = [label for label in LABELS if label not in NIH_LABELLED]
    assert both.loc[:2, unlabelled].isna().all(None)
    assert ("observation", "Support Devices") in unlabelled


def test_chexpert_drops_lateral_films_and_takes_unmentioned_for_negative(tmp_path: Path):
    frame = read_layout(as_chexpert(tmp_path))
    assert frame["patient"].tolist() == ["patient00001", "patient00002", "patient64541"]
    assert frame["part"].tolist() == ["chexpert train", "chexpert train", "chexpert valid"]
    assert frame["path"][0] == str(tmp_path / "train/patient00001/study1/view1_frontal.jpg")
    assert frame["sex"].tolist() == ["female", None, "male"]
    assert frame["view"].tolist() == ["AP", None, "PA"]
    assert frame["age"][0] == 68
    assert np.isnan(frame["age"][1])
    assert frame[EFFUSION].tolist() == [1, 0, 0]
    assert frame[("observation", "Edema")].tolist() == [1, 0, 0]
    assert frame[[label for label in LABELS if label[0] != "observation"]].isna().all(None)


def test_uncertainty_policies(tmp_path: Path):
    as_chexpert(tmp_path)
    edema, atelectasis = ("observation", "Edema"), ("observation", "Atelectasis")
    assert read_layout(tmp_path, "zeros")[edema][0] == 0
    assert np.isnan(read_layout(tmp_path, "ignore")[edema][0])
    mixed = read_layout(tmp_path, {"Edema": "ones"})
    assert mixed[edema][0] == 1
    assert np.isnan(mixed[atelectasis][0])
    assert mixed[EFFUSION][0] == 1
    for policy in ("twos", {"Oedema": "ones"}, {"Edema": "maybe"}):
        with pytest.raises(InputError) as caught:
            read_layout(tmp_path, policy)
        assert caught.value.field == "policy"


def test_mimic_reads_paths_splits_order_and_the_history_alone(tmp_path: Path):
    write(as_mimic(tmp_path), "files/p10/p10000032/s50414267.txt",
          " FINAL REPORT\n EXAMINATION: CHEST (PA AND LAT)\n\n INDICATION: Shortness of breath.\n\n"
          " FINDINGS: Large pneumothorax.\n\n IMPRESSION: Pneumothorax.\n")
    frame = read_layout(tmp_path)
    assert [Path(p).name for p in frame["path"]] == ["a.jpg", "c.jpg", "e.jpg"], "lateral and unknown views are out"
    assert frame["path"][0] == str(tmp_path / "files/p10/p10000032/s50414267/a.jpg")
    assert frame["patient"].tolist() == ["p10000032", "p10000032", "p10000764"]
    assert frame["part"].tolist() == ["train", "train", "test"]
    assert frame["follow_up"].tolist() == [1, 0, 0]
    assert frame["portable"].tolist() == [False, True, None]
    assert frame[("observation", "Pneumothorax")].tolist() == [1, 1, 0]
    assert "Shortness of breath" in frame["note"][0]
    assert "neumothorax" not in frame["note"][0]
    assert frame["note"].tolist()[1:] == ["", ""]


def test_plain_table(tmp_path: Path):
    for name in ("films/a.png", "films/b.png", "films/c.png"):
        write(tmp_path, name, "")
    csv = write(tmp_path, "mine.csv",
                "path,note,patient,age,sex,view,Effusion,Lung Lesion,child:Pneumonia,Mass\n"
                "films/a.png,cough,7,61,F,pa,1,0,,1\nfilms/b.png,,,,,lateral,1,1,1,1\nfilms/c.png,,,,male,,0,,1,0\n")
    frame = read_layout(tmp_path)
    pd.testing.assert_frame_equal(frame, read_layout(csv))
    assert frame["path"].tolist() == [str(tmp_path / "films/a.png"), str(tmp_path / "films/c.png")]
    assert frame["patient"].tolist() == ["7", frame["path"][1]]
    assert frame["note"].tolist() == ["cough", ""]
    assert frame["sex"].tolist() == ["female", "male"]
    assert frame["view"].tolist() == ["PA", None]
    assert frame["age"][0] == 61
    assert np.isnan(frame["age"][1])
    assert frame[EFFUSION].tolist() == [1, 0]
    assert frame[("further", "Mass")].tolist() == [1, 0]
    np.testing.assert_array_equal(frame[("child", "Pneumonia")], [np.nan, 1])
    np.testing.assert_array_equal(frame[("observation", "Lung Lesion")], [0, np.nan])
    assert frame[OPACITY].isna().all(), "a mass column does not say that the other films have no opacity"


@pytest.mark.parametrize(("text", "says"), [
    ("path,Efusion\nfilms/a.png,1\n", "Efusion"), ("path,Effusion\nfilms/a.png,yes\n", "'yes'"),
    ("path,age\nfilms/a.png,430\n", "430"), ("path\n../a.png\n", "outside"), ("path\n/etc/hostname\n", "outside"),
    ("path\nfilms/none.png\n", "not there"), ("path\n\"films\n", "cannot be read"),
])
def test_plain_table_refuses(tmp_path: Path, text: str, says: str):
    write(tmp_path, "films/a.png", ""), write(tmp_path.parent, "a.png", "")
    write(tmp_path, "mine.csv", text)
    with pytest.raises(InputError, match=says):
        read_layout(tmp_path)


def test_unknown_and_broken_layouts(tmp_path: Path):
    with pytest.raises(InputError, match="CheXpert"):
        read_layout(tmp_path)
    write(tmp_path, "one.csv", "path\n"), write(tmp_path, "two.csv", "path\n")
    with pytest.raises(InputError, match="several"):
        read_layout(tmp_path)
    write(tmp_path, "index.csv", "")
    with pytest.raises(InputError, match="cannot be read"):
        read_layout(tmp_path)
    write(tmp_path / "chexpert", "train.csv", "Path,Sex,Frontal/Lateral\n")
    with pytest.raises(InputError, match="no column Age"):
        read_layout(tmp_path / "chexpert")


def test_folds_keep_patients_whole_and_spread_the_rare(tmp_path: Path):
    rng = np.random.default_rng(0)
    rows = [f"f{i}.png,{i // 2},{int(i % 10 == 0)},{int(rng.random() < 0.5)}" for i in range(200)]
    for i in range(200):
        write(tmp_path, f"f{i}.png", "")
    frame = read_layout(write(tmp_path, "mine.csv", "path,patient,Hernia,Effusion\n" + "\n".join(rows) + "\n"))
    fold = folds(frame, 5, seed=1)
    assert sorted(set(fold)) == [0, 1, 2, 3, 4]
    assert np.array_equal(fold, folds(frame, 5, seed=1))
    assert frame.groupby("patient").apply(lambda g: len(set(fold[g.index]))).max() == 1
    hernias = np.bincount(fold[frame[("further", "Hernia")].to_numpy() == 1])
    assert hernias.tolist() == [4, 4, 4, 4, 4]
    with pytest.raises(InputError, match="fewer"):
        folds(frame, 101)
