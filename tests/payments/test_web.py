"""The webhook's door, the pages and calls, and a portal that has no keys of Stripe."""

from __future__ import annotations

import io
import json

import httpx
import pypdf
import pytest
from sqlalchemy import text

from jobs import outbox
from portal.payments.provider import Provider
from tests import cast, servers
from tests.conftest import settings_for
from tests.ledger.acts import balance, delivered, paid, reversed_
from tests.payments import localstripe_server
from tests.payments.acts import (
    SECRET,
    begun,
    intent_event,
    kept,
    postings,
    refund_event,
    signed,
    told,
    with_keys,
)
from tests.played import played
from tests.shared_portal import opened
from tests.web_clients import Visitor, token_for

HOOK = "/stripe/webhook"


@played
def billed(given, database, owner):
    return delivered(given, database, {cast.gloves: 3})


def count(owner, table="stripe_event"):
    return owner.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


# The webhook


def test_what_stripe_signed_is_kept_and_what_it_did_not_is_not(app, billed, database, owner):
    client, event = app.test_client(), intent_event(begun(database, billed.invoice_number))
    body = signed(event)
    for wrong in (
        signed(event, secret="whsec_another"),
        signed(event, ago=301),
        body | {"headers": {}},
        body | {"headers": {"Stripe-Signature": "t=1,v1=ä"}},
        body | {"headers": {"Stripe-Signature": "nothing"}},
        body | {"data": body["data"].replace("succeeded", "succeedeD")},
    ):
        answer = client.post(HOOK, **wrong)
        assert answer.status_code == 400
    assert count(owner) == 0
    assert client.post(HOOK, **body).json == {"received": True}
    assert client.post(HOOK, **body).status_code == 200
    assert count(owner) == 1


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"id": 1}', "\x00", '{"data": {"object": {}}}'])
def test_what_is_signed_and_no_event_is_refused(app, body, owner):
    sent = signed({})
    import stripe

    header = stripe.WebhookSignature.generate_signature_header(body, "whsec_only_for_tests")
    answer = app.test_client().post(HOOK, data=body, headers=sent["headers"] | {"Stripe-Signature": header})
    assert answer.status_code == 400
    assert count(owner) == 0


def test_a_body_that_is_too_long_is_not_read(app):
    assert app.test_client().post(HOOK, data=b"x" * (2**18 + 1)).status_code == 413


@pytest.mark.usefixtures("at_work")
def test_what_was_kept_is_booked_by_a_worker(app, billed, database, owner):
    made = begun(database, billed.invoice_number)
    app.test_client().post(HOOK, **signed(intent_event(made)))
    assert not postings(owner, made)
    outbox.sweep()
    assert len(postings(owner, made)) == 1 and balance(owner) == 0
    with database.system_session() as session:
        events = session.execute(text("SELECT event FROM notification")).scalars().all()
    assert "online_payment.succeeded" in events


# Without keys


@pytest.fixture
def without_keys(cluster, database_name, valkey_url):
    with opened(settings_for(cluster, database_name, valkey_url)) as app:
        yield app


def test_without_keys_there_is_no_button_no_page_no_call_and_no_webhook(without_keys, billed, database):
    visitor = Visitor(without_keys)
    visitor.come_in(cast.huadong.finance)
    made = begun(database, billed.invoice_number)
    assert without_keys.test_client().post(HOOK, **signed(intent_event(made))).status_code == 404
    for path in ("/online-payments/new", f"/online-payments/{made.number}"):
        assert visitor.get(path).status_code == 404
    assert visitor.post("/online-payments", {"amount": "1"}).status_code == 404
    for path in ("/payments", f"/invoices/{billed.invoice_number}"):
        page = visitor.get(path).get_data(as_text=True)
        assert "online-payments" not in page
    token = token_for(without_keys, cast.huadong.system).json["access_token"]
    about = {"headers": {"Authorization": f"Bearer {token}"}, "json": {"amount": "1.00"}}
    assert without_keys.test_client().post("/api/v1/payments", **about).status_code == 404


# Stripe is away


def test_a_stripe_that_does_not_answer_leaves_what_was_begun_to_be_taken_up(sign_in, billed, owner):
    finance = sign_in(cast.huadong.finance)
    form = {"invoice": billed.invoice_number}
    for _ in range(2):
        answer = finance.post("/online-payments", form)
        assert answer.status_code == 503
        assert "Stripe 没有响应" in answer.get_data(as_text=True)
    assert count(owner, "online_payment") == 1


