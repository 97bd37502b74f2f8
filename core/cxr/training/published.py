"""Open chest radiographs to train on: the first twelfth of ChestX-ray14 from the NIH Clinical Center."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.cxr.publisher import ARCHIVE
from core.cxr.training.quick import BACKBONE, write_backbone
from core.training.publisher import Dataset, Part
from core.uploads import InputError

TABLE = "Data_Entry_2017_v2020.csv"
# The publisher keeps the table in a folder for people; TorchXRayVision (Apache-2.0) carries it unchanged. Its checksum is that of
# the file in the package 1.5.7.
_COPY = ("https://raw.githubusercontent.com/mlmed/torchxrayvision/8ef884614164d54e2660947241ab0276b29526e9/torchxrayvision/data/"
         f"{TABLE}.gz")


def published() -> tuple[Dataset, ...]:
    """4,999 films. The archive has no published checksum: a damaged one does not unpack."""
    return (Dataset(
        "nih", "NIH ChestX-ray14, the first of twelve archives", "https://nihcc.app.box.com/v/ChestXray-NIHCC",
        "no restriction on use; name the NIH Clinical Center", "Wang et al. 2017, arXiv 1705.02315", bytes=2_000_000_000,
        parts=(Part(_COPY, f"{TABLE}.gz", 978_381, "9d4de640ee4f760215d8be98376b20387ca52f9c6b4d1b727cb588fb82f40b80",
                    members=(TABLE,)),
               Part(ARCHIVE, "images_001.tar.gz", members=("images/*.png",))),
        settings={"pretrained": f"./{BACKBONE}"}, finish=only_there),)


def only_there(folder: Path) -> None:
    """``index.csv`` of the films that were fetched, which is what the loader reads first; and the backbone.

    Raises:
        InputError: the table names none of them.
    """
    rows = pd.read_csv(folder / TABLE)
    there = rows["Image Index"].isin({path.name for path in (folder / "images").glob("*.png")})
    if not there.any():
        raise InputError("dataset", f"{TABLE} names none of the films that were fetched.", "The publisher has another version.")
    rows[there].to_csv(folder / "index.csv", index=False)
    write_backbone(folder)
