"""Bytes of a chest film in any accepted format, and what the user says of it, to a CxrStudy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from core import fields, sandbox
from core.assessment import Notice
from core.cxr.formats.view import view_of
from core.cxr.notes import LONGEST
from core.cxr.study import CxrStudy
from core.fields import Field
from core.patient import Age, Sex
from core.uploads import InputError, Upload, collect, foreign, guess

ACCEPTED = "Upload one frontal chest film as DICOM, PNG, JPEG or TIFF."
KINDS = ("dicom", "png", "jpeg", "tiff")

Note = Annotated[str | None, Field(
    "Clinical note", multiline=True, longest=LONGEST,
    help="History and indication. A whole report may be pasted: what was written with the film in view is left out.")]
View = Annotated[Literal["PA", "AP", "lateral"] | None, Field("View", spelt=view_of)]
Portable = Annotated[bool | None, Field("Bedside film")]
FollowUp = Annotated[int | None, Field("Earlier films", low=0, high=1000)]


@fields.checked
def read(
    files: Sequence[Upload | Path] = (), *, note: Note = None, sex: Sex = None, age: Age = None, view: View = None,
    portable: Portable = None, follow_up: FollowUp = None,
) -> CxrStudy:
    """One chest film and its clinical context. What is given wins over what the file says.

    Args:
        files: the upload; zip archives are unpacked.
        note: history and indication as the requester wrote them. portable: bedside film. follow_up: number of earlier films.

    Raises:
        InputError: anything that is not one readable film. No other error comes out.
    """
    upload, others = _film(collect(files))
    study = sandbox.decode("cxr", CxrStudy, {"kind": guess(upload)}, [upload.data])
    notices = list(study.notices)
    if others:
        notices.append(Notice("info", f"{others} other files of the upload were left out; they are no films.", "files"))
    if view and study.view and view != study.view:
        notices.append(Notice("caution", f"The file says {study.view}, you chose {view}; your choice is used.", "view"))
    given = {"note": note, "sex": sex, "age": age, "view": view, "portable": portable, "follow_up": follow_up}
    study = replace(study, **{name: value for name, value in given.items() if value is not None})
    if study.view == "lateral":
        message = "This is a lateral film; the model reads frontal films only (PA or AP)."
        notices.append(Notice("refuse", message, "view"))
    message = "The app cannot see names burned into the picture; look for them before you share it."
    notices.append(Notice("info", message, "identity"))
    return replace(study, notices=tuple(notices))


def _film(uploads: list[Upload]) -> tuple[Upload, int]:
    """The one film of the upload, and how many other files were left out."""
    films = [upload for upload in uploads if guess(upload) in KINDS]
    if len(uploads) > 1:  # a disc brings its table of contents along
        films = [upload for upload in films if upload.name.upper() != "DICOMDIR"]
    if len(films) > 1:
        raise InputError("files", f"There are {len(films)} images in the upload.", "Upload one film at a time.")
    if not films:
        raise foreign(uploads, "a film", ACCEPTED)
    return films[0], len(uploads) - 1
