"""Delivered files: what is read from a good one, and what an office is told about a bad one."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Collection, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.problems import SENTENCES, UnreadableError
from data_contracts.readers import Fence, Sheet, archive, delimited, open_delivered
from data_contracts.readers.binary import BinaryBook

WORKBOOKS = Path(__file__).parents[1] / "data" / "workbooks"
FENCE = Fence()


@pytest.fixture(scope="module", autouse=True)
def fence() -> Iterator[None]:
    """One child process opens the workbooks of this file."""
    with FENCE:
        yield


def read(path: Path, sheet: int = 0, known: Collection[str] = ()) -> Sheet:
    """The cells of one file."""
    delivered = open_delivered(path, path.name, FENCE)
    return delivered.read(delivered.sheets[sheet], known)


def cells(sheet: Sheet) -> dict[str, list[str | None]]:
    """Columns as lists."""
    return {header: column.to_pylist() for header, column in sheet.columns.items()}


def csv_of(folder: Path, data: bytes, name: str = "投诉.csv") -> Path:
    """A delivered file of these bytes."""
    path = folder / name
    path.write_bytes(data)
    return path


def refusal(path: Path) -> UnreadableError:
    """Why the file cannot be used."""
    with pytest.raises(UnreadableError) as caught:
        read(path)
    return caught.value


# Comma-separated text.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_is_read_in_each_encoding_that_offices_use(tmp_path, encoding):
    """Excel on a Chinese Windows saves GB18030 or marks UTF-8; a clerk knows neither word."""
    path = csv_of(tmp_path, "编号,小区\r\n1,翠湖苑\r\n".encode(encoding))

    sheet = read(path)

    assert cells(sheet) == {"编号": ["1"], "小区": ["翠湖苑"]}


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path):
    """The office looks for row 5 in Excel: blank rows count, a cell with a line break is one row."""
    path = csv_of(tmp_path, b'\na,b\n1,"x\ny"\n,\n\n2,z\n')

    sheet = read(path)

    assert sheet.rows.to_pylist() == [3, 6]
    assert cells(sheet) == {"a": ["1", "2"], "b": ["x\ny", "z"]}


def test_codes_keep_their_zeros_and_words_stay_words(tmp_path):
    """01 is a ward, not one; NULL may be somebody's name."""
    path = csv_of(tmp_path, b'ward,name\n01,NULL\n02,"he said ""no"""\n')

    sheet = read(path)

    assert cells(sheet) == {"ward": ["01", "02"], "name": ["NULL", 'he said "no"']}


def test_a_column_without_a_header_is_passed_over(tmp_path):
    """Spreadsheets save the empty columns that somebody once touched."""
    path = csv_of(tmp_path, b" a ,,\n1,,x\n")

    sheet = read(path)

    assert cells(sheet) == {"a": ["1"]}


