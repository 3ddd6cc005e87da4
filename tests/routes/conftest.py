"""Two rivals with a month behind them, in one portal; everybody of the cast may come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from config import Settings
from portal.app import create_app
from portal.capabilities import metadata
from portal.files.store import FileStore, store_at
from portal.identity.people import person_key
from portal.kernel import clock
from portal.kernel.opaque import Sealer
from portal.returns.evidence import TemperatureFile
from portal.tracking.rules import EventCode
from tests import cast, servers
from tests.budgets.acts import planned
from tests.builders import Given
from tests.claims.acts import an_invoice, claimed, expenses
from tests.coldchain.acts import TOLERANCE, logged, made_cold, packed
from tests.complaints.acts import a_reported_event
from tests.conftest import for_the_whole_run, owner_engine, settings_for
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
from tests.orders.acts import held
from tests.own_ledgers.acts import a_compared_ledger
from tests.papers.acts import a_paper_and_an_authorisation
from tests.payments.acts import paid_online, with_keys
from tests.providers.acts import a_provider
from tests.purchasing.acts import a_template_a_draft_and_what_recurs
from tests.recalls.acts import a_recall_of
from tests.repairs.acts import a_repair_of
from tests.roles import Dealer, Person, System
from tests.routes.url_map import LAST_MONTH, OwnedNumbers, owned_numbers_of
from tests.sellout.acts import a_sell_out
from tests.settlements.acts import a_note
from tests.shared_portal import writers_of
from tests.tax_invoices.acts import a_tax_invoice
from tests.tracking.acts import event, recorded
from tests.web_clients import Caller, Visitor, token_for
from tests.webhooks.acts import a_message

_A_DAY_LAST_MONTH = clock.last_day(LAST_MONTH)


@pytest.fixture(scope="package")
def portal_settings(cluster: servers.Cluster, template: str, _valkey: str) -> Iterator[Settings]:
    """Settings of the portal in which the rivals live."""
    name = cluster.create("isolation", template=template)
    yield for_the_whole_run(with_keys(settings_for(cluster, name, _valkey)))
    cluster.drop(name)


@pytest.fixture(scope="package")
def everything(cluster: servers.Cluster, portal_settings: Settings) -> Iterator[Connection]:
    """A connection of the owner, which sees every row."""
    engine = owner_engine(
        cluster, portal_settings.database_url.get_secret_value().rpartition("/")[2].partition("?")[0]
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="package")
def owned_numbers(portal_settings: Settings, everything: Connection) -> dict[int, OwnedNumbers]:
    """What each of the rivals owns, made through the verbs; by dealer id."""
    database = servers.database(portal_settings.database_url.get_secret_value())
    given = Given(everything, database)
    sealer = Sealer(portal_settings.secret_key.get_secret_value())
    rivals = (cast.huadong, cast.yuegang)
    made_cold(everything, cast.gloves)
    shipped, payments, requests = {}, {}, {}
    for dealer in rivals:
        given.an_order({cast.gloves: 2}, by=dealer.buyer)
        held(database, given.an_order({cast.gloves: 1}, by=dealer.buyer).number)
        given.a_parcel_of(given.an_order({cast.syringe: 10}, by=dealer.buyer).number)
        delivery = given.a_delivery_of(
            given.an_order({cast.gloves: 7}, by=dealer.buyer).number, on=_A_DAY_LAST_MONTH
        )
        recorded(database, delivery.shipment_number, event(EventCode.DELIVERED))
        packed(database, delivery.shipment_number)
        logged(database, delivery.shipment_number)
        payments[dealer.id] = given.a_payment_by(dealer, "3.21", on=_A_DAY_LAST_MONTH)
        shipped[dealer.id] = delivery
        requests[dealer.id] = given.a_reversal_asked_for(payments[dealer.id])
    statements = given.a_closed_month(LAST_MONTH)
    store = store_at(portal_settings.files_url)
    photos = {dealer.id: upload_photo(database, store, dealer.buyer.actor()) for dealer in rivals}
    letters = a_letter_each(database)
    issuer = servers.database(portal_settings.issuer_database_url.get_secret_value())
    clients = {dealer.id: a_client(issuer, dealer.boss, dealer) for dealer in rivals}
    companies = {
        dealer.id: a_provider(issuer, "https://login.example", dealer, plain=False) for dealer in rivals
    }
    standing = {dealer.id: a_consent_and_a_delegation(issuer, sealer, dealer) for dealer in rivals}
    roles = {dealer.id: composed(issuer, by=dealer.boss) for dealer in rivals}
    issuer.dispose()
    others = {
        dealer.id: {
            "dunning letter": letters[dealer.code],
            "api client": clients[dealer.id],
            "provider": companies[dealer.id],
            **a_change_and_a_stop(database, dealer),
            "return": _a_return(given, dealer, shipped[dealer.id].shipment_number, store, photos[dealer.id]),
            "delivery_case": a_case_of(database, dealer, shipped[dealer.id]),
            "file": upload_photo(database, store, dealer.buyer.actor()),
            "upload": begun(database, dealer.buyer.actor()),
            "inventory report": a_report(database, dealer),
            "sell-out report": a_sell_out(database, dealer),
            "rebate note": a_note(database, dealer),
            "activity": planned(database, person=dealer.buyer),
            **a_paper_and_an_authorisation(database, dealer),
            "recall": a_recall_of(database, dealer),
            "rebate claim": claimed(
                database, expenses(invoices=(an_invoice(dealer.code),)), by=dealer.finance
            ),
            "adjustment": disputes.a_note_on(database, dealer, shipped[dealer.id].invoice_number),
            "dispute": disputes.opened(
                database, statements[dealer.id], disputes.disputed(payments[dealer.id]), by=dealer.finance
            ),
            "service request": a_repair_of(database, dealer),
            "complaint": a_reported_event(database, dealer),
            **a_message(database, dealer),
            **a_device_and_its_maintenance(database, dealer),
            "own ledger": a_compared_ledger(database, dealer),
            "epcis capture": a_capture(database, dealer),
            "tax_invoice": a_tax_invoice(database, shipped[dealer.id].invoice_number),
            "account document": a_deposit(database, "80.00", dealer=dealer),
            "online payment": paid_online(database, dealer),
            "person": person_key(sealer, dealer.buyer.id),
            "custom role": roles[dealer.id],
            **standing[dealer.id],
            "tier change": proposed(database, "C", dealer=dealer),
            "invitation": an_invitation(everything, portal_settings, dealer),
            **a_template_a_draft_and_what_recurs(database, dealer),
        }
        for dealer in rivals
    }
    entries = {dealer.id: given.an_entry(dealers=[dealer.code], file=A_PDF) for dealer in rivals}
    database.dispose()
    return {
        dealer.id: owned_numbers_of(
            dealer.code,
            shipped[dealer.id],
            statements[dealer.id],
            payments[dealer.id],
            requests[dealer.id],
            entries[dealer.id],
            others[dealer.id],
        )
        for dealer in rivals
    }


@pytest.fixture(scope="package")
def portal(portal_settings: Settings, owned_numbers: dict[int, OwnedNumbers]) -> Iterator[Flask]:
    """The application in front of it."""
    app = create_app(portal_settings)
    yield app
    app.database.dispose()
    app.issuer_database.dispose()
    app.valkey.close()


@pytest.fixture(scope="package")
def client_of(portal: Flask) -> Callable[[Person | System | None], Visitor | Caller]:
    """``client_of(cast.yuegang.boss)``: the client of somebody of the cast, signed in once for all tests; of
    None, a stranger's.
    """

    @cache
    def signed_in(who: Person | System | None) -> Visitor | Caller:
        if isinstance(who, System):
            return Caller(portal, token_for(portal, who).json["access_token"])
        visitor = Visitor(portal)
        if who is not None:
            visitor.come_in(who)
            assert visitor.get("/", follow_redirects=True).status_code == 200, who.email
        return visitor

    return signed_in


@pytest.fixture(scope="package")
def fingerprint(everything: Connection) -> Callable[[Dealer], dict[str, str]]:
    """What a dealer's rows look like, table by table; equal when nothing was written."""
    tables = [
        table.name
        for table in metadata.sorted_tables
        if "dealer_id" in table.c and table.name != "audit_event"
    ]

    query = text(
        " UNION ALL ".join(
            f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
            f" FROM {table} t WHERE dealer_id = :id"
            for table in tables
        )
    )

    @lru_cache(maxsize=2)
    def seen(dealer_id: int, _writers: int) -> dict[str, str]:
        return dict(everything.execute(query, {"id": dealer_id}).all())

    def of(dealer: Dealer) -> dict[str, str]:
        return seen(dealer.id, writers_of(everything))  # where nobody has written, nothing looks otherwise

    return of


def _a_return(given: Given, dealer: Dealer, shipment_number: str, store: FileStore, photo: str) -> str:
    """Of goods that have become cold; what its file says of their temperature waits for quality."""
    record = TemperatureFile(photo, store, cast.ZONE, TOLERANCE)
    return given.a_return_asked_for(shipment_number, dealer, files=[photo], temperatures=record)
