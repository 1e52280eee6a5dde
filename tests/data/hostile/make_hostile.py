"""Makes the hostile files beside it: `python tests/data/hostile/make_hostile.py`. The same bytes every time.

Each file is small; what it wants of its reader is not. `expected.json` says how each must be refused.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROOT = (
    f'<Relationships xmlns="{RELS}">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
LINKS = (
    f'<Relationships xmlns="{RELS}">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
)


def cell(place: str, text: str) -> str:
    """One cell of text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet(*rows: str, before: str = "") -> str:
    """A sheet of rows."""
    return f'<?xml version="1.0"?>{before}<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


GOOD = sheet(f'<row r="1">{cell("A1", "编号")}</row>', f'<row r="2">{cell("A2", "1")}</row>')


def workbook(content: str | bytes = GOOD, more: Mapping[str, str | bytes] = {}) -> bytes:
    """An .xlsx with one sheet, and further parts."""
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": LINKS,
        "xl/worksheets/sheet1.xml": content,
        **more,
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def lying(content: bytes) -> bytes:
    """The same archive, whose directory declares the sheet to be tiny."""
    data = bytearray(content)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        name = data[at + 46 : at + 46 + int.from_bytes(data[at + 28 : at + 30], "little")]
        if name.endswith(b"sheet1.xml"):
            data[at + 24 : at + 28] = (500).to_bytes(4, "little")
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def flagged(content: bytes) -> bytes:
    """The same archive, every part marked as encrypted."""
    data = bytearray(content)
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = data.find(mark)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def corners() -> str:
    """Two cells at opposite ends of the largest block that is allowed, and what lies between."""
    return sheet(f'<row r="1">{cell("A1", "a")}</row>', f'<row r="1048576">{cell("ALL1048576", "z")}</row>')


def merged() -> str:
    """One merged cell over five million, and what lies in its corners."""
    rows = sheet(f'<row r="1">{cell("A1", "a")}</row>', f'<row r="5000">{cell("ALL5000", "z")}</row>')
    return rows.replace("</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="A2:ALL5000"/></mergeCells>')


def repeated(rows: int) -> bytes:
    """An .ods whose one row stands for many."""
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ODS_PARTS)
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="a"><table:table-row table:number-rows-repeated="{rows}">'
        '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        parts = {"mimetype": ODS, "META-INF/manifest.xml": "<manifest/>", "content.xml": content}
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return packed.getvalue()


def panic() -> bytes:
    """A sound .xls with one byte changed, found by chance: the fast reader's own code gives up on it."""
    data = bytearray((Path(__file__).parents[1] / "workbooks" / "errors.xls").read_bytes())
    data[1507] = 0
    return bytes(data)


def own_keys(records: int) -> bytes:
    """Records that have no key in common."""
    return json.dumps([{f"k{place}": 1} for place in range(records)]).encode()


def shared(words: int, cells: int) -> dict[str, str | bytes]:
    """A few long words that many cells show."""
    word = "<si><t>" + "x" * 30_000 + "</t></si>"
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, cells))
    links = LINKS.replace(
        "</Relationships>",
        f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    )
    return {
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{word * words}</sst>',
        "xl/_rels/workbook.xml.rels": links,
        "xl/worksheets/sheet1.xml": sheet(rows),
    }


def wide(columns: int) -> bytes:
    """A sheet turned on its side."""
    return ",".join(f"c{place}" for place in range(columns)).encode() + b"\n" + b"," * (columns - 1) + b"\n"


ODS_PARTS = ("office", "table", "text")
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)

CASES: dict[str, tuple[bytes, str]] = {
    "empty.xlsx": (b"", "file.empty"),
    "empty.csv": (b"", "file.empty"),
    "bomb_declared.xlsx": (workbook(more={"xl/media/x.xml": bytes(1 << 26)}), "file.unpacked"),
    "bomb_lying.xlsx": (lying(workbook(sheet("<row/>" * 300_000))), "file.packed"),
    "bomb_parts.xlsx": (workbook(more={f"x/{place}": b"" for place in range(2_000)}), "file.parts"),
    "bomb_corners.xlsx": (workbook(corners()), "sheet.large|file.costly"),
    "bomb_merged.xlsx": (workbook(merged()), "sheet.merged|file.costly"),
    "bomb_rows.ods": (repeated(1_000_000_000), "sheet.repeated|file.costly"),
    "bomb_shared.xlsx": (workbook(more=shared(1, 60_000)), "file.costly"),
    "entities.xlsx": (workbook(GOOD.replace("<worksheet", ENTITIES + "<worksheet")), "file.doctype"),
    "outside.xlsx": (workbook(GOOD.replace("<worksheet", OUTSIDE + "<worksheet")), "file.doctype"),
    "encrypted.xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), "file.encrypted"),
    "encrypted_parts.xlsx": (flagged(workbook()), "file.encrypted"),
    "macros.xlsx": (workbook(more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), "file.macros"),
    "macros.xlsm": (workbook(), "file.macros"),
    "macros.xls": (OLE + "_VBA_PROJECT".encode("utf-16-le"), "file.macros"),
    "broken_off.xlsx": (workbook()[:400], "file.unreadable"),
    "really_xlsx.xls": (workbook(), "file.kind"),
    "really_text.xlsx": ("编号\n1\n".encode(), "file.kind"),
    "really_page.xls": ("<html><table><tr><td>编号".encode(), "file.kind"),
    "really_xlsx.csv": (workbook(), "file.kind"),
    "nul.csv": ("编号\n1\x002\n".encode(), "file.nul"),
    "mixed_encodings.csv": ("编号,小区\n1,翠湖苑\n".encode() + "2,莲花池\n".encode("gb18030"), "file.encoding"),
    "utf16.csv": ("编号\n1\n".encode("utf-16"), "file.encoding"),
    "open_quote.csv": ('编号,小区\n1,"翠湖苑\n2,莲花池\n'.encode(), "row.quote"),
    "ten_thousand_columns.csv": (wide(10_000), "sheet.wide"),
    "repeated_headers.csv": ("编号,编 号\n1,2\n".encode(), "header.repeated"),
    "deep.json": (b"[" * 50_000, "file.unreadable"),
    "own_keys.json": (own_keys(2_000), "sheet.wide"),
    "long_cell.csv": ("编号\n".encode() + b"1" * 32_768 + b"\n", "cell.long"),
    "panic.xls": (panic(), "file.unreadable"),
    "broken_off.parquet": (b"PAR1" + zlib.compress(b"x" * 100), "file.unreadable"),
}

FOUND = {  # by chance, in files that were damaged on purpose: kept as they are, nothing makes them
    "unknown_zone.parquet": "file.unreadable",
    "unreadable_zone.parquet": "file.unreadable",
}


def main() -> None:
    """Write all files and what is expected of them."""
    folder = Path(__file__).parent
    for name, (data, _) in CASES.items():
        (folder / name).write_bytes(data)
    expected = {name: code for name, (_, code) in CASES.items()} | FOUND
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
