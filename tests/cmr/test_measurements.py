"""Numbers as they are told: which segments count as transmural, and when a share is too uncertain for a decimal place."""

from __future__ import annotations

import numpy as np

from core.assessment import Assessment, Measurement, ModelId
from core.cmr.measurements import RULE, counted, marks, of_segments, transmural, uncertain
from core.cmr.segments import Geometry, table
from tests.cmr import rings


def test_the_stars_are_the_segments_that_are_counted():
    labels = np.stack([rings.ring(30, 100, (0.0, 0.9))] * 3 + [rings.ring(200, 12, (0.0, 1.0))] * 3)
    segments = table(labels, Geometry(), (1.0, 1.0, 10.0))
    made = Assessment("cmr", ModelId("cmr", "1", "0", "cpu"), measurements=of_segments(segments, "model"))
    assert counted(made) == tuple(s.number for s in transmural(segments))
    assert counted(made)
    deep = [s.number for s in segments if (s.transmurality_mean or 0) > 50]
    assert len(deep) > len(counted(made)), "a narrow streak is deep and does not count"
    assert marks(made, "transmurality") == {"counted": counted(made), "rule": f"★ {RULE}"}
    assert marks(made, "scar_share") == {}


def test_a_wide_interval_is_said():
    def share(low: float, high: float) -> Measurement:
        return Measurement("scar_share", "Scar share", (low + high) / 2, "%", interval=(low, high))

    assert [uncertain(share(*ends)) for ends in ((1, 5), (10, 30), (31, 94))] == ["", "uncertain", "very uncertain"]
    assert uncertain(Measurement("scar_share", "Scar share", 10.0, "%")) == ""
