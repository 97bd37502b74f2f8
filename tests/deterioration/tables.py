"""Small made-up tables of vital signs for tests."""

from __future__ import annotations

from core.uploads import Upload

HEADING = "hours,HR,RR,temp,SBP,DBP,SpO2"
ROWS = ("0,80,16,36.8,120,80,98", "1,84,18,37.0,118,78,97", "2.5,90,,37.4,112,74,96")


def table(*rows: str, heading: str = HEADING, name: str = "stay.csv") -> Upload:
    return Upload(name, ("\n".join((heading, *(rows or ROWS))) + "\n").encode())
