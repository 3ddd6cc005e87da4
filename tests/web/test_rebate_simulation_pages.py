"""A programme's cost over the past, on the pages of headquarters: asked for, watched, read, taken away."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from jobs import rebates as job
from portal.kernel.outbox import Effect
from portal.rebates.ask_simulation import SIMULATE
from portal.rebates.draft_programme import edit_programme
from tests import cast
from tests.jobs.conftest import at_work  # noqa: F401 - a fixture
from tests.rebates import acts
from tests.rebates.acts import percents
from tests.shipping.acts import picked, shipped
from tests.workbooks import workbook_of

LAST = cast.TODAY - timedelta(days=1)
FIRST = LAST - timedelta(days=90)
DAYS = {"first": FIRST.isoformat(), "last": LAST.isoformat()}


@pytest.fixture
def east(sign_in):
    visitor = sign_in(cast.east_manager)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def number(given, database):
    order = given.an_order({cast.gloves: 10}).number
    shipped(database, picked(database, order, today=FIRST).shipment_number, today=FIRST)
    return acts.draft(database, tiers_of=percents(("0", "2"), ("100", "5")), budget=Decimal("9.00"))[1]


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def carried_out(owner) -> None:
    key = owner.execute(text("SELECT max(id) FROM rebate_simulation")).scalar_one()
    job.simulate(Effect(1, SIMULATE, None, {"simulation": key}, 1))


@pytest.mark.usefixtures("at_work")
def test_it_is_asked_for_watched_and_read(east, sign_in, number, owner):
    page = text_of(east.get(f"/hq/rebates/{number}"))
    assert "has not been simulated as it stands" in page
    key = re.search(r'action="/hq/rebates/[^"]+/simulations".*?name="form_key" value="([^"]+)"', page)[1]
    sent = {**DAYS, "form_key": key}
    address = east.post(f"/hq/rebates/{number}/simulations", data=sent).headers["Location"]
    again = east.post(f"/hq/rebates/{number}/simulations", data=sent).headers["Location"]
    assert address == again == f"/hq/rebates/{number}/simulations/1"
    assert "Simulated over the past" in text_of(east.get(f"/hq/rebates/{number}"))
    waiting = text_of(east.get(address))
    assert 'id="progress" hx-get=' in waiting
    carried_out(owner)
    part = east.get(address, headers={"HX-Request": "true", "HX-Target": "progress"})
    assert part.headers["HX-Refresh"] == "true"
    found = text_of(east.get(address))
    assert "¥200.00" in found and "¥10.00" in found and "¥1.00 above the budget" in found
    assert "It would have cost more than its budget." in found and 'id="chart"' in found
    rows = workbook_of(east.get(f"{address}?export=xlsx").data)
    heads = [cell.value for cell in rows[0]]
    mine = next(row for row in rows[1:] if row[heads.index("Dealer code")].value == "huadong")
    assert mine[heads.index("Rebate")].value == "10.00"
    approver = sign_in(cast.national_manager)
    approver.post("/locale/en")
    shown = text_of(approver.get(f"/hq/rebates/{number}"))
    assert "has not been simulated as it stands" not in shown and address in shown


@pytest.mark.usefixtures("at_work")
def test_of_older_terms_it_says_so(east, number, owner, database):
    address = east.post(f"/hq/rebates/{number}/simulations", data=DAYS).headers["Location"]
    carried_out(owner)
    programme = owner.execute(
        text("SELECT id FROM rebate_programme WHERE number = :n"), {"n": number}
    ).scalar_one()
    acts.as_staff(
        database,
        acts.AUTHOR,
        lambda session, actor: edit_programme(
            session, actor=actor, programme_id=programme, revision=1, terms=acts.terms()
        ),
    )
    assert "The programme has been changed since revision 1" in text_of(east.get(address))
    page = text_of(east.get(f"/hq/rebates/{number}"))
    assert "Of older terms" in page and "has not been simulated as it stands" in page


def test_what_was_typed_comes_back_with_what_is_wrong(east, number):
    answer = east.post(
        f"/hq/rebates/{number}/simulations", data={"first": "2025-05-05", "last": "2025-01-01"}
    )
    page = text_of(east.get(answer.headers["Location"].partition("#")[0]))
    assert "It ends before it begins." in page and 'value="2025-05-05"' in page


def test_nobody_else_gets_there(east, sign_in, number):
    address = f"/hq/rebates/{number}/simulations"
    east.post(address, data=DAYS)
    south, dealer, desk = (sign_in(one) for one in (cast.south_manager, cast.huadong.boss, cast.order_desk))
    assert south.get(f"{address}/1").status_code == south.post(address, data=DAYS).status_code == 404
    assert dealer.get(f"{address}/1").status_code in (403, 404)
    assert desk.get(f"{address}/1").status_code == 403 and desk.post(address, data=DAYS).status_code == 403
    assert east.get(f"{address}/2").status_code == east.get(f"{address}/{2**63}").status_code == 404
