"""The finances of a dealer and of headquarters at a glance, and ageing at any day, on their pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.kernel import clock
from tests import cast
from tests.builders import net
from tests.ledger.acts import delivered, no_books_yet, paid
from tests.played import played
from tests.workbooks import workbook_of

LAST_MONTH = clock.previous_period(clock.period_of(cast.TODAY))
LAST_DAY = clock.last_day(LAST_MONTH)
PAGES = {
    "finance": ["/finance", "/finance/ageing"],
    "desk": ["/hq/finance", "/hq/ageing", "/hq/ageing/huadong", f"/hq/ageing?at={LAST_DAY}&seen=1&region=1"],
}


def page(visitor, path: str, status: int = 200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


@played
def billed_and_paid(given, database, owner):
    """¥100 billed last month, which is closed; ¥40 of it paid since, and ¥30 billed today."""
    no_books_yet(owner)
    given.a_policy(net("10.00", product=cast.gloves, dealer=cast.huadong))
    delivered(given, database, {cast.gloves: 10}, on=LAST_DAY)
    statements = given.a_closed_month(LAST_MONTH)
    paid(database, "40.00", on=cast.TODAY, reference="FT-77")
    delivered(given, database, {cast.gloves: 3})
    return {"statement": statements[cast.huadong.id]}


def test_a_dealer_sees_what_is_due_and_what_waits_and_goes_on_from_there(billed_and_paid, sign_in):
    finance = sign_in(cast.huadong.finance)
    shown = page(finance, "/finance")
    statement = billed_and_paid["statement"]
    assert "90.00" in shown and "60.00" in shown and "30.00" in shown and "FT-77" in shown
    assert f"/statements/{statement}#confirm" in shown and f"/statements/{statement}/disputes/new" in shown
    then = page(finance, f"/finance/ageing?at={LAST_DAY}")
    assert "100.00" in then and "60.00" not in then and "/online-payments/new" not in then
    # The invoice shows itself and what it is paid with; nobody pays by card where nothing offers it.
    assert 'href="/invoices/IN' in shown


def test_headquarters_goes_from_its_day_to_the_ageing_of_a_past_day_and_takes_it_along(
    billed_and_paid, sign_in
):
    desk = sign_in(cast.hq_finance)
    shown = page(desk, "/hq/finance")
    assert "90.00" in shown and 'href="/hq/ageing"' in shown and 'href="/hq/closes"' in shown
    then = page(desk, f"/hq/ageing?at={LAST_DAY}")
    assert "100.00" in then and f"/hq/ageing/huadong?at={LAST_DAY}" in then
    assert "100.00" in page(desk, f"/hq/ageing/huadong?at={LAST_DAY}")
    rows = workbook_of(desk.get(f"/hq/ageing?at={LAST_DAY}&export=xlsx").data)
    values = {cell.value for row in rows for cell in row}
    assert "100.00" in values and "60.00" not in values, values
    lines = desk.get(f"/hq/ageing?at={LAST_DAY}&export=csv").get_data(as_text=True)
    assert "huadong" in lines and "100.00" in lines


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-02-30", "请填写有效日期"),
        ("2999-01-01", "这一天还没有到"),
        ("1850-01-01", "有效日期"),
        ("1999-12-31", "没有那一天的账"),
        ("\x00", "日期"),
    ],
)
@pytest.mark.only_asks
def test_what_is_no_day_of_the_books_is_said_and_nothing_is_added_up(sign_in, at, said):
    desk, finance = sign_in(cast.hq_finance), sign_in(cast.huadong.finance)
    shown = desk.get("/hq/ageing", query_string={"at": at}).get_data(as_text=True)
    assert said in shown and "grid-stats" not in shown
    own = finance.get("/finance/ageing", query_string={"at": at}).get_data(as_text=True)
    assert said in own and "grid-stats" not in own
    assert desk.get("/hq/ageing", query_string={"at": at, "export": "csv"}).status_code == 422


@pytest.mark.only_asks
def test_a_page_costs_a_dozen_statements_at_most(sign_in, count_statements):
    visitors = {"finance": sign_in(cast.huadong.finance), "desk": sign_in(cast.hq_finance)}
    for who, paths in PAGES.items():
        for path in paths:
            visitors[who].get(path)
            with count_statements() as counted:
                page(visitors[who], path)
            assert len(counted.work) <= 12, (path, counted)


def test_entries_are_looked_for_and_balances_stay_true(billed_and_paid, sign_in):
    finance, desk = sign_in(cast.huadong.finance), sign_in(cast.hq_finance)
    statement = billed_and_paid["statement"]
    paths = ((finance, f"/statements/{statement}"), (desk, f"/hq/closes/statements/{statement}"))
    for visitor, path in paths:
        none = page(visitor, f"{path}?least=100.01")
        assert "没有这样的记录" in none and "共 1 笔，显示 0 笔" in none
        assert "IN" in page(visitor, f"{path}?kind=invoice&most=100.00&from={LAST_DAY}")
        wrong = page(visitor, f"{path}?from=2026-02-30&least=x&kind=nonsense")
        assert 'value="2026-02-30"' in wrong and 'value="x"' in wrong and wrong.count("is-invalid") == 2


def test_a_program_asks_for_the_ageing_of_a_day(billed_and_paid, api):
    finance = api(cast.erp)
    answer = finance.get(f"/hq/ageing?at={LAST_DAY}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json["total"]["balance"] == "100.00"
    assert [one["dealer"] for one in answer.json["items"]] == ["huadong"]
    assert finance.get("/hq/ageing").json["total"]["balance"] == "90.00"
    later = (cast.TODAY + timedelta(days=400)).isoformat()
    assert finance.get(f"/hq/ageing?at={later}").status_code == 422
    assert finance.get("/hq/ageing?region=XX").status_code == 422
    assert sum(Decimal(one["balance"]) for one in answer.json["regions"]) == 100
