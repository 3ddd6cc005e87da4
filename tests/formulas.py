"""Workbooks in which some cells hold what nobody typed."""

from __future__ import annotations

import io

from xlsxwriter import Workbook


def a_workbook_of(*rows: list[str]) -> bytes:
    """A workbook; ``=4`` is a formula that shows 4, ``=`` one that shows nothing, ``#`` an error."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, texts in enumerate(rows):
            for column, text in enumerate(texts):
                if text == "#":
                    sheet.write_formula(number, column, "=1/0", None, "#DIV/0!")
                elif text.startswith("="):
                    sheet.write_formula(number, column, "=A1", None, text[1:])
                else:
                    sheet.write_string(number, column, text)
    return file.getvalue()
