"""Finance takes in statements of the bank and works off what waits, on its pages."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest

from portal.bank.reference import reference_of
from tests import cast
from tests.bank.acts import booked, bookings_of, mt940, payments, taken

FILES = "/hq/bank/files"
OPEN_TABLE = "交易日期,摘要,金额\n2026-11-20,货款,5.00\n2026-11-21,货款,6.00"


@pytest.fixture
def clerk(sign_in):
    visitor = sign_in(cast.hq_finance)
    visitor.post("/locale/en")
    return visitor


def send(clerk, content, name="bank.sta", **typed):
    fields = {"file": (BytesIO(content), name), "form_key": "k1"} | typed
    return clerk.post(FILES, data=fields, content_type="multipart/form-data")


def page_after(clerk, answer) -> str:
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    return shown(clerk, answer.headers["Location"])


def shown(clerk, path, status=200) -> str:
    answer = clerk.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
    return answer.get_data(as_text=True)


def test_a_statement_is_sent_and_shown_with_its_bookings(clerk, owner):
    content = mt940(booked("80.00", told=reference_of(cast.huadong.code)), booked("7.00", party="某公司"))
    page = page_after(clerk, send(clerk, content))
    assert "Balances proven" in page and "某公司" in page and "¥1,087.00" in page
    assert len(payments(owner)) == 1
    assert "The same file was in already" in page_after(clerk, send(clerk, content, form_key="k2"))
    listed = shown(clerk, FILES)
    assert "bank.sta" in listed


def test_a_file_that_does_not_add_up_is_refused_with_its_line(clerk):
    content = mt940(booked("80.00")).replace(b"1080,00", b"1081,00")
    answer = send(clerk, content)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Line 6: opening balance and bookings make 1,080.00" in page


def test_a_table_asks_whose_it_is_and_whether_it_is_an_extract(clerk, database):
    answer = send(clerk, OPEN_TABLE.encode("gbk"), "明细.csv")
    address = answer.headers["Location"]
    page = page_after(clerk, answer)
    assert "The file does not say whose account it is." in page
    assert re.search(r'<option value="day" selected>', page)
    entry = f"{address.partition('?')[0]}/entry"
    typed = {"account": "6222 01", "part": ["day", "text", "amount"], "form_key": "k2"}
    answer = clerk.post(entry, data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "This is an extract on purpose" in page and "6222 01" in page
    page = page_after(clerk, clerk.post(entry, data=typed | {"is_extract": "1", "form_key": "k3"}))
    assert "Extract" in page and "there is no balance" in page


def test_columns_are_corrected_and_come_back_as_they_were_set(clerk):
    content = b"a,b,c\n2026-11-20,5.00,105.00\n2026-11-21,6.00,111.00"
    answer = send(clerk, content, "x.csv", account="62")
    address = answer.headers["Location"]
    page = page_after(clerk, answer)
    assert "No row of the file names the columns" in page
    entry = f"{address.partition('?')[0]}/entry"
    twice = {"account": "62", "part": ["day", "amount", "amount"], "form_key": "k2"}
    answer = clerk.post(entry, data=twice)
    assert answer.status_code == 422
    typed = {"account": "62", "part": ["day", "amount", "balance"], "form_key": "k3"}
    answer = clerk.post(entry, data=typed)
    page = page_after(clerk, answer)
    assert "Balances proven" in page


def test_a_file_that_asks_is_discarded(clerk):
    address = send(clerk, OPEN_TABLE.encode(), "x.csv").headers["Location"].partition("?")[0]
    page_after(clerk, clerk.post(f"{address}/discarding"))
    shown(clerk, address, 404)


def test_the_queue_accepts_a_proposal_with_one_form(clerk, database, owner):
    taken(database, mt940(booked("300000.00", told=reference_of(cast.huadong.code)), opening="0.00"))
    page = shown(clerk, "/hq/bank")
    action, proposal = re.search(
        r'action="([^"]+/match)">.*?name="proposal" value="([^"]+)"', page, re.DOTALL
    ).groups()
    assert "data-key-row" in page and "data-key-accept" in page
    answer = clerk.post(action, data={"proposal": proposal, "back": "queue", "form_key": "k"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and 'name="confirm_amount"' in page
    typed = {"proposal": proposal, "confirm_amount": "1", "form_key": "k2"}
    page = page_after(clerk, clerk.post(action, data=typed))
    assert "has been posted" in page
    assert len(payments(owner)) == 1


def test_a_booking_is_matched_by_hand_taken_back_and_set_aside(clerk, database):
    file = taken(database, mt940(booked("77.00", party="某公司")))
    [row] = bookings_of(database, file.number)
    here = f"/hq/bank/files/{file.number}/bookings/{row.n}"
    answer = clerk.post(f"{here}/match", data={"invoices": "IN2611-000000000", "form_key": "a"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'value="IN2611-000000000"' in page
    page = page_after(clerk, clerk.post(f"{here}/match", data={"dealer": "huadong", "form_key": "b"}))
    assert "Take the match back" in page
    answer = clerk.post(f"{here}/unmatch", data={"reason": " ", "form_key": "c"})
    assert answer.status_code == 422
    page_after(clerk, clerk.post(f"{here}/unmatch", data={"reason": "wrong dealer", "form_key": "d"}))
    page_after(clerk, clerk.post(f"{here}/aside", data={"reason": "interest", "form_key": "e"}))
    page = page_after(clerk, clerk.post(f"{here}/return", data={"form_key": "f"}))
    assert "Match by hand" in page


def test_every_state_of_the_queue_is_listed_and_exported(clerk, database):
    taken(database, mt940(booked("77.00", party="某公司"), booked("-5.00")))
    for state in ("waiting", "matched", "aside", "not_ours"):
        shown(clerk, f"/hq/bank?state={state}")
    answer = clerk.get("/hq/bank?export=csv")
    assert "某公司" in answer.get_data(as_text=True)
    assert clerk.get("/hq/bank/files?export=xlsx").status_code == 200


def test_the_file_comes_back_as_it_was_sent(clerk, database):
    content = mt940(booked("77.00"))
    file = taken(database, content)
    answer = clerk.get(f"{FILES}/{file.number}/content")
    assert answer.get_data() == content


def test_finance_is_told_how_many_wait(clerk, database):
    taken(database, mt940(booked("77.00", party="某公司")))
    assert "Bank bookings to match" in shown(clerk, "/hq/")


@pytest.mark.parametrize("typed", [{"dealer": "x\x00"}, {"invoices": "9" * 5000}, {"payment": "１２３"}])
def test_odd_input_is_refused_and_kept(clerk, database, typed):
    file = taken(database, mt940(booked("77.00")))
    answer = clerk.post(f"/hq/bank/files/{file.number}/bookings/1/match", data=typed | {"form_key": "x"})
    assert answer.status_code == 422


def test_a_dealer_has_no_such_page(sign_in, database):
    file = taken(database, mt940(booked("77.00")))
    visitor = sign_in(cast.huadong.boss)
    for path in ("/hq/bank", FILES, f"{FILES}/{file.number}", f"{FILES}/{file.number}/bookings/1"):
        assert visitor.get(path).status_code == 404


def test_money_of_another_currency_waits_and_says_why(clerk, database):
    told = reference_of(cast.huadong.code)
    file = taken(database, mt940(booked("80.00", told=told), account="DE1", currency="EUR"))
    page = shown(clerk, f"/hq/bank/files/{file.number}/bookings/1")
    assert "This booking is in EUR" in page and "Match by hand" not in page and "Set aside" in page
    assert cast.huadong.code not in page


def test_statements_that_are_missing_are_told_beside_the_next(clerk, database):
    before, after = (cast.TODAY - timedelta(days=days) for days in (9, 3))
    taken(database, mt940(booked("10.00", day=before), opening="100.00"))
    file = taken(database, mt940(booked("20.00", day=after), opening="150.00"))
    page = shown(clerk, f"/hq/bank/files/{file.number}")
    assert "Statements are missing" in page and "¥110.00" in page and "¥150.00" in page
