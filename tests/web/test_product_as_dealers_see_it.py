"""What a dealer reads of a product: its certificate, its packages, what belongs to it, a data sheet."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from portal.catalogue.name_related import name_related
from portal.catalogue.product_fields import FIELDS
from portal.catalogue.vocabulary import Relation
from portal.kernel.db import transaction
from tests import cast
from tests.builders import a_lot
from tests.catalogue import acts
from tests.catalogue.acts import PUMP
from tests.files.acts import a_pdf, a_picture

ENDED = cast.TODAY - timedelta(days=3)
PACKED = replace(
    PUMP,
    registrant="明康控股有限公司",
    inner_gtin="16901234520009",
    inner_units=10,
    case_gtin="26901234520006",
    case_units=100,
    storage_min=Decimal(2),
    storage_max=Decimal("25.5"),
    registration_to=ENDED,
    registration_renewal_asked_on=ENDED - timedelta(days=40),
)


def page(response) -> str:
    return re.sub(r"\s+", " ", response.get_data(as_text=True))


@pytest.fixture
def buyer(sign_in):
    visitor = sign_in(cast.huadong.buyer)
    visitor.post("/locale/en")
    return visitor


def related(database, sku, kind, *wanted) -> None:
    actor = cast.quality.actor()
    with transaction(database.session_for(actor)) as session:
        name_related(session, actor=actor, sku=sku, kind=kind, wanted=wanted)


def test_the_page_has_everything_that_the_law_asks_of_it(buyer, database):
    acts.changed(database, fields=PACKED)
    shown = page(buyer.get("/catalogue/PUMP"))
    for told in (
        PACKED.registrant,
        PACKED.maker,
        PACKED.registration_no,
        f"{ENDED.day} {ENDED:%b %Y}, renewal pending",
        "Domestic",
        "A02 Syringes",
        "2 – 25.5 °C",
        "Inner pack",
        PACKED.inner_gtin,
        PACKED.case_gtin,
        '"num">100</span><span class="unit"> units',
    ):
        assert told in shown, told
    assert "only goods made before are sold" not in shown


def is_listed(visitor, sku: str) -> list[bool]:
    """Whether the list, a search for it, and a look across the portal have a product."""
    listed = (
        visitor.get(f"/catalogue?q={sku}"),
        visitor.get("/catalogue?limit=96"),
        visitor.get(f"/search?q={sku}"),
    )
    return [f'/catalogue/{sku}"' in page(answer) for answer in listed]


def test_what_has_no_certificate_is_hidden_and_says_so(buyer):
    assert is_listed(buyer, "LAPSED") == [False] * 3
    shown = page(buyer.get("/catalogue/LAPSED"))
    assert "It is not sold until headquarters has recorded one." in shown and "buy-form" not in shown
    assert is_listed(buyer, "GAUZE") == [True] * 3 and "buy-form" in page(buyer.get("/catalogue/GAUZE"))


OVER, ASKED = "registration_to = current_date - 1", "registration_renewal_asked_on = current_date - 200"


@pytest.mark.parametrize(
    ("change", "listed"),
    [
        ("registration_no = ''", False),
        ("registration_from = current_date + 5, registration_to = NULL", False),
        (OVER, False),
        (f"{OVER}, {ASKED}", True),
        ("registration_to = NULL", True),
    ],
)
def test_a_product_is_listed_and_ordered_by_its_certificate(buyer, given, owner, change, listed):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("L1", 5))
    owner.execute(text(f"UPDATE product SET {change} WHERE sku = :sku"), {"sku": product.sku})
    assert is_listed(buyer, product.sku) == [listed] * 3
    assert ("buy-form" in page(buyer.get(f"/catalogue/{product.sku}"))) is listed
    checked = page(buyer.post("/quick-order", {"pasted": f"{product.sku}\t1"}))
    refusal = f"The registration certificate of {product.sku} is not in force."
    assert (refusal in checked) is not listed


def test_units_at_hand_that_were_made_in_time_are_shown_and_sold(buyer, given, owner):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5))
    owner.execute(text(f"UPDATE product SET {OVER} WHERE sku = :sku"), {"sku": product.sku})
    made = "UPDATE lot SET produced_on = current_date - 30 WHERE product_id = :id"
    owner.execute(text(made), {"id": product.id})
    assert is_listed(buyer, product.sku)[:2] == [True] * 2
    shown = page(buyer.get(f"/catalogue/{product.sku}"))
    assert "only goods made before are sold" in shown and "buy-form" in shown


def test_what_belongs_to_it_and_may_be_had_instead_is_linked_unless_it_is_no_longer_sold(buyer, database):
    related(database, "GAUZE", Relation.ACCESSORY, "WITHDRAWN", "GLOVES")
    related(database, "GAUZE", Relation.SPARE_PART, "STENT")
    shown = page(buyer.get("/catalogue/GAUZE"))
    assert 'id="accessory"' in shown and 'href="/catalogue/GLOVES"' in shown
    assert 'id="spare_part"' in shown and 'href="/catalogue/STENT"' in shown
    assert "/catalogue/WITHDRAWN" not in shown and 'id="substitute"' not in shown
    assert 'id="accessory"' not in page(buyer.get("/catalogue/GLOVES"))


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_data_sheet_is_one_page_in_both_languages_for_everybody(buyer, database, locale):
    acts.changed(database, fields=replace(PACKED, name_en="Infusion pump " * 20, storage_en="Dry. " * 90))
    buyer.post(f"/locale/{locale}")
    answer = buyer.get("/catalogue/PUMP/data-sheet")
    assert answer.status_code == 200 and answer.content_type == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.data))
    assert len(reader.pages) == 1
    text = "".join(reader.pages[0].extract_text().split())
    for told in (
        "产品资料页",
        "注册人",
        "Registrant",
        PACKED.registration_no,
        PACKED.case_gtin,
        "100台",
        "100units",
    ):
        assert told in text, told
    assert "¥" not in text


def test_no_product_has_no_data_sheet(buyer):
    assert buyer.get("/catalogue/NO-SUCH/data-sheet").status_code == 404


def test_pictures_and_documents_go_from_the_form_to_the_product_page_and_the_data_sheet(
    sign_in, buyer, database, app
):
    editor = sign_in(cast.quality)
    ahead = editor.post("/files", {"files": (io.BytesIO(a_picture()), "正面.jpg"), "field": "picture"})
    [picture] = re.findall(r'name="picture_id" value="([^"]+)"', ahead.get_data(as_text=True))
    with_form = {"picture_id": [picture], "manual_files": (io.BytesIO(a_pdf()), "说明书.pdf"), "submit": "1"}
    assert editor.post("/hq/products", {"sku": "PUMP", **as_texts(PUMP), **with_form}).status_code == 303
    assert "正面.jpg" in page(editor.get("/hq/products/PUMP"))
    assert f'value="{picture}" checked' in page(editor.get("/hq/products/PUMP/edit"))
    assert buyer.get(f"/files/{picture}").status_code == 404, "not approved yet"
    number = re.search(r"PC\d{4}-\w+", page(editor.get("/hq/products/PUMP")))[0]
    acts.entered(database, acts.approved(database, number))
    app.file_store.put(f"{picture}.preview", a_picture())
    shown = page(buyer.get("/catalogue/PUMP"))
    assert f'src="/files/{picture}/preview"' in shown and "说明书.pdf" in shown
    assert buyer.get(f"/files/{picture}").mimetype == "image/jpeg"
    paper = buyer.get("/catalogue/PUMP/data-sheet").data
    assert "说明书.pdf" in PdfReader(io.BytesIO(paper)).pages[0].extract_text()
    assert len(PdfReader(io.BytesIO(paper)).pages[0].images) == 1


def as_texts(fields) -> dict[str, str]:
    """A product as the form says it."""
    return {
        name: "1" if value is True else "" if value in (None, False) else str(value)
        for name, value in ((name, getattr(fields, name)) for name in FIELDS)
    }
