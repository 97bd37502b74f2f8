"""``plugin``: encoders that others trained, one rule for all."""

from __future__ import annotations

import argparse


def register(verbs, rooms: list[str]) -> None:
    command = verbs.add_parser(
        "plugin", help="Encoders that others trained: list, show, pin, fetch.",
        description="Encoders that others trained. They are off until CARDIOSCOPE_PLUGINS=1 is set, and are used only with "
                    "pinned revision and SHA-256, an accepted licence, and as tensors.")
    what = command.add_subparsers(required=True)

    def add(verb, help_text: str, named: bool = True) -> argparse.ArgumentParser:
        one = what.add_parser(verb.__name__.rstrip("_"), help=help_text, description=help_text)
        one.set_defaults(verb=verb)
        if named:
            one.add_argument("name", metavar="NAME")
        return one

    add(list_, "What there is, and what of it is on this machine.", named=False)
    add(show, "Licence, pin, training data, overlap with ours, and how it is used.")
    one = add(pin, "Write down which files are meant.")
    one.add_argument("--revision", required=True, metavar="COMMIT")
    one.add_argument("--sha256", required=True, nargs="+", metavar="FILE=SHA256")
    one = add(fetch, "Fetch it from its publisher, check it, and keep it as safetensors.")
    one.add_argument("--accept", action="store_true", help="the licence that `show` names has been read and is accepted")


def list_(options: argparse.Namespace) -> int:
    from core.plugins import rule
    from core.plugins.catalogue import PLUGINS

    for one in PLUGINS:
        print(f"{one.name}: {one.title}, {one.kind} ({one.licence}); {state(one)}")
    if reason := rule.off():
        print(f"{reason} Set {rule.SWITCH}.")
    return 0


def show(options: argparse.Namespace) -> int:
    from core.plugins import rule
    from core.plugins.catalogue import get, overlap

    plugin = get(options.name)
    pinned = rule.pinned(plugin)
    print(f"{plugin.title}, {plugin.kind}; {state(plugin)}\n{plugin.cite}\n{plugin.page}\n"
          f"Licence: {plugin.licence}, {plugin.licence_at}\nTrained on: {', '.join(plugin.trained_on)}")
    for line in overlap(plugin):
        print(f"Overlap: {line}")
    print(f"Published, not repeated here: {plugin.published}\nUse: {plugin.use}")
    if pinned is None:
        print(f"Not pinned, so it is neither fetched nor loaded. {rule.how_to_pin(plugin)}")
    else:
        print(f"Revision {pinned.revision}", *(f"{name} SHA-256 {value}" for name, value in pinned.sha256.items()), sep="\n")
    return 0


def pin(options: argparse.Namespace) -> int:
    from core.plugins import rule
    from core.plugins.catalogue import get

    given = {name: value.lower() for name, _, value in (one.partition("=") for one in options.sha256)}
    pinned = rule.pin(get(options.name), options.revision, given)
    print(f"{options.name} is pinned at {pinned.revision}.")
    return 0


def fetch(options: argparse.Namespace) -> int:
    from core.plugins import rule
    from core.plugins.catalogue import get, overlap

    plugin = get(options.name)
    for line in (f"Licence: {plugin.licence}, {plugin.licence_at}", *overlap(plugin)):
        print(line, flush=True)
    folder = rule.fetch(plugin, options.accept, progress=True)
    print(f"{folder} holds it.\nUse: {plugin.use}")
    return 0


def state(plugin) -> str:
    """On this machine, ready to be fetched, or what is missing."""
    from core.plugins import rule

    pinned = "pinned" if rule.pinned(plugin) else "not pinned"
    there = rule.about(plugin)
    return f"{pinned}, {'here since ' + there['accepted'] if there.get('accepted') else 'not on this machine'}"
