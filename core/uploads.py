"""Untrusted bytes: what may come in, and the one error that says what to do about it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.settings import settings


class InputError(ValueError):
    """Bad input: which field, what is wrong, what to do. Shown as it is on the page, the API and the CLI."""

    def __init__(self, field: str, message: str, remedy: str):
        super().__init__(f"{message} {remedy}")
        self.field, self.message, self.remedy = field, message, remedy

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "message": self.message, "remedy": self.remedy}


@dataclass(frozen=True)
class Upload:
    """One file in memory. ``name`` is a bare file name, never a path."""

    name: str
    data: bytes

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name.lower()).suffix
