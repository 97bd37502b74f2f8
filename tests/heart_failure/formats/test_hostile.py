"""Damaged tables: a sentence, or the rows that are whole; never anything else."""

from __future__ import annotations

import gzip
import lzma
import random

import pytest

from core.heart_failure.layouts import cohort
from core.heart_failure.read import read
from core.uploads import InputError, Upload
from tests.heart_failure.formats.cohorts import music_row, peakvo2_row, written

OWN = "id,age,sex,lvef,nyha,prescriptions,time,event\na,70,F,35,III,bisoprolol,1,0\nb,60,M,25,II,,2,1\n"
TABLES = (written(music_row(), music_row(), separator=";"), written(peakvo2_row(), peakvo2_row()), OWN.encode(),
          OWN.encode("utf-16"), gzip.compress(OWN.encode()), lzma.compress(OWN.encode()))
PIECES = (b'"', b";", b",", b"\n", b"\r", b"=", b"@", b"\0", b"nan", b"1e400", b"-", b"\xff", b"9999999", "µ".encode(), b"True",
          b"_", "\u0661".encode(), b"\x1c")


def damaged(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.choice((1, 2, 5, 30))):
        place, kind = chance.randrange(len(found) + 1), chance.randrange(4)
        if kind == 0:
            found[place:place + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            found[place:place] = chance.choice(PIECES)
        elif kind == 2:
            del found[place:place + chance.randrange(1, 40)]
        else:
            found[place:place] = found[chance.randrange(len(found) + 1):][:chance.randrange(30)]
    return bytes(found)


@pytest.mark.parametrize("which", range(len(TABLES)))
def test_damage_is_a_sentence_or_a_row(which):
    chance, whole, said = random.Random(which), 0, []
    for _ in range(100):
        try:
            for row in cohort(Upload("a.csv", damaged(TABLES[which], chance))):
                whole += row.error is None
                read(**{**row.values, **row.refused})
        except InputError as error:
            said.append(error)
    assert said
    assert all(one.message.endswith(".") and one.remedy.endswith((".", "?")) for one in said)
    assert whole or which > 3
