"""A table on paper goes on below its titles on the next page, whatever comes last."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pypdf import PdfReader

from portal.kernel.paper.page import BOTTOM, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import Table, columns


@pytest.mark.parametrize("rows", [0, 1, *range(30, 60), 200])
def test_no_row_and_no_sum_runs_off_the_page(rows):
    stream = io.BytesIO()
    at = datetime(2026, 11, 28, tzinfo=UTC)
    sheet = Sheet(stream, title="T", author="A", subject="T", lang="en", created=at)
    paper = Paper(sheet, {"what": "What", "amount": "Amount"})
    table = Table(paper, columns(("what", 0, False), ("amount", 90, True)), [Decimal("1.00")])
    table.head()
    for number in range(rows):
        table.row((f"row {number}", "goes on"), ("1.00",))
        assert paper.y >= BOTTOM
    for _ in range(2):
        table.sums("Total", Decimal(rows))
        assert paper.y >= BOTTOM
    sheet.save(lambda page, pages: None)
    told = [page.extract_text() for page in PdfReader(io.BytesIO(stream.getvalue())).pages]
    assert all(page.count("What") == 1 for page in told)
    assert "".join(told).count("row ") == rows and told[-1].count("Total") >= 1
