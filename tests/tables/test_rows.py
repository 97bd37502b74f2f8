"""Any table to its rows, and what hostile ones say."""

from __future__ import annotations

import bz2
import gzip
import lzma

import pytest

from core.settings import settings
from core.tables.rows import LONGEST_ROW, column, safe, table
from core.uploads import InputError, Upload

PLAIN = "name;value\nÅsa µ;1,5\nOle;2\n"


def rows(data: bytes) -> list[list[str]]:
    with table(Upload("a.csv", data)) as opened:
        return [list(opened.header), *(line.cells for line in opened.rows)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding, end):
    expected = [["name", "value"], ["Åsa µ", "1,5"], ["Ole", "2"]]
    assert rows(PLAIN.replace("\n", end).encode(encoding)) == expected


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_and_quotes(separator):
    text = f'a{separator}b\n"x{separator}""y""\nz"{separator}2\n'
    assert rows(text.encode()) == [["a", "b"], [f'x{separator}"y"\nz', "2"]]


def test_a_letter_late_in_the_file_decides_the_encoding_of_all_of_it():
    body = "a;b\n" + "x;1\n" * 50_000
    assert rows(body.encode() + "µ;2\n".encode("latin-1"))[-1] == ["µ", "2"]
    assert rows(body.encode() + "µ;2\n".encode())[-1] == ["µ", "2"]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, lambda data: lzma.compress(data[:9]) + lzma.compress(data[9:])])
def test_packed_tables(pack):
    assert rows(pack(PLAIN.encode()))[1] == ["Åsa µ", "1,5"]


def test_empty_rows_are_left_out_and_empty_cells_behind_the_last_column_too():
    assert rows(b"a;b;;\n1;2;;\n\n;;;\n3;4;;;;\n") == [["a", "b", "", ""], ["1", "2", "", ""], ["3", "4", "", "", "", ""]]


@pytest.mark.parametrize("text", [
    "# made by a monitor, version 3\n\nhours,HR\n0,80\n# end\n1,82\n", "# a\n# b\nhours,HR\n0,80\n1,82\n"])
def test_comments_are_left_out_and_rows_are_counted_as_a_spreadsheet_does(text):
    with table(Upload("a.csv", text.encode())) as opened:
        assert opened.header == ("hours", "HR")
        lines = list(opened.rows)
    assert [line.cells for line in lines] == [["0", "80"], ["1", "82"]]
    assert [text.split("\n")[line.number - 1] for line in lines] == ["0,80", "1,82"]


def test_a_heading_and_a_name_may_begin_with_a_hash():
    assert rows(b"#id;age\n1;64\n#2;70\n") == [["#id", "age"], ["1", "64"], ["#2", "70"]]


def test_a_row_without_its_last_separators_is_no_row():
    with table(Upload("a.csv", b"a,b,c\n1,2\n")) as opened:
        assert "as many separators" in str(next(opened.rows).error)


def test_a_code_page_of_windows_is_read():
    assert rows("name;note\nA;“unwell” – clammy\n".encode("cp1252"))[1] == ["A", "“unwell” – clammy"]


def test_a_ragged_row_says_which_it_is_and_the_next_goes_on():
    with table(Upload("a.csv", b"a,b\n1,2\n1\n1,2,3\n5,6\n")) as opened:
        lines = list(opened.rows)
    assert [line.number for line in lines] == [2, 3, 4, 5]
    assert [line.error is None for line in lines] == [True, False, False, True]
    assert "Row 3 has 1 cell; the header names 2 columns." in str(lines[1].error)


@pytest.mark.parametrize(("data", "said"), [
    (b"", "empty"), (b"\n \n", "empty"), (b"\xef\xbb\xbf", "empty"), (b"1,2\n3,4\n", "names no columns"),
    (b"just a text\nof lines\n", "one column"), (b"%PDF-1.4 x", "PDF"), (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"a,b\n1,\x002\n", "NUL"), (b"a,b\n" + b"1,2\n" * 50_000 + b"\0,1\n", "NUL"), (b",,\n1,2,3\n", "names no columns"),
    (gzip.compress(PLAIN.encode(), mtime=0)[:-12], "damaged"), (lzma.compress(PLAIN.encode())[:-12], "damaged"),
    (gzip.compress(b"", mtime=0), "empty"), (PLAIN.encode("utf-16") + b"\0", "UTF-16"), (bz2.compress(PLAIN.encode()), "NUL"),
])
def test_what_is_no_table_says_so(data, said):
    with pytest.raises(InputError) as caught:
        rows(data)
    assert said in str(caught.value)


@pytest.mark.parametrize("data", [
    b"a,b\n" + b"x" * (LONGEST_ROW + 1) + b",1\n", b"a,b\n" + b"x" * 200_000 + b",1\n",
    b'a,b\n"' + b"x\n" * (LONGEST_ROW // 2 + 1), b'a,b\n"' + b'","\n' * (LONGEST_ROW // 4 + 1),
])
def test_a_cell_without_end_is_refused(data):
    with pytest.raises(InputError):
        rows(data)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_an_upload_that_unpacks_to_too_much_is_refused(pack, monkeypatch):
    monkeypatch.setattr("core.tables.text.settings", settings.model_copy(update={"max_unpacked_mb": 1}))
    assert len(rows(pack(b"a,b\n" + b"1,2\n" * 200_000))) == 200_001
    with pytest.raises(InputError, match="unpacks to more than 1 MB"):
        rows(pack(b"a,b\n" + b"1,2\n" * 300_000))


def test_an_xz_file_that_asks_for_much_memory_is_refused():
    greedy = lzma.compress(PLAIN.encode(), filters=[{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 1 << 29}])
    with pytest.raises(InputError, match="unusual kind"):
        rows(greedy)


def test_a_column_is_found_under_its_name_or_nearly_and_not_twice():
    header = ("Age ", "Creatinine (?mol/L)", "Average RR (ms) ", "Average RR (ms)", "X", "X")
    assert column(header, "age") == 0
    assert column(header, "Creatinine (µmol/L)") == 1
    assert (column(header, "Average RR (ms) "), column(header, "Average RR (ms)")) == (2, 3)
    assert column(header, "nothing") is None
    with pytest.raises(InputError, match="“X” is there 2 times"):
        column(header, "X")


def test_exported_cells_never_run():
    assert [safe(cell) for cell in ("=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "P0001", "")] == [
        "'=1+1", "'+1", "'-2", "'@SUM(A1)", "'\t=1", "P0001", ""]
