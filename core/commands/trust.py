"""``trust``: whether what a room says, and why, can be trusted."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def register(verbs, rooms: list[str]) -> None:
    text = "Mirage test, deletion and insertion, randomised weights; with data, figures by group. To trust.json and the card."
    command = verbs.add_parser("trust", help=text, description=text)
    command.set_defaults(verb=trust)
    command.add_argument("modality", choices=rooms)
    command.add_argument("--weights", default=None, help="one of the room's models (default: all of them)")
    command.add_argument("--data", type=Path, default=None, metavar="DIR", help="as of evaluate: figures by sex, age, device too")
    command.add_argument("--fold", type=int, default=None, help="of the data (default: what no recipe learns from, else all)")
    command.add_argument("--out", type=Path, default=None, metavar="FILE", help="JSON of one model (default: beside its weights)")


def trust(options: argparse.Namespace) -> int:
    """1 where a room answers what holds nothing to read."""
    from core import cards, trust
    from core.modality import get
    from core.uploads import InputError

    room = get(options.modality)
    names = [options.weights] if options.weights else list(room.weights)
    if options.out and len(names) > 1:
        raise InputError("out", f"{room.title} has {len(names)} models.", "Choose one with --weights.")
    held = True
    for name in names:
        found = trust.measure(room, name)
        if options.data is not None:
            from core.training.subgroups import by_group

            found["subgroups"] = by_group(room, options.data, options.fold, name)
            found["command"] += " --data DIR" + ("" if options.fold is None else f" --fold {options.fold}")
        if options.out:
            options.out.write_text(json.dumps(found, indent=1, allow_nan=False) + "\n")
        path = options.out or trust.write(found, name)
        if not options.out:
            cards.write(path.parent)  # the card says what the files say
        print(f"{name} {found['version']}")
        said = [*(f"{title}: {words}" for title, words in trust.told(found)), *trust.fairness(found), str(path)]
        print("\n".join(f"  {line}" for line in said))
        held = held and found["mirage"]["holds"]
    return 0 if held else 1
