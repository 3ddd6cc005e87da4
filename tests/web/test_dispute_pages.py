"""A statement on its pages: confirmed, disputed with nothing typed lost, answered at headquarters."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from portal.disputes.rules import DisputeKind, Outcome
from portal.kernel.spreadsheet import read_table
from tests import cast
from tests.disputes.acts import decided, dispute, disputed, opened, resolved, standing
from tests.ledger.acts import delivered, no_books_yet, paid
from tests.statements.acts import LAST_DAY, closed, statement_row

NOBODYS = "DP2611-00000000A"


@pytest.fixture
def payment(database, owner) -> str:
    no_books_yet(owner)
    number = paid(database, "10.00", on=LAST_DAY).document_no
    closed(database)
    return number


@pytest.fixture
def number(owner, payment) -> str:
    return statement_row(owner).number


def page(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_a_statement_is_confirmed_once_with_a_name(sign_in, database, number):
    finance, path = sign_in(cast.huadong.finance), f"/statements/{number}"
    assert f"{path}/confirmation" in page(finance, path)
    assert number in page(finance, "/statements?status=open")
    nameless = finance.post(f"{path}/confirmation", {"name": " "})
    assert nameless.status_code == 422 and "请填写姓名" in nameless.get_data(as_text=True)
    form = {"name": "陈志强", "form_key": "once"}
    for _ in range(2):
        assert finance.post(f"{path}/confirmation", form).status_code == 303
    shown = page(finance, path)
    assert "陈志强" in shown and f"{path}/confirmation" not in shown
    again = finance.post(f"{path}/confirmation", {"name": "x"})
    assert again.status_code == 409 and "已确认" in again.get_data(as_text=True)
    assert number not in page(finance, "/statements?status=open")
    assert "陈志强" in page(sign_in(cast.hq_finance), f"/hq/closes/statements/{number}")
    assert f"{path}/confirmation" not in page(sign_in(cast.huadong.boss), path)


def test_a_dispute_loses_nothing_typed_and_is_answered(sign_in, database, number, payment):
    finance, hq = sign_in(cast.huadong.finance), sign_in(cast.hq_finance)
    path = f"/statements/{number}/disputes"
    assert payment in page(finance, f"{path}/new?document={payment}")
    rows = {
        "document": [payment, "OUR-7", ""],
        "kind": ["amount", "missing", "other"],
        "amount": ["４.5", "x", ""],
        "reason": ["少记", "未入账", ""],
        "note": "请核对",
    }
    more = finance.post(path, rows | {"act": "rows"}).get_data(as_text=True)
    assert more.count('name="document"') == 8 and "请核对" in more
    refused = finance.post(path, rows)
    shown = refused.get_data(as_text=True)
    assert refused.status_code == 422 and 'value="x"' in shown and "未入账" in shown
    sent = finance.post(path, rows | {"amount": ["４.5", "9", ""], "form_key": "once"})
    ours = sent.headers["Location"].rpartition("/")[2]
    found = dispute(database, ours)
    assert [(one.document, str(one.amount)) for one in found.lines] == [(payment, "4.50"), ("OUR-7", "9.00")]
    assert ours in page(finance, "/disputes") and ours in page(hq, "/hq/disputes?status=open")
    assert finance.post(f"/disputes/{ours}/messages", {"text": ""}).status_code == 422
    assert finance.post(f"/disputes/{ours}/messages", {"text": "回单"}).status_code == 303
    answer = {"line": ["1", "2"], "outcome": ["stands", "document"], "correction": ["", "PY-0"]}
    answer |= {"invoice_line": ["", ""], "gives": ["", ""]}
    at = f"/hq/disputes/{ours}/resolution"
    refused = hq.post(at, answer | {"text": "已核实", "act": "resolve"})
    shown = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "PY-0" in shown and "已核实" in shown
    assert hq.post(at, answer | {"text": "请稍候", "act": "message"}).status_code == 303
    answer["outcome"] = ["stands", "stands"]
    assert hq.post(at, answer | {"text": "已核实", "act": "resolve"}).status_code == 303
    assert "已核实" in page(finance, f"/disputes/{ours}")
    assert standing(database, number).state == "resolved"


def test_whoever_approves_an_answer_reads_which_document_it_is_about(sign_in, given, database, owner):
    no_books_yet(owner)
    invoice = delivered(given, database, {cast.gloves: 3}, on=LAST_DAY).invoice_number
    money = paid(database, "10.00", on=LAST_DAY).document_no
    closed(database)
    of_price = disputed(invoice, "9.00", DisputeKind.PRICE)
    ours = opened(database, statement_row(owner).number, disputed(money), of_price)
    adjusted = replace(decided(Outcome.ADJUSTED, line=2), invoice_line=1, gives=Decimal("9.00"))
    resolved(database, ours, decided(Outcome.STANDS), adjusted, alone_max="5.00")
    shown = page(sign_in(cast.finance_colleague), f"/hq/disputes/{ours}")
    waiting = shown.partition('id="proposed"')[2].partition("</ul>")[0]
    assert waiting.index(money) < waiting.index(f"/hq/invoices/{invoice}") < waiting.index("9.00")


def test_a_dispute_is_taken_back(sign_in, database, number, payment):
    ours = opened(database, number, disputed(payment))
    finance = sign_in(cast.huadong.finance)
    assert sign_in(cast.yuegang.finance).post(f"/disputes/{ours}/withdrawal").status_code == 404
    assert finance.post(f"/disputes/{ours}/withdrawal").status_code == 303
    assert finance.post(f"/disputes/{ours}/withdrawal").status_code == 409


def test_the_workbook_holds_the_figures_as_numbers(sign_in, number, payment):
    answer = sign_in(cast.huadong.finance).get(f"/statements/{number}.xlsx")
    assert answer.status_code == 200
    rows = [row for _, row in read_table(answer.data).rows]
    (entry,) = [row for row in rows if payment in row]
    assert Decimal(entry[5]) == Decimal("10.00") and not entry[4]
    assert Decimal(rows[-1][6]) == Decimal("-10.00")
    assert sign_in(cast.hq_finance).get(f"/hq/closes/statements/{number}.xlsx").status_code == 200


def test_a_note_over_a_price_is_on_paper_and_found_from_everywhere(sign_in, given, database, owner):
    no_books_yet(owner)
    invoice = delivered(given, database, {cast.gloves: 3}, on=LAST_DAY).invoice_number
    closed(database)
    ours = opened(database, statement_row(owner).number, disputed(invoice, "9.00", DisputeKind.PRICE))
    adjusted = replace(decided(Outcome.ADJUSTED), invoice_line=1, gives=Decimal("9.00"))
    resolved(database, ours, adjusted)
    note = dispute(database, ours).lines[0].correction
    finance, hq = sign_in(cast.huadong.finance), sign_in(cast.hq_finance)
    rival = sign_in(cast.yuegang.finance)
    for who, root in ((finance, ""), (hq, "/hq")):
        paper = f"{root}/adjustments/{note}.pdf"
        assert paper in page(who, f"{root}/disputes/{ours}") and paper in page(who, paper[: -len(".pdf")])
        answer = who.get(paper)
        assert answer.mimetype == "application/pdf" and answer.get_data().startswith(b"%PDF-")
    assert finance.get(f"/adjustments/{note}.pdf").data == hq.get(f"/hq/adjustments/{note}.pdf").data
    assert rival.get(f"/adjustments/{note}.pdf").status_code == 404
    # A note is no invoice, though it is booked as one.
    for shown in (page(hq, "/hq/dealers/huadong/ledger"), page(hq, f"/hq/invoices/{invoice}")):
        assert f"/hq/adjustments/{note}" in shown and f"/hq/invoices/{note}" not in shown
