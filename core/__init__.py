"""Cardioscope's models and everything that surrounds them; no front end in here.

Importing it first keeps the process at home, and the limits the same everywhere: the libraries read these variables
when they are imported.
Whoever wants a model from the Hub sets HF_HUB_OFFLINE=0.
"""

import os

from core.settings import settings

__version__ = "0.1.0"

for _name, _value in {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "STREAMLIT_SERVER_MAX_UPLOAD_SIZE": str(settings.max_upload_mb),
    "TRACKIO_DIR": str(settings.runs / "tracking"),
}.items():
    os.environ.setdefault(_name, _value)
