"""No serial id leaves the portal: not in a page, an answer, a header, a cookie, a token, a file, a letter,
nor encoded in any of them.

Every row that is made here gets an id that cannot be mistaken, and everything a dealer is ever sent is
searched for them.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO

import orjson
import pytest
from flask import Flask, Response, request
from pypdf import PdfReader
from sqlalchemy import text

from config import Settings
from jobs.letters import Letter
from jobs.mail import Reader, compose
from portal.app import create_app
from portal.claims.rules import ClaimKind
from portal.files.store import store_at
from portal.identity.people import person_key
from portal.kernel import clock
from portal.kernel.db import Database
from portal.kernel.opaque import Sealer
from tests import cast, servers, stage
from tests.budgets.acts import planned
from tests.builders import Given
from tests.claims.acts import claimed, expenses
from tests.conftest import owner_engine, settings_for
from tests.credit.acts import a_change_and_a_stop
from tests.dealers.test_change_tier import proposed
from tests.dealerstock.acts import a_report
from tests.deliveries.acts import a_case_of
from tests.disputes import acts as disputes
from tests.dunning.acts import a_letter_each
from tests.epcis.acts import a_capture
from tests.feed.acts import A_PDF
from tests.files.acts import begun, upload_photo
from tests.identity.acts import an_invitation
from tests.identity.client_acts import a_client
from tests.identity.custom_role_acts import composed
from tests.identity.standing_in_acts import a_consent_and_a_delegation
from tests.ledger.document_acts import held as a_deposit
from tests.maintenance.acts import a_device_and_its_maintenance
from tests.own_ledgers.acts import a_compared_ledger
from tests.papers.acts import a_paper_and_an_authorisation
from tests.payments.acts import paid_online, with_keys
from tests.providers.acts import a_provider
from tests.purchasing.acts import a_template_a_draft_and_what_recurs
from tests.recalls.acts import a_recall_of
from tests.roles import Dealer, Lot, System
from tests.routes.url_map import LAST_MONTH, OwnedNumbers, Route, owned_numbers_of, routes
from tests.sellout.acts import a_sell_out
from tests.service.acts import an_entry, opened
from tests.settlements.acts import a_note
from tests.tax_invoices.acts import a_tax_invoice
from tests.web_clients import Caller, Visitor, token_for
from tests.webhooks.acts import a_message

# One portal is visited as a whole, each page and call of it, before the first of these tests.
pytestmark = pytest.mark.timeout(600)

FIRST = 7_000_000_000_000
_SERIAL = re.compile(r"70000\d{8,}")
_ENCODED = re.compile(rb"[A-Za-z0-9_-]{8,}")
DEALER_ID = FIRST + 101
CODE = "countless"
GOODS = replace(cast.gauze, id=FIRST + 301, sku="UNNUMBERED", udi_di="06901234519990")


def serials_in(content: bytes, depth: int = 3) -> set[str]:
    """Ids in a content, plain or in what it decodes to: base64, and that compressed, as cookies, tokens
    and cursors are made.
    """
    found = set(_SERIAL.findall(content.decode("utf-8", errors="replace")))
    for piece in set(_ENCODED.findall(content)) if depth else ():
        found |= _serials_in_encoded(piece, depth - 1)
    return found


@cache
def _serials_in_encoded(piece: bytes, depth: int) -> frozenset[str]:
    """Those in what a piece decodes to; most pieces are words that stand on every page."""
    decoded = _decoded(piece)
    return frozenset(serials_in(decoded, depth) | serials_in(_inflated(decoded), depth))


def _decoded(piece: bytes) -> bytes:
    whole = piece[:-1] if len(piece) % 4 == 1 else piece
    return base64.urlsafe_b64decode(whole + b"=" * (-len(whole) % 4))


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return b""


@pytest.mark.parametrize(
    "told",
    [
        f'<a href="/orders/{FIRST}">'.encode(),
        f'"order-{FIRST + 7}-line"'.encode(),
        b"W/" + base64.urlsafe_b64encode(str(FIRST).encode()),
        b"session=."
        + base64.urlsafe_b64encode(
            zlib.compress(orjson.dumps({"_user_id": f"secret.{FIRST}.{FIRST}"}))
        ).rstrip(b"=")
        + b".x.y",
        b"a." + base64.urlsafe_b64encode(orjson.dumps({"dealer": FIRST})).rstrip(b"=") + b".b",
        base64.urlsafe_b64encode(orjson.dumps(["2026-11-01T00:00:00+00:00", FIRST])),
        base64.urlsafe_b64encode(base64.urlsafe_b64encode(str(FIRST).encode() * 2)),
    ],
    ids=range(7),
)
def test_an_id_is_found_however_it_is_told(told):
    assert serials_in(told)


@pytest.fixture(scope="module")
def dealer() -> Dealer:
    """A dealer and people with ids that cannot be mistaken, in nothing else unlike the cast."""
    return replace(
        cast.huadong,
        id=DEALER_ID,
        code=CODE,
        licences=cast.licences_of(CODE),
        credit_code="91310115MA1H7N2K9Z",
        **cast.people_of(DEALER_ID, CODE),
    )


@pytest.fixture(scope="module")
def counted_house(cluster, template, _valkey, dealer) -> Iterator[tuple[Settings, OwnedNumbers]]:
    """A portal in which every new row has such an id, and what the dealer owns in it."""
    name = cluster.create("serials", template=template)
    engine, database = owner_engine(cluster, name), servers.database(cluster.app_url(name))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
        for sequence in owner.scalars(
            text("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
        ).all():
            owner.execute(text(f"ALTER SEQUENCE {sequence} RESTART WITH {FIRST}"))
        _people_and_goods(engine, dealer)
        settings = with_keys(settings_for(cluster, name, _valkey))
        file = upload_photo(database, store_at(settings.files_url), dealer.buyer.actor())
        issuer = servers.database(cluster.issuer_url(name))
        managed = {
            "person": person_key(Sealer(settings.secret_key.get_secret_value()), dealer.buyer.id),
            "invitation": an_invitation(owner, settings, dealer),
            "api client": a_client(issuer, dealer.boss, dealer),
            "custom role": composed(issuer, by=dealer.boss),
            "provider": a_provider(issuer, "https://login.example", dealer, plain=False),
            **a_consent_and_a_delegation(issuer, Sealer(settings.secret_key.get_secret_value()), dealer),
        }
        issuer.dispose()
        yield settings, {**_business(Given(owner, database), database, dealer, file), **managed}
    database.dispose()
    engine.dispose()
    cluster.drop(name)


def _people_and_goods(engine, dealer: Dealer) -> None:
    with engine.begin() as connection:
        stage.put_dealers(connection, [dealer])
        stage.put_people(connection, dealer.people)
        stage.put_systems(connection, [dealer.system])
        connection.execute(
            text("UPDATE dealer SET address = '示例路'; UPDATE dealer_address SET line = '示例路'")
        )
        stage.put_products(connection, [GOODS])
        connection.execute(
            text("UPDATE product SET registration_no = '国械注准20202140301' WHERE sku = :sku"),
            {"sku": GOODS.sku},
        )
        stage.put_lots(connection, [Lot(FIRST + 401, GOODS, "L-1", None, {cast.shanghai_warehouse: 500})])


def _business(given: Given, database: Database, dealer: Dealer, file: str) -> OwnedNumbers:
    last_month = clock.last_day(LAST_MONTH)
    for _ in range(2):
        given.an_order({GOODS: 2}, by=dealer.buyer)
        delivery = given.a_delivery_of(given.an_order({GOODS: 3}, by=dealer.buyer).number, on=last_month)
    payment = given.a_payment_by(dealer, "3.21", on=last_month)
    request = given.a_reversal_asked_for(payment)
    given.a_payment_by(dealer, "1.23")
    statement = given.a_closed_month(LAST_MONTH)[dealer.id]
    entry = given.an_entry(dealers=[CODE], file=A_PDF)
    others = {
        "dunning letter": a_letter_each(database)[dealer.code],
        "tier change": proposed(database, "C", dealer=dealer),
        **a_change_and_a_stop(database, dealer),
        "adjustment": disputes.a_note_on(database, dealer, delivery.invoice_number),
        "dispute": disputes.opened(database, statement, disputes.disputed(payment), by=dealer.finance),
        "return": given.a_return_asked_for(delivery.shipment_number, dealer, GOODS),
        "file": file,
        "upload": begun(database, dealer.buyer.actor()),
        "delivery_case": a_case_of(database, dealer, delivery),
        "inventory report": a_report(database, dealer, GOODS.sku, "L-1"),
        "sell-out report": a_sell_out(database, dealer, GOODS.sku, "L-1"),
        "activity": planned(database, person=dealer.buyer),
        **a_paper_and_an_authorisation(database, dealer),
        "recall": a_recall_of(database, dealer),
        "service request": opened(database, by=dealer.buyer),
        "complaint": opened(database, an_entry("complaint"), by=dealer.buyer),
        "rebate claim": claimed(
            database, expenses(kind=ClaimKind.SAMPLES, activity="", note="样品"), by=dealer.finance
        ),
        "rebate note": a_note(database, dealer),
        **a_message(database, dealer),
        **a_device_and_its_maintenance(database, dealer),
        "own ledger": a_compared_ledger(database, dealer),
        "epcis capture": a_capture(database, dealer),
        "tax_invoice": a_tax_invoice(database, delivery.invoice_number),
        "account document": a_deposit(database, "80.00", dealer=dealer),
        "online payment": paid_online(database, dealer),
        **a_template_a_draft_and_what_recurs(database, dealer, GOODS),
    }
    return owned_numbers_of(CODE, delivery, statement, payment, request, entry, others)


class Sent:
    """Everything that has left an application."""

    def __init__(self, app: Flask) -> None:
        self.answers: list[tuple[str, bytes]] = []
        app.after_request(self._keep)

    def _keep(self, response: Response) -> Response:
        response.direct_passthrough = False
        content = response.get_data()
        if response.mimetype == "application/pdf":
            paper = PdfReader(BytesIO(content))
            content += "\n".join(
                [*(page.extract_text() for page in paper.pages), str(paper.metadata)]
            ).encode()
        if request.endpoint != "static":
            self.answers.append(
                (
                    f"{request.method} {request.path} {response.status_code}",
                    content + str(response.headers).encode(),
                )
            )
        return response


@pytest.fixture(scope="module")
def sent(counted_house, dealer) -> Iterator[Sent]:
    """What is sent to the dealer's people and system, and to headquarters', wherever they go and whatever
    they do there.
    """
    settings, owned = counted_house
    app = create_app(settings)
    sent = Sent(app)
    for house, others in ((dealer.people, "staff"), ((cast.order_desk, cast.hq_finance), "dealers")):
        for person in house:
            visitor = Visitor(app)
            assert visitor.sign_in(person).status_code == 200
            everywhere = person is house[0]  # one tells what a house is told of places that are not for it
            for route in routes():
                if not route.is_api and (everywhere or route.audience != others):
                    _visit(visitor, route, owned, refusals_too=everywhere)
    for system in (dealer.system, cast.erp):
        _call(app, system, owned)
    yield sent
    app.database.dispose()
    app.valkey.close()


def _visit(visitor: Visitor, route: Route, owned: OwnedNumbers, *, refusals_too: bool) -> None:
    """Ask for a page and for its fragment, or send a form.

    refusals_too: ask also for the fragment of a page that there is not.
    """
    address = route.address(owned)
    if route.method == "GET":
        if visitor.get(address).status_code not in (403, 404) or refusals_too:
            visitor.fragment(address)
    elif route.endpoint not in ("account.logout", "account.idle"):
        visitor.post(address, {"sku": GOODS.sku, "quantity": "1", f"quantity:{GOODS.sku}": "1"})


def _call(app: Flask, system: System, owned: OwnedNumbers) -> None:
    caller = Caller(app, token_for(app, system).json["access_token"])
    order = {"lines": [{"sku": GOODS.sku, "quantity": 1}]}
    for route in routes():
        if route.is_api:
            address = route.address(owned).removeprefix("/api/v1")
            if route.method == "GET":
                for query in ("", "?limit=1", f"?sku={GOODS.sku}", "?cursor=abc"):
                    caller.get(address + query)
            else:
                caller.request(route.method, address, json=order)
                caller.request(route.method, address, json={})


def test_nothing_that_is_sent_is_of_a_portal_that_failed(sent):
    assert not [where for where, _content in sent.answers if where.endswith((" 500", " 503"))]


def test_no_page_shows_what_a_program_calls_nothing(sent):
    assert not [where for where, content in sent.answers if re.search(rb">\s*None\s*<", content)]


def test_nothing_that_is_sent_holds_an_id(sent):
    told = {where: found for where, content in sent.answers if (found := serials_in(content))}
    assert not told


@pytest.mark.parametrize(
    "where",
    [
        "GET / 200",
        "GET /orders 200",
        "GET /catalogue 200",
        "GET /statements 200",
        "GET /login/callback 302",
        "POST /oauth/token 200",
        "GET /api/v1/ledger 200",
        "GET /api/v1/orders 200",
        "POST /api/v1/orders 201",
        "GET /api/v1/me 200",
        "GET /api/v1/products 200",
    ],
)
def test_it_was_looked_at_what_matters(sent, where):
    assert where in {name for name, _content in sent.answers}


def test_every_list_of_calls_gave_a_cursor(sent):
    with_cursor = {where for where, content in sent.answers if re.search(rb'"next_cursor":"', content)}
    assert {f"GET /api/v1/{name} 200" for name in ("orders", "ledger", "invoices", "products")} <= with_cursor


def test_letters_hold_no_id(counted_house, dealer):
    letter = Letter("SO1", "Received.", (("Order", "SO1"),), "/orders/SO1")
    reader = Reader(dealer.buyer.id, dealer.buyer.email, dealer.buyer.display_name, "zh")
    one, again, other = (
        compose(letter, reader, letter_id=[FIRST + step], settings=counted_house[0]) for step in (1, 1, 2)
    )
    assert not serials_in(one.as_bytes())
    assert one["Message-ID"] == again["Message-ID"] != other["Message-ID"]
