"""How many real orders of cardiovascular drugs are recognised: ``python -m core.heart_failure.training.recogniser_check``.

On ``medication.csv`` of the eICU demo (Pollard et al. 2018, Sci Data 5:180178). Each order has an ingredient code that does not
depend on how the name is written. An ingredient is cardiovascular where most of its named orders are recognised, or where its
therapeutic class ("gtc") is that of cardiovascular drugs, diuretics, antiplatelets or anticoagulants in most of its orders.
"""

from __future__ import annotations

import argparse
import csv
import io
import lzma
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from core.heart_failure.drug_search import names

HEART = frozenset({"38", "41", "56", "36", "25"})  # as the orders of these classes show
SHARE = 0.5  # of an ingredient's orders


def orders(path: Path) -> Iterator[tuple[str, str, str]]:
    """(name, ingredient, class) of each order that has a name."""
    opened = lzma.open(path) if path.suffix == ".xz" else path.open("rb")
    with opened as raw:
        for row in csv.DictReader(io.TextIOWrapper(raw, "utf-8", newline="")):
            if row["drugname"].strip():
                yield row["drugname"].strip().lower(), row["drughiclseqno"], row["gtc"]


def check(path: Path) -> dict:
    """Counts of orders: all named ones, cardiovascular ones, recognised ones of these; names not recognised, with how often."""
    counted, known = Counter(orders(path)), {}
    of_ingredient, seen, heart = Counter(), Counter(), Counter()
    for (name, ingredient, group), n in counted.items():
        known.setdefault(name, bool(names(name)))
        of_ingredient[ingredient] += n
        seen[ingredient] += n * known[name]
        heart[ingredient] += n * (group in HEART)
    missed, total, recognised = defaultdict(int), 0, 0
    for (name, ingredient, _), n in counted.items():
        if ingredient and max(seen[ingredient], heart[ingredient]) > SHARE * of_ingredient[ingredient]:
            total += n
            recognised += n * known[name]
            if not known[name]:
                missed[name] += n
    return {"named": counted.total(), "cardiovascular": total, "recognised": recognised, "missed": Counter(missed)}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--eicu", type=Path, required=True, help="medication.csv, also packed as .xz")
    found = check(parser.parse_args(arguments).eicu)
    print(f"{found['named']} named orders, {found['cardiovascular']} of cardiovascular and antidiabetic ingredients, "
          f"{found['recognised']} of them recognised ({100 * found['recognised'] / max(found['cardiovascular'], 1):.2f} %)")
    for name, n in found["missed"].most_common(20):
        print(f"{n:6d}  {name}")


if __name__ == "__main__":
    main()
