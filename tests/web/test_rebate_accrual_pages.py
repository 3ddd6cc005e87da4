"""What each dealer has earned, at headquarters: by dealer, sorted, in pages, with every line as a file."""

from __future__ import annotations

import re
from decimal import Decimal as D

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.rebates.dealer_accruals import dealer_accruals, lines_of_dealers
from portal.rebates.rules import Basis
from portal.rebates.terms import TierTerms
from tests import cast
from tests.ledger.acts import delivered
from tests.rebates import acts
from tests.rebates.acts import MONTH_BEGINS, percents, published, reckoned
from tests.workbooks import csv_of, workbook_of

DEALERS = (cast.huadong, cast.suzhou, cast.yuegang)


@pytest.fixture
def programme(given, database):
    for place, dealer in enumerate(DEALERS, start=1):
        delivered(given, database, {cast.gloves: 4 * place}, to=dealer)
    found = published_for_all(database, tiers_of=percents(("0", "2"), ("200", "3")))
    reckoned(database)
    return found


def published_for_all(database, **said):
    """For the whole country: written by who answers for it."""
    programme, number = acts.draft(database, acts.COLLEAGUE, regions=(), **said)
    acts.submit(database, programme, person=acts.COLLEAGUE)
    acts.approve(database, programme, person=cast.hq_finance)
    acts.publish(database, programme, person=acts.COLLEAGUE)
    return programme, number


def codes(page: str) -> list[str]:
    """Codes of dealers in the table of the page, in their order."""
    return re.findall(r"dealer=([a-z]+)\"", page[page.index('id="dealers"') :].split("</table>")[0])


def english(sign_in, person):
    visitor = sign_in(person)
    visitor.post("/locale/en")
    return visitor


def test_who_earned_most_comes_first_and_a_manager_sees_its_regions(sign_in, programme):
    _, number = programme
    finance, east = english(sign_in, cast.hq_finance), english(sign_in, cast.east_manager)
    everybody = codes(finance.get(f"/hq/rebates/{number}").get_data(as_text=True))
    assert set(everybody) >= {dealer.code for dealer in DEALERS} and everybody[0] == "yuegang"
    by_code = codes(finance.get(f"/hq/rebates/{number}?sort=code").get_data(as_text=True))
    assert by_code == sorted(everybody)
    theirs = codes(east.get(f"/hq/rebates/{number}").get_data(as_text=True))
    assert "yuegang" not in theirs and {"huadong", "suzhou"} <= set(theirs)
    one = finance.get(f"/hq/rebates/{number}?dealer=suzhou").get_data(as_text=True)
    assert codes(one) == ["suzhou"]
    rows = csv_of(east.get(f"/hq/rebates/{number}?export=csv").data)
    assert "yuegang" not in {row[rows[0].index("Dealer code")] for row in rows[1:]}


def test_every_line_is_in_the_file_by_dealer(sign_in, programme, owner):
    _, number = programme
    finance, east = english(sign_in, cast.hq_finance), english(sign_in, cast.east_manager)
    rows = workbook_of(finance.get(f"/hq/rebates/{number}/lines?export=xlsx").data)
    heads = [cell.value for cell in rows[0]]
    found = {row[heads.index("Dealer code")].value: D(row[heads.index("Rebate")].value) for row in rows[1:]}
    accrued = "SELECT d.code, a.accrued FROM rebate_accrual a JOIN dealer d ON d.id = a.dealer_id"
    assert found == {row.code: row.accrued for row in owner.execute(text(accrued)) if row.accrued}
    assert len(found) == len(DEALERS)
    theirs = east.get(f"/hq/rebates/{number}/lines").get_data(as_text=True)
    assert cast.suzhou.name_en in theirs and cast.yuegang.name_en not in theirs
    mine = finance.get(f"/hq/rebates/{number}/lines?dealer=yuegang").get_data(as_text=True)
    assert cast.yuegang.name_en in mine and cast.suzhou.name_en not in mine
    assert finance.get(f"/hq/rebates/{number}/lines?period=1999-01").status_code == 404


def test_a_name_that_looks_like_a_formula_is_text(sign_in, programme, owner):
    owner.execute(text("UPDATE product SET name_en = '=1+1', name_zh = '=1+1' WHERE sku = 'GLOVES'"))
    owner.commit()
    _, number = programme
    finance = english(sign_in, cast.hq_finance)
    rows = workbook_of(finance.get(f"/hq/rebates/{number}/lines?export=xlsx").data)
    cells = [cell for row in rows[1:] for cell in row if cell.value == "=1+1"]
    assert cells and all(cell.is_text and not cell.is_formula for cell in cells)
    assert "=1+1" not in [
        cell for row in csv_of(finance.get(f"/hq/rebates/{number}/lines?export=csv").data) for cell in row
    ]


def test_pages_go_forth_and_back(database, programme):
    key, _ = programme
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        for sort in ("", "-code", "qualified", "reached_tier"):
            ask = {"programme_id": key, "first_day": MONTH_BEGINS, "limit": 2, "sort": sort}
            first = dealer_accruals(session, **ask)
            second = dealer_accruals(session, **ask, cursor=first.next_cursor)
            again = dealer_accruals(session, **ask, cursor=second.previous_cursor)
            assert first.items == again.items
            assert not {one.id for one in first.items} & {one.id for one in second.items}
        ask = {"programme_id": key, "first_day": MONTH_BEGINS, "limit": 2}
        first = lines_of_dealers(session, **ask)
        second = lines_of_dealers(session, **ask, cursor=first.next_cursor)
        back = lines_of_dealers(session, **ask, cursor=second.previous_cursor)
        assert (len(first.items), len(second.items), back.items) == (2, 1, first.items)


def test_pieces_are_whole_numbers(sign_in, given, database):
    delivered(given, database, {cast.gloves: 30})
    tiers = (TierTerms(D(0), amount_per_unit=D(1)),)
    _, number = published(database, basis=Basis.QUANTITY, tiers_of=tiers)
    reckoned(database)
    rows = csv_of(
        english(sign_in, cast.hq_finance).get(f"/hq/rebates/{number}?export=csv&dealer=huadong").data
    )
    assert rows[1][rows[0].index("Counts")] == "30"


def test_a_dealer_has_no_way_there(sign_in, programme):
    _, number = programme
    visitor = sign_in(cast.huadong.boss)
    for address in (f"/hq/rebates/{number}", f"/hq/rebates/{number}/lines"):
        assert visitor.get(address).status_code in (403, 404)
