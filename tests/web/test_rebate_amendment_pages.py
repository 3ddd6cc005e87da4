"""The pages of amendments: a form with the tiers in force, two people, what changes; the dealer's marks."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from backoffice.blueprints.rebate_history import LOOKS
from portal.rebates.vocabulary import RebateAction
from tests import cast
from tests.rebates.acts import (
    MONTH_BEGINS,
    MONTH_ENDS,
    amended,
    amending,
    amendment_draft,
    percents,
    published,
    reckoned,
)

FORM = {
    "starts_on": str(MONTH_BEGINS),
    "from": ["0", "", "100000"],
    "percent": ["5", "", "6.5"],
    "amount_per_unit": ["", "", ""],
    "fixed": ["", "", ""],
    "why": "Agreed at the autumn meeting",
    "form_key": "a-key-of-this-form",
}


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def place_of(answer) -> str:
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"]


@pytest.fixture
def east(sign_in):
    visitor = sign_in(cast.east_manager)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def national(sign_in):
    visitor = sign_in(cast.national_manager)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def buyer(sign_in):
    visitor = sign_in(cast.huadong.buyer)
    visitor.post("/locale/en")
    return visitor


def drafts(owner) -> int:
    return owner.execute(text("SELECT count(*) FROM rebate_amendment")).scalar_one()


def test_an_amendment_from_the_form_to_the_dealer(east, national, buyer, given, database, owner):
    given.a_delivery_of(given.an_order({cast.gloves: 40}).number)  # 800.00
    _, number = published(database)
    reckoned(database)
    assert "Amended from" not in text_of(buyer.get("/rebates"))
    assert f"/hq/rebates/{number}/amendments/new" in text_of(east.get(f"/hq/rebates/{number}"))
    form = text_of(east.get(f"/hq/rebates/{number}/amendments/new"))
    assert re.findall(r'name="percent" value="([^"]*)"', form) == ["2", "", "", ""], "the tiers in force"
    shown = place_of(east.post(f"/hq/rebates/{number}/amendments", FORM))
    assert place_of(east.post(f"/hq/rebates/{number}/amendments", FORM)) == shown, "sent twice, written once"
    assert drafts(owner) == 1

    def act(visitor, name, revision, **more) -> str:
        place_of(visitor.post(f"{shown}/{name}", {"revision": revision, **more}))
        return text_of(visitor.get(shown))

    preview = text_of(east.get(f"{shown}/preview"))
    assert "¥16.00" in preview and "¥40.00" in preview and "¥24.00" in preview
    page = act(east, "submission", 1)
    assert "You had a hand in it" in page and f"{shown}/approval" not in page
    assert "Another person decides on it" in act(east, "approval", 2)
    assert "It came back: too dear" in act(national, "rejection", 2, reason="too dear")
    act(east, "submission", 3)
    act(east, "recall", 4)
    act(east, "submission", 5)
    act(national, "approval", 6)
    assert "Published" in act(east, "publication", 7)
    reckoned(database)
    page = text_of(buyer.get(f"/rebates/{number}"))
    assert "Agreed at the autumn meeting" in page and "¥40.00" in page and "Tiers by day" in page
    assert cast.east_manager.display_name not in page and "/hq/" not in page
    assert "Amended from" in text_of(buyer.get("/rebates"))
    page = text_of(national.get(f"/hq/rebates/{number}"))
    for said in ("Rejected · Amendment from", "too dear", cast.east_manager.display_name, "Taken back"):
        assert said in page, "the history of the versions"
    assert page.count("Written") >= 2, "the programme and its amendment"
    act(national, "withdrawal", 8, reason="a slip")
    reckoned(database)
    assert "¥40.00" not in text_of(buyer.get(f"/rebates/{number}"))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"starts_on": ""}, "starts_on"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"starts_on": str(MONTH_ENDS + timedelta(days=1))}, "starts_on"),
        ({"percent": ["5oo", "", "6"]}, "tiers_of-0-percent"),
        ({"from": ["9", "", "9"]}, "tiers_of-1-from"),
        ({"from": ["", "", ""], "percent": ["", "", ""]}, "tiers_of"),
        ({"why": " "}, "why"),
        ({"why": "x" * 501}, "why"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(east, database, owner, typed, field):
    _, number = published(database)
    answer = east.post(f"/hq/rebates/{number}/amendments", FORM | typed)
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in page and f'id="field-{field}-error"' in page
    for values in typed.values():
        for value in values if isinstance(values, list) else [values]:
            assert not value.strip() or value in page, "nothing typed is lost"
    assert drafts(owner) == 0


def test_a_second_tab_overwrites_nothing(east, database, owner):
    programme, number = published(database)
    key = amendment_draft(database, programme, amending(MONTH_BEGINS))
    [name] = owner.execute(text("SELECT number FROM rebate_amendment WHERE id = :id"), {"id": key}).scalars()
    address = f"/hq/rebates/{number}/amendments/{name}"
    assert "agreed with the dealers" in text_of(east.get(f"{address}/edit"))
    place_of(east.post(f"{address}/edit", FORM | {"revision": "1"}))
    answer = east.post(f"{address}/edit", FORM | {"revision": "1", "why": "mine"})
    assert answer.status_code == 409 and ">mine</textarea>" in text_of(answer)


def test_another_region_learns_nothing(sign_in, database, owner):
    programme, number = published(database)
    key = amended(database, programme, amending(MONTH_BEGINS, ("0", "3")))
    [name] = owner.execute(text("SELECT number FROM rebate_amendment WHERE id = :id"), {"id": key}).scalars()
    south = sign_in(cast.south_manager)
    for address in ("new", name, f"{name}/preview", f"{name}/edit"):
        assert south.get(f"/hq/rebates/{number}/amendments/{address}").status_code == 404
    for act in ("submission", "approval", "publication", "withdrawal"):
        answer = south.post(f"/hq/rebates/{number}/amendments/{name}/{act}", {"revision": 4, "reason": "x"})
        assert answer.status_code == 404
    assert sign_in(cast.huadong.buyer).get(f"/hq/rebates/{number}/amendments/{name}").status_code in (
        403,
        404,
    )


def test_a_programme_that_was_loaded_without_an_audit_has_a_history(national):
    page = text_of(national.get(f"/hq/rebates/{cast.rebate_programme_number}"))
    assert page.count(cast.national_manager.display_name) >= 2, "in the frame, and who wrote it"


def test_the_history_is_seen_by_the_regions_own_manager(east, database):
    _, number = published(database, tiers_of=percents(("0", "2")))
    page = text_of(east.get(f"/hq/rebates/{number}"))
    for said in ("Written", "Submitted", "Approved", "Published", cast.national_manager.display_name):
        assert said in page


def test_every_act_of_a_programme_is_told_in_words():
    told = {one.partition(":")[2] for one in RebateAction if not one.startswith("rebate_fact:")}
    assert told == set(LOOKS)
