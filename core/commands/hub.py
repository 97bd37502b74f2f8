"""``push``: weights to the Hugging Face Hub."""

from __future__ import annotations

import argparse


def register(verbs, rooms: list[str]) -> None:
    command = verbs.add_parser(
        "push", help="Publish weights on the Hugging Face Hub.",
        description="Publish weights with their config, figures and card on the Hugging Face Hub, in one commit. The token comes "
                    "from HF_TOKEN or `hf auth login`, never from the command line.")
    command.set_defaults(verb=push)
    command.add_argument("modality", choices=rooms)
    command.add_argument("repository", metavar="USER/REPO")
    command.add_argument("--weights", default=None, metavar="DIR", help="folder, or name in weights/ (default: the main model)")
    command.add_argument("--private", action="store_true", help="a new repository is seen by its owner alone")


def push(options: argparse.Namespace) -> int:
    from core import publishing
    from core.modality import get

    done = publishing.push(get(options.modality), options.repository, options.weights, private=options.private,
                           said=lambda step: print(f"{step} ...", flush=True))
    if options.private and not done.private:
        print("The repository was there already and is public; its owner can change that in its settings.")
    print(f"{'Already there' if done.unchanged else 'Published'}: {done.address} ({len(done.files)} files, "
          f"{done.bytes / 1e6:.1f} MB{', private' if done.private else ''})")
    print(f"revision {done.revision}\nSHA-256  {done.sha256}")
    print(f'load("{done.pinned}")')
    return 0
