import lzma
from pathlib import Path

import pytest

from core.heart_failure.training.recogniser_check import check, main

TABLE = """medicationid,drugname,drughiclseqno,gtc
1,FUROSEMIDE 40 MG PO TABS,10,56
2,Lasix,10,56
3,water remover,10,56
4,,10,56
5,acetaminophen,20,2
6,unheard-of pril,30,41
"""
EICU = Path("../shared/data/deterioration/eicu_demo/medication.csv.xz")


@pytest.mark.parametrize("packed", [False, True])
def test_counts_of_a_small_table(tmp_path, packed, capsys):
    path = tmp_path / ("medication.csv.xz" if packed else "medication.csv")
    path.write_bytes(lzma.compress(TABLE.encode()) if packed else TABLE.encode())
    found = check(path)
    assert (found["named"], found["cardiovascular"], found["recognised"]) == (5, 4, 2)
    assert found["missed"] == {"water remover": 1, "unheard-of pril": 1}
    main(["--eicu", str(path)])
    assert "2 of them recognised (50.00 %)" in capsys.readouterr().out


@pytest.mark.skipif(not EICU.exists(), reason="the open data is not beside the project")
def test_real_orders_are_recognised():
    found = check(EICU)
    assert found["cardiovascular"] > 7000
    assert found["recognised"] / found["cardiovascular"] > 0.99
