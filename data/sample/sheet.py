"""The planners' Excel file, written by hand: a week's plan has tens of thousands of rows."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

Shift = tuple[str, int, int, str, str, str, str, int]
"""who, day, slot, start, end, activity, home or site, day of the change"""
HEADS = ("Employee", "Date", "Slot", "Start", "End", "Activity", "Home or site", "Changed at")
FIRST_DAY = 25569  # Excel's number of 1970-01-01
CHANGED_AT = 0.229  # half past five in the morning
_STYLE = {1: ' s="1"', 7: ' s="2"'}


def _cell(column: int, value: object) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    whole = int(str(value))
    number = whole if column == 2 else whole + FIRST_DAY + (CHANGED_AT if column == 7 else 0)
    return f"<c{_STYLE.get(column, '')}><v>{number}</v></c>"


def plan_book(path: Path, rows: Sequence[Shift]) -> None:
    """An Excel file with one sheet, written by hand: the plan has tens of thousands of rows."""
    lines = ["<row>" + "".join(f'<c t="inlineStr"><is><t>{h}</t></is></c>' for h in HEADS) + "</row>"]
    for row in rows:
        cells = [_cell(i, v) for i, v in enumerate(row)]
        lines.append("<row>" + "".join(cells) + "</row>")
    parts = {
        **_BOOK,
        "xl/worksheets/sheet1.xml": f"{_XML}<worksheet {_MAIN}><sheetData>{''.join(lines)}</sheetData></worksheet>",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("." + path.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in parts.items():
            book.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 1)
    part.replace(path)


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OPEN = "http://schemas.openxmlformats.org"
_MAIN = f'xmlns="{_OPEN}/spreadsheetml/2006/main"'
_LINK = f"{_OPEN}/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_BOOK = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_OPEN}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_OPEN}/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_LINK}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_XML}<workbook {_MAIN} xmlns:r="{_LINK}">'
    '<sheets><sheet name="Plan" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_OPEN}/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_LINK}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_LINK}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'{_XML}<styleSheet {_MAIN}><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/>'
    '<numFmt numFmtId="165" formatCode="dd\\.mm\\.yyyy hh:mm"/></numFmts><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf numFmtId="164" applyNumberFormat="1"/>'
    '<xf numFmtId="165" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>",
}
