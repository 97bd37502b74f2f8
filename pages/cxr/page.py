"""The chest X-ray room: the film, what the models find on it with the clinical note, why, and what else speaks to it."""

from __future__ import annotations

from functools import partial

from core.modality import get
from pages import room, why
from pages.cxr.inputs import BURNED_IN, about, inputs, source
from pages.cxr.tabs import compare, files, findings
from pages.cxr.viewer import film
from pages.cxr.why import WHY
from pages.state import RoomState


def options(held: RoomState) -> dict:
    """The report carries the heat map that is drawn over the film."""
    return {"attribution": held.attribution}


room.page(get("cxr"), room.Layout(
    title="Film", empty=("No film yet", "Drop a frontal chest film on the left, or choose an example. It is read in memory, and "
                         "assessed with and without its clinical note within a second."),
    doing="Reading the film", elsewhere=lambda notice: notice.subject == "identity",
    source=source, inputs=inputs, about=about, small_print=BURNED_IN,
    picture=film, findings=findings, why=partial(why.tab, why=WHY), compare=compare, options=options, files=files, headline=-1,
    note="The film carries the heat map that is chosen above. Names burned into it are printed with it.",
))
