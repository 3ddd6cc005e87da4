"""The pages of rebate claims: made and completed by the dealer, signed step by step at headquarters."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import text

from tests import cast
from tests.claims import acts
from tests.claims.acts import LAST_MONTH, LAST_MONTH_BEGINS, LAST_MONTH_ENDS
from tests.files.acts import a_pdf


def english(sign_in, person):
    visitor = sign_in(person)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def dealer(sign_in):
    return english(sign_in, cast.huadong.finance)


@pytest.fixture
def manager(sign_in):
    return english(sign_in, cast.east_manager)


@pytest.fixture
def finance(sign_in):
    return english(sign_in, cast.hq_finance)


def form(**said):
    usual = {
        "kind": "marketing",
        "activity": "AC-1",
        "from": str(LAST_MONTH_BEGINS),
        "to": str(LAST_MONTH_ENDS),
        "amount": "８,０００",
        "treatment": "service",
        "note": "科室会\r\n两场",
        "issuer": ["上海会展服务有限公司", "", ""],
        "invoice_no": ["24310000", "", ""],
        "invoice_date": [str(LAST_MONTH_ENDS), "", ""],
        "invoice_amount": ["8000", "", ""],
        "act": "submit",
        "revision": "0",
    }
    return usual | said


def page_of(response, status=200):
    page = response.get_data(as_text=True)
    assert response.status_code == status, page
    return page


def flat(page):
    return " ".join(page.split())


def test_a_period_is_claimed_in_one_click_from_the_rebates(given, database, dealer):
    number = acts.a_programme(given, database)
    page = page_of(dealer.get(f"/rebates/{number}?period={LAST_MONTH}"))
    address = re.search(r'href="(/rebates/claims/new[^"]+)"', page)[1].replace("&amp;", "&")
    page = page_of(dealer.get(address))
    assert f'value="{number}"' in page
    asked = re.search(r'name="amount"[^>]*value="([^"]+)"', page)[1]
    said = {"kind": "period", "programme": number, "period": LAST_MONTH, "amount": asked, "act": "submit"}
    shown = dealer.post("/rebates/claims", data=said)
    page = flat(page_of(dealer.get(shown.location)))
    assert "Channel manager of the region signs next" in page
    assert number not in page_of(dealer.get("/rebates/claims/new"))
    again = page_of(dealer.post("/rebates/claims", data=said), 409)
    assert "claimed already" in again and f'value="{asked}"' in again


def test_the_chooser_names_every_kind(given, dealer):
    page = page_of(dealer.get("/rebates/claims/new"))
    for kind in ("promotion", "marketing", "price_protection", "samples", "tender"):
        assert f"kind={kind}" in page
        assert page_of(dealer.get(f"/rebates/claims/new?kind={kind}"))
    assert page_of(dealer.get("/rebates/claims/new?kind=period"))
    assert page_of(dealer.post("/rebates/claims", data={"kind": "party"}), 422)


def test_expenses_are_claimed_with_their_invoices_and_photos(given, database, dealer, manager):
    photo = (BytesIO(a_pdf("invoice")), "invoice.pdf")
    address = dealer.post(
        "/rebates/claims", data=form(files=[photo]), content_type="multipart/form-data"
    ).location
    page = page_of(dealer.get(address))
    assert "24310000" in page and "invoice.pdf" in page and "¥8,000.00" in page
    number = address.rsplit("/", 1)[-1]
    page = page_of(manager.get(f"/hq/rebates/claims/{number}"))
    view = re.search(r'src="(/files/[^"]+/view)"', page)[1]
    shown = manager.get(view)
    assert shown.mimetype == "application/pdf" and "attachment" not in shown.headers.get(
        "Content-Disposition", ""
    )
    assert "sandbox" not in shown.headers["Content-Security-Policy"]
    assert number in page_of(dealer.get("/rebates/claims?status=submitted&kind=marketing"))
    assert number not in page_of(dealer.get("/rebates/claims?status=draft"))


def test_what_was_typed_stays_with_every_fault_beside_its_field(given, dealer):
    wrong = form(
        activity="",
        amount="1e9",
        to="soon",
        invoice_date=["2026-13-01", "", ""],
        invoice_amount=["many", "", ""],
    )
    page = page_of(dealer.post("/rebates/claims", data=wrong), 422)
    for name in ("field-activity", "field-amount", "field-to", "invoices-0"):
        assert f'href="#{name}"' in page, name
    for value in ("1e9", "many", "上海会展服务有限公司"):
        assert f'value="{value}"' in page
    cut = form(kind="price_protection", sku=["NONE"], quantity=["0"], old_price=["5"], new_price=["9"])
    page = page_of(dealer.post("/rebates/claims", data=cut | {"amount": "", "cut_on": ""}), 422)
    assert 'href="#field-cut_on"' in page and 'href="#lines-0"' in page and 'value="NONE"' in page


def test_more_rows_keep_what_was_typed(given, dealer):
    page = page_of(dealer.post("/rebates/claims", data=form(act="rows")))
    assert page.count('name="invoice_no"') == 8 and 'value="24310000"' in page


def test_a_double_click_claims_once(given, database, dealer):
    page = page_of(dealer.get("/rebates/claims/new?kind=marketing"))
    key = re.search(r'name="form_key" value="([^"]+)"', page)[1]
    assert len({dealer.post("/rebates/claims", data=form(form_key=key)).location for _ in range(2)}) == 1


def test_what_is_sent_back_is_completed_and_withdrawn(given, database, dealer, manager):
    address = dealer.post("/rebates/claims", data=form(act="keep")).location
    number = address.rsplit("/", 1)[-1]
    assert manager.get(f"/hq/rebates/claims/{number}").status_code == 404
    assert dealer.post(f"{address}/submission", data={"revision": "1"}).status_code == 303
    assert page_of(dealer.post(f"{address}/submission", data={"revision": "1"}), 409)
    desk = f"/hq/rebates/claims/{number}"
    assert "This needs" not in page_of(manager.get(desk))
    page = page_of(manager.post(f"{desk}/decision", data={"decision": "return", "revision": "2"}), 422)
    assert "data-opened" in page and 'href="#return-reason"' in page
    said = {"decision": "return", "reason": "缺签到表", "revision": "2"}
    assert manager.post(f"{desk}/decision", data=said).status_code == 303
    assert "To be completed: 缺签到表" in page_of(dealer.get(address))
    assert "Claims sent back to you" in page_of(dealer.get("/"))
    page = page_of(dealer.get(f"{address}/edit"))
    revision = re.search(r'name="revision" value="([0-9]+)"', page)[1]
    assert 'value="24310000"' in page
    stale = page_of(dealer.post(f"{address}/edit", data=form(revision="1", note="旧")), 409)
    assert ">旧</textarea>" in stale
    assert dealer.post(f"{address}/edit", data=form(revision=revision, note="已补")).status_code == 303
    assert "已补" in page_of(manager.get(desk))
    assert dealer.post(f"{address}/withdrawal").status_code == 303
    assert page_of(dealer.post(f"{address}/withdrawal"), 409)
    assert "Withdrawn" in page_of(dealer.get(f"{address}/edit"))


def test_two_sign_and_the_dealer_is_paid(given, database, dealer, manager, finance):
    number = acts.claimed(database, acts.expenses("12000.00"))
    desk = f"/hq/rebates/claims/{number}"
    assert "Sign</span>" not in page_of(finance.get(desk))
    page = page_of(manager.get(desk))
    assert 'data-key="a"' in page and 'data-key="r"' in page and "There is no file of evidence" in page
    for wrong in ({"amount": "12000.01"}, {"amount": "x"}, {"amount": "7000"}):
        said = {"decision": "approve", "revision": "2", "reason": ""} | wrong
        page = page_of(manager.post(f"{desk}/decision", data=said), 422)
        assert f'value="{wrong["amount"]}"' in page
    assert page_of(manager.post(f"{desk}/decision", data={"decision": "", "revision": "2"}), 422)
    assert page_of(manager.post(f"{desk}/decision", data={"decision": "reject", "revision": "1"}), 422)
    said = {"decision": "approve", "amount": "7000", "reason": "按标准", "revision": "2"}
    assert manager.post(f"{desk}/decision", data=said).status_code == 303
    page = page_of(manager.post(f"{desk}/decision", data=said | {"revision": "3"}), 403)
    assert "signed a step" in page
    page = page_of(finance.get(f"{desk}"))
    assert 'value="7000.00"' in page and "Approve and pay" in page
    assert finance.post(f"{desk}/decision", data={"decision": "approve", "revision": "3"}).status_code == 303
    page = flat(page_of(dealer.get(f"/rebates/claims/{number}")))
    assert "Paid: ¥7,000.00" in page and "按标准" in page


def test_the_queue_has_what_is_overdue_first(given, database, owner, manager):
    later = acts.claimed(database, acts.expenses())
    late = acts.claimed(database, acts.expenses("90.00", invoices=(acts.an_invoice("2", amount="90.00"),)))
    owner.execute(
        text("UPDATE rebate_claim SET due_at = due_at - interval '30 days' WHERE number = :number"),
        {"number": late},
    )
    page = page_of(manager.get("/hq/rebates/claims?status=mine"))
    assert page.index(f">{late}<") < page.index(f">{later}<") and "Overdue" in page
    for query, shown in (
        ("due=overdue", {late}),
        ("due=soon", {late}),
        ("kind=marketing&region=east", {late, later}),
        ("region=south", set()),
        ("status=paid", set()),
        ("status=all&sort=-due_at", {late, later}),
        (f"q={later}", {later}),
        ("status=nonsense&kind=nonsense&due=nonsense", {late, later}),
    ):
        page = page_of(manager.get(f"/hq/rebates/claims?{query}"))
        assert {one for one in (late, later) if f">{one}<" in page} == shown, query
    page = page_of(manager.get(f"/hq/rebates/claims/{late}"))
    assert f'href="/hq/rebates/claims/{later}" data-key="j"' in flat(page)
    assert f'href="/hq/rebates/claims/{late}" data-key="k"' in flat(
        page_of(manager.get(f"/hq/rebates/claims/{later}"))
    )


def test_many_are_signed_with_the_odd_ones_left_out(given, database, manager):
    programme = acts.a_programme(given, database)
    plain = acts.claimed(database, acts.of_period(programme))
    odd = acts.claimed(database, acts.expenses())
    numbers = {"number": [plain, odd]}
    page = page_of(manager.post("/hq/rebates/claims/batch/preview", data=numbers))
    assert "Would be signed in full" in page and "no file of evidence" in page
    assert f'name="number" value="{plain}"' in page and f'name="number" value="{odd}"' not in page
    assert acts.seen(database, plain).place == 0
    page = page_of(manager.post("/hq/rebates/claims/batch", data=numbers))
    assert "Signed: 1 claim" in page and "no file of evidence" in page
    assert acts.seen(database, plain).state in ("in_approval", "paid")
    assert acts.seen(database, odd).state == "submitted"
    assert page_of(manager.post("/hq/rebates/claims/batch/preview", data={}), 422)


def test_two_of_finance_set_who_signs(given, database, finance, manager, sign_in):
    page = page_of(finance.get("/hq/rebates/claims/chains"))
    assert "Marketing expenses" in page and "Propose the chain" in page
    assert "Propose the chain" not in page_of(manager.get("/hq/rebates/claims/chains"))
    steps = {
        "above": ["0", "5000"],
        "approver": ["channel_manager", "hq_finance"],
        "revision": "1",
        "reason": "audit of the year",
    }
    address = "/hq/rebates/claims/chains/marketing"
    wrong = steps | {"above": ["5", "x"], "reason": ""}
    page = page_of(finance.post(address, data=wrong), 422)
    assert 'href="#marketing-1"' in page and 'value="x"' in page and 'href="#marketing-reason"' in page
    page = page_of(finance.post(address, data=steps | {"approver": ["", "hq_finance"]}), 422)
    assert 'href="#marketing-0"' in page and "audit of the year" in page
    assert finance.post(address, data=steps).status_code == 303
    assert page_of(finance.post(address, data=steps), 409)
    assert manager.post(address, data=steps).status_code == 403
    assert finance.post("/hq/rebates/claims/chains/fun", data=steps).status_code == 404
    assert "Another person of finance decides" in page_of(finance.get("/hq/rebates/claims/chains"))
    finance.post(f"{address}/approval")
    assert "You asked for this yourself" in page_of(finance.get("/hq/rebates/claims/chains"))
    colleague = sign_in(cast.finance_colleague)
    colleague.post("/locale/en")
    assert "Approval chains to decide" in page_of(colleague.get("/hq/"))
    assert "audit of the year" in page_of(colleague.get("/hq/rebates/claims/chains"))
    assert colleague.post(f"{address}/rejection", data={"reason": ""}).status_code == 303
    assert "Say why" in page_of(colleague.get("/hq/rebates/claims/chains"))
    colleague.post(f"{address}/approval")
    page = page_of(colleague.get("/hq/rebates/claims/chains"))
    assert "The chain holds for claims" in page and "5000" in page and "Another person" not in page


def test_a_colleague_signs_for_some_days(given, database, manager, sign_in):
    page = page_of(manager.get("/hq/rebates/claims/delegations"))
    assert cast.national_manager.display_name in page
    wrong = {"to": "nobody@hq.example", "from_day": "", "to_day": "x", "reason": ""}
    page = page_of(manager.post("/hq/rebates/claims/delegations", data=wrong), 422)
    assert 'href="#field-from_day"' in page and 'value="x"' in page
    said = {
        "to": cast.national_manager.email,
        "from_day": str(cast.TODAY),
        "to_day": str(cast.TODAY + timedelta(days=3)),
        "reason": "休假",
    }
    assert manager.post("/hq/rebates/claims/delegations", data=said).status_code == 303
    page = page_of(manager.get("/hq/rebates/claims/delegations"))
    end = re.search(r'action="(/hq/rebates/claims/delegations/[0-9]+/end)"', page)[1]
    assert "休假" in page
    national = english(sign_in, cast.national_manager)
    assert "休假" in page_of(national.get("/hq/rebates/claims/delegations"))
    assert national.post(end).status_code == 404
    assert manager.post(end).status_code == 303
    assert "休假" not in page_of(manager.get("/hq/rebates/claims/delegations"))


def test_the_rival_and_another_regions_manager_find_nothing(given, database, sign_in):
    number = acts.claimed(database, acts.expenses())
    rival, south = sign_in(cast.yuegang.finance), sign_in(cast.south_manager)
    for address in ("", "/edit"):
        assert rival.get(f"/rebates/claims/{number}{address}").status_code == 404
    assert rival.post(f"/rebates/claims/{number}/withdrawal").status_code == 404
    assert south.get(f"/hq/rebates/claims/{number}").status_code == 404
    said = {"decision": "approve", "revision": "2", "reason": "", "amount": ""}
    assert south.post(f"/hq/rebates/claims/{number}/decision", data=said).status_code == 404


def test_a_buyer_sees_claims_and_makes_none(given, database, sign_in):
    number = acts.claimed(database, acts.expenses())
    buyer = english(sign_in, cast.huadong.buyer)
    page = page_of(buyer.get("/rebates/claims"))
    assert number in page and "New claim" not in page
    assert "Withdraw" not in page_of(buyer.get(f"/rebates/claims/{number}"))
    assert buyer.get("/rebates/claims/new").status_code == 403
