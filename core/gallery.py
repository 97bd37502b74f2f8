"""What of a study and its assessment can be looked at: pictures and charts, for whoever has no page of its own for a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.assessment import Assessment, Attribution, Finding
from core.contract import Modality

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Shown:
    """One picture or chart.

    Attributes:
        alt: what it shows, for those who do not see it. png: of a picture; wide: it wants the whole width. chart: in the
            house style, of the theme that was asked for.
    """

    title: str
    alt: str
    png: bytes = b""
    chart: go.Figure | None = None
    wide: bool = False


def of(
    room: Modality, study: Any, assessment: Assessment, attribution: Attribution | None = None, *, dark: bool = False
) -> tuple[Shown, ...]:
    """The room's own gallery; of a room without one the picture of its report, else its curves."""
    if room.offers("gallery"):
        return tuple(room.verb("gallery")(study, assessment, attribution, dark=dark))
    if (picture := room.verb("entry")(study, assessment).picture) is not None:
        return (Shown(room.title, f"{room.title}: the study", picture, wide=True),)
    from core import figures

    return tuple(Shown(one.name, f"{one.name} over {one.x_unit}", chart=figures.curve(one, dark=dark))
                 for one in assessment.curves)


def explainable(assessment: Assessment) -> list[Finding]:
    """Findings of the room's own model, the one to be explained first in front: present ones, what is normal after the rest."""
    known = [f for f in assessment.own if f.probability is not None]
    return sorted(known, key=lambda f: (not f.present, f.code in NORMAL, -(f.probability or 0)))


def checked(attribution: Attribution) -> str:
    """Whether the explanation passed its own check, in words."""
    if "holds" not in attribution.faithfulness:
        return ""
    return "its deletion check holds" if attribution.faithfulness["holds"] else "its deletion check fails: do not rely on it"


def method_name(method: str) -> str:
    return {"grad_cam": "Grad-CAM", "shapley": "Shapley values"}.get(method, method.replace("_", " ").capitalize())


def subject(assessment: Assessment, attribution: Attribution) -> str:
    """What an explanation speaks of and how it was made, as a caption."""
    found = next((f.label for f in assessment.findings if f.target == attribution.target), attribution.target)
    return "; ".join(filter(None, (f"{found}, {method_name(attribution.method)}", checked(attribution))))


NORMAL = ("NORM", "SR", "No Finding")  # codes of what is not looked for
