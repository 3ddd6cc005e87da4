"""What was issued shows what it showed: no change of master data or settings reaches a statement, an order
or a parcel.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.app import create_app
from portal.kernel import clock
from tests import cast
from tests.ledger.acts import delivered, no_books_yet, paid
from tests.statements.acts import LAST_DAY, LAST_MONTH
from tests.web_clients import Caller, Visitor, token_for

MASTER_DATA = ("dealer", "dealer_address", "product", "warehouse", "region_node")
SAID_OTHERWISE = {
    "text": "{0} || '改'",
    "smallint": "({0} + 1)::smallint",
    "integer": "{0} + 1",
    "numeric": "coalesce({0}, 1) + 1",
    "boolean": "NOT {0}",
    "date": "{0} + 400",
    "timestamp with time zone": "{0} + interval '400 days'",
    "ARRAY": "{0} || '改'::text",
}


@pytest.fixture
def delivery(given, database, owner):
    """An order that was shipped last month and is not paid yet, on a statement that is issued."""
    no_books_yet(owner)
    delivery = delivered(given, database, {cast.gloves: 3, cast.syringe: 20}, on=LAST_DAY - timedelta(days=1))
    paid(database, "7.77", on=LAST_DAY)
    return delivery


@pytest.fixture
def number(given, delivery) -> str:
    return given.a_closed_month(LAST_MONTH)[cast.huadong.id]


def change_master_data(owner) -> set[str]:
    """Every column of master data that the database lets change; which they were."""
    columns = owner.execute(
        text(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = ANY (:tables) AND column_name !~ '(^|_)ids?$'"
            " AND is_generated = 'NEVER'"
        ),
        {"tables": list(MASTER_DATA)},
    ).all()
    changed = set()
    for table, column, kind in columns:
        try:
            owner.execute(text(f"UPDATE {table} SET {column} = {SAID_OTHERWISE[kind].format(column)}"))
            changed.add(f"{table}.{column}")
        except IntegrityError:  # a state or another word from a list, which no document shows
            pass
    return changed


def signed_in(app, person, locale):
    visitor = Visitor(app, locale=locale)
    assert visitor.sign_in(person).status_code == 200
    return visitor


def content(answer) -> str:
    """What a page shows between its head and its foot."""
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    (main,) = re.findall(r"<main.*</main>", answer.get_data(as_text=True), re.S)
    return re.sub(r'name="(csrf_token|form_key)" value="[^"]*"', "", main)


def statement_everywhere(app, number, owner) -> dict[str, object]:
    """A statement through every door in both languages, its PDF rendered anew."""
    owner.execute(text("ALTER TABLE statement_pdf DISABLE TRIGGER USER"))
    owner.execute(text("DELETE FROM statement_pdf"))
    owner.execute(text("ALTER TABLE statement_pdf ENABLE TRIGGER USER"))
    shown: dict[str, object] = {}
    program = Caller(app, token_for(app, cast.huadong.system).json["access_token"])
    shown["program"] = program.get(f"/statements/{number}").json
    for locale in ("zh", "en"):
        for person, path in (
            (cast.huadong.finance, "/statements/"),
            (cast.hq_finance, "/hq/closes/statements/"),
        ):
            visitor = signed_in(app, person, locale)
            shown[f"page {locale} {person.email}"] = content(visitor.get(path + number))
            shown[f"paper {locale} {person.email}"] = visitor.get(f"{path}{number}.pdf").data
    return shown


def order_everywhere(app, order, shipment) -> dict[str, object]:
    program = Caller(app, token_for(app, cast.huadong.system).json["access_token"])
    shown: dict[str, object] = {
        path: program.get(path).json for path in (f"/orders/{order}", f"/shipments/{shipment}")
    }
    for locale in ("zh", "en"):
        for person, path in (
            (cast.huadong.buyer, f"/orders/{order}"),
            (cast.order_desk, f"/hq/orders/{order}"),
        ):
            shown[f"{locale} {path}"] = content(signed_in(app, person, locale).get(path))
    return shown


def test_a_statement_shows_what_it_showed_whatever_master_data_say_now(app, number, owner):
    before = statement_everywhere(app, number, owner)
    changed = change_master_data(owner)
    assert {
        "dealer.code",
        "dealer.name_zh",
        "dealer.name_en",
        "dealer.credit_code",
        "dealer.city",
        "dealer.address",
        "dealer.payment_terms_days",
        "product.name_zh",
        "region_node.name_zh",
    } <= changed
    assert statement_everywhere(app, number, owner) == before


def test_a_statement_shows_what_it_showed_whatever_the_settings_say_now(app, settings, number, owner):
    before = statement_everywhere(app, number, owner)
    moved = {
        name: getattr(settings, name) + "改 9"
        for name in type(settings).model_fields
        if name.startswith("company_")
    }
    now = datetime.now(UTC)
    elsewhere = next(
        zone
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Anchorage")
        if clock.business_date(now, ZoneInfo(zone)) != clock.business_date(now, cast.ZONE)
    )
    other = create_app(
        settings.model_copy(update=moved | {"currency": "USD", "business_timezone": elsewhere})
    )
    other.testing = True
    try:
        assert statement_everywhere(other, number, owner) == before
    finally:
        other.database.dispose()
        other.valkey.close()


def test_an_order_and_its_parcel_show_what_they_showed(app, delivery, owner):
    before = order_everywhere(app, delivery.order_number, delivery.shipment_number)
    changed = change_master_data(owner)
    assert {
        "product.sku",
        "product.name_zh",
        "product.name_en",
        "product.specification",
        "product.unit",
        "product.registration_no",
        "warehouse.code",
        "warehouse.name_zh",
        "warehouse.name_en",
        "dealer.name_zh",
        "dealer_address.line",
        "region_node.name_zh",
    } <= changed
    assert order_everywhere(app, delivery.order_number, delivery.shipment_number) == before


def test_a_page_shows_what_the_paper_shows(app, number, delivery, owner):
    page = content(signed_in(app, cast.huadong.finance, "zh").get(f"/statements/{number}"))
    shown = re.sub(r"\s+", "", re.sub(r"<[^>]*>", "", page))
    program = Caller(app, token_for(app, cast.huadong.system).json["access_token"])
    whole = program.get(f"/statements/{number}").json
    (open_item,) = whole["open_items"]
    assert (open_item["document_no"], open_item["open_amount"]) == (delivery.invoice_number, whole["closing"])
    facts = [
        *(value for party in ("addressee", "issuer") for value in whole[party].values()),
        *whole["payment"].values(),
        open_item["document_no"],
        open_item["issued_on"],
        open_item["due_on"],
        "未结清发票",
        "人民币（大写）",
        f"¥{open_item['open_amount']}",
        f"开票后{whole['terms_days']}天内",
        str(LAST_DAY.replace(day=1)),
        str(LAST_DAY),
    ]
    missing = [fact for fact in facts if re.sub(r"\s+", "", fact) not in shown]
    assert missing == []
