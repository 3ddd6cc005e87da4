"""Finance takes in tax invoices and decides on what differs; a dealer finds its own with the document."""

from __future__ import annotations

from io import BytesIO

import pytest

from tests import cast
from tests.ledger.acts import delivered
from tests.tax_invoices.acts import dearer, number_of_platform, taken, xml_of

DESK = "/hq/tax-invoices"


@pytest.fixture
def clerk(sign_in):
    visitor = sign_in(cast.hq_finance)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def invoice(given, database) -> str:
    return delivered(given, database, {cast.gloves: 3, cast.syringe: 30}).invoice_number


def sent(clerk, *files: tuple[bytes, str], document: str = "") -> tuple[int, str]:
    fields = {"file": [(BytesIO(content), name) for content, name in files], "document": document}
    answer = clerk.post(DESK, data=fields, content_type="multipart/form-data")
    return answer.status_code, answer.get_data(as_text=True)


def page(visitor, path: str, status: int = 200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def test_files_are_taken_in_and_the_dealer_finds_its_own(clerk, sign_in, database, invoice):
    number, content = number_of_platform(900), xml_of(database, invoice, number=number_of_platform(900))
    status, shown = sent(clerk, (content, "a.xml"), (b"nothing", "b.xml"))
    assert status == 200 and number in shown and "the XML breaks off or is damaged." in shown
    assert number in page(clerk, f"{DESK}?q={invoice}") and invoice in page(clerk, f"{DESK}/{number}")
    assert clerk.get(f"{DESK}/{number}.xml").get_data() == content
    assert sent(clerk)[0] == 422 and sent(clerk, (b"x", "x.xml"))[0] == 422
    theirs = sign_in(cast.huadong.finance)
    assert number in page(theirs, f"/invoices/{invoice}")
    assert theirs.get(f"/invoices/{invoice}/tax-invoice.xml").get_data() == content
    rival = sign_in(cast.yuegang.finance)
    assert rival.get(f"/invoices/{invoice}/tax-invoice.xml").status_code == 404
    assert theirs.get(f"{DESK}/{number}").status_code in (403, 404)


def test_what_differs_is_shown_beside_ours_and_decided_by_somebody_else(clerk, sign_in, database, invoice):
    number = taken(database, xml_of(database, invoice, change=dearer("0.07")), invoice).number
    shown = page(clerk, f"{DESK}/{number}")
    assert "Amount differs" in shown and "another person decides" in shown
    assert clerk.post(f"{DESK}/{number}/acceptance", {"reason": "x"}).status_code == 409
    colleague = sign_in(cast.finance_colleague)
    assert colleague.post(f"{DESK}/{number}/acceptance", {"reason": ""}).status_code == 422
    assert "tax-invoices?state=differs" in page(colleague, "/hq/")
    assert colleague.post(f"{DESK}/{number}/acceptance", {"reason": "agreed"}).status_code == 303
    form = {"number": "1", "gross": "5", "state": "04", "asked_at": "2026-11-20T10:00"}
    answer = clerk.post(f"{DESK}/{number}/red-forms", form)
    assert answer.status_code == 422 and "A form takes back an amount." in answer.get_data(as_text=True)
    form |= {"number": number_of_platform(901), "gross": "-1.00", "state": "02"}
    assert clerk.post(f"{DESK}/{number}/red-forms", form).status_code == 303
    assert "02 Waits for the buyer" in page(clerk, f"{DESK}/{number}")
    assert clerk.post(f"{DESK}/{number}/removal", {"reason": "wrong"}).status_code == 303
    assert "Removed" in page(clerk, f"{DESK}/{number}")


def test_limits_are_set_and_missing_ones_listed(clerk, given, database):
    late = delivered(given, database, {cast.gloves: 1}, on=cast.TODAY).invoice_number
    assert "Documents without a tax invoice" in page(clerk, f"{DESK}/missing") and late
    limits = {"valid_from": "2020-01-01", "per_line": "0.1", "per_invoice": "x"}
    answer = clerk.post("/hq/tax-invoice-limits", limits)
    assert answer.status_code == 422 and 'value="x"' in answer.get_data(as_text=True)
    limits |= {"valid_from": cast.TODAY.isoformat(), "per_invoice": "3"}
    assert clerk.post("/hq/tax-invoice-limits", limits).status_code == 303
    assert "¥0.10" in page(clerk, "/hq/tax-invoice-limits")
