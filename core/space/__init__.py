"""The app as a Hugging Face Space, in three ways: the whole app (docker), the Gradio face alone, a showcase without a server.

A Docker Space, and a Gradio Space on a processor of its own, need a paid plan; a free account has static Spaces and two Gradio
Spaces on ZeroGPU.
"""

from typing import Literal

Way = Literal["docker", "gradio", "static"]
WAYS: tuple[Way, ...] = ("docker", "gradio", "static")
