"""Invoices on the dealer's pages and headquarters', goods and services alike."""

from __future__ import annotations

import re

import pytest

from tests import cast
from tests.ledger.acts import delivered
from tests.repairs.acts import a_report, a_request, accepted, filed, offered, visited


def page(visitor, path, status=200):
    answer = visitor.get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


@pytest.fixture
def billed(database) -> str:
    number = a_request(database)
    accepted(database, number, offered(database, number))
    return filed(database, number, visited(database, number), a_report(database)).invoice_no


def test_a_dealer_finds_its_invoices_in_a_list_by_the_search_and_on_paper(sign_in, given, database, billed):
    goods = delivered(given, database, {cast.gloves: 2}).invoice_number
    finance = sign_in(cast.huadong.finance)
    listed = page(finance, "/invoices")
    for number in (billed, goods):
        assert f"/invoices/{number}" in listed
        assert number in page(finance, f"/invoices/{number}")
        answer = finance.get(f"/invoices/{number}.pdf")
        assert answer.mimetype == "application/pdf" and answer.get_data().startswith(b"%PDF-")
    assert f"/invoices/{billed}" in page(finance, f"/search?q={billed[:8].lower()}")
    rival = sign_in(cast.yuegang.finance)
    assert billed not in page(rival, "/invoices")
    for path in (f"/invoices/{billed}", f"/invoices/{billed}.pdf"):
        page(rival, path, 404)


def test_finance_takes_a_service_invoice_back(sign_in, database, billed):
    finance = sign_in(cast.hq_finance)
    path = f"/hq/invoices/{billed}"
    assert f'href="{path}"' in page(finance, "/hq/dealers/huadong/ledger")
    assert path in page(finance, f"/search?q={billed}")
    shown = page(finance, path)
    key = re.search(r'name="idempotency_key" value="([^"]+)"', shown).group(1)
    form = {"reason": "", "idempotency_key": key}
    assert finance.post(f"{path}/reversal", form).status_code == 422
    for _ in range(2):
        assert finance.post(f"{path}/reversal", form | {"reason": "Billed in error."}).status_code == 303
    assert f"{path}/reversal" not in page(finance, path)
    assert finance.get(f"{path}.pdf").mimetype == "application/pdf"
