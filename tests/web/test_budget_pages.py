"""The pages of budgets and activities: planned by the dealer, decided on, watched in the cockpit."""

from __future__ import annotations

import json
import re

import pytest

from tests import cast
from tests.budgets import acts
from tests.budgets.acts import D, figures


@pytest.fixture
def buyer(sign_in):
    visitor = sign_in(cast.huadong.buyer)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def manager(sign_in):
    visitor = sign_in(cast.east_manager)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def finance(sign_in):
    visitor = sign_in(cast.hq_finance)
    visitor.post("/locale/en")
    return visitor


def form(**said):
    one = acts.plan()
    usual = {
        "kind": one.kind,
        "title": one.title,
        "text": "first\r\nsecond",
        "place": one.place,
        "first_day": str(one.first_day),
        "last_day": str(one.last_day),
        "amount": "４００．５０",
        "act": "submit",
        "revision": "0",
    }
    return usual | said


def pot_form(**said):
    one = acts.pot()
    usual = {
        "title_zh": one.title_zh,
        "title_en": one.title_en,
        "kind": one.kind,
        "programme": "",
        "region": "",
        "first_day": str(one.first_day),
        "last_day": str(one.last_day),
        "amount": "1,000",
        "reason": "",
    }
    return usual | said


def page_of(response, status=200):
    text = response.get_data(as_text=True)
    assert response.status_code == status, text
    return text


def test_a_dealer_plans_completes_and_withdraws(given, database, buyer):
    assert "Plan a workshop" in page_of(buyer.get("/rebates/activities?status=draft"))
    address = buyer.post("/rebates/activities", data=form(act="keep")).location
    number = address.rsplit("/", 1)[-1]
    page = page_of(buyer.get(address))
    assert "¥400.50" in page and "Draft" in page
    assert 'value="科室会"' in page_of(buyer.get(f"{address}/edit"))
    buyer.post(f"{address}/edit", data=form(title="新品会", revision="1", act="keep"))
    page = page_of(buyer.post(f"{address}/edit", data=form(title="旧窗口", revision="1")), 409)
    assert "Somebody else has changed" in page and 'value="旧窗口"' in page
    assert buyer.post(f"{address}/submission", data={"revision": "2"}).status_code == 303
    assert "新品会" in page_of(buyer.get("/rebates/activities?status=submitted&kind=marketing"))
    assert buyer.post(f"{address}/withdrawal").status_code == 303
    page = page_of(buyer.post(f"{address}/withdrawal"), 409)
    assert "not in a state" in page and number in page


def test_what_was_typed_stays_with_every_fault_beside_its_field(given, buyer):
    page = page_of(
        buyer.post(
            "/rebates/activities",
            data=form(kind="", title="", amount="1e9", first_day="tomorrow", place="<b>院</b>"),
        ),
        422,
    )
    assert 'value="1e9"' in page and "&lt;b&gt;院" in page
    for name in ("kind", "title", "amount", "first_day"):
        assert f'href="#field-{name}"' in page


def test_a_double_click_plans_once(given, database, buyer):
    page = page_of(buyer.get("/rebates/activities/new"))
    key = re.search(r'name="form_key" value="([^"]+)"', page)[1]
    answers = {buyer.post("/rebates/activities", data=form(form_key=key)).location for _ in range(2)}
    assert len(answers) == 1


def test_who_only_reads_plans_nothing(given, sign_in):
    finance = sign_in(cast.huadong.finance)
    finance.post("/locale/en")
    assert "Plan an activity" not in page_of(finance.get("/rebates/activities"))
    assert finance.get("/rebates/activities/new").status_code == 403


def test_the_manager_decides_with_the_pots_that_fit(given, database, buyer, manager):
    budget = acts.open_pot(database)
    acts.open_pot(database, kind="samples", title_en="Sample pot")
    address = buyer.post("/rebates/activities", data=form()).location
    number = address.rsplit("/", 1)[-1]
    desk = f"/hq/rebates/activities/{number}"
    page = page_of(manager.get(desk))
    assert "¥1,000.00 free" in page and "Sample pot" not in page and 'value="400.50"' in page
    said = {"decision": "approve", "amount": "300", "budget": budget, "reason": ""}
    page = page_of(manager.post(f"{desk}/decision", data=said), 422)
    assert 'href="#field-reason"' in page and 'value="300"' in page
    assert "This is not a number" in page_of(
        manager.post(f"{desk}/decision", data=said | {"amount": "1.0.0"}), 422
    )
    assert page_of(manager.post(f"{desk}/decision", data=said | {"decision": ""}), 422)
    assert manager.post(f"{desk}/decision", data=said | {"reason": "预算有限"}).status_code == 303
    assert figures(database, budget) == ("1000.00", "300.00", "0.00")
    assert "Approved in part: 预算有限" in page_of(buyer.get(address))
    acts.reserve(database, "CL-7", "100.00", activity=number)
    assert "CL-7" in page_of(buyer.get(address)) and "¥200.00" in page_of(buyer.get(address))
    assert "still open" in page_of(manager.post(f"{desk}/closing"), 409)
    acts.spend(database, "CL-7", "100.00")
    assert manager.post(f"{desk}/closing").status_code == 303
    assert figures(database, budget) == ("1000.00", "0.00", "100.00")


