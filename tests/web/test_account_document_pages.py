"""Deposits, refunds, write-offs and open items on the pages of finance, and what a dealer sees of them."""

from __future__ import annotations

import re

import pytest

from tests import cast
from tests.ledger.acts import balance, paid
from tests.ledger.document_acts import held, opened, used, written_off

DEALER = "/hq/dealers/huadong"
HOW = {"method": "bank transfer", "reference": "ICBC-1"}


def english(visitor):
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def clerk(sign_in):
    return english(sign_in(cast.hq_finance))


@pytest.fixture
def debts(database) -> list[str]:
    return [one.document_no for one in opened(database, ("OLD-1", "100.00"), ("OLD-2", "100.00"))]


def shown(visitor, path, status=200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def sent(visitor, path, form, status=303):
    answer = visitor.post(path, form)
    assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
    return answer.location if status == 303 else answer.get_data(as_text=True)


def number_in(location: str) -> str:
    return location.rpartition("/")[2]


def test_a_deposit_is_taken_applied_and_paid_back_on_its_page(clerk, debts, owner):
    assert "Take a deposit" in shown(clerk, f"{DEALER}/deposits/new")
    form = HOW | {"amount": "８０.00", "received_on": str(cast.TODAY), "form_key": "one"}
    place = sent(clerk, f"{DEALER}/deposits", form)
    assert sent(clerk, f"{DEALER}/deposits", form) == place  # a double click
    page = shown(clerk, place)
    assert "Still held" in page and debts[0] in page
    applied = {"document": debts, "amount": ["30", ""], "whole": []}
    sent(clerk, f"{place}/application", applied)
    paid_back = HOW | {"amount": "20", "paid_on": str(cast.TODAY), "reason": "less is needed"}
    sent(clerk, f"{place}/repayment", paid_back)
    page = shown(clerk, place)
    assert "¥30.00" in page and "Deposit paid back" in page
    assert balance(owner) == 170


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(clerk, debts):
    page = sent(
        clerk, f"{DEALER}/deposits", {"amount": "abc", "received_on": "", "method": "", "reference": "R"}, 422
    )
    assert (
        'value="abc"' in page and 'id="field-amount-error"' in page and 'id="field-received_on-error"' in page
    )
    form = {"document": debts, "amount": ["100.01", "x"], "whole": [], "reason": "bankrupt"}
    page = sent(clerk, f"{DEALER}/write-offs", form, 422)
    assert 'value="x"' in page and "bankrupt" in page
    form = {"document": debts, "amount": ["100.01", ""], "whole": [debts[1]], "reason": ""}
    page = sent(clerk, f"{DEALER}/write-offs", form, 422)
    assert 'id="debt-0-errors"' in page and 'value="100.01"' in page and "checked" in page
    rows = {
        "document": ["A", ""],
        "issued_on": ["2026-02-30", ""],
        "due_on": ["", ""],
        "amount": ["1", ""],
    }
    page = sent(clerk, f"{DEALER}/opening-balances", rows, 422)
    assert 'value="A"' in page and 'id="item-0-errors"' in page


def test_debts_are_written_off_and_the_write_off_is_reversed(clerk, debts, owner):
    assert debts[1] in shown(clerk, f"{DEALER}/write-offs/new")
    form = {"document": debts, "amount": ["", ""], "whole": [debts[0]], "reason": "bankrupt"}
    place = sent(clerk, f"{DEALER}/write-offs", form)
    assert "bankrupt" in shown(clerk, place)
    assert balance(owner) == 100
    sent(clerk, f"{place}/reversal", {"reason": "it was paid after all"})
    assert "Reversed" in shown(clerk, place)
    assert balance(owner) == 200


def test_a_credit_is_paid_back(clerk, database, owner):
    credit = paid(database, "50.00").document_no
    assert credit in shown(clerk, f"{DEALER}/refunds/new")
    form = HOW | {"credit": credit, "amount": "50", "paid_on": str(cast.TODAY), "reason": "paid twice"}
    assert credit in shown(clerk, sent(clerk, f"{DEALER}/refunds", form))
    assert balance(owner) == 0
    sent(clerk, f"{DEALER}/refunds", form | {"amount": "1"}, 409)
    sent(clerk, "/hq/dealers/yuegang/refunds", form, 422)


def test_open_items_are_taken_over(clerk, owner):
    rows = {
        "document": ["2026-10-0031", "2026-10-0032", ""],
        "issued_on": ["2026-10-01", "2026-10-02", ""],
        "due_on": ["2026-10-31", "", ""],
        "amount": ["1,000.00", "-100", ""],
    }
    assert sent(clerk, f"{DEALER}/opening-balances", rows).endswith(f"{DEALER}/ledger")
    assert balance(owner) == 900
    page = shown(clerk, "/hq/account-documents?kind=opening")
    assert "2026-10-0031" in page
    assert "2026-10-0031" not in shown(clerk, "/hq/account-documents?kind=deposit")
    assert "2026-10-0031" not in shown(clerk, "/hq/account-documents?dealer=nobody-such")


def test_a_dealer_sees_its_documents_and_nobody_elses(sign_in, database, debts):
    number = held(database, "80.00")
    use = used(database, number, (debts[0], "30.00")).document_no
    loss = written_off(database, (debts[1], "10.00")).document_no
    own, rival = english(sign_in(cast.huadong.finance)), english(sign_in(cast.yuegang.finance))
    page = shown(own, "/account-documents")
    assert all(one in page for one in (number, use, loss, *debts)) and "Held for you: ¥50.00" in page
    assert use in shown(own, f"/account-documents/{number}")
    page = shown(own, f"/account-documents/{loss}")
    assert debts[1] in page and "bankrupt" not in page
    assert number not in shown(rival, "/account-documents")
    for one in (number, use, loss, debts[0]):
        shown(rival, f"/account-documents/{one}", 404)


def test_the_search_finds_them(clerk, sign_in, database):
    number = held(database, "80.00")
    assert f"/hq/account-documents/{number}" in shown(clerk, f"/search?q={number}")
    assert f"/account-documents/{number}" in shown(sign_in(cast.huadong.finance), f"/search?q={number}")


def test_the_journal_leads_from_totals_to_the_document(clerk, database, debts):
    loss = written_off(database, (debts[1], "10.00")).document_no
    page = shown(clerk, "/hq/journal")
    assert loss in page and "1231" in page
    totals = re.search(r'href="([^"]*account=bad_debt[^"]*)"', page).group(1).replace("&amp;", "&")
    narrowed = shown(clerk, totals)
    assert loss in narrowed and f'entries/{debts[0]}"' not in narrowed
    entry = shown(clerk, f"/hq/journal/entries/{loss}")
    assert f'href="/hq/account-documents/{loss}"' in entry and debts[1] in entry
    assert loss in shown(clerk, f"/hq/journal?document={loss}")
    assert loss not in shown(clerk, "/hq/journal?least=50")
    assert loss not in shown(clerk, "/hq/journal?dealer=yuegang")
    page = shown(clerk, "/hq/journal?first=2025-01&last=2026-11")
    assert "At most 12 months" in page
    assert "This is no month" in shown(clerk, "/hq/journal?last=2026-13")
    swapped_in = clerk.fragment(f"/hq/journal?document={loss}")
    assert swapped_in.status_code == 200 and loss in swapped_in.get_data(as_text=True)


def test_the_trial_balance_adds_up_and_its_month_is_exported(clerk, database, debts):
    held(database, "80.00")
    page = shown(clerk, "/hq/journal/trial-balance")
    assert "224101" in page and "-¥80.00" in page.replace("−", "-")
    answer = clerk.get("/hq/journal/export?form=csv")
    text = answer.get_data().decode("utf-8-sig")
    assert answer.status_code == 200 and answer.get_data().startswith(b"\xef\xbb\xbf")
    lines = [line.split(",") for line in text.splitlines()]
    assert len(lines) == 1 + 3 * 2
    assert {line[4] for line in lines[1:]} == {"1122", "4104", "1002", "224101"}
    assert clerk.get("/hq/journal/export?form=xlsx").get_data().startswith(b"PK")
    assert clerk.get("/hq/journal/export?form=csv&part=2").status_code == 404
