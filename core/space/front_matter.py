"""The head of a Space's README.md, as the Hub's Spaces configuration reference has it; unknown keys and values are refused."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from core.uploads import InputError

Colour = Literal["red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"]
HubId = Annotated[str, Field(pattern=r"^[\w.-]+(/[\w.-]+)?$")]
HEADERS = ("cross-origin-embedder-policy", "cross-origin-opener-policy", "cross-origin-resource-policy")
PRELOADED = 10  # repositories that are fetched at build, at most


class FrontMatter(BaseModel):
    """What the Hub reads. ``dump`` writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, Field(min_length=1)]
    emoji: str | None = None
    colorFrom: Colour | None = None
    colorTo: Colour | None = None
    sdk: Literal["gradio", "docker", "static"]
    python_version: Annotated[str, Field(pattern=r"^3\.\d+(\.\d+)?$")] | None = None
    sdk_version: Annotated[str, Field(pattern=r"^\d+\.\d+(\.\d+)?$")] | None = None
    suggested_hardware: str | None = None
    suggested_storage: Literal["small", "medium", "large"] | None = None
    app_file: str | None = None
    app_build_command: str | None = None
    app_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    base_path: Annotated[str, Field(pattern="^/")] | None = None
    fullWidth: bool | None = None
    header: Literal["mini", "default"] | None = None
    short_description: Annotated[str, Field(max_length=60)] | None = None
    models: tuple[HubId, ...] = ()
    datasets: tuple[HubId, ...] = ()
    tags: tuple[str, ...] = ()
    thumbnail: Annotated[str, Field(pattern="^https?://")] | None = None
    pinned: bool | None = None
    license: str | None = None
    hf_oauth: bool | None = None
    hf_oauth_scopes: tuple[str, ...] = ()
    hf_oauth_expiration_minutes: Annotated[int, Field(ge=1, le=43200)] | None = None
    disable_embedding: bool | None = None
    startup_duration_timeout: Annotated[str, Field(pattern=r"^\d+(\.\d+)?\s?(s|m|h)$")] | None = None
    custom_headers: dict[Literal[HEADERS], str] = {}
    preload_from_hub: Annotated[tuple[str, ...], Field(max_length=PRELOADED)] = ()

    @field_validator("emoji")
    @classmethod
    def _no_letters(cls, value: str | None) -> str | None:
        if value is not None and (not value or re.search(r"[\w\s]", value)):
            raise ValueError("one emoji and nothing else")
        return value

    @field_validator("suggested_hardware")
    @classmethod
    def _known_hardware(cls, value: str | None) -> str | None:
        from huggingface_hub import SpaceHardware

        if value is not None and value not in {one.value for one in SpaceHardware}:
            raise ValueError(f"one of {', '.join(one.value for one in SpaceHardware)}")
        return value

    @model_validator(mode="after")
    def _fits_its_kind(self) -> FrontMatter:
        if self.sdk == "gradio" and not (self.sdk_version and self.app_file):
            raise ValueError("a Gradio Space names sdk_version and app_file")
        if self.sdk != "gradio" and self.sdk_version:
            raise ValueError("sdk_version is for Gradio Spaces")
        if self.sdk != "docker" and self.app_port:
            raise ValueError("app_port is for Docker Spaces")
        if self.sdk != "static" and self.app_build_command:
            raise ValueError("app_build_command is for static Spaces")
        if self.sdk == "static" and (self.suggested_hardware or self.base_path):
            raise ValueError("a static Space has no hardware and no base_path")
        return self

    def dump(self) -> str:
        """With the lines around it; what is not set is left out."""
        said = {key: list(value) if isinstance(value, tuple) else value for key, value in self.model_dump().items()
                if value not in (None, (), {})}
        return f"---\n{yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=120)}---\n"


def parse(readme: str) -> FrontMatter:
    """The front matter of a README.

    Raises:
        InputError: none there, or something in it that the Hub does not take.
    """
    found = re.match(r"---\n(.*?\n)---\n", readme, flags=re.S)
    if not found:
        raise InputError("README.md", "README.md has no front matter.", "Begin it with --- and the configuration of the Space.")
    try:
        said = yaml.safe_load(found[1])
        return FrontMatter.model_validate(said)
    except yaml.YAMLError as error:
        raise InputError("README.md", "The front matter of README.md is no YAML.", " ".join(str(error).split())) from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'together'}: {one['msg']}" for one in error.errors())
        raise InputError("README.md", f"The Hub would not take this front matter: {wrong}.",
                         "See https://huggingface.co/docs/hub/spaces-config-reference.") from error
