"""The cardiac MR room: the stack, the scar that the model marks in it, how much it is, why, and what else speaks to it."""

from __future__ import annotations

from functools import partial

from core.modality import get
from pages import form, room, why
from pages.cmr.inputs import FORMATS, about, inputs
from pages.cmr.tabs import compare, files, findings, options
from pages.cmr.viewer import stack
from pages.cmr.why import WHY

room.page(get("cmr"), room.Layout(
    title="Stack", empty=("No stack yet", "Drop a short-axis late-enhancement stack on the left, or choose an example. It is "
                          "read in memory, and segmented slice by slice within seconds."),
    doing="Reading the stack", step="Slice",
    source=partial(form.source, label="Short-axis late-enhancement stack", formats=FORMATS, needs_files=True),
    inputs=inputs, about=about, picture=stack, findings=findings, why=partial(why.tab, why=WHY), compare=compare,
    options=options, files=files, headline=0,
    note="The mask lies on the grid of the scan: 1 cavity, 2 myocardium, 3 infarct, 4 no-reflow. Names burned into the pictures "
         "are printed with them.",
))
