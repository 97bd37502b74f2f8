"""The Gradio face as an app of its own, for a Space: app.py of what ``python -m core space build --as gradio`` writes."""

from __future__ import annotations

try:
    import spaces  # before torch: on ZeroGPU it lends a graphics card for the time of one call
except ImportError:
    spaces = None

from core import api, serving
from core.modality import MODALITIES

SECONDS = 60  # a call may take on ZeroGPU


def main() -> None:
    """Load the models, then serve; where a card is lent, ``computed`` is the one function that gets it."""
    compute = api.computed if spaces is None else spaces.GPU(duration=SECONDS)(api.computed)
    for folder in (folder for modality in MODALITIES if modality.built for folder in modality.folders):
        serving.get(folder)
    api.build(compute).launch(**api.presentation())


if __name__ == "__main__":
    main()