def test_what_was_typed_is_not_lost(sign_in, billed):
    finance = sign_in(cast.huadong.finance)
    answer = finance.post("/online-payments", {"amount": "1,2,3"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'value="1,2,3"' in page
    assert finance.post("/online-payments", {}).status_code == 422
    assert finance.post("/online-payments", {"invoice": "\x00"}).status_code in (400, 422)


# Receipts


def read(pdf):
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_every_payment_has_a_receipt_in_both_languages(sign_in, api, billed, database, owner):
    number = paid(database, "400.00", reference="FT1").document_no
    finance, system, path = (
        sign_in(cast.huadong.finance),
        api(cast.huadong.system),
        f"/payments/{number}/receipt.pdf",
    )
    papers = [finance.get(path), system.get(path, headers={"Accept-Language": "en"}), finance.get(path)]
    assert [one.status_code for one in papers] == [200] * 3
    chinese, english = read(papers[0].data), read(papers[1].data)
    assert "收款收据" in chinese and "肆佰元整" in chinese and billed.invoice_number in chinese
    assert "Receipt" in english and "400.00" in english and "FT1" in english
    assert papers[0].data == papers[2].data
    assert count(owner, "receipt_pdf") == 2
    hq = sign_in(cast.hq_finance).get(f"/hq/payments/{number}/receipt.pdf")
    assert hq.data == papers[0].data
    acts = text("SELECT count(*) FROM audit_event WHERE action = 'receipt:downloaded'")
    assert owner.execute(acts).scalar_one() == 4


def test_a_payment_that_was_reversed_has_no_receipt_and_a_refund_has_a_note(sign_in, database, billed, owner):
    made = begun(database, billed.invoice_number)
    told(database, intent_event(made), refund_event(made, "10.00", at=1))
    query = text("SELECT payment_no FROM online_posting ORDER BY id")
    first, second = owner.execute(query).scalars()
    finance = sign_in(cast.huadong.finance)
    assert "退款" in read(finance.get(f"/payments/{second}/receipt.pdf").data)
    page = finance.get(f"/payments/{first}").get_data(as_text=True)
    assert made.number in page
    reversed_(database, first)
    assert finance.get(f"/payments/{first}/receipt.pdf").status_code == 409
    assert sign_in(cast.yuegang.finance).get(f"/payments/{first}/receipt.pdf").status_code == 404


def test_the_bank_is_the_other_way_with_the_dealers_reference(sign_in, billed):
    finance = sign_in(cast.huadong.finance)
    for path in ("/payments", "/online-payments/new"):
        page = finance.get(path).get_data(as_text=True)
        assert "汇款附言" in page and "6222 0000 0000 0000" in page


# Headquarters


def test_headquarters_sees_payments_and_works_off_what_waits(sign_in, api, billed, database):
    made = begun(database, billed.invoice_number)
    told(database, intent_event(made, currency="usd"))
    finance, erp = sign_in(cast.hq_finance), api(cast.erp)
    assert made.number in finance.get("/hq/online-payments?status=open").get_data(as_text=True)
    assert finance.get(f"/hq/online-payments/{made.number}").status_code == 200
    [event] = erp.get("/hq/stripe-events?state=waiting").json["items"]
    assert event["trouble"] == "wrong_currency" and event["payment"] == made.number
    assert event["id"] in finance.get("/hq/stripe-events").text
    path = f"/hq/stripe-events/{event['id']}"
    assert "币种不符" in finance.get(path).get_data(as_text=True)
    finance.post(f"{path}/handling")
    assert "仍待处理" in finance.get(path).get_data(as_text=True)
    assert finance.post(f"{path}/setting-aside", {"reason": ""}).status_code == 422
    finance.post(f"{path}/setting-aside", {"reason": "booked by hand"})
    assert "booked by hand" in finance.get(path).get_data(as_text=True)
    assert erp.post(f"/hq/stripe-events/{event['id']}/handling").json["state"] == "aside"
    assert event["id"] in finance.get("/hq/stripe-events?status=unbooked").get_data(as_text=True)
    assert "已搁置、未记账的 Stripe 款项" in finance.get("/hq/finance").get_data(as_text=True)
    assert f"{path}/closing" not in finance.get(path).get_data(as_text=True)
    same = finance.post(f"{path}/closing", {"reason": "x"})
    assert same.status_code == 409 and "须由他人审批" in same.get_data(as_text=True)
    colleague = sign_in(cast.finance_colleague)
    assert f"{path}/closing" in colleague.get(path).get_data(as_text=True)
    assert colleague.post(f"{path}/closing", {"reason": " "}).status_code == 422
    for _ in range(2):
        form = {"reason": "a gift", "form_key": "once"}
        assert colleague.post(f"{path}/closing", form).status_code == 303
    assert "a gift" in finance.get(path).get_data(as_text=True)
    assert event["id"] not in finance.get("/hq/stripe-events?status=unbooked").get_data(as_text=True)
    assert "已搁置、未记账的 Stripe 款项" not in finance.get("/hq/finance").get_data(as_text=True)
    assert sign_in(cast.east_manager).get("/hq/stripe-events").status_code == 403


def test_an_order_that_waits_for_money_leads_to_paying(given, sign_in):
    given.credit_limit_of(cast.huadong, "0.00")
    number = given.an_order({cast.gloves: 2}).number
    link = "/online-payments/new?amount=40.00"
    assert link in sign_in(cast.huadong.finance).get(f"/orders/{number}").text
    assert "online-payments" not in sign_in(cast.huadong.buyer).get(f"/orders/{number}").text


def test_what_no_worker_handled_is_tried_by_hand(sign_in, billed, database, owner):
    made = begun(database, billed.invoice_number)
    event = intent_event(made)
    kept(database, event)
    finance = sign_in(cast.hq_finance)
    finance.post(f"/hq/stripe-events/{event['id']}/handling")
    assert len(postings(owner, made)) == 1


# With localstripe, as a process of its own


@pytest.fixture(scope="module")
def stripe_address():
    with localstripe_server.serving() as address:
        yield address


@pytest.fixture
def at_stripe(stripe_address, settings, cluster, database_name, valkey_url, at_work):
    """The portal, and its workers, with a Stripe that answers."""
    keys = with_keys(settings_for(cluster, database_name, valkey_url), stripe_address)
    at_work.setattr("jobs.resources.settings", lambda: keys)
    with opened(keys) as app:
        yield app, Provider(keys)._client.v1


def confirmed(client, intent, card="4242424242424242"):
    """The payer pays with a card: on Stripe's side alone."""
    about = {"number": card, "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    method = client.payment_methods.create({"type": "card", "card": about})
    client.payment_intents.update(intent, {"payment_method": method.id})
    return client.payment_intents.confirm(intent)


def caller_of(app, system):
    from tests.web_clients import Caller

    return Caller(app, token_for(app, system).json["access_token"])


def test_a_program_pays_an_invoice_by_stripe(at_stripe, billed, owner):
    app, client = at_stripe
    huadong = caller_of(app, cast.huadong.system)
    body = {"invoices": [billed.invoice_number]}
    first = huadong.post("/payments", body, key="pay-1")
    assert first.status_code == 201, first.json
    assert first.json["client_secret"].startswith("pi_")
    assert first.headers["Location"].endswith(f"/payments/{first.json['id']}")
    again = huadong.post("/payments", body, key="pay-1")
    assert again.json == first.json
    assert huadong.post("/payments", body, key="pay-2").json["code"] == "payment_pending"
    assert huadong.post("/payments", {"amount": "1.00"}, key="pay-1").status_code == 422
    intent = first.json["client_secret"].partition("_secret_")[0]
    assert client.payment_intents.retrieve(intent).amount == int(billed.gross * 100)
    confirmed(client, intent)
    number = first.json["id"]
    page = Visitor(app)
    page.come_in(cast.huadong.finance)
    # The payer is back before any event: what Stripe answers goes the same way, once.
    for _ in range(2):
        assert "Stripe 已收到您的付款" in page.get(f"/online-payments/{number}").text
    outbox.sweep()
    shown = huadong.get(f"/payments/{number}").json
    assert shown["state"] == "succeeded" and balance(owner) == 0
    booked = huadong.get(f"/payments/{shown['payment']}").json
    assert booked["settles"][0]["document"] == billed.invoice_number and booked["online"] == number
    assert huadong.get("/payments").json["items"][0]["online"] == number
    assert count(owner, "online_posting") == 1


def test_stripe_tells_the_running_portal_and_a_worker_books_it(at_stripe, stripe_address, billed, owner):
    app, client = at_stripe
    huadong = caller_of(app, cast.huadong.system)
    made = huadong.post("/payments", {"invoices": [billed.invoice_number]}).json
    with servers.web(app.settings) as address:
        hook = {"url": f"{address}{HOOK}", "secret": SECRET}
        httpx.post(f"{stripe_address}/_config/webhooks/portal", data=hook).raise_for_status()
        intent = made["client_secret"].partition("_secret_")[0]
        confirmed(client, intent)
        until(
            owner,  # of this payment: what was told of an earlier one may come as late as this
            "SELECT FROM stripe_event WHERE kind = 'payment_intent.succeeded'"
            f" AND content #>> '{{object,id}}' = '{intent}'",
        )
    outbox.sweep()
    assert huadong.get(f"/payments/{made['id']}").json["state"] == "succeeded"
    assert balance(owner) == 0


def until(owner, query):
    """Return once a row is there: localstripe tells of a payment a second after it."""
    for _ in range(600):
        if owner.execute(text(query)).first() is not None:
            return
        owner.execute(text("SELECT pg_sleep(0.02)"))
    raise AssertionError(query)


def test_the_page_of_a_payment_alone_loads_the_script_of_stripe(at_stripe, billed, owner):
    app, _ = at_stripe
    finance = Visitor(app)
    finance.come_in(cast.huadong.finance)
    choose = finance.get("/online-payments/new")
    assert billed.invoice_number in choose.text
    begun_at = finance.post("/online-payments", {"invoice": billed.invoice_number, "form_key": "k"})
    assert begun_at.status_code == 303
    twice = finance.post("/online-payments", {"invoice": billed.invoice_number, "form_key": "k"})
    assert twice.headers["Location"] == begun_at.headers["Location"]
    page = finance.get(begun_at.headers["Location"])
    assert "https://js.stripe.com" in page.headers["Content-Security-Policy"]
    assert "stripe" not in choose.headers["Content-Security-Policy"]
    assert 'data-stripe-secret="pi_' in page.text
    second = finance.post("/online-payments", {"invoice": billed.invoice_number, "form_key": "other"})
    assert second.status_code == 409 and begun_at.headers["Location"] in second.text
    assert Visitor(app).get(begun_at.headers["Location"]).status_code == 302
    rival = Visitor(app)
    rival.come_in(cast.yuegang.finance)
    assert rival.get(begun_at.headers["Location"]).status_code == 404
    assert rival.post(f"{begun_at.headers['Location']}/cancellation").status_code == 404
    finance.post(f"{begun_at.headers['Location']}/cancellation")
    outbox.sweep()
    assert "已取消" in finance.get(begun_at.headers["Location"]).text
    assert finance.post("/online-payments", {"invoice": billed.invoice_number}).status_code == 303


def test_what_nobody_told_is_asked_for_and_what_is_left_lying_is_given_up(at_stripe, billed, owner):
    from jobs import payments

    app, client = at_stripe
    huadong = caller_of(app, cast.huadong.system)
    made = [huadong.post("/payments", {"amount": amount}).json for amount in ("10.00", "20.00", "30.00")]
    intents = [one["client_secret"].partition("_secret_")[0] for one in made]
    payments.ask()  # nothing is old enough
    assert count(owner) == 0
    confirmed(client, intents[0])
    client.refunds.create({"payment_intent": intents[0], "amount": 250})
    long_ago(owner, [made[0]["id"], made[2]["id"]], "1 hour")
    long_ago(owner, [made[1]["id"]], "25 hours")
    payments.ask()
    payments.ask()
    outbox.sweep()
    states = [huadong.get(f"/payments/{one['id']}").json["state"] for one in made]
    assert states == ["partly_refunded", "cancelled", "open"]
    assert client.payment_intents.retrieve(intents[1]).status == "canceled"
    booked = [item["amount"] for item in huadong.get("/payments").json["items"]]
    assert sorted(booked) == ["-2.50", "10.00"]


def long_ago(owner, numbers, span):
    with owner.engine.begin() as connection:
        connection.execute(text("ALTER TABLE online_payment DISABLE TRIGGER online_payment_stands"))
        connection.execute(
            text(
                f"UPDATE online_payment SET begun_at = begun_at - interval '{span}',"
                f" asked_at = asked_at - interval '{span}' WHERE number = ANY (:numbers)"
            ),
            {"numbers": numbers},
        )
        connection.execute(text("ALTER TABLE online_payment ENABLE TRIGGER online_payment_stands"))


def test_no_transaction_is_open_while_stripe_is_asked(at_stripe, billed, owner, monkeypatch):
    app, _ = at_stripe
    idle = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND state LIKE 'idle in transaction%'"
    )
    seen = []
    for name in ("create", "retrieve"):
        asks = getattr(Provider, name)

        def asked(self, about, asks=asks):
            seen.append(owner.execute(idle).scalar_one())
            return asks(self, about)

        monkeypatch.setattr(Provider, name, asked)
    huadong = caller_of(app, cast.huadong.system)
    for _ in range(2):
        assert huadong.post("/payments", {"amount": "7.00"}, key="one").status_code == 201
    assert seen == [0, 0]
    assert json.dumps(seen)