def test_what_is_sent_back_says_what_to_complete(given, database, buyer, manager):
    for decision, words in (("return", "To be completed: 补名单"), ("reject", "补名单")):
        address = buyer.post("/rebates/activities", data=form()).location
        desk = f"/hq/rebates/activities/{address.rsplit('/', 1)[-1]}"
        manager.post(f"{desk}/decision", data={"decision": decision, "reason": "补名单"})
        assert words in page_of(buyer.get(address))
    listed = page_of(manager.get("/hq/rebates/activities?status=returned&q=AC"))
    assert listed.count("To be completed") == 2  # the filter's and the row's


def test_another_regions_manager_finds_nothing(given, database, buyer, sign_in):
    address = buyer.post("/rebates/activities", data=form()).location
    south = sign_in(cast.south_manager)
    assert south.get(f"/hq{address}").status_code == 404
    assert sign_in(cast.yuegang.buyer).get(address).status_code == 404


def test_a_budget_is_proposed_by_one_and_approved_by_another(given, database, finance, sign_in):
    address = finance.post("/hq/rebates/budgets", data=pot_form()).location
    page = page_of(finance.get(address))
    assert "You proposed it" in page and "Approve this amount?" not in page
    assert finance.post(f"{address}/approval").status_code == 403
    national = sign_in(cast.national_manager)
    national.post("/locale/en")
    assert "proposes ¥1,000.00" in page_of(national.get(address))
    assert "Budgets to approve" in page_of(national.get("/hq/"))
    assert page_of(national.post(f"{address}/rejection", data={"reason": ""}), 422)
    assert national.post(f"{address}/approval").status_code == 303
    page = page_of(finance.post(f"{address}/amount", data={"amount": "12,00", "reason": ""}), 422)
    assert 'value="12,00"' in page and "data-opened" in page
    assert finance.post(f"{address}/amount", data={"amount": "2000", "reason": "扩大"}).status_code == 303
    assert national.post(f"{address}/rejection", data={"reason": "超支"}).status_code == 303
    page = page_of(finance.get(address))
    assert "超支" in page and "¥1,000.00" in page


def test_every_fault_of_a_budget_stands_beside_its_field(given, finance):
    page = page_of(
        finance.post("/hq/rebates/budgets", data=pot_form(title_en="", amount="x", kind="programme")), 422
    )
    for name in ("title_en", "amount", "programme"):
        assert f'href="#field-{name}"' in page


def test_the_cockpit_shows_what_needs_attention_first(given, database, finance):
    even = acts.open_pot(database, title_en="Even pot")
    over = acts.open_pot(database, title_en="Full pot", amount=D("400.00"))
    acts.open_activity(database, over)
    under = acts.open_pot(
        database, title_en="Idle pot", first_day=cast.TODAY.replace(day=1, month=1), last_day=cast.TODAY
    )
    waits = acts.proposed(database, title_en="New pot", region="east")
    page = page_of(finance.get("/hq/rebates/budgets?kind=marketing"))
    places = [page.index(f">{number}<") for number in (waits, over, under, even)]
    assert places == sorted(places)
    chart = json.loads(re.search(r'data-chart="([^"]+)"', page)[1].replace("&#34;", '"'))
    assert chart["categories"] == ["Full pot", "Idle pot", "Even pot"]
    assert "reserved ¥400.00 of ¥400.00" in " ".join(page.split())
    for address, shown, hidden in (
        ("?standing=over", over, even),
        ("?region=east", waits, even),
        (f"?year={cast.TODAY.year}&kind=marketing", over, "BG-NONE"),
        ("?q=idle", under, over),
    ):
        page = page_of(finance.get(f"/hq/rebates/budgets{address}"))
        assert f">{shown}<" in page and f">{hidden}<" not in page
    assert "No such budget" in page_of(finance.get("/hq/rebates/budgets?year=1999&kind=fun&standing=fun"))
    assert finance.get("/hq/rebates/budgets?export=csv").status_code == 200


def test_a_pot_leads_to_its_documents(given, database, finance, sign_in):
    budget = acts.open_pot(database)
    number = acts.open_activity(database, budget)
    acts.reserve(database, "CL-9", "100.00", activity=number)
    page = page_of(finance.get(f"/hq/rebates/budgets/{budget}"))
    assert "CL-9" in page and f"/hq/rebates/activities/{number}" in page and "¥300.00" in page
    south = sign_in(cast.south_manager)
    page = page_of(south.get(f"/hq/rebates/budgets/{budget}"))
    assert "CL-9" not in page and "¥400.00" in page
    regional = acts.proposed(database, region="east")
    assert south.get(f"/hq/rebates/budgets/{regional}").status_code == 404
