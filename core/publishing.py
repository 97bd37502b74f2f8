"""A folder of weights to the Hub: what is in it, checked to load, with its card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core import cards, hub
from core.contract import Modality
from core.uploads import InputError
from core.weights import CARD, CONFIG, METRICS, TRUST, WEIGHTS, Config, WeightsError, load, read_metrics, read_trust, resolve

if TYPE_CHECKING:
    from huggingface_hub import HfApi

BESIDE = ("golden.json", "*.png")  # the predictions that must not move, and pictures of the figures


def push(
    room: Modality, repository: str, weights: str | Path | None = None, *, private: bool = False, token: str | None = None,
    said: Callable[[str], None] = lambda _: None,
) -> hub.Published:
    """Weights, config, metrics and card to ``user/repo`` in one commit; recorded with the pinned revision and SHA-256.

    Args:
        weights: folder, name in the weights folder; None for the room's main model.

    Raises:
        InputError: wrong name, weights of another room, or the Hub or the network refused.
        WeightsError: the folder cannot be used.
    """
    hub.named(repository)
    folder = resolve(weights or next(iter(room.weights)))
    said("Checking that the weights load")
    _, config = load(folder)  # with its SHA-256
    if not config.architecture.target.startswith(f"core.{room.name}."):
        raise InputError("weights", f"{folder.name} is no model of the room {room.title} ({config.architecture.target}).",
                         "Name the room that the weights belong to.")
    if not config.sha256:
        raise WeightsError(f"{folder / CONFIG} names no SHA-256, so nobody could check what was loaded. Save the weights again.")
    published = hub.publish(
        repository, files_of(folder, config, repository), private=private, token=token, said=said,
        message=f"{config.name} {config.version}", fits=lambda api, there: _ours(api, repository, there, config))
    published = replace(published, sha256=config.sha256, weights=config.name)
    hub.record(published)
    return published


def files_of(folder: Path, config: Config, repository: str) -> dict[str, bytes | Path]:
    """What is published of a folder: path in the repository -> content. The card is rendered anew, and says how to load it."""
    files: dict[str, bytes | Path] = {name: folder / name for name in (WEIGHTS, CONFIG)}
    if (folder / METRICS).is_file():
        files[METRICS] = folder / METRICS
    if trusted := read_trust(folder):
        files[TRUST] = folder / TRUST
    for pattern in BESIDE:
        files |= {path.name: path for path in sorted(folder.glob(pattern))}
    card = cards.render(config, read_metrics(folder), (folder / WEIGHTS).stat().st_size, trusted)
    use = f'\n## Use\n\n```python\nfrom core.weights import load\n\nmodel, config = load("{repository}")\n```\n'
    files[CARD] = (card + use).encode()
    return files


def _ours(api: HfApi, repository: str, there: list[str], config: Config) -> None:
    """Whether these weights may become the newest of what the repository holds."""
    held = set(there) - hub.OWN - {CARD, "LICENSE"}
    if not held:
        return
    try:
        if CONFIG in held and Config.model_validate_json(
            Path(api.hf_hub_download(repository, CONFIG)).read_bytes()).name == config.name:
            return
    except ValueError:  # another project's
        pass
    raise InputError("repository", f"{repository} holds something else already.",
                     f"Choose another name; a repository is for one model, here {config.name}.")