@pytest.mark.parametrize(
    "data,code,line",
    [
        (b"", "file.empty", None),
        (b"\n\n", "sheet.empty", None),
        (b"a,b\n1,2\n1,2\x00\n", "file.nul", 3),
        ("a,b\n1,2\n".encode("utf-16"), "file.encoding", 1),
        ("a,小区\n1,翠湖\n".encode() + b"2,\xff\xff\n", "file.encoding", 3),
        ("编号,小区\n1,翠湖苑\n".encode() + "2,莲花池\n".encode("gb18030"), "file.encoding", 3),
        (b"a,b,a\n1,2,3\n", "header.repeated", None),
        (b"a,b\n1,2\n3\n4,5,6\n", "row.ragged", 3),
        (b'a,b\n1,2\n3,"x\n4,5\n', "row.quote", 3),
        (b"PK\x03\x04rest", "file.kind", None),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(tmp_path, data, code, line):
    """A clerk mends what is named; a padded or guessed cell would be scored instead."""
    path = csv_of(tmp_path, data)

    error = refusal(path)

    assert (error.code, error.values.get("line")) == (code, line)


def test_ragged_rows_are_told_once_with_their_number(tmp_path):
    """One missing comma shifts a column; a thousand messages would hide which."""
    path = csv_of(tmp_path, b"a,b\n1,2\n3\n4,5,6\n")

    message = str(refusal(path))

    assert message == "投诉.csv:3: found 1 cells, allowed: 2 (and 1 more such rows)"


def test_ragged_rows_are_found_behind_the_first_block(monkeypatch):
    """Large files are parsed block by block; the line must still be the file's."""
    monkeypatch.setattr(delimited, "MAX_ROW_BYTES", 64)

    with pytest.raises(UnreadableError) as caught:
        delimited.delimited_sheet(b"a,b\n" + b"1,2\n" * 200 + b"3\n", "投诉.csv")

    assert (caught.value.code, caught.value.values["line"]) == ("row.ragged", 202)


def test_a_row_without_end_is_refused(monkeypatch):
    """A 100 MB line is a lost quotation mark, and must not take the memory of the machine."""
    monkeypatch.setattr(delimited, "MAX_ROW_BYTES", 64)

    with pytest.raises(UnreadableError) as caught:
        delimited.delimited_sheet(b"a,b\n1," + b"x" * 200 + b"\n", "投诉.csv")

    assert caught.value.code == "row.long"


def test_too_many_columns_are_refused(tmp_path):
    """Ten thousand columns are a sheet turned on its side."""
    path = csv_of(tmp_path, b",".join(b"c%d" % place for place in range(1001)) + b"\n" + b"," * 1000 + b"\n")

    assert refusal(path).code == "sheet.wide"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200) | st.text(alphabet='a,"\n\r翠\x00', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(tmp_path, data):
    """Whatever is delivered, the answer is cells or one clear message."""
    path = csv_of(tmp_path, data)

    assert outcome(path) == "cells" or outcome(path).startswith("投诉.csv")


def outcome(path: Path) -> str:
    """That a file gives columns of one length, or its refusal."""
    try:
        sheet = read(path)
    except UnreadableError as error:
        return str(error)
    return "cells" if {len(column) for column in sheet.columns.values()} == {len(sheet)} else "ragged columns"


# Workbooks.


def workbook(
    folder: Path, rows: list[list[object]], name: str = "投诉.xlsx", sheets: tuple[str, ...] = ("投诉",)
) -> Path:
    """A workbook whose sheets all hold *rows*, from the third line and the second column on."""
    path = folder / name
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for title in sheets:
            sheet = book.add_worksheet(title)
            for at, row in enumerate(rows):
                for place, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(at + 2, place + 1, value, day)
                    else:
                        sheet.write(at + 2, place + 1, value)
    return path


def test_typed_cells_become_the_text_an_office_would_type(tmp_path):
    """A whole number keeps no .0, a day is a day, a formula's noise beyond 15 digits is not delivered."""
    rows: list[list[object]] = [
        ["编号", "面积", "日期", "时刻", "属实"],
        [101, 0.1 + 0.2, date(2024, 3, 5), datetime.fromisoformat("2024-03-05T10:02"), True],
        ["007", 12345.67, "2024年3月5日", "", False],
    ]

    sheet = read(workbook(tmp_path, rows))

    assert cells(sheet) == {
        "编号": ["101", "007"],
        "面积": ["0.3", "12345.67"],
        "日期": ["2024-03-05", "2024年3月5日"],
        "时刻": ["2024-03-05 10:02:00", ""],
        "属实": ["TRUE", "FALSE"],
    }
    assert sheet.rows.to_pylist() == [4, 5]


def test_a_long_number_is_marked_as_damaged(tmp_path):
    """Excel keeps 15 digits: an 18-digit code typed as a number has become another firm's."""
    rows: list[list[object]] = [["代码"], ["91530000MA6K000000"], [999_999_999_999_999], [911100006000373412]]

    sheet = read(workbook(tmp_path, rows))

    assert sheet.damage == {"代码": {2: "digits_lost"}}
    assert cells(sheet)["代码"][:2] == ["91530000MA6K000000", "999999999999999"]


def test_blank_rows_of_a_workbook_keep_their_numbers(tmp_path):
    """A damaged cell behind a blank row is still named by its own row."""
    rows: list[list[object]] = [["代码", "x"], ["1", "a"], ["", " "], [911100006000373412, "b"]]

    sheet = read(workbook(tmp_path, rows))

    assert sheet.rows.to_pylist() == [4, 6]
    assert sheet.damage == {"代码": {1: "digits_lost"}}


def test_errors_and_formulas_without_a_result_are_marked(tmp_path):
    """An empty cell may be allowed; #N/A is not empty, and a formula nobody has calculated says nothing yet."""
    path = tmp_path / "投诉.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明 & 注")
        sheet = book.add_worksheet("投诉 & 建议")
        sheet.write_row(1, 1, ["编号", "面积"])
        sheet.write_string(2, 1, "a")
        sheet.write_formula(2, 2, "=1/0", None, "#DIV/0!")
        sheet.write_formula(3, 2, "=1+1", None, "")
        sheet.write_string(4, 1, "c")
        sheet.write_formula(4, 2, "=1+1", None, 2)

    found = read(path, sheet=1)

    assert found.damage == {"面积": {0: "error_value", 1: "no_result"}}
    assert found.rows.to_pylist() == [3, 4, 5]
    assert cells(found)["面积"] == ["", "", "2"]


def test_a_formula_that_comes_to_an_empty_text_is_an_empty_cell(tmp_path):
    """Excel has calculated =IF(A2="","",…); an office must not be asked to calculate it again."""
    plain = workbook(tmp_path, [["编号", "面积"], ["a", 1]])
    path = tmp_path / "表彰.xlsx"
    with zipfile.ZipFile(plain) as parts, zipfile.ZipFile(path, "w") as rewritten:
        for name in parts.namelist():
            text = parts.read(name).replace(b'<c r="C4"><v>1</v></c>', b'<c r="C4" t="str"><f>IF(1,"")</f><v></v></c>')
            rewritten.writestr(name, text)

    found = read(path)

    assert (found.damage, cells(found)["面积"]) == ({}, [""])


def test_errors_of_another_program_are_found(tmp_path):
    """Another program orders its XML in its own way."""
    path = tmp_path / "投诉.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["编号", "面积"])
    book.active.append(["a", "#N/A"])
    book.active.append(["b", "=1+1"])
    book.save(path)

    assert read(path).damage == {"面积": {0: "error_value", 1: "no_result"}}


@pytest.mark.parametrize("name,day,reason", [("errors", "45356", None), ("from_1904", "43894", "from_1904")])
def test_an_old_binary_workbook_is_read_like_any_other(name, day, reason):
    """Offices still send .xls: its errors are no empty cells, its long numbers are lost, its calendar is its own."""
    found = read(WORKBOOKS / f"{name}.xls", sheet=1)

    late = {} if reason is None else {"日期": {1: reason}}
    assert found.damage == {"编号": {1: "digits_lost"}, "面积": {1: "error_value"}, **late, "属实": {2: "error_value"}}
    assert cells(found)["编号"] == ["007", "911100006000373376", "９"]
    assert cells(found)["日期"] == ["2024-03-05", day, "2024年3月5日"]


def test_a_binary_workbook_that_is_cut_off_is_read_or_refused():
    """Half a download, byte by byte: never a traceback, never an endless loop."""
    data = (WORKBOOKS / "errors.xls").read_bytes()

    for size in range(1, len(data), 97):
        assert isinstance(BinaryBook.of(data[:size]).errors("投诉"), dict)
        assert isinstance(BinaryBook.of(data[:size] + bytes(len(data) - size)).counts_from_1904, bool)


def test_sectors_that_lead_in_a_circle_end():
    """A crafted chain must not be followed for ever."""
    circle = bytearray((WORKBOOKS / "errors.xls").read_bytes())
    table = (int.from_bytes(circle[76:80], "little") + 1) * 512
    circle[table : table + 512] = b"".join(number.to_bytes(4, "little") for number in range(128))

    assert BinaryBook.of(bytes(circle)).errors("投诉") == {}


CELLS = {
    "text": '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>',
    "number": '<table:table-cell office:value-type="float" office:value="{}"><text:p>x</text:p></table:table-cell>',
    "error": '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" '
    'calcext:value-type="error"><text:p>{}</text:p></table:table-cell>',
    "plain error": '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="">'
    "<text:p>{}</text:p></table:table-cell>",
    "formula": '<table:table-cell table:formula="{}"/>',
    "blanks": '<table:table-cell table:number-columns-repeated="{}"/>',
}


def open_document(folder: Path, rows: list[list[tuple[str, str]]], before: str = "") -> Path:
    """A workbook of LibreOffice's kind with a sheet of *rows*, each cell by kind and content."""
    written = "".join(
        "<table:table-row>" + "".join(CELLS[kind].format(text) for kind, text in row) + "</table:table-row>"
        for row in rows
    )
    names = ("office", "table", "text", "calcext")
    spaces = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    content = (
        f"<office:document-content{spaces}>"
        f'<office:body><office:spreadsheet><table:table table:name="投诉 &amp; 建议">{before}{written}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    path = folder / "投诉.ods"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("META-INF/manifest.xml", "<manifest/>")
        parts.writestr("content.xml", content)
    return path


def test_errors_of_an_open_document_are_no_empty_cells(tmp_path):
    """LibreOffice writes #N/A beside an empty text, and a formula that nobody calculated without any value."""
    rows = [
        [("text", "编号"), ("text", "面积"), ("text", "备注")],
        [("number", "911100006000373412"), ("error", "#N/A"), ("text", "#N/A 是什么")],
        [("text", "a"), ("formula", "of:=1+1"), ("error", "Err:502")],
        [("text", "b"), ("blanks", "1"), ("plain error", "#DIV/0!")],
    ]
    blank_rows = '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'

    found = read(open_document(tmp_path, rows, blank_rows))

    assert found.rows.to_pylist() == [4, 5, 6]
    assert found.damage == {
        "编号": {0: "digits_lost"},
        "面积": {0: "error_value", 1: "no_result"},
        "备注": {1: "error_value", 2: "error_value"},
    }


def test_a_workbook_that_counts_from_1904_marks_its_numbers(tmp_path):
    """The same number is a day four years earlier elsewhere: nothing in the sheet shows it."""
    path = tmp_path / "投诉.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet("投诉")
        sheet.write_row(0, 0, ["编号", "日期"])
        sheet.write_row(1, 0, ["53010", 43894])
        sheet.write_row(2, 0, ["a", 438])

    assert read(path).damage == {"编号": {0: "from_1904"}, "日期": {0: "from_1904"}}


def test_hidden_sheets_are_not_offered(tmp_path):
    """A template keeps its contract's number in a hidden sheet."""
    path = tmp_path / "投诉.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("投诉").write_row(0, 0, ["编号"])
        book.add_worksheet("隐藏").hide()

    assert open_delivered(path, path.name, FENCE).sheets == ("投诉",)


def test_a_header_alone_is_a_delivery_of_no_rows(tmp_path):
    """A county without a single penalty sends just the header; that must not hold up thirteen other counties."""
    files = [csv_of(tmp_path, b"a,b\n"), csv_of(tmp_path, b"a,b\n,\n", "表彰.csv"), workbook(tmp_path, [["编号"]])]

    found = [cells(read(file)) for file in files]

    assert found == [{"a": [], "b": []}, {"a": [], "b": []}, {"编号": []}]


def test_a_sheet_without_a_header_is_refused_by_name(tmp_path):
    """The message names the sheet, because a workbook has several."""
    path = workbook(tmp_path, [])

    error = refusal(path)

    assert (error.code, error.place) == ("sheet.empty", "投诉.xlsx[投诉]")


def test_an_encrypted_workbook_is_refused_as_such(tmp_path):
    """A password is lifted by the office, not guessed by us."""
    container = b"\xd0\xcf\x11\xe0" + bytes(600)
    encrypted = csv_of(tmp_path, container + "EncryptedPackage".encode("utf-16-le"), "投诉.xlsx")
    renamed = csv_of(tmp_path, container, "表彰.xlsx")

    assert refusal(encrypted).code == "file.encrypted"
    assert refusal(renamed).code == "file.kind"


@pytest.mark.parametrize(
    "data,code",
    [(b"a,b\n1,2\n", "file.kind"), (b"PK\x03\x04" + bytes(40), "file.unreadable"), (b"%PDF-1.7", "file.kind")],
)
def test_a_file_that_is_no_workbook_is_refused(tmp_path, data, code):
    """A renamed file is opened by Excel with a shrug; here it would be read wrongly."""
    path = csv_of(tmp_path, data, "投诉.xlsx")

    assert refusal(path).code == code


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_workbook_is_read_or_refused(tmp_path, changes):
    """A download that broke off must not break the run."""
    path = workbook(tmp_path, [["编号", "面积"], ["a", 1.5]])
    data = bytearray(path.read_bytes())
    for at, byte in changes:
        data[at % len(data)] = byte
    path.write_bytes(bytes(data))

    assert outcome(path) == "cells" or outcome(path).startswith("投诉.xlsx")


def test_a_workbook_that_unpacks_beyond_measure_is_refused_unread(tmp_path):
    """A bomb of 200 kB kept another reader busy for 82 seconds."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", bytes(archive.SMALL + 1))
    path = csv_of(tmp_path, packed.getvalue(), "投诉.xlsx")

    assert refusal(path).code == "file.unpacked"


def test_a_workbook_of_thousands_of_parts_is_refused_unread(tmp_path):
    """Opening each part of a crafted archive takes longer than its bytes suggest."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as parts:
        for place in range(archive.MAX_ENTRIES + 1):
            parts.writestr(f"xl/{place}.xml", b"")
    path = csv_of(tmp_path, packed.getvalue(), "投诉.xlsx")

    assert refusal(path).code == "file.parts"


def test_two_readers_agree_on_a_plain_workbook(tmp_path):
    """The fast reader is held against openpyxl, which reads the same cells by another program."""
    path = workbook(tmp_path, [["a", "b"], ["x", "1"], ["y", "2"]])

    sheet = read(path)

    rows = list(openpyxl.load_workbook(path)["投诉"].iter_rows(min_row=3, min_col=2, values_only=True))
    assert [*zip(*cells(sheet).values(), strict=True)] == rows[1:]


# Records.


def test_numbers_of_json_records_keep_every_digit(tmp_path):
    """A code written as a number is 18 digits in JSON, and stays so."""
    path = csv_of(tmp_path, b'[{"code": 911100006000373412, "points": 0.10}, {"code": "x", "ok": true}]', "投诉.json")

    sheet = read(path)

    assert cells(sheet) == {"code": ["911100006000373412", "x"], "points": ["0.10", None], "ok": [None, "true"]}
    assert (sheet.rows.to_pylist(), sheet.sparse) == ([1, 2], True)


@pytest.mark.parametrize(
    "data,code",
    [
        (b"[]", "sheet.empty"),
        (b'{"a": 1}', "record.shape"),
        (b"[1]", "record.shape"),
        (b'[{"a": [1]}]', "record.nested"),
        (b'[{"a": 1, "a": 2}]', "header.repeated"),
        (b'[{"a": NaN}]', "file.unreadable"),
        (b'[{"a": 1}', "file.unreadable"),
        (b"[" * 100_000, "file.unreadable"),
        (b'[{"a": "\xff"}]', "file.encoding"),
        (b'[{"a": "\\ud800"}]', "file.encoding"),
    ],
)
def test_json_of_another_shape_is_refused(tmp_path, data, code):
    """Only a list of flat records has rows that a contract can speak of."""
    path = csv_of(tmp_path, data, "投诉.json")

    assert refusal(path).code == code


def test_parquet_columns_are_printed_in_full(tmp_path):
    """Typed deliveries go through the same checks as typed-in ones."""
    path = tmp_path / "投诉.parquet"
    table = {
        "id": pa.array([2**60, None]),
        "area": pa.array([1e-7, 12.0]),
        "money": pa.array([Decimal("1.50"), Decimal("2.00")]),
        "day": pa.array([date(2024, 3, 5), None]),
        "at": pa.array([datetime.fromisoformat("2024-03-05T10:02"), None]),
        "ok": pa.array([True, False]),
        "word": pa.array(["甲", "乙"]).dictionary_encode(),
    }
    pq.write_table(pa.table(table), path)

    sheet = read(path)

    assert cells(sheet) == {
        "id": ["1152921504606846976", None],
        "area": ["0.0000001", "12"],
        "money": ["1.50", "2.00"],
        "day": ["2024-03-05", None],
        "at": ["2024-03-05 10:02:00", None],
        "ok": ["true", "false"],
        "word": ["甲", "乙"],
    }


@pytest.mark.parametrize("data,code", [(b"PAR1 and nothing", "file.unreadable"), (b"text", "file.kind")])
def test_a_broken_parquet_file_is_refused(tmp_path, data, code):
    """Half a file is no file."""
    path = csv_of(tmp_path, data, "投诉.parquet")

    assert refusal(path).code == code


def test_nested_parquet_columns_are_refused(tmp_path):
    """A list in a cell has no row that could be named."""
    path = tmp_path / "投诉.parquet"
    pq.write_table(pa.table({"tags": [["a"], ["b"]]}), path)

    assert refusal(path).code == "record.nested"


# Files as such.


def test_a_file_of_another_kind_is_refused(tmp_path):
    """A letter in .docx is not a table."""
    path = csv_of(tmp_path, b"x", "投诉.docx")

    assert str(refusal(path)) == "投诉.docx: found a .docx file, allowed: .csv, .json, .parquet, .xlsx, .xls, .ods"


def test_a_file_beyond_measure_is_refused_unread(tmp_path, monkeypatch):
    """Its size is looked at before its bytes."""
    monkeypatch.setattr("data_contracts.readers.MAX_BYTES", 10)
    path = csv_of(tmp_path, b"a,b\n1,2\n3,4\n")

    assert refusal(path).code == "file.large"


def test_a_missing_file_is_refused(tmp_path):
    """Somebody may move it while it is read."""
    assert refusal(tmp_path / "投诉.csv").code == "file.unreadable"


def test_the_digest_is_of_the_bytes_that_are_read(tmp_path):
    """The manifest promises what was scored, not what lies there later."""
    path = csv_of(tmp_path, b"a\n1\n")
    delivered = open_delivered(path, path.name, FENCE)
    path.write_bytes(b"a\n2\n")

    assert delivered.sha256 == hashlib.sha256(b"a\n1\n").hexdigest()
    assert cells(delivered.read("", ())) == {"a": ["1"]}


def test_every_problem_has_a_sentence_in_both_languages():
    """An office reads Chinese, a developer English; neither reads a KeyError."""
    assert SENTENCES["zh"].keys() == SENTENCES["en"].keys()


def test_a_problem_speaks_the_language_of_the_office():
    """The same fault, told in Chinese."""
    error = UnreadableError("sheet.missing", "a.xlsx", found="投述", allowed="投诉, 说明", near="投诉")

    assert error.problem("zh").message == "a.xlsx:未找到工作表“投述”;现有:投诉, 说明;是否应为“投诉”?"
