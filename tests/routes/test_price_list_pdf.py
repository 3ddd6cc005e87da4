"""The catalogue as PDF: the dealer's own prices, for whoever may see them, and never half a list."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from pypdf import PdfReader
from sqlalchemy import Connection, text

from portal.blueprints.price_list_pdf import PRODUCTS_MAX
from portal.pricing.vocabulary import PriceRight
from tests import cast

OURS, THEIRS = cast.huadong, cast.yuegang


def pdf_of(visitor, **query) -> str:
    answer = visitor.get("/catalogue", query_string={"export": "pdf"} | query)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)


def row_of(text_: str, sku: str) -> str:
    [row] = re.findall(rf"^{sku} .*$", text_, re.M)
    return row


@pytest.fixture
def last_export(everything: Connection):
    def told():
        return everything.execute(
            text(
                "SELECT actor_label, dealer_id, subject, after FROM audit_event"
                " WHERE action = 'list:exported' ORDER BY id DESC LIMIT 1"
            )
        ).one_or_none()

    return told


@pytest.fixture
def so_many_products(everything: Connection) -> Iterator:
    """``so_many_products(n)`` lets the catalogue have n."""
    columns = everything.execute(
        text(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = 'product' AND is_generated = 'NEVER'"
        )
    ).scalars()
    made = {"id": "900000 + n", "sku": "'BULK-' || n", "udi_di": "lpad((900000 + n)::text, 14, '0')"}
    names = list(columns)
    values = ", ".join(made.get(name, f'p."{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)

    def fill(count: int) -> None:
        there = everything.execute(_SHOWN).scalar_one()
        everything.execute(
            text(
                f"INSERT INTO product ({quoted}) SELECT {values} FROM product p,"
                " generate_series(CAST(:first AS int), CAST(:last AS int)) n WHERE p.sku = 'GLOVES'"
            ),
            {"first": there, "last": count - 1},
        )

    yield fill
    everything.execute(text("DELETE FROM product WHERE id >= 900000"))


def test_each_dealer_gets_its_own_prices_and_never_a_rivals(client_of, owned_numbers):
    ours, theirs = (pdf_of(client_of(who)) for who in (OURS.boss, THEIRS.boss))
    assert "25.00 20.00" in row_of(ours, "GLOVES") and "25.00 22.50" in row_of(theirs, "GLOVES")
    for paper, own, rival in ((ours, OURS, THEIRS), (theirs, THEIRS, OURS)):
        assert own.code in paper and own.name_zh in paper
        assert rival.code not in paper and rival.name_zh not in paper
    assert "22.50" not in ours and "20.00" not in theirs
    assert "WITHDRAWN" not in ours


def test_the_paper_is_in_the_language_of_the_page(client_of, owned_numbers):
    visitor = client_of(OURS.boss)
    assert cast.gloves.name_zh in pdf_of(visitor)
    visitor.post("/locale/en")
    try:
        english = pdf_of(visitor)
    finally:
        visitor.post("/locale/zh")
    assert cast.gloves.name_en.split()[0] in english and "Prices valid at" in english
    assert cast.gloves.name_zh not in english and OURS.code in english


def test_it_holds_what_the_filter_shows(client_of, owned_numbers):
    visitor = client_of(OURS.boss)
    found = pdf_of(visitor, q="GLOVES")
    assert "GLOVES" in found and "SYRINGE" not in found
    line = pdf_of(visitor, category=cast.syringe.category_code)
    assert "SYRINGE" in line and "GLOVES" not in line and cast.syringe.category_code in line


def test_who_may_not_see_prices_gets_none_and_is_not_offered_it(client_of, owned_numbers, last_export):
    hidden = client_of(OURS.service)
    assert PriceRight.READ not in OURS.service.actor().rights
    before = last_export()
    assert hidden.get("/catalogue?export=pdf").status_code == 403
    assert last_export() == before
    assert "export=pdf" not in hidden.get("/catalogue").get_data(as_text=True)
    assert "export=pdf" in client_of(OURS.boss).get("/catalogue").get_data(as_text=True)
    assert "export=pdf" not in client_of(OURS.boss).get("/orders").get_data(as_text=True)


def test_the_audit_tells_who_took_it(client_of, owned_numbers, last_export):
    pdf_of(client_of(OURS.boss), q="GLOVES")
    assert last_export() == (
        OURS.boss.display_name,
        OURS.id,
        "catalogue",
        {"form": "pdf", "rows": 1, "query": {"q": "GLOVES"}},
    )


def test_it_counts_among_the_files_that_somebody_takes(client_of, owned_numbers, portal):
    usual = portal.settings
    portal.settings = usual.model_copy(update={"export_rate": "2 per minute"})
    visitor = client_of(THEIRS.buyer)
    try:
        codes = [visitor.get(f"/catalogue?export={form}").status_code for form in ("pdf", "csv", "pdf")]
    finally:
        portal.settings = usual
    assert codes == [200, 200, 429]


def test_a_list_too_long_for_paper_is_refused_whole(client_of, owned_numbers, so_many_products, last_export):
    visitor = client_of(OURS.boss)
    so_many_products(PRODUCTS_MAX)
    whole = pdf_of(visitor)
    assert len(set(re.findall(r"BULK-\d+", whole))) > PRODUCTS_MAX - 50 and f"{PRODUCTS_MAX:,}" in whole
    taken = last_export()
    so_many_products(PRODUCTS_MAX + 1)
    answer = visitor.get("/catalogue?export=pdf")
    said = answer.get_data(as_text=True)
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert "2,000" in said and "产品线" in said and "Excel" in said
    assert last_export() == taken
    assert "GLOVES" in pdf_of(visitor, q="GLOVES")
    assert visitor.get("/catalogue?export=xlsx").status_code == 200


_SHOWN = text(
    "SELECT count(*) FROM product WHERE state = 'active'"
    " AND (registration_to IS NULL OR registration_to >= app_today())"
)
