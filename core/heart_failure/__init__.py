"""Heart failure: announced, not built yet."""

from core.contract import Modality

ROOM = Modality("heart_failure", "Heart failure", "Numbers, prescriptions and scar burden to a survival curve.",
                "monitor_heart", built=False)
