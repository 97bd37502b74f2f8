"""Bytes of a chest film in any accepted format, and what the user says of it, to a CxrStudy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.assessment import Notice
from core.cxr.formats import sandbox
from core.cxr.formats.view import view_of
from core.cxr.study import CxrStudy
from core.patient import age_of, sex_of
from core.uploads import InputError, Upload, collect, sniff

ACCEPTED = "Upload one frontal chest film as DICOM, PNG, JPEG or TIFF."
LONGEST_NOTE = 20_000  # characters
KINDS = ("dicom", "png", "jpeg", "tiff")
_WORDS = {
    "pdf": "a PDF document", "svg": "an SVG drawing", "xml": "a web page or XML text", "text": "a text", "gif": "a GIF",
    "webp": "a WebP picture", "bmp": "a BMP picture", "heic": "a HEIC picture", "jp2": "a bare JPEG 2000 picture",
    "gzip": "a gzip archive", "rar": "a RAR archive", "7z": "a 7z archive", "office": "an office document",
    "rtf": "a text document", "edf": "an EDF recording", "npy": "a NumPy array",
}
_YES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_OPEN = ("", "unknown", "none")


def read(
    files: Sequence[Upload], *, note: str = "", view: str | None = None, sex: str | None = None,
    age: float | None = None, portable: bool | None = None, follow_up: int | None = None,
) -> CxrStudy:
    """One chest film and its clinical context.

    Args:
        files: the upload; zip archives are unpacked.
        note: history and indication as the requester wrote them.
        view: "PA", "AP" or "lateral". sex: "female" or "male". age: years. portable: bedside film.
            follow_up: number of earlier films. What is given wins over what the file says.

    Raises:
        InputError: anything that is not one readable film. No other error comes out.
    """
    given = _form(note, view, sex, age, portable, follow_up)
    upload, kind, others = _choose(collect(files))
    study = sandbox.decode(kind, upload.data)
    notices = list(study.notices)
    if others:
        notices.append(Notice("info", f"{others} other files of the upload were left out; they are no films.", "files"))
    if given.get("view") and study.view and given["view"] != study.view:
        message = f"The file says {study.view}, you chose {given['view']}; your choice is used."
        notices.append(Notice("caution", message, "view"))
    study = replace(study, **given)
    if study.view == "lateral":
        message = "This is a lateral film; the model reads frontal films only (PA or AP)."
        notices.append(Notice("refuse", message, "view"))
    message = "The app cannot see names burned into the picture; look for them before you share it."
    notices.append(Notice("info", message, "identity"))
    return replace(study, notices=tuple(notices))


def _form(
    note: object, view: object, sex: object, age: object, portable: object, follow_up: object
) -> dict[str, object]:
    """The fields that the user filled in, checked."""
    if not isinstance(note, str):
        raise InputError("note", "The note is not text.", "Type or paste the history and indication.")
    if len(note) > LONGEST_NOTE:
        raise InputError("note", f"The note has {len(note):,} characters; at most {LONGEST_NOTE:,} are read.",
                         "Keep the history and the indication of this film.")
    given: dict[str, object] = {"note": note}
    if not _left_open(view):
        given["view"] = view_of(view)
        if given["view"] is None:
            raise InputError("view", "The view is none of PA, AP and lateral.",
                             "Choose PA, AP or lateral, or leave it open.")
    if not _left_open(sex) and str(sex).strip().lower() != "other":
        given["sex"] = sex_of(sex)
        if given["sex"] is None:
            raise InputError("sex", "The sex is neither female nor male.", "Choose female or male, or leave it open.")
    if not _left_open(age):
        given["age"] = age_of(age)
        if given["age"] is None:
            raise InputError("age", "The age is not a number of years from 0 to 130.",
                             "Give the age in years, or leave it open.")
    if not _left_open(portable):
        given["portable"] = _YES.get(str(portable).strip().lower())
        if given["portable"] is None:
            raise InputError("portable", "Bedside film must be yes or no.", "Choose yes or no, or leave it open.")
    if not _left_open(follow_up):
        given["follow_up"] = _count(follow_up)
    return given


def _left_open(value: object) -> bool:
    return value is None or isinstance(value, str) and value.strip().lower() in _OPEN


def _count(value: object) -> int:
    try:
        number = float(str(value))
        if number != int(number) or not 0 <= number <= 1000:
            raise ValueError
    except (ValueError, OverflowError) as error:
        raise InputError("follow_up", "The number of earlier films is not a whole number from 0 to 1,000.",
                         "Give the number of earlier films, or leave it open.") from error
    return int(number)


def _choose(uploads: list[Upload]) -> tuple[Upload, str, int]:
    """The one film of the upload, its kind, and how many other files were left out."""
    films = [(upload, kind) for upload in uploads if (kind := _kind(upload)) in KINDS]
    if len(uploads) > 1:  # a disc brings its table of contents along
        films = [(u, k) for u, k in films if u.name.upper() != "DICOMDIR"]
    if len(films) > 1:
        raise InputError("files", f"There are {len(films)} images in the upload.", "Upload one film at a time.")
    if films:
        return *films[0], len(uploads) - 1
    if len(uploads) > 1:
        raise InputError("files", "None of the files is a film.", ACCEPTED)
    kind = _kind(uploads[0])
    if kind == "empty":
        raise InputError("files", "The file is empty.", ACCEPTED)
    what = f"this is {_WORDS[kind]}" if kind in _WORDS else "this is none of the formats that are read"
    raise InputError("files", f"The file is not a film: {what}.", ACCEPTED)


def _kind(upload: Upload) -> str:
    kind = sniff(upload)
    bare = kind == "binary" and upload.suffix in (".dcm", ".dicom", ".ima")  # as a network sends it, without preamble
    return "dicom" if bare else kind
