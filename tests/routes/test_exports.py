"""Every list as a file: typed, complete, and of nobody else's rows."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

import pytest
from sqlalchemy import text

from portal.kernel import money
from tests import cast
from tests.routes.url_map import LAST_MONTH
from tests.workbooks import csv_of, workbook_of

OURS, THEIRS = cast.huadong, cast.yuegang
OF_DEALERS = (
    "/orders",
    "/statements",
    "/own-ledger",
    "/catalogue",
    "/stock",
    "/own-stock?show=all",
    "/inventory-reports",
    "/sell-out",
    "/devices",
    "/maintenance",
)
OF_HEADQUARTERS = {
    "/hq/orders?status=all": cast.order_desk,
    "/hq/holds": cast.order_desk,
    "/hq/policies": cast.national_manager,
    "/hq/dealers": cast.national_manager,
    f"/hq/dealers/{OURS.code}/ledger": cast.hq_finance,
    f"/hq/closes/{LAST_MONTH}": cast.hq_finance,
    "/hq/own-ledgers": cast.hq_finance,
    "/hq/corrections": cast.hq_finance,
    "/hq/supply-requests": cast.order_desk,
    "/hq/replenishment?show=all": cast.order_desk,
    "/hq/tracking?status=all": cast.order_desk,
    "/hq/cold-chain": cast.quality,
    f"/hq/trace/lots/{cast.gloves.sku}/{cast.gloves_lot.lot_no}": cast.quality,
    f"/hq/trace/movements/{cast.gloves.sku}/{cast.gloves_lot.lot_no}": cast.quality,
    "/hq/transfers": cast.order_desk,
    "/hq/stock-counts": cast.order_desk,
    "/hq/non-conforming": cast.quality,
    "/hq/goods-receipts": cast.order_desk,
    "/hq/purchase-orders": cast.order_desk,
    "/hq/acceptance-records": cast.quality,
    "/hq/stock": cast.order_desk,
    "/hq/parcels": cast.order_desk,
    "/hq/waves": cast.order_desk,
    "/hq/outbound-reviews": cast.quality,
    "/hq/dealer-stock?told=sold": cast.east_manager,
    "/hq/devices": cast.quality,
    "/hq/maintenance": cast.quality,
}
EVERY_LIST = dict.fromkeys(OF_DEALERS, OURS.boss) | OF_HEADQUARTERS


def export(visitor, path: str, form: str = "csv", **more):
    query = dict(parse_qsl(path.partition("?")[2])) | {"export": form}
    return visitor.get(path.partition("?")[0], query_string=query | more)


def rows_of(visitor, path: str, **more) -> list[dict[str, str]]:
    answer = export(visitor, path, **more)
    assert answer.status_code == 200, path
    head, *rows = csv_of(answer.data)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("path", EVERY_LIST)
def test_every_list_is_exported_with_the_same_cells_in_both_forms(path, client_of, owned_numbers):
    visitor = client_of(EVERY_LIST[path])
    plain = csv_of(export(visitor, path).data)
    book = workbook_of(export(visitor, path, "xlsx").data)
    assert len(plain) == len(book) > 1, "a list without rows proves nothing"
    assert [cell.value for cell in book[0]] == plain[0]
    assert not any(cell.is_formula for row in book for cell in row)
    for typed, shown in zip(book[1:], plain[1:], strict=True):
        assert {cell.value for cell in typed if cell.is_text and cell.value} <= {
            one.removeprefix("'") for one in shown
        }


@pytest.mark.parametrize("path", EVERY_LIST)
def test_every_list_offers_its_files(path, client_of, owned_numbers):
    page = client_of(EVERY_LIST[path]).get(path).get_data(as_text=True)
    for form in ("xlsx", "csv"):
        [href] = re.findall(rf'href="([^"]*export={form}[^"]*)"', page)
        assert client_of(EVERY_LIST[path]).get(href.replace("&amp;", "&")).status_code == 200


def test_a_file_is_told_to_be_one_and_says_list_and_day(client_of, owned_numbers):
    visitor = client_of(OURS.boss)
    book, plain = (export(visitor, "/orders", form) for form in ("xlsx", "csv"))
    assert book.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert plain.content_type == "text/csv; charset=utf-8" and plain.content_length == len(plain.data)
    for answer, form in ((book, "xlsx"), (plain, "csv")):
        told = unquote(answer.headers["Content-Disposition"])
        assert told.startswith("attachment") and f"订单 {cast.TODAY}.{form}" in told


def test_amounts_days_and_states_are_typed(client_of, owned_numbers, everything):
    visitor = client_of(OURS.boss)
    head, first, *_ = workbook_of(export(visitor, "/orders", "xlsx").data)
    by = {label.value: cell for label, cell in zip(head, first, strict=True)}
    number, total, state = by["订单"], by["金额"], by["状态"]
    stored = everything.execute(
        text("SELECT total FROM sales_order WHERE number = :n"), {"n": number.value}
    ).scalar_one()
    assert (total.is_text, total.form, money.to_fen(stored)) == (False, "#,##0.00", stored)
    assert f"{float(total.value):.2f}" == money.as_text(stored)
    assert not by["下单时间"].is_text and "yyyy-mm-dd" in by["下单时间"].form
    assert state.is_text and state.value not in ("confirmed", "received", "picking")


def test_words_are_in_the_language_of_whoever_exports(client_of, owned_numbers):
    visitor = client_of(OURS.boss)
    visitor.post("/locale/en")
    try:
        english = export(visitor, "/orders")
    finally:
        visitor.post("/locale/zh")
    head, first, *_ = csv_of(english.data)
    assert head[:3] == ["Order", "Ordered on", "Status"] and re.fullmatch("[A-Z][a-z ]+", first[2])
    assert f"Orders {cast.TODAY}.csv" in unquote(english.headers["Content-Disposition"])


@pytest.mark.parametrize("path", OF_DEALERS[:2])
def test_a_rival_exports_its_own_rows_only(path, client_of, owned_numbers):
    ours, theirs = (
        {row[label] for row in rows_of(client_of(who), path) for label in row if label in ("订单", "编号")}
        for who in (OURS.boss, THEIRS.boss)
    )
    assert ours and theirs and not ours & theirs


def test_a_price_list_is_the_dealers_own(client_of, owned_numbers):
    ours, theirs = (
        {row["SKU"]: row for row in rows_of(client_of(who), "/catalogue")} for who in (OURS.boss, THEIRS.boss)
    )
    assert ours.keys() == theirs.keys()
    own = "经销价（含税）"
    assert own in ours["GLOVES"], list(ours["GLOVES"])
    assert (ours["GLOVES"][own], theirs["GLOVES"][own]) == ("20.00", "22.50")
    assert ours["UNPRICED"][own] == "" and ours["SYRINGE"]["UDI-DI（GTIN）"] == cast.syringe.udi_di


def test_who_sees_no_prices_exports_none(client_of, owned_numbers):
    seen, hidden = client_of(OURS.boss), client_of(OURS.service)
    for path in ("/orders", "/catalogue"):
        more, fewer = (csv_of(export(who, path).data)[0] for who in (seen, hidden))
        assert set(fewer) < set(more)
        chosen = csv_of(export(hidden, path, column="total" if path == "/orders" else "own_price").data)
        assert set(chosen[0]) <= set(fewer), "asking for the column by name does not help"
    assert "20.00" not in export(hidden, "/catalogue").get_data(as_text=True)


@pytest.mark.parametrize("path", OF_HEADQUARTERS)
def test_a_dealer_exports_no_list_of_headquarters(path, client_of, owned_numbers):
    assert export(client_of(OURS.boss), path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/hq/corrections", f"/hq/closes/{LAST_MONTH}", f"/hq/dealers/{OURS.code}/ledger"]
)
def test_who_may_not_read_a_list_may_not_export_it(path, client_of, owned_numbers):
    assert export(client_of(cast.quality), path).status_code == 403


@pytest.mark.parametrize("path", ["/hq/orders?status=all", "/hq/dealers"])
def test_regional_staff_export_their_region_only(path, client_of, owned_numbers):
    who = {"/hq/dealers": cast.south_manager}.get(path, cast.south_desk)
    codes = {row["经销商编码"] for row in rows_of(client_of(who), path)}
    assert THEIRS.code in codes and OURS.code not in codes


def test_a_file_holds_what_the_filter_shows_from_its_first_row(client_of, owned_numbers):
    visitor = client_of(OURS.boss)
    every = rows_of(visitor, "/orders")
    [found] = rows_of(visitor, "/orders", q=owned_numbers[OURS.id]["order"])
    assert found in every and len(every) > 1
    cursor = client_of(OURS.system).get("/orders?limit=1").json["next_cursor"]
    assert rows_of(visitor, "/orders", cursor=cursor) == every


def test_a_list_longer_than_a_page_is_whole(client_of, owned_numbers, monkeypatch):
    visitor = client_of(OURS.boss)
    every = rows_of(visitor, "/catalogue")
    monkeypatch.setattr("portal.web.listing.export.PAGE_ROWS", 2)
    assert rows_of(visitor, "/catalogue") == every
    assert len({row["SKU"] for row in every}) == len(every) > 4


def test_a_list_that_is_cut_says_so(client_of, owned_numbers, portal):
    visitor = client_of(OURS.boss)
    whole = csv_of(export(visitor, "/catalogue").data)
    usual = portal.settings
    try:
        portal.settings = usual.model_copy(update={"export_rows_max": 3})
        plain, book = (export(visitor, "/catalogue", form).data for form in ("csv", "xlsx"))
        portal.settings = usual.model_copy(update={"export_rows_max": len(whole) - 1})
        exact = csv_of(export(visitor, "/catalogue").data)
    finally:
        portal.settings = usual
    assert csv_of(plain)[:4] == whole[:4] and exact == whole
    for said in (csv_of(plain)[4:], [[cell.value for cell in row] for row in workbook_of(book)[4:]]):
        assert len(said) == 1 and "3" in said[0][0] and "筛选" in said[0][0]


def test_a_person_takes_so_many_files_in_a_time(client_of, owned_numbers, portal):
    usual = portal.settings
    portal.settings = usual.model_copy(update={"export_rate": "2 per minute"})
    try:
        codes = [export(client_of(OURS.finance), "/orders").status_code for _ in range(3)]
        page = client_of(OURS.finance).get("/orders")
    finally:
        portal.settings = usual
    assert codes == [200, 200, 429] and page.status_code == 200


def test_the_audit_tells_who_took_what(client_of, owned_numbers, everything):
    def told():
        return everything.execute(
            text(
                "SELECT actor_label, dealer_id, subject, after FROM audit_event"
                " WHERE action = 'list:exported' ORDER BY id DESC LIMIT 1"
            )
        ).one_or_none()

    export(client_of(OURS.boss), "/orders", q="SO", column="number")
    assert told() == (
        OURS.boss.display_name,
        OURS.id,
        "orders",
        {"form": "csv", "rows": len(rows_of(client_of(OURS.boss), "/orders")), "query": {"q": "SO"}},
    )
    export(client_of(cast.hq_finance), f"/hq/dealers/{OURS.code}/ledger", "xlsx")
    assert told()[:3] == (cast.hq_finance.display_name, OURS.id, "account")
    export(client_of(cast.south_manager), "/hq/dealers")
    last = told()
    assert last[:3] == (cast.south_manager.display_name, None, "dealers")
    client_of(OURS.boss).request("HEAD", "/orders?export=csv")
    client_of(OURS.boss).get("/orders?export=pdf")
    assert told() == last, "nothing was taken"


def test_every_row_of_a_page_is_read_at_once(client_of, owned_numbers, count_of):
    for path, who in EVERY_LIST.items():
        export(client_of(who), path)
        assert count_of(lambda path=path, who=who: export(client_of(who), path)) <= 8, path


@pytest.fixture
def count_of(cluster):
    from tests.statement_count import counted_statements

    def of(act) -> int:
        with counted_statements(cluster.app.username, cluster.issuer.username) as counted:
            assert act().status_code == 200
        return len(counted)

    return of
