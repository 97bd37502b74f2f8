"""The head of a Space's README, as the Hub's reference has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.space.front_matter import FrontMatter, parse
from core.uploads import InputError

ROOT = Path(__file__).resolve().parents[2]


def test_the_projects_own_readme_is_a_docker_space():
    head = parse((ROOT / "README.md").read_text())
    assert (head.sdk, head.app_port, head.license) == ("docker", 7860, "apache-2.0")


def test_what_is_written_is_read_back():
    head = FrontMatter(title="A: title", emoji="🫀", colorFrom="green", sdk="gradio", sdk_version="6.31.0", app_file="app.py",
                       models=("user/ecg",), tags=("ecg",), header="mini", startup_duration_timeout="30m", pinned=False,
                       suggested_hardware="zero-a10g", thumbnail="https://example.org/x.png", hf_oauth=True,
                       preload_from_hub=("user/ecg config.json",))
    assert parse(head.dump() + "\n# Title\n") == head


@pytest.mark.parametrize(("changed", "says"), [
    ({"sdk": "streamlit"}, "sdk"), ({"colorFrom": "teal"}, "colorFrom"), ({"short_description": "x" * 61}, "short_description"),
    ({"app_port": 0}, "app_port"), ({"startup_duration_timeout": "soon"}, "startup_duration_timeout"), ({"titel": "x"}, "titel"),
    ({"suggested_hardware": "a-big-one"}, "suggested_hardware"), ({"thumbnail": "assets/x.png"}, "thumbnail"),
    ({"models": ["not a name"]}, "models"), ({"emoji": "heart"}, "emoji"), ({"sdk_version": "6.31.0"}, "Gradio"),
    ({"sdk": "gradio"}, "sdk_version"), ({"sdk": "static"}, "app_port"), ({"header": "none"}, "header"),
    ({"preload_from_hub": ["a/b"] * 11}, "preload_from_hub"),
])
def test_what_the_hub_would_not_take_is_named(changed, says):
    said = {"title": "T", "sdk": "docker", "app_port": 7860} | changed
    import yaml

    with pytest.raises(InputError, match=says):
        parse(f"---\n{yaml.safe_dump(said)}---\n")


@pytest.mark.parametrize("readme", ["# Title\n", "---\ntitle: [\n---\n", "", "---\n- a list\n---\n"])
def test_a_readme_without_front_matter_is_refused(readme):
    with pytest.raises(InputError):
        parse(readme)
