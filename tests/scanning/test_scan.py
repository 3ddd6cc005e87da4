"""Codes find the product they are of: each by what it says, and many by one statement."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.catalogue.find import find_products
from portal.catalogue.vocabulary import CatalogueRight
from portal.kernel.actor import Actor
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid
from portal.scanning.rules import Issuer
from portal.scanning.scan import Scanned, scan, scanned_all
from tests import cast
from tests.catalogue.acts import put_package
from tests.statement_count import counted_statements

GTIN = cast.gloves.udi_di


@pytest.fixture
def session(database):
    with transaction(database.dealer_session(cast.huadong.buyer.actor())) as session:
        yield session


def scanned(session, data, actor=None):
    return scan(session, actor=actor or cast.huadong.buyer.actor(), data=data, today=cast.TODAY)


CASE = "16901234510000"


@pytest.fixture
def case(owner):
    """A case of ten boxes of gloves, with a number of its own."""
    put_package(owner, cast.gloves, "case", CASE, 10)


@pytest.mark.parametrize(
    "data",
    [
        GTIN,
        GTIN[1:],
        f"(01){GTIN}(10)A",
        f"01{GTIN}17280131",
        f"https://x.example/01/{GTIN}",
        "GLOVES",
        " gloves ",
    ],
)
def test_a_code_finds_its_product(session, data):
    found = scanned(session, data)
    assert (found.reading.issuer, found.reading.di) == (Issuer.GS1, GTIN)
    assert found.article is not None and found.article.sku == "GLOVES"


@pytest.mark.parametrize("data", [CASE, f"(01){CASE}(10)A(21)C7", f"01{CASE}17280131"])
def test_the_number_of_a_case_is_its_product_and_so_many_units(session, case, data):
    found = scanned(session, data)
    assert found.article is not None and found.article.sku == "GLOVES" and found.article.di == GTIN
    assert (found.reading.di, found.units) == (CASE, 10)
    assert found.serial is None, "a serial number on a case is the case's"


def test_codes_of_units_and_cases_are_read_together(session, case):
    found = scanned_all(session, [GTIN, CASE, "gloves", cast.gauze.udi_di], today=cast.TODAY)
    assert [(one.article.sku, one.units) for one in found] == [
        ("GLOVES", 1),
        ("GLOVES", 10),
        ("GLOVES", 1),
        ("GAUZE", 1),
    ]


def test_the_search_finds_a_product_by_the_number_of_its_case(session, case):
    assert [hit.number for hit in find_products(session, cast.huadong.buyer.actor(), CASE, 5)] == ["GLOVES"]


def test_what_is_no_longer_sold_is_known_all_the_same(session):
    article = scanned(session, cast.withdrawn_catheter.udi_di).article
    assert article is not None and not article.is_sold


def test_a_number_outside_the_range_has_no_product(session):
    assert scanned(session, "(01)09504000059101").article is None
    assert scanned(session, "MA.156.M0.100761.21234561").article is None


def test_a_number_that_two_products_go_by_is_not_guessed(session, owner):
    owner.execute(text("UPDATE product SET sku = :gtin WHERE sku = 'GAUZE'"), {"gtin": GTIN})
    try:
        with pytest.raises(Invalid) as refusal:
            scanned(session, GTIN)
        assert refusal.value.code == "two_articles"
    finally:
        owner.execute(text("UPDATE product SET sku = 'GAUZE' WHERE sku = :gtin"), {"gtin": GTIN})


def test_many_codes_are_looked_up_by_one_statement(session):
    codes = ["GLOVES", f"(01){cast.stent.udi_di}(10)A", "hello", "", f"{GTIN[:-1]}1", "x\x00y"]
    with counted_statements(session.connection().engine.url.username) as counted:
        found = scanned_all(session, codes, today=cast.TODAY)
    assert len(counted.work) == 1
    skus = [one.article.sku if isinstance(one, Scanned) and one.article else None for one in found]
    assert skus == ["GLOVES", "STENT", None, None, None, None]
    refusals = [one.code for one in found if isinstance(one, Invalid)]
    assert refusals == ["no_code", "empty", "wrong_check_digit", "no_code"]


@pytest.mark.parametrize("right", [CatalogueRight.READ, CatalogueRight.HEADQUARTERS])
def test_either_right_opens_it_and_none_does_not(session, right):
    assert scanned(session, GTIN, Actor("any", frozenset({right}))).article is not None
    with pytest.raises(Forbidden):
        scanned(session, GTIN, Actor("none", frozenset({"orders:read"})))
