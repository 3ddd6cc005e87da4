"""The main job through the API alone, every answer in the form the document promises."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from portal.disputes.rules import Outcome
from portal.kernel import clock
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight
from portal.notifications.vocabulary import NotificationRight
from portal.orders.terms import SupplyTerms
from tests import cast
from tests.api.contract import OPERATIONS, kept, operation_of, refused
from tests.api.test_kept_products import BODY as PUMP
from tests.api.test_repairs import QUOTE, moment
from tests.bank.acts import booked, mt940
from tests.builders import a_lot, percent_off
from tests.coldchain.acts import made_cold
from tests.complaints.acts import REPORT
from tests.disputes import acts as disputes
from tests.dunning import acts as dunning
from tests.epcis import acts as epcis
from tests.epcis import documents as epcis_documents
from tests.feed.acts import A_PDF
from tests.identity.standing_in_acts import consented, delegated
from tests.notifications import acts as notify
from tests.notifications.test_rules import report
from tests.own_ledgers import acts as own_ledgers
from tests.payments import acts as payments
from tests.payments import localstripe_server
from tests.planning import acts as planning
from tests.purchasing import acts
from tests.rebates import acts as rebate_acts
from tests.repairs.acts import NINE
from tests.replenishment import acts as supply
from tests.service import acts as service
from tests.settlements import acts as settlements
from tests.statements.acts import worked_off
from tests.tax_invoices import acts as taxes
from tests.web.protocol import Flow
from tests.web_clients import Caller

LAST_MONTH = clock.previous_period(clock.period_of(cast.TODAY))
LAST_DAY = clock.last_day(LAST_MONTH)


@pytest.fixture(scope="module")
def stripe_address():
    with localstripe_server.serving() as address:
        yield address


@pytest.fixture
def settings(settings, stripe_address):
    return payments.with_keys(settings, stripe_address)


@pytest.fixture
def asked(monkeypatch, huadong, hq, colleague, controller):
    """Names of the operations that were asked in this test."""
    names = set()
    for caller in (huadong, hq, colleague, controller):
        original = caller.request

        def request(method, path, *, original=original, **options):
            names.add(operation_of(method, f"/api/v1{path}".partition("?")[0]).name)
            return original(method, path, **options)

        monkeypatch.setattr(caller, "request", request)
    return names


def test_every_call_answers_in_its_promised_form(
    asked, huadong, hq, colleague, controller, given, database, owner, app
):
    looked_up(huadong)
    shipment = ordered_and_shipped(huadong, hq)
    assert kept(huadong.post(f"/shipments/{shipment}/receipt"))["order_status"] == "received"
    decided(huadong, hq, given)
    booked_and_closed(huadong, hq, controller, database)
    corrected(huadong, hq, controller)
    credited(huadong, hq, controller)
    demanded(huadong, hq, controller, given, database)
    posted_beside_bills(huadong, hq)
    priced(huadong, hq, colleague)
    promoted(huadong, hq, colleague)
    rebated(huadong, hq, colleague, database)
    claimed(huadong, hq, colleague)
    articles(huadong, hq, colleague)
    told(huadong, hq, given)
    returned(huadong, hq, shipment)
    purchased(huadong, database)
    supplied(hq, given, database)
    planned(huadong, hq, database)
    made_cold(owner, cast.gloves)
    kept_cold(huadong, hq, colleague, followed(huadong, hq, given))
    transferred(hq, controller, given)
    counted(hq, controller, given)
    destroyed(hq, controller, given, app)
    sent_files(huadong)
    notified(huadong, hq, database, app)
    stocked(hq)
    reported(huadong, given)
    sold_out(huadong)
    made_cold(owner, cast.syringe)
    doubted(huadong, hq, colleague, shipment)
    hooked(huadong, hq)
    served(huadong, hq, database)
    chained(hq, colleague)
    repaired(huadong, hq)
    complained(huadong, controller, app)
    registered(huadong, hq)
    banked(hq)
    taxed(huadong, hq, controller, database)
    paid_online(huadong, hq, controller, database)
    compared(huadong, database)
    told_events(huadong, hq, database)
    connected(huadong)
    papered(huadong, hq, colleague)
    traced(huadong, hq)
    recalled(huadong, hq, colleague, controller, given)
    assert kept(hq.get("/hq/audit"))["items"]
    assert kept(hq.get("/hq/audit/seal"))["batch"] == 0
    organised(huadong, hq, colleague, app)
    composed(huadong)
    peopled(huadong, "/users", cast.huadong.service, ["dealer_buyer"])
    peopled(hq, "/hq/users", cast.south_desk, ["order_desk"], all_regions=True)
    assert asked == {entry.name for entry in OPERATIONS}


def organised(dealer, hq, colleague, app):
    tomorrow = (cast.TODAY + timedelta(days=1)).isoformat()
    assert [area["code"] for area in kept(hq.get("/hq/regions"))["areas"]] == ["east", "south"]
    move = {"region": "32", "area": "south", "valid_from": tomorrow, "reason": "调整"}
    tier = {"dealer": "huadong", "tier": "B", "valid_from": tomorrow, "reason": "评级"}
    for root, body in (("/hq/region-moves", move), ("/hq/tier-changes", tier)):
        first = kept(hq.post(root, body))["number"]
        kept(colleague.post(f"{root}/{first}/rejection", {"reason": "不必"}))
        second = kept(hq.post(root, body))["number"]
        kept(colleague.post(f"{root}/{second}/approval", {}))
        assert second in [one["number"] for one in kept(hq.get(root))["items"]]
        assert kept(hq.get(f"{root}/{second}"))["decided_by"]
    third = kept(hq.post("/hq/region-moves", move | {"area": "east"}))["number"]
    assert kept(hq.post(f"/hq/region-moves/{third}/withdrawal", {}))["stage"] == "withdrawn"
    people = kept(hq.get("/hq/users?limit=200"))["items"]
    key = next(one["id"] for one in people if one["email"] == cast.south_manager.email)
    kept(hq.post(f"/hq/users/{key}/regions", {"region": "31", "reason": "代管"}))
    kept(hq.post(f"/hq/users/{key}/regions/end", {"region": "31", "valid_to": tomorrow, "reason": "到期"}))
    delegated(app.issuer_database)
    delegated(app.issuer_database, by=cast.huadong.boss, to=cast.huadong.buyer)
    assert len(kept(hq.get("/hq/delegations"))["items"]) == 1
    assert len(kept(dealer.get("/delegations"))["items"]) == 1
    consented(app.issuer_database)
    [consent] = kept(dealer.get("/consents"))["items"]
    assert kept(dealer.post(f"/consents/{consent['id']}/revocation"))["standing"] == "revoked"
    assert kept(dealer.get("/acted-for-us"))["items"] == []


def recalled(dealer, hq, colleague, controller, given):
    """A notice is read, drafted, confirmed, decided by another, answered and closed."""
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("B2401", 9))
    given.a_delivery_of(given.an_order({product: 2}).number)
    notice = {"text": f"型号规格：{product.sku}；批号：B2401；实施二级召回。"}
    read = kept(hq.post("/hq/recalls/proposals", notice))
    assert (read["level"], read["scope"][0]["lots"], read["questions"]) == (2, ["B2401"], [])
    scope = [{"sku": product.sku, "lots": ["B2401"]}]
    body = {"level": 2, "title": "T", "reason": "R", "demands": "D", "scope": scope}
    number = kept(hq.post("/hq/recalls", body))["number"]
    path = f"/hq/recalls/{number}"
    given_up = kept(hq.post("/hq/recalls", body))
    reason = {"revision": given_up["revision"], "reason": "twice"}
    kept(hq.post(f"/hq/recalls/{given_up['number']}/withdrawal", reason))
    at = kept(colleague.post(f"{path}/confirmation", {"revision": 1}))["revision"]
    decided_at = kept(controller.post(f"{path}/decision", {"revision": at}))
    assert (decided_at["state"], decided_at["of"], decided_at["percent"]) == ("running", 2, "0.0")
    assert number in [one["number"] for one in kept(hq.get("/hq/recalls"))["items"]]
    assert kept(hq.get(f"{path}/holders?which=silent"))["items"][0]["dealer"] == cast.huadong.code
    assert number in [one["number"] for one in kept(dealer.get("/recalls"))["items"]]
    assert kept(dealer.get(f"/recalls/{number}"))["held"] == 2
    assert kept(dealer.post(f"/recalls/{number}/response", {"found": 2}))["state"] == "answered"
    wider = kept(hq.post(f"{path}/widening", {"revision": decided_at["revision"]}))
    kept(hq.post(f"{path}/withdrawal", {"revision": wider["revision"], "reason": "not needed"}))
    at = kept(hq.get(path))["revision"]
    closed = kept(colleague.post(f"{path}/closure", {"revision": at, "reason": "all answered"}))
    assert (closed["state"], closed["percent"]) == ("closed", "100.0")


def papered(dealer, hq, colleague):
    days = {"valid_from": str(cast.TODAY), "valid_to": str(cast.TODAY + timedelta(days=60))}

    def filed(paper_no):
        file = kept(dealer.request("POST", "/files", data={"file": (io.BytesIO(A_PDF[1]), "a.pdf")}))
        body = {"kind": "licence", "paper_no": paper_no, "issuer": "SAMR", "files": [file["id"]], **days}
        return kept(dealer.post("/papers", body))["number"]

    number = filed("A-1")
    assert kept(hq.get(f"/hq/papers/{number}"))["remarks"][0]["code"] == "unusual_no"
    kept(hq.post(f"/hq/papers/{number}/decision", {"decision": "accept", "revision": 1}))
    assert number in [one["number"] for one in kept(dealer.get("/papers/expiring"))["items"]]
    assert number in [one["number"] for one in kept(hq.get("/hq/papers/expiring"))["items"]]
    kept(hq.get("/hq/papers/certificates?days=365"))
    ended = {"ended_on": str(cast.TODAY), "reason": "Taken back.", "revision": 2}
    assert kept(hq.post(f"/hq/papers/{number}/revocation", ended))["state"] == "revoked"
    kept(dealer.post(f"/papers/{(other := filed('A-2'))}/withdrawal"))
    assert kept(dealer.get(f"/papers/{other}"))["state"] == "withdrawn"
    assert len(kept(dealer.get("/papers"))["items"]) == len(kept(hq.get("/hq/papers"))["items"]) == 2
    body = {"dealer": cast.huadong.code, "region": "31", "valid_from": days["valid_from"]}
    number = kept(hq.post("/hq/authorisations", body))["number"]
    kept(hq.post(f"/hq/authorisations/{number}/withdrawal"))
    number = kept(hq.post("/hq/authorisations", body))["number"]
    kept(colleague.post(f"/hq/authorisations/{number}/decision", {"decision": "accept", "revision": 1}))
    kept(hq.post(f"/hq/authorisations/{number}/ending", ended))
    assert kept(hq.get(f"/hq/authorisations/{number}"))["state"] == "ended"
    assert len(kept(hq.get("/hq/authorisations"))["items"]) == 2
    assert [one["number"] for one in kept(dealer.get("/authorisations"))["items"]] == [number]


def connected(dealer):
    made = kept(dealer.post("/api-clients", {"name": "ERP", "scopes": ["orders:read"]}))
    one = f"/api-clients/{made['id']}"
    assert made["id"] in [client["id"] for client in kept(dealer.get("/api-clients"))["items"]]
    kept(dealer.request("PATCH", one, json={"name": "U9", "scopes": ["orders:read"]}))
    kept(dealer.post(f"{one}/rotation", {"overlap_hours": 24}))
    assert kept(dealer.get(one))["state"] == "changing"
    kept(dealer.request("DELETE", f"{one}/former-secret"))
    kept(dealer.request("DELETE", one))


def composed(dealer):
    made = kept(dealer.post("/roles", {"name": "只看订单", "rights": ["orders:read"]}))
    one = f"/roles/{made['code']}"
    assert [role["code"] for role in kept(dealer.get("/roles"))["items"]] == [made["code"]]
    assert kept(dealer.post(one, {"name": "订单", "rights": ["orders:read"]}))["revision"] == 2
    assert kept(dealer.request("DELETE", one)) == {"code": made["code"]}


def peopled(caller, root, person, roles, **more):
    kept(caller.post(root, {"email": f"new.{roles[0]}@house.example", "name": "新人", "roles": roles} | more))
    people = kept(caller.get(f"{root}?limit=200"))["items"]
    key = next(one["id"] for one in people if one["email"] == person.email)
    assert kept(caller.post(f"{root}/{key}/roles", {"roles": roles} | more))["roles"] == roles
    assert kept(caller.post(f"{root}/{key}/deactivation", {"reason": "left"}))["state"] == "deactivated"


def hooked(dealer, hq):
    for who, root in ((dealer, "/webhooks"), (hq, "/hq/webhooks")):
        body = {"name": "ERP", "url": "https://erp.example/hook", "events": ["order.placed"]}
        made = kept(who.post(root, body))
        one = f"{root}/{made['number']}"
        assert made["secret"].startswith("whsec_") and kept(who.get(one))["state"] == "active"
        assert kept(who.post(f"{one}/rotation"))["secret"] != made["secret"]
        assert kept(who.get(root))["items"][0]["number"] == made["number"]
        test = kept(who.post(f"{one}/test"))
        assert kept(who.get(f"{one}/deliveries"))["items"][0]["id"] == test["id"]
        assert kept(who.get(f"{one}/deliveries/{test['id']}"))["tried"] == []
        kept(who.post(f"{one}/deliveries/{test['id']}/replay"))
        assert kept(who.post(f"{one}/replay", {}))["messages"] == 0
        assert kept(who.request("PATCH", one, json={"state": "paused"}))["state"] == "paused"
        kept(who.request("DELETE", one))


def sent_files(dealer):
    _, content = A_PDF
    form = {"file": (io.BytesIO(content), "a.pdf")}
    file = kept(dealer.request("POST", "/files", data=form))["id"]
    assert dealer.get(f"/files/{file}").data == content
    kept(dealer.request("DELETE", f"/files/{file}"))
    upload = kept(dealer.post("/uploads", {"name": "b.pdf", "size": len(content)}))["id"]
    for offset, piece in ((0, content[:9]), (9, content[9:])):
        assert kept(dealer.get(f"/uploads/{upload}"))["offset"] == offset
        form = {"offset": str(offset), "file": (io.BytesIO(piece), "piece")}
        sent = kept(dealer.request("POST", f"/uploads/{upload}/pieces", data=form))
    assert dealer.get(f"/files/{sent['file']['id']}").data == content


def looked_up(dealer):
    me = kept(dealer.get("/me"))
    assert (me["dealer"]["code"], me["tier"], [region["code"] for region in me["regions"]]) == (
        "huadong",
        "S",
        ["east", "31"],
    )
    page = kept(dealer.get("/products?limit=3"))
    product = kept(dealer.get(f"/products/{page['items'][0]['sku']}"))
    assert product["price"] == page["items"][0]["price"]
    kept(dealer.get("/stock?sku=GLOVES&sku=SYRINGE"))
    assert kept(dealer.post("/scan", {"data": product["udi_di"]}))["sku"] == product["sku"]
    kept(dealer.post("/price-quotes", {"lines": [{"sku": "SYRINGE", "quantity": 20}]}))


def traced(dealer, hq):
    body = {"purchase_order_no": "PO-T", "lines": [{"sku": "STENT", "quantity": 1}]}
    order = kept(dealer.post("/orders", body))["number"]
    sent = {"order": order, "carrier": "顺丰速运", "tracking_no": "SF-T"}
    kept(hq.post("/hq/shipments", sent | {"serials": [{"line": 1, "lot": "ST-1", "serials": ["TR-1"]}]}))
    for caller, base in ((dealer, "/trace"), (hq, "/hq/trace")):
        unit = kept(caller.get(f"{base}/serials/STENT/TR-1"))
        assert (unit["lot"], unit["place"], [step["to_kind"] for step in unit["steps"]]) == (
            "ST-1",
            "dealer",
            ["dealer"],
        )


def ordered_and_shipped(dealer, hq):
    body = {
        "purchase_order_no": "PO-1",
        "lines": [{"sku": "SYRINGE", "quantity": 20}, {"sku": "GLOVES", "quantity": 3}],
    }
    sheet = kept(dealer.post("/order-sheets", {"text": "SYRINGE\t20\nGLOVES\t3"}))
    assert (sheet["accepted"], sheet["refused"]) == (2, 0)
    expected = kept(dealer.post("/orders/validation", body))
    placed = kept(dealer.post("/orders", body))
    advice = {name: expected.pop(name) for name in ("hints", "not_applied", "rebates")}
    assert advice == {"hints": [], "not_applied": [], "rebates": None}
    assert {**placed, "number": None} == {**expected, "number": None}
    assert kept(dealer.get("/orders"))["items"][0]["number"] == placed["number"]
    assert kept(dealer.get(f"/orders/{placed['number']}"))["total"] == placed["total"]
    assert kept(hq.get("/hq/orders?status=confirmed"))["items"][0]["number"] == placed["number"]
    sent = kept(
        hq.post("/hq/shipments", {"order": placed["number"], "carrier": "顺丰速运", "tracking_no": "SF1"})
    )
    assert (sent["order_status"], sent["gross"]) == ("shipped", placed["total"])
    (parcel,) = kept(dealer.get(f"/orders/{placed['number']}/shipments"))["items"]
    assert parcel == kept(dealer.get(f"/shipments/{sent['shipment']}"))
    for caller, base in ((dealer, "/trace"), (hq, "/hq/trace")):
        traced = kept(caller.get(f"{base}/lots/SYRINGE/SY-EARLY"))
        assert traced["totals"]["shipped"] == 20
        assert ("huadong", 20) in [(one["place"], one["quantity"]) for one in traced["holders"]]
    note = dealer.get(f"/shipments/{sent['shipment']}/delivery-note.pdf")
    assert note.status_code == 200 and note.get_data().startswith(b"%PDF")
    assert {(line["sku"], line["lot"], line["quantity"]) for line in parcel["lines"]} == {
        ("SYRINGE", "SY-EARLY", 20),
        ("GLOVES", "-", 3),
    }
    assert (
        kept(dealer.get("/invoices"))["items"][0]["number"]
        == sent["invoice"]
        == kept(dealer.get("/ledger"))["items"][0]["document_no"]
    )
    invoice = kept(dealer.get(f"/invoices/{sent['invoice']}"))
    assert (invoice["shipment"], [line["sku"] for line in invoice["lines"]]) == (
        sent["shipment"],
        ["SYRINGE", "GLOVES"],
    )
    assert dealer.get(f"/invoices/{sent['invoice']}.pdf").get_data().startswith(b"%PDF")
    refused(hq.post(f"/hq/invoices/{sent['invoice']}/reversal", {"reason": "x"}), 409, "not_reversible")
    return sent["shipment"]


def decided(dealer, hq, given):
    given.credit_limit_of(cast.huadong, "0.00")
    held = kept(dealer.post("/orders", {"lines": [{"sku": "GLOVES", "quantity": 1}]}))
    assert (held["status"], held["holds"]) == ("on_hold", ["credit"])
    assert (
        kept(hq.post(f"/hq/orders/{held['number']}/release", {"reason": "paid in advance"}))["status"]
        == "confirmed"
    )
    held_by_hand(hq, held["number"])
    working_days(hq)
    smaller = {"lines": [{"sku": "GLOVES", "quantity": 1}], "backorder": True}
    held = kept(dealer.post(f"/orders/{held['number']}/changes", smaller))
    gone = kept(dealer.post(f"/orders/{held['number']}/cancellation"))
    assert (gone["status"], gone["units_cancelled"], gone["amount_cancelled"]) == (
        "cancelled",
        1,
        held["total"],
    )
    draft = given.a_policy(percent_off(30, tier="S", product=cast.gloves), published_at=None, approved=True)
    assert kept(hq.get(f"/hq/policies/{draft}"))["state"] == "approved"
    assert kept(hq.get(f"/hq/policies/{draft}/publication"))["risky"] == 0
    kept(
        hq.post(
            f"/hq/policies/{draft}/publication",
            {"revision": kept(hq.get(f"/hq/policies/{draft}"))["revision"]},
        )
    )
    assert draft in [policy["id"] for policy in kept(hq.get("/hq/policies?state=published"))["items"]]
    assert kept(dealer.get("/products/GLOVES"))["price"]["unit_price"] == "17.50"


def held_by_hand(hq, number):
    """Above the limit that is set for its kind, one person alone can only propose."""
    rules = kept(hq.get("/hq/order-rules"))
    quota = next(one for one in rules["severities"] if one["code"] == "quota")
    decision = {"severity": "hold", "version": quota["version"], "reason": "agreed in the round"}
    assert kept(hq.request("PUT", "/hq/order-rules/severities/quota", json=decision))["severity"] == "hold"
    limit = {"up_to": "0.00", "version": 0, "reason": "agreed in the round"}
    assert kept(hq.request("PUT", "/hq/order-rules/limits/order_desk/price", json=limit))["version"] == 1
    why = {"kind": "price", "reason": "contract under review"}
    assert kept(hq.post(f"/hq/orders/{number}/holds", why))["holds"] == ["price"]
    release = {"numbers": [number, "SO2611-NOSUCH"], "reason": "confirmed by mail"}
    answer = kept(hq.post("/hq/orders/releases", release))
    assert (answer["released"], answer["proposed"]) == ([], [number])
    assert [one["errors"][0]["code"] for one in answer["left_out"]] == ["not_found"]
    [waiting] = kept(hq.get("/hq/holds?kind=price"))["items"]
    assert (waiting["number"], waiting["proposal"]["reason"]) == (number, "confirmed by mail")


def working_days(hq):
    new_year = {"day": "2031-01-01", "working": False, "name_zh": "元旦", "name_en": "New Year"}
    year = {"source": "国办发明电〔2030〕1号", "days": [new_year]}
    changed = kept(hq.request("PUT", "/hq/working-days/2031", json=year))
    assert [one["change"] for one in changed["items"]] == ["added"]
    assert kept(hq.get("/hq/working-days/2031"))["complete"]


def articles(dealer, hq, colleague):
    body = {"title_zh": "堵管报警", "title_en": "Alarm: line blocked", "text_zh": "先停止输液。"}
    made = kept(hq.post("/hq/knowledge", body))
    path = f"/hq/knowledge/{made['number']}"
    kept(hq.request("PUT", path, json=body | {"kinds": ["repair"], "revision": made["revision"]}))
    kept(hq.post(f"{path}/submission", {}))
    kept(hq.post(f"{path}/recall", {}))
    kept(hq.post(f"{path}/submission", {}))
    kept(colleague.post(f"{path}/rejection", {"reason": "add the error code"}))
    assert kept(hq.get(path))["reason"] == "add the error code"
    kept(hq.post(f"{path}/submission", {}))
    assert kept(colleague.post(f"{path}/publication", {}))["state"] == "published"
    [found] = kept(dealer.get("/knowledge?q=line+blocked&kind=repair"))["items"]
    assert kept(dealer.get(f"/knowledge/{found['number']}"))["text_zh"] == "先停止输液。"
    assert kept(dealer.post(f"/knowledge/{found['number']}/vote", {"helpful": True}))["helpful"]
    assert kept(hq.get("/hq/knowledge"))["items"][0]["helpful"] == 1
    assert kept(colleague.post(f"{path}/withdrawal", {"reason": "outdated"}))["current_version"] is None


def booked_and_closed(dealer, hq, controller, database):
    body = {
        "dealer": "huadong",
        "amount": "10.00",
        "received_on": LAST_DAY.isoformat(),
        "method": "bank transfer",
        "reference": "R1",
    }
    assert kept(hq.post("/hq/payments", body))["period"] == LAST_MONTH
    begun = hq.post("/hq/period-closes", {"period": LAST_MONTH})
    assert kept(begun)["dealers"] == len(cast.dealers)
    assert begun.headers["Location"] == f"/api/v1/hq/period-closes/{LAST_MONTH}"
    steered(hq, f"/hq/period-closes/{LAST_MONTH}")
    worked_off(database, LAST_MONTH)
    closing = kept(hq.get(f"/hq/period-closes/{LAST_MONTH}"))
    assert (closing["dealers"], closing["done"]) == (len(cast.dealers), len(cast.dealers))
    (statement,) = kept(dealer.get(f"/statements?period={LAST_MONTH}"))["items"]
    whole = kept(dealer.get(f"/statements/{statement['number']}"))
    assert Decimal(whole["closing"]) == Decimal("-10.00") == Decimal(whole["lines"][-1]["balance"])
    kept(dealer.get(f"/statements/{statement['number']}.pdf"))
    kept(dealer.get(f"/statements/{statement['number']}.xlsx"))
    adjusted(dealer, hq, controller, statement["number"], database)
    answered(dealer, hq, database, statement["number"], whole["lines"][-1]["document_no"])
    restated(dealer, hq, controller, statement["number"])


def steered(hq, closing):
    assert kept(hq.post(f"{closing}/pause"))["paused_by"]
    assert kept(hq.post(f"{closing}/resumption"))["paused_by"] is None
    refused(hq.post(f"{closing}/retry"), 409, "nothing_failed")
    clause = {"active": True, "days": 30, "contract": "2026-17, 8.2", "revision": 0}
    path = "/hq/dealers/huadong/confirmation-clause"
    assert kept(hq.request("PUT", path, json=clause))["revision"] == 1
    assert kept(hq.get(path))["days"] == 30


def adjusted(dealer, hq, controller, statement, database):
    """A price is adjusted by more than one person may."""
    invoice = kept(dealer.get("/invoices"))["items"][0]["number"]
    said = {"lines": [{"document": invoice, "amount": "1.00", "kind": "missing", "reason": "价格不符"}]}
    number = kept(dealer.post(f"/statements/{statement}/disputes", said))["number"]
    answer = replace(disputes.decided(Outcome.ADJUSTED), invoice_line=1, gives=Decimal("1.00"))
    disputes.resolved(database, number, answer, alone_max="0.50")
    waiting = kept(controller.get("/hq/disputes?to_approve=true"))["items"]
    assert [one["number"] for one in waiting] == [number]
    proposed = kept(hq.get(f"/hq/disputes/{number}"))["proposed"]
    assert [(one["document"], one["gives"]) for one in proposed["lines"]] == [(invoice, "1.00")]
    seen = {"proposed_at": proposed["proposed_at"]}
    done = kept(controller.post(f"/hq/disputes/{number}/approval", seen))
    assert (done["state"], done["proposed"]) == ("resolved", None)


def restated(dealer, hq, controller, statement):
    """A correction is refused, another one issued."""
    path = f"/hq/statement-corrections/{statement}"
    later = kept(hq.get(path))["later"]
    body = {"documents": [later[0]["document_no"]], "reason": "belongs to the month"}
    kept(hq.post(path, body))
    assert kept(controller.post(f"{path}/rejection", {"reason": "agreed otherwise"}))["state"] == "rejected"
    kept(hq.post(path, body))
    [waiting] = kept(controller.get("/hq/statement-corrections?state=proposed"))["items"]
    assert waiting["documents_after"] == later[:1] and waiting["documents_before"] == []
    assert kept(controller.post(f"{path}/approval"))["version"] == 2
    whole = kept(dealer.get(f"/statements/{statement}"))
    assert whole["corrected_closing"] == waiting["closing_after"] != waiting["closing_before"]
    assert kept(dealer.get(f"/statements/{statement}?version=1"))["version"] == 1


def answered(dealer, hq, database, statement, document):
    """A statement is disputed twice: once it is taken back, once answered; then it is confirmed."""
    said = {"lines": [{"document": document, "amount": "1.00", "reason": "金额不符"}]}
    first = kept(dealer.post(f"/statements/{statement}/disputes", said))["number"]
    assert kept(dealer.post(f"/disputes/{first}/messages", {"text": "请核对"}))["state"] == "open"
    kept(hq.post(f"/hq/disputes/{first}/messages", {"text": "请补充"}))
    assert kept(dealer.get("/disputes"))["items"][0]["number"] == first
    assert kept(dealer.post(f"/disputes/{first}/withdrawal", {}))["state"] == "withdrawn"
    second = kept(dealer.post(f"/statements/{statement}/disputes", said))["number"]
    answer = {"lines": [{"line": 1, "outcome": "stands"}], "text": "已核实"}
    assert kept(hq.post(f"/hq/disputes/{second}/resolution", answer))["state"] == "resolved"
    assert kept(dealer.get(f"/disputes/{second}"))["lines"][0]["outcome"] == "stands"
    invoice = next(one for one in kept(dealer.get("/invoices"))["items"] if one["kind"] == "invoice")
    note = disputes.a_note_on(database, cast.huadong, invoice["number"])
    assert kept(dealer.get(f"/adjustments/{note}"))["invoice"] == invoice["number"]
    kept(dealer.get(f"/adjustments/{note}.pdf"))
    assert (
        kept(dealer.post(f"/statements/{statement}/confirmation", {"name": "李四"}))["state"] == "confirmed"
    )


def credited(dealer, hq, controller):
    """Limits and terms are proposed, approved, rejected and withdrawn; a dealer is stopped for a moment."""
    limit = {
        "dealer": "huadong",
        "amount": "900000.00",
        "valid_from": cast.TODAY.isoformat(),
        "reason": "sells well",
    }
    numbers = [kept(hq.post("/hq/credit-limits", limit))["number"] for _ in range(2)]
    terms = limit | {"kind": "terms", "amount": None, "days": 90}
    waiting = kept(hq.post("/hq/credit-limits", terms))
    assert [one["code"] for one in waiting["warnings"]] == ["terms_beyond_law"]
    first, second = (f"/hq/credit-limits/{number}" for number in numbers)
    assert kept(controller.post(f"{first}/approval", {"revision": 1}))["state"] == "published"
    assert kept(controller.post(f"{second}/rejection", {"reason": "too high"}))["sent_back"] == "too high"
    assert kept(hq.get("/hq/credit-limits?dealer=huadong&kind=terms"))["items"] == [waiting]
    assert kept(hq.get(first))["approved_by"] is not None
    own = kept(dealer.get("/credit"))
    assert (own["credit_limit"], own["stopped"]) == ("900000.00", False)
    assert [one["number"] for one in own["history"] if one["in_force"]] == numbers[:1]
    assert kept(hq.post(f"/hq/credit-limits/{waiting['number']}/withdrawal", {}))["state"] == "draft"
    assert kept(hq.get("/hq/exposure"))["items"]
    assert kept(hq.get("/hq/exposure/regions"))["items"][0]["region"] == "east"
    stop = kept(hq.post("/hq/stops", {"dealer": "huadong", "reason": "overdue"}))
    assert kept(dealer.get("/credit"))["stopped"] and kept(hq.get("/hq/stops?state=stands"))["items"] == [
        stop
    ]
    held = kept(dealer.post("/orders/validation", {"lines": [{"sku": "GLOVES", "quantity": 1}]}))
    assert "stopped" in held["holds"]
    ended = kept(hq.post(f"/hq/stops/{stop['number']}/end", {"reason": "paid"}))
    assert ended == kept(hq.get(f"/hq/stops/{stop['number']}")) and ended["state"] == "ended"


def demanded(dealer, hq, controller, given, database):
    """A run is discarded, another released; its letter is read, printed, and its interest posted."""
    policy = kept(hq.get("/hq/dunning-policy"))
    said = {
        "days": [1, 20],
        "minimum": "0.00",
        "interest_percent": "6.00",
        "reason": "as agreed",
        "version": policy["version"],
    }
    assert kept(controller.request("PUT", "/hq/dunning-policy", json=said))["interest_percent"] == "6.00"
    dunning.owing(given, database, days_late=25, units=9, product=cast.stent)
    run = kept(hq.post("/hq/dunning-runs"))
    kept(hq.post(f"/hq/dunning-runs/{run['number']}/discard"))
    run = kept(hq.post("/hq/dunning-runs"))
    assert kept(hq.get("/hq/dunning-runs"))["items"][0] == run
    path = f"/hq/dunning-runs/{run['number']}"
    [letter] = kept(hq.get(f"/dunning-letters?run={run['number']}&dealer=huadong"))["items"]
    assert kept(hq.post(f"{path}/release", {"letters": [letter["number"]]}))["state"] == "released"
    dunning.sent(database, letter["number"])
    assert kept(hq.get(path))["sent"] == 1
    assert [one["number"] for one in kept(dealer.get("/dunning-letters"))["items"]] == [letter["number"]]
    found = kept(dealer.get(f"/dunning-letters/{letter['number']}"))
    assert found["papers"]["zh"] and found["items"][-1]["level"] == 1
    assert dealer.get(f"/dunning-letters/{letter['number']}.pdf").get_data().startswith(b"%PDF")
    posted = kept(hq.post(f"/hq/dunning-letters/{letter['number']}/interest"))
    assert posted["amount"] == found["interest"]


def told_events(dealer, hq, database):
    event = epcis_documents.an_event(epcList=["urn:epc:id:sgtin:4012345.011111.EPC1"])
    job = kept(dealer.post("/epcis/capture", json.loads(epcis_documents.a_document(event))))
    assert (job["running"], job["success"]) == (True, True)
    epcis.captured(database, job["captureID"])
    done = kept(dealer.get(f"/epcis/capture/{job['captureID']}"))
    assert (done["running"], done["success"], done["captured"]) == (False, True, 1)
    assert kept(hq.get("/epcis/capture"))[0]["captureID"] == job["captureID"]
    for path in (
        "/epcis/events?EQ_bizStep=shipping",
        "/epcis/epcs/urn:epc:id:sgtin:4012345.011111.EPC1/events",
    ):
        found = kept(dealer.get(path))["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        assert [one["epcList"] for one in found] == [event["epcList"]]


def compared(dealer, database):
    content = own_ledgers.a_file([(cast.TODAY, "FK-000077", "1,234.50")])
    form = {"file": (io.BytesIO(content), "own.csv")}
    number = kept(dealer.request("POST", "/own-ledger", data=form))["id"]
    own_ledgers.compared(database, number)
    assert kept(dealer.get("/own-ledger"))["items"][0]["id"] == number
    difference = kept(dealer.get(f"/own-ledger/{number}"))["differences"][0]
    said = {"differences": [difference["no"]], "answer": "accepted"}
    stale = dealer.post(f"/own-ledger/{number}/answers", said | {"revisions": [difference["revision"] + 1]})
    assert stale.status_code == 409
    assert dealer.post(f"/own-ledger/{number}/answers", said | {"revisions": []}).status_code == 422
    kept(dealer.post(f"/own-ledger/{number}/answers", said | {"revisions": [difference["revision"]]}))


def priced(dealer, hq, colleague):
    rule = {
        "dealer": "huadong",
        "sku": "GLOVES",
        "kind": "net",
        "breaks": [{"min_quantity": 1, "value": "19.00"}],
    }
    body = {"title_zh": "手套", "title_en": "Gloves", "valid_from": "2026-01-01T00:00:00Z", "rules": [rule]}
    drafted = kept(hq.post("/hq/policies", body))
    path = f"/hq/policies/{drafted['id']}"

    def step(caller, verb, **more) -> dict:
        said = {"revision": kept(caller.get(path))["revision"], **more}
        return kept(caller.post(f"{path}/{verb}", said))

    rehearsed(hq, path)
    changed = {**body, "title_en": "Gloves, cheaper", "revision": drafted["revision"]}
    assert kept(hq.request("PUT", path, json=changed))["title_en"] == "Gloves, cheaper"
    assert step(hq, "submission")["state"] == "submitted"
    assert step(hq, "recall")["state"] == "draft"
    step(hq, "submission")
    assert step(colleague, "rejection", reason="too cheap")["returned_reason"] == "too cheap"
    step(hq, "submission")
    assert step(colleague, "approval")["state"] == "approved"
    before = kept(dealer.get("/products/GLOVES"))["price"]["unit_price"]
    step(hq, "publication")
    assert kept(dealer.get("/products/GLOVES"))["price"]["unit_price"] == "19.00"
    assert kept(hq.post(f"{path}/withdrawal", {"reason": "mistaken"}))["in_force_again"] is None
    assert kept(dealer.get("/products/GLOVES"))["price"]["unit_price"] == before
    named = {"substitutes": ["GAUZE"]}
    assert kept(hq.request("PUT", "/hq/products/GLOVES/substitutes", json=named))["substitutes"] == ["GAUZE"]
    assert kept(hq.get("/hq/products/GLOVES/substitutes"))["substitutes"] == ["GAUZE"]
    catalogued(hq, colleague)
    assert kept(hq.request("PUT", "/hq/floor-prices/GLOVES", json={"floor": "12.00"}))["floor"] == "12.00"
    [floor] = kept(hq.get("/hq/floor-prices"))["items"]
    assert (floor["sku"], floor["floor"], floor["next_floor"]) == ("GLOVES", "12.00", None)


def catalogued(hq, colleague):
    proposed = kept(hq.request("PUT", "/hq/products/PUMP", json=PUMP))
    assert proposed["state"] == "submitted"
    assert kept(colleague.get("/hq/product-changes?state=submitted"))["items"][0]["values"]
    why = {"change": proposed["change"], "reason": "the label says MK-21"}
    assert kept(colleague.post("/hq/products/PUMP/rejection", why))["state"] == "rejected"
    again = kept(hq.request("PUT", "/hq/products/PUMP", json=PUMP | {"specification": "MK-21"}))
    approved = kept(colleague.post("/hq/products/PUMP/approval", {"change": again["change"]}))
    assert approved["state"] == "approved"
    assert [one["state"] for one in kept(hq.get("/hq/products/PUMP"))["changes"]] == ["approved", "rejected"]
    assert "GLOVES" in [one["sku"] for one in kept(hq.get("/hq/products"))["items"]]


def promoted(dealer, hq, colleague):
    body = {
        "title_zh": "累计",
        "title_en": "Cumulative",
        "kind": "cumulative",
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_to": "2099-01-01T00:00:00Z",
        "condition": {"skus": ["GLOVES"], "period_amount": "1000.00"},
        "reward": {"percent": "3"},
        "priority": 1,
        "combinable": True,
        "registration_required": True,
    }
    number = kept(hq.post("/hq/promotions", body))["number"]
    path = f"/hq/promotions/{number}"

    def step(caller, verb, **more) -> None:
        kept(caller.post(f"{path}/{verb}", {"revision": kept(caller.get(path))["revision"], **more}))

    kept(hq.request("PUT", path, json=body | {"priority": 2, "revision": 1}))
    step(hq, "submission")
    assert kept(colleague.get(path))["doubts"]["same_priority"] == []
    step(colleague, "rejection", reason="later")
    step(hq, "submission")
    step(colleague, "approval")
    step(hq, "publication")
    assert kept(hq.get(path))["doubts"] is None
    assert number in [one["number"] for one in kept(hq.get("/hq/promotions"))["items"]]
    kept(dealer.post(f"/promotions/{number}/participation"))
    assert [one["participating"] for one in kept(dealer.get("/promotions"))["items"]] == [True]
    kept(colleague.post(f"{path}/withdrawal", {"reason": "over"}))


def rebated(dealer, hq, colleague, database):
    body = {
        "title_zh": "季度返利",
        "title_en": "Rebate",
        "valid_from": str(cast.TODAY.replace(month=1, day=1)),
        "valid_to": str(cast.TODAY.replace(month=12, day=31)),
        "period": "quarter",
        "dealers": ["huadong"],
        "measure": "invoiced",
        "basis": "amount",
        "method": "all_units",
        "tiers_of": [{"from": "0.00", "percent": "2"}, {"from": "9000000.00", "percent": "3.5"}],
    }
    number = kept(hq.post("/hq/rebates/programmes", body))["number"]
    path = f"/hq/rebates/programmes/{number}"

    def step(caller, verb, **more) -> None:
        kept(caller.post(f"{path}/{verb}", {"revision": kept(caller.get(path))["revision"], **more}))

    kept(hq.request("PUT", path, json=body | {"priority": 2, "revision": 1}))
    begun = kept(hq.post(f"{path}/simulations", {"from": "2025-01-01", "to": "2025-03-31"}))
    assert (begun["simulation"], begun["state"]) == (1, "waiting")
    assert kept(hq.get(f"{path}/simulations/1"))["accrued"] is None
    step(hq, "submission")
    step(hq, "recall")
    step(hq, "submission")
    step(colleague, "rejection", reason="later")
    step(hq, "submission")
    step(colleague, "approval")
    step(hq, "publication")
    rebate_acts.reckoned(database)
    assert number in [one["number"] for one in kept(hq.get("/hq/rebates/programmes"))["items"]]
    assert [one["programme"] for one in kept(dealer.get("/rebates/programmes"))["items"]] == [number]
    earned = kept(dealer.get(f"/rebates/accruals?programme={number}"))
    assert sum(Decimal(line["amount"]) for line in earned["lines"]) == Decimal(earned["accrued"]) > 0
    advanced(dealer, hq, colleague, number, earned["period"], database)
    assert kept(dealer.get(f"/rebates/what-if?programme={number}&amount=1000"))["gain"] == "20.00"
    everybody = kept(hq.get(f"/hq/rebates/accruals?programme={number}"))
    assert [(one["dealer"], one["accrued"]) for one in everybody["items"]] == [("huadong", earned["accrued"])]
    assert everybody["totals"][0]["accrued"] == earned["accrued"]
    cart = {"lines": [{"sku": "GLOVES", "quantity": 5}], "rebates": True}
    told = kept(dealer.post("/orders/validation", cart))["rebates"]
    assert (told["total"], told["lines"][0]["net_unit_price"]) == ("1.75", "17.15")  # 17.50 each
    amended(hq, colleague, path)
    stated(hq, colleague)
    kept(colleague.post(f"{path}/withdrawal", {"reason": "over"}))


def amended(hq, colleague, programme):
    body = {
        "from": str(cast.TODAY),
        "tiers_of": [{"from": "0.00", "percent": "2.5"}],
        "reason": "agreed in the yearly talks",
    }
    number = kept(hq.post(f"{programme}/amendments", body))["number"]
    path = f"{programme}/amendments/{number}"

    def step(caller, verb, **more) -> None:
        kept(caller.post(f"{path}/{verb}", {"revision": kept(caller.get(path))["revision"], **more}))

    kept(hq.request("PUT", path, json=body | {"revision": 1}))
    kept(hq.get(f"{path}/preview"))
    step(hq, "submission")
    step(hq, "recall")
    step(hq, "submission")
    step(colleague, "rejection", reason="later")
    step(hq, "submission")
    step(colleague, "approval")
    step(hq, "publication")
    assert number in [one["number"] for one in kept(hq.get(f"{programme}/amendments"))["items"]]
    kept(colleague.post(f"{path}/withdrawal", {"reason": "not any more"}))


def stated(hq, colleague):
    body = {
        "dealer": "huadong",
        "kind": "no_diversion_case",
        "holds": False,
        "from": str(cast.TODAY),
        "reason": "goods were found in another region",
    }
    first, second = (
        kept(hq.post("/hq/rebates/facts", body | {"files": [sent(hq)]}))["number"] for _ in range(2)
    )
    kept(colleague.post(f"/hq/rebates/facts/{first}/confirmation"))
    kept(colleague.post(f"/hq/rebates/facts/{second}/refusal", {"reason": "said twice"}))
    assert kept(hq.get(f"/hq/rebates/facts/{first}"))["state"] == "confirmed"
    assert len(kept(hq.get("/hq/rebates/facts"))["items"]) == 2


def sent(caller) -> str:
    """Id of a file."""
    name, content = A_PDF
    return kept(caller.request("POST", "/files", data={"file": (io.BytesIO(content), name)}))["id"]


def advanced(dealer, hq, colleague, programme, period, database):
    body = {"programme": programme, "period": period, "kind": "provisional", "percent": "50"}
    run = kept(hq.post("/hq/rebates/settlements", body))["number"]
    assert kept(hq.get(f"/hq/rebates/settlements/{run}/dealers"))["items"]
    kept(colleague.post(f"/hq/rebates/settlements/{run}/decision", {"decision": "approve"}))
    settlements.carried_out(database, run, today=cast.TODAY, at=cast.NOW)
    assert kept(hq.get(f"/hq/rebates/settlements/{run}"))["state"] == "settled"
    assert run in [one["number"] for one in kept(hq.get("/hq/rebates/settlements"))["items"]]
    [row] = kept(dealer.get("/rebates/settlements"))["items"]
    assert kept(dealer.get(f"/rebates/notes/{row['note']}"))["lines"]
    assert dealer.get(f"/rebates/notes/{row['note']}.pdf").mimetype == "application/pdf"
    kept(hq.get("/hq/rebates/liability"))
    assert kept(dealer.get("/rebates/balances"))["items"] == []


def budgeted(dealer, hq, colleague) -> str:
    """Number of an activity that was planned by the dealer and approved of a budget."""
    days = {"first_day": str(cast.TODAY), "last_day": str(cast.TODAY + timedelta(days=30))}
    titles = {"title_zh": "市场费用", "title_en": "Marketing"}
    body = {"kind": "marketing", "amount": "30000.00", **days}
    budget = kept(hq.post("/hq/rebates/budgets", body | titles))["number"]
    path = f"/hq/rebates/budgets/{budget}"
    kept(colleague.post(f"{path}/approval", {}))
    kept(hq.post(f"{path}/amount", {"amount": "90000.00", "reason": "more of it"}))
    kept(colleague.post(f"{path}/approval", {}))
    assert kept(hq.get(path))["amount"] == "90000.00"
    assert budget in [one["number"] for one in kept(hq.get("/hq/rebates/budgets"))["items"]]
    plan = body | {"title": "科室会", "place": "华山医院"}
    number = kept(dealer.post("/rebates/activities", plan))["number"]
    assert kept(hq.get(f"/hq/rebates/activities/{number}"))["state"] == "submitted"
    approval = {"decision": "approve", "amount": "30000.00", "budget": budget}
    kept(hq.post(f"/hq/rebates/activities/{number}/decision", approval))
    assert number in [one["number"] for one in kept(hq.get("/hq/rebates/activities"))["items"]]
    assert kept(dealer.get(f"/rebates/activities/{number}"))["left"] == "30000.00"
    other = kept(dealer.post("/rebates/activities", plan | {"submit": False}))["number"]
    kept(dealer.request("PUT", f"/rebates/activities/{other}", json=plan | {"revision": 1}))
    kept(dealer.post(f"/rebates/activities/{other}/withdrawal"))
    assert len(kept(dealer.get("/rebates/activities"))["items"]) == 3
    return number


def chained(hq, colleague):
    address = "/hq/rebates/claim-chains"
    chain = next(one for one in kept(hq.get(address))["items"] if one["kind"] == "samples")
    steps = [{"above": "0.00", "approver": "hq_finance"}]
    wanted = {"revision": chain["revision"], "steps": steps, "reason": "audit"}
    kept(hq.post(f"{address}/samples/proposal", wanted))
    assert kept(colleague.post(f"{address}/samples/decision", {"decision": "approve"}))["steps"] == steps


def repaired(dealer, hq):
    body = {"kind": "repair", "subject": "Pump stops", "text": "After an hour."}
    number = kept(dealer.post("/service-requests", body))["number"]
    path, at_desk = f"/service-requests/{number}", f"/hq/service-requests/{number}"
    kept(hq.post(f"{at_desk}/quote", QUOTE))
    kept(dealer.post(f"{path}/quote/refusal", {"version": 1, "reason": "Too dear."}))
    kept(hq.post(f"{at_desk}/quote", QUOTE))
    kept(hq.post(f"{at_desk}/quote/withdrawal"))
    kept(hq.post(f"{at_desk}/quote", QUOTE))
    kept(dealer.post(f"{path}/quote/acceptance", {"version": 3}))
    visit = {"technician": cast.technician.email, "address": "Renmin Road 1"}
    times = {"starts_at": moment(NINE), "ends_at": moment(NINE + timedelta(hours=2))}
    kept(hq.post(f"{at_desk}/visits", visit | times))
    kept(hq.post(f"{at_desk}/visits/1/cancellation"))
    kept(hq.post(f"{at_desk}/visits", visit | times))
    assert kept(hq.get(f"/hq/service-visits?day={NINE.astimezone(cast.ZONE).date().isoformat()}"))["items"]
    points = kept(hq.get(f"{at_desk}/check-list"))["items"]
    report = {
        "client_key": "phone-1",
        "result": "failed",
        "findings": "Filter changed.",
        "checks": [{"item": one["item"], "result": "ok"} for one in points],
        "used": [],
        "signed_name": "李医生",
    }
    kept(hq.post(f"{at_desk}/visits/2/report", report))
    assert kept(dealer.get(f"{path}/repair"))["visits"][1]["report"]["findings"] == "Filter changed."
    assert kept(hq.post(f"{at_desk}/repair/cancellation", {"reason": "Scrap."}))["state"] == "cancelled"


def complained(dealer, author, app):
    body = {"kind": "complaint", "subject": "It broke", "text": "In use.", "somebody_harmed": True}
    number = kept(dealer.post("/service-requests", body))["number"]
    path = f"/hq/complaints/{number}"
    assert number in [one["number"] for one in kept(author.get("/hq/complaints"))["items"]]
    triage = {"category": "quality", "grade": "major", "possible_event": True, "harm": "serious"}
    kept(author.post(f"{path}/triage", triage | {"event_reason": "Somebody was hurt."}))
    handling = {
        "cause": "Weld broke.",
        "measure": "Lot blocked.",
        "answer": "We replace it.",
        "told_how": "Mail",
    }
    kept(author.post(f"{path}/handling", handling | {"told_at": moment(NINE - timedelta(days=30))}))
    kept(author.post(f"{path}/reports", {"fields": REPORT}))
    handed_in = {"submitted_on": str(cast.TODAY), "reference": "3101-2026-000815"}
    refused(author.post(f"{path}/submission", handed_in), 403, "person_needed")
    signed_in = Flow(app, scope=f"openid {QualityRight.DECIDE}")
    person = Caller(app, signed_in.redeem(signed_in.code_for(cast.quality)).json["access_token"])
    kept(person.post(f"{path}/submission", handed_in))
    assert kept(author.get(f"{path}/event"))["state"] == "submitted"
    kept(author.post(f"{path}/closing"))
    assert kept(author.get(path))["state"] == "closed"


def served(dealer, hq, database):
    service.a_team(database, (cast.technician, "", "", ""))
    body = {"kind": "repair", "subject": "Pump stops", "text": "After an hour.", "device": {"serial": "S-1"}}
    number = kept(dealer.post("/service-requests", body))["number"]
    path = f"/service-requests/{number}"
    assert number in [one["number"] for one in kept(dealer.get("/service-requests"))["items"]]
    kept(hq.post(f"/hq{path}/assignment", {}))
    kept(hq.post(f"/hq{path}/notes", {"text": "A known fault."}))
    kept(hq.post(f"/hq{path}/question", {"text": "Which software?"}))
    kept(dealer.post(f"{path}/messages", {"text": "V2.1"}))
    kept(hq.post(f"/hq{path}/sorting", {"kind": "repair", "severity": "high"}))
    kept(hq.post(f"/hq{path}/resolution", {"text": "Updated."}))
    kept(dealer.post(f"{path}/reopening", {"text": "Again."}))
    kept(hq.post(f"/hq{path}/resolution", {"text": "Changed."}))
    kept(dealer.post(f"{path}/rating", {"stars": 5}))
    assert kept(dealer.post(f"{path}/closing"))["state"] == "closed"
    first, second = (kept(dealer.post("/service-requests", body))["number"] for _ in range(2))
    kept(hq.post(f"/hq/service-requests/{first}/merging", {"into": second}))
    kept(dealer.post(f"/service-requests/{second}/cancellation"))
    assert kept(dealer.get(f"/service-requests/{second}"))["merged"] == [first]


def claimed(dealer, hq, colleague):
    day = str(cast.TODAY)
    body = {
        "kind": "marketing",
        "amount": "15000.00",
        "activity": budgeted(dealer, hq, colleague),
        "from": day,
        "to": day,
        "invoices": [{"issuer": "Agency", "number": "24310000", "date": day, "amount": "15000.00"}],
    }
    number = kept(dealer.post("/rebates/claims", body))["number"]
    path = f"/rebates/claims/{number}"
    kept(hq.post(f"/hq{path}/decision", {"decision": "return", "reason": "no photos"}))
    kept(dealer.post(f"{path}/completion", body | {"note": "more to come"}))
    assert kept(hq.get("/hq/rebates/claims?state=mine"))["items"][0]["number"] == number
    outcome = kept(hq.post("/hq/rebates/claims/batch", {"numbers": [number]}))["items"][0]
    assert outcome["state"] is None and [one["code"] for one in outcome["refusals"]] == ["no_evidence"]
    kept(hq.post(f"/hq{path}/decision", {"decision": "approve"}))
    kept(colleague.post(f"/hq{path}/decision", {"decision": "approve", "amount": "9000.00", "reason": "cap"}))
    assert kept(dealer.get(path))["approved"] == "9000.00"
    other = kept(dealer.post("/rebates/claims", body | {"draft": True}))["number"]
    kept(dealer.post(f"/rebates/claims/{other}/withdrawal"))
    assert len(kept(dealer.get("/rebates/claims"))["items"]) == 2


def told(dealer, hq, given):
    body = {
        "kind": "notice",
        "title_zh": "通知",
        "title_en": "Notice",
        "body_zh": "。",
        "must_acknowledge": True,
    }
    draft = kept(hq.post("/hq/notices", body))
    number = draft["id"]
    kept(hq.post(f"/hq/notices/{number}/publication", {"revision": draft["revision"]}))
    assert number in [one["id"] for one in kept(dealer.get("/notices"))["items"]]
    kept(dealer.get(f"/notices/{number}"))
    assert kept(hq.post(f"/hq/notices/{number}/reminder"))
    kept(dealer.post(f"/notices/{number}/acknowledgement"))
    assert kept(hq.get(f"/hq/notices/{number}/readers"))["items"]
    assert number in [one["id"] for one in kept(hq.get("/hq/notices"))["items"]]
    kept(hq.get(f"/hq/notices/{number}"))
    assert dealer.get(f"/notices/{given.an_entry(file=A_PDF)}/files/1").data == A_PDF[1]
    revision = kept(hq.get(f"/hq/notices/{number}"))["revision"]
    kept(hq.post(f"/hq/notices/{number}/withdrawal", {"reason": "mistaken", "revision": revision}))


def rehearsed(hq, path):
    begun = kept(hq.post(f"{path}/rehearsals", {"months": 12}))
    assert (begun["number"], begun["state"]) == (1, "waiting")
    assert kept(hq.get(f"{path}/rehearsals/1"))["revenue_then"] is None


def corrected(dealer, hq, controller):
    invoice = kept(dealer.get("/invoices"))["items"][0]["number"]
    body = {"invoice": invoice, "reason": "damaged", "lines": [{"line": 2, "quantity": 1}]}
    assert kept(hq.post("/hq/credit-notes", body))["state"] == "approved"
    requests = []
    for reference in ("R2", "R3"):
        payment = {
            "dealer": "huadong",
            "amount": "20000.00",
            "received_on": str(cast.TODAY),
            "method": "bank transfer",
            "reference": reference,
        }
        number = kept(hq.post("/hq/payments", payment))["number"]
        asked = kept(hq.post(f"/hq/payments/{number}/reversal", {"reason": "wrong dealer"}))
        assert (asked["subject"], asked["state"], asked["amount"]) == (number, "waiting", "20000.00")
        requests.append(asked["request"])
    assert [
        one["number"] for one in kept(controller.get("/hq/corrections?state=waiting"))["items"]
    ] == requests[::-1]
    assert kept(controller.post(f"/hq/corrections/{requests[0]}/approval"))["state"] == "approved"
    assert (
        kept(controller.post(f"/hq/corrections/{requests[1]}/rejection", {"reason": "it is theirs"}))["state"]
        == "rejected"
    )
    aged = kept(hq.get(f"/hq/ageing?at={cast.TODAY}&seen=then"))
    owed = sum(Decimal(one["balance"]) for one in aged["items"])
    assert Decimal(aged["total"]["balance"]) == owed != 0
    approved = kept(hq.get(f"/hq/corrections/{requests[0]}"))
    assert (approved["document"], approved["state"]) == (approved["subject"], "approved")
    assert kept(hq.get(f"/hq/payments/{approved['document']}"))["reversed_at"]


def posted_beside_bills(dealer, hq):
    day = str(cast.TODAY)
    how = {"method": "bank transfer", "reference": "R4"}
    item = {"document": "2026-10-0031", "issued_on": "2026-10-01", "due_on": "2026-10-31", "amount": "300.00"}
    taken = kept(hq.post("/hq/opening-balances", {"dealer": "suzhou", "items": [item]}))["items"][0]
    debt = {"document": taken["number"], "amount": "30.00"}
    deposit = how | {"amount": "80.00", "received_on": day}
    number = kept(hq.post("/hq/deposits", deposit | {"dealer": "suzhou"}))["number"]
    used = kept(hq.post(f"/hq/deposits/{number}/application", {"debts": [debt]}))
    back = how | {"amount": "20.00", "paid_on": day, "reason": "less is needed"}
    assert kept(hq.post(f"/hq/deposits/{number}/repayment", back))["state"] == "approved"
    assert kept(hq.get(f"/hq/account-documents/{number}"))["left"] == "30.00"
    gone = kept(hq.post("/hq/write-offs", {"dealer": "suzhou", "debts": [debt], "reason": "bankrupt"}))
    assert (gone["kind"], gone["state"], gone["amount"]) == ("write_off", "approved", "30.00")
    reason = {"reason": "paid after all"}
    kept(hq.post(f"/hq/account-documents/{gone['document']}/reversal", reason))
    found = kept(hq.get("/hq/account-documents?dealer=suzhou"))["items"]
    assert {one["kind"] for one in found} == {
        "opening",
        "deposit",
        "deposit_use",
        "deposit_return",
        "write_off",
    }
    paid = how | {"dealer": "huadong", "amount": "90000.00", "received_on": day, "reference": "R5"}
    credit = kept(hq.post("/hq/payments", paid))["number"]
    refund = kept(hq.post("/hq/refunds", back | {"credit": credit}))["document"]
    assert kept(dealer.get("/account-documents"))["items"][0]["number"] == refund
    assert kept(dealer.get(f"/account-documents/{refund}"))["source"] == credit
    lines = kept(hq.get(f"/hq/journal?document={used['number']}"))["items"]
    assert {line["account_code"] for line in lines} == {"1122", "224101"}
    totals = kept(hq.get(f"/hq/journal/totals?document={used['number']}"))["items"]
    assert sum(Decimal(one["balance"]) for one in totals) == 0
    assert hq.get("/hq/journal/file?form=xlsx&account=deposits_held").data.startswith(b"PK")
    month = f"/hq/journal/exports/{clock.period_of(cast.TODAY)}"
    found = kept(hq.get(month))
    assert len(kept(hq.get(f"{month}/vouchers?limit=200"))["items"]) == found["vouchers"]
    assert hq.get(f"{month}/file?form=csv&part=1").status_code == 200
    entry = kept(hq.get(f"/hq/journal/entries/{gone['document']}"))["items"]
    assert [one["is_reversal"] for one in entry] == [False, True]
    balance = kept(hq.get("/hq/trial-balance"))["items"]
    assert sum(Decimal(one["closing"]) for one in balance) == 0


def paid_online(dealer, hq, controller, database):
    begun = kept(dealer.post("/payments", {"amount": "12.00"}))
    assert begun["client_secret"].startswith("pi_") and begun["redirect_url"].endswith(begun["id"])
    assert kept(dealer.get(f"/payments/{begun['id']}"))["state"] == "open"
    assert kept(dealer.post(f"/payments/{begun['id']}/cancellation"))["state"] == "cancelled"
    booked = next(one["number"] for one in kept(dealer.get("/payments"))["items"] if not one["reversed"])
    assert kept(dealer.get(f"/payments/{booked}"))["payment"] == booked
    kept(dealer.get(f"/payments/{booked}/receipt.pdf"))
    made = payments.begun(database, amount="9.00")
    events = [payments.intent_event(made, currency="usd"), payments.intent_event(made, currency="eur")]
    payments.told(database, *events)
    assert made.number in {one["number"] for one in kept(hq.get("/hq/online-payments"))["items"]}
    assert kept(hq.get(f"/hq/online-payments/{made.number}"))["dealer"] == "huadong"
    assert len(kept(hq.get("/hq/stripe-events?state=waiting"))["items"]) == 2
    path = f"/hq/stripe-events/{events[0]['id']}"
    assert kept(hq.post(f"{path}/handling"))["trouble"] == "wrong_currency"
    assert kept(hq.post(f"{path}/setting-aside", {"reason": "booked by hand"}))["state"] == "aside"
    [lacking, _] = kept(hq.get("/hq/stripe-events?state=unbooked"))["items"]
    assert Decimal(lacking["unbooked"]) == 9
    assert kept(controller.post(f"{path}/closing", {"reason": "not ours"}))["state"] == "closed"


def banked(hq):
    content = mt940(booked("7.00", party="某公司"))
    form = {"file": (io.BytesIO(content), "bank.sta")}
    number = kept(hq.request("POST", "/hq/bank-statements", data=form))["id"]
    [row] = kept(hq.get(f"/hq/bank-statements/{number}/bookings"))["items"]
    booking = f"/hq/bank-statements/{number}/bookings/{row['n']}"
    assert kept(hq.post(f"{booking}/match", {"dealer": "huadong"}))["payment"]
    assert kept(hq.post(f"{booking}/unmatch", {"reason": "another dealer"}))["state"] == "waiting"
    assert kept(hq.get(f"/hq/bank-statements/{number}"))["waiting"] == 1


def taxed(dealer, hq, controller, database):
    invoice = kept(dealer.get("/invoices"))["items"][0]["number"]
    form = {"file": (io.BytesIO(taxes.xml_of(database, invoice)), "a.xml"), "document": invoice}
    number = kept(hq.request("POST", "/hq/tax-invoices", data=form))["number"]
    assert kept(dealer.get(f"/invoices/{invoice}/tax-invoice"))["number"] == number
    assert dealer.get(f"/invoices/{invoice}/tax-invoice.xml").status_code == 200
    assert hq.get(f"/hq/tax-invoices/{number}.xml").status_code == 200
    form = {"number": taxes.number_of_platform(88_888), "gross": "-1.00", "state": "02"}
    form["asked_at"] = "2026-11-01T02:00:00Z"
    assert kept(hq.post(f"/hq/tax-invoices/{number}/red-forms", form))["items"][0]["state"] == "02"
    assert kept(hq.post(f"/hq/tax-invoices/{number}/removal", {"reason": "wrong"}))["state"] == "removed"
    other = taxes.xml_of(database, invoice, change=taxes.dearer("0.07")).decode()
    number = kept(hq.post("/hq/tax-invoices", {"text": other, "document": invoice}))["number"]
    assert kept(hq.get(f"/hq/tax-invoices/{number}"))["state"] == "differs"
    said = {"reason": "agreed with the tax office"}
    assert kept(controller.post(f"/hq/tax-invoices/{number}/acceptance", said))["state"] == "accepted"
    assert kept(hq.get(f"/hq/tax-invoices?document={invoice}"))["items"][0]["number"] == number


def returned(dealer, hq, shipment):
    order = kept(dealer.get(f"/shipments/{shipment}"))["order"]
    lines = [{"sku": "GLOVES", "quantity": 1, "reason": "damaged"}]
    told = kept(dealer.post(f"/orders/{order}/return-quotes", {"shipment": shipment, "lines": lines}))
    assert (told["charge"], told["gifts"], told["total"]) == ("0.00", [], told["credit"])
    asked = kept(dealer.post(f"/orders/{order}/returns", {"shipment": shipment, "lines": lines}))
    number, lot = asked["number"], asked["lines"][0]["lot"]
    assert [one["number"] for one in kept(dealer.get("/returns"))["items"]] == [number]
    assert kept(hq.post(f"/hq/returns/{number}/approval", {}))["state"] == "approved"
    assert kept(hq.post(f"/hq/returns/{number}/receipt", {}))["state"] == "received"
    found = {"lines": [{"sku": "GLOVES", "lot": lot, "quantity": 1, "result": "saleable"}]}
    assert kept(hq.post(f"/hq/returns/{number}/inspection", found))["credit_note"]
    assert kept(dealer.get(f"/returns/{number}"))["state"] == "settled"
    for end in ("withdrawal", "rejection"):
        again = kept(dealer.post(f"/orders/{order}/returns", {"shipment": shipment, "lines": lines}))[
            "number"
        ]
        who, address = (dealer, "") if end == "withdrawal" else (hq, "/hq")
        body = {"reason": "too late"} if end == "rejection" else {}
        kept(who.post(f"{address}/returns/{again}/{end}", body))
    exchanged(dealer, hq, order, shipment, found)


def registered(dealer, hq):
    """Devices that were there before, imported; one is installed, and all are looked up."""
    rows = [{"dealer": "huadong", "sku": "STENT", "serial": "OLD-1"}, {"dealer": "huadong", "sku": "GLOVES"}]
    seen = kept(hq.post("/hq/devices/import", {"rows": rows}))
    assert (seen["applied"], seen["added"], seen["refused"]) == (False, 1, 1)
    done = kept(hq.post("/hq/devices/import", {"rows": rows, "apply": True}))
    number = done["rows"][0]["number"]
    day = LAST_DAY.isoformat()
    report = {"device": "OLD-1", "hospital": "示范医院", "installed_on": day, "installed_by": "赵磊"}
    filed = kept(dealer.post("/installation-reports", report))
    assert (filed["number"], filed["state"]) == (number, "installed")
    refused(dealer.post("/installation-reports", {"device": "OLD-1"}), 422)
    assert [one["serial"] for one in kept(dealer.get("/devices?q=OLD"))["items"]] == ["OLD-1"]
    assert kept(dealer.get("/devices/OLD-1"))["reports"][0]["number"] == filed["report"]
    assert kept(dealer.get("/maintenance"))["items"] == []


def exchanged(dealer, hq, order, shipment, found):
    """The same again for the same money, by an order of its own."""
    lines = [{"sku": "GLOVES", "quantity": 1, "reason": "defective", "remedy": "exchange"}]
    number = kept(dealer.post(f"/orders/{order}/returns", {"shipment": shipment, "lines": lines}))["number"]
    kept(hq.post(f"/hq/returns/{number}/approval", {}))
    kept(hq.post(f"/hq/returns/{number}/receipt", {}))
    settled = kept(hq.post(f"/hq/returns/{number}/inspection", found))
    replacement = kept(dealer.get(f"/orders/{settled['replacement']}"))
    assert (settled["lines"][0]["remedy"], replacement["lines"][0]["quantity"]) == ("exchange", 1)
    kept(dealer.post(f"/orders/{settled['replacement']}/cancellation"))


def doubted(dealer, hq, quality, shipment):
    """Cold goods with a temperature record that is no logger's file."""
    order = kept(dealer.get(f"/shipments/{shipment}"))["order"]
    file = kept(dealer.request("POST", "/files", data={"file": (io.BytesIO(A_PDF[1]), "a.pdf")}))["id"]
    lines = [{"sku": "SYRINGE", "quantity": 1, "reason": "damaged"}]
    body = {"shipment": shipment, "lines": lines, "files": [file], "temperature_file": file}
    asked = kept(dealer.post(f"/orders/{order}/returns", body))
    assert (asked["temperatures"]["verdict"], asked["temperatures"]["findings"]) == ("doubtful", [])
    refused(hq.post(f"/hq/returns/{asked['number']}/approval", {}), 409)
    reason = {"reason": "stable by the maker's data"}
    accepted = kept(quality.post(f"/hq/returns/{asked['number']}/temperatures", reason))
    assert accepted["temperatures"]["verdict"] == "accepted"
    assert kept(hq.post(f"/hq/returns/{asked['number']}/approval", {}))["state"] == "approved"


def purchased(dealer, database):
    lines = {"lines": [{"sku": "GLOVES", "quantity": 1}]}
    kept(dealer.request("PUT", "/order-templates/weekly", json=lines))
    assert [one["name"] for one in kept(dealer.get("/order-templates"))["items"]] == ["weekly"]
    assert kept(dealer.get("/order-templates/weekly"))["lines"][0]["quantity"] == 1
    kept(dealer.request("DELETE", "/order-templates/weekly"))
    acts.limit(database, cast.huadong.boss, acts.BUYERS, "1.00")
    first, second = (acts.order(database, cast.huadong.buyer, (cast.gloves, 5)).number for _ in range(2))
    assert {one["number"] for one in kept(dealer.get("/order-drafts"))["items"]} == {first, second}
    assert kept(dealer.get(f"/order-drafts/{first}"))["state"] == "waiting"
    assert kept(dealer.post(f"/order-drafts/{first}/approval", {}))["order"]
    kept(dealer.post(f"/order-drafts/{second}/rejection", {"reason": "budget"}))


def reported(dealer, given):
    delivery = given.a_delivery_of(given.an_order({cast.syringe: 20}).number)
    given.a_receipt_of(delivery.shipment_number, by=cast.huadong.buyer)
    lot = {"sku": cast.syringe.sku, "lot": cast.syringe_lot_early.lot_no}
    day = cast.TODAY.isoformat()
    lines = [
        lot | {"quantity": 15, "kind": "stock"},
        lot | {"quantity": 900, "kind": "sold", "day": day, "customer": "Renji"},
        lot | {"lot": "ELSEWHERE", "quantity": 0, "kind": "stock"},
    ]
    report = kept(dealer.post("/inventory-reports", {"as_of": day, "lines": lines}))
    assert [one["finding"] for one in report["lines"]] == ["", "more_than_bought", "not_bought"]
    assert all(bool(one["finding"]) == bool(one["message"] and one["fix"]) for one in report["lines"])
    assert kept(dealer.get(f"/inventory-reports/{report['number']}")) == report
    [head] = kept(dealer.get("/inventory-reports?limit=1"))["items"]
    assert (head["number"], head["lines"], head["doubtful"]) == (report["number"], 3, 2)
    held = {one["lot"]: one["held"] for one in kept(dealer.get("/own-stock?q=sy-early"))["items"]}
    assert held == {cast.syringe_lot_early.lot_no: 15}
    assert kept(dealer.get("/own-stock?short_dated_within=10"))["items"] == []


def sold_out(dealer):
    lot = {"sku": cast.syringe.sku, "lot": cast.syringe_lot_early.lot_no, "at": cast.TODAY.isoformat()}
    lines = [
        lot | {"document": "INV-1", "line": 1, "quantity": 2, "to": "Renji"},
        lot | {"document": "INV-1", "line": 1, "quantity": 2, "to": "Renji"},
        lot | {"document": "INV-1", "line": "2", "quantity": 1, "kind": "use", "to": "Ruijin"},
        lot | {"lot": "ELSEWHERE", "at": cast.NOW.isoformat(), "quantity": 1, "to": "Renji"},
    ]
    report = kept(dealer.post("/sell-out-reports", {"lines": lines}))
    assert (report["accepted"], report["waiting"]) == (1, 1)
    told = [(one["line"], one["code"]) for one in report["refused"]]
    assert told == [("1", "repeated"), ("4", "never_held")]
    assert all(one["message"] and one["fix"] for one in report["refused"])
    assert kept(dealer.get(f"/sell-out-reports/{report['number']}")) == report
    [waiting] = kept(dealer.get("/sell-out-reports?state=waiting"))["items"]
    assert (waiting["line"], waiting["code"]) == ("2", "never_held") and waiting["waits_until"]
    back = {"line_no": 1, "reason": "wrong hospital"}
    reversed_ = kept(dealer.post(f"/sell-out-reports/{report['number']}/reversal", back))
    assert [one["state"] for one in reversed_["lines"]] == ["reversed", "refused", "waiting", "refused"]


def supplied(hq, given, database):
    given.an_order({cast.gauze: 500}, supply=SupplyTerms(backorder=True))
    (number,) = supply.asked(database)
    assert number in [one["number"] for one in kept(hq.get("/hq/supply-requests"))["items"]]
    told = {"state": "confirmed", "expected_on": (cast.TODAY + timedelta(days=9)).isoformat()}
    assert kept(hq.post(f"/hq/supply-requests/{number}/progress", told))["order_lines"] == 1


def planned(dealer, hq, database):
    terms = {"warehouse": cast.shanghai_warehouse.code, "lead_days": 14, "service_level": "0.985"}
    assert kept(hq.request("PUT", "/hq/replenishment-terms", json=terms))["service_level"] == "0.985"
    told = kept(hq.get("/hq/replenishment-terms"))
    assert (told["lead_days"], told["service_level"]) == (30, "0.950")
    [kept_terms] = [one for one in told["items"] if one["lead_days"]]
    assert kept_terms | terms == kept_terms
    planning.advised(database)
    everything = kept(hq.get("/hq/replenishment?show=all&limit=200"))["items"]
    gauze = {one["warehouse"]: one for one in everything if one["sku"] == cast.gauze.sku}
    assert gauze[cast.shanghai_warehouse.code]["lead_days"] == 14
    assert gauze[cast.shanghai_warehouse.code]["waiting"] > 0
    assert kept(dealer.get("/replenishment"))["items"] == []


def followed(dealer, hq, given):
    order = given.an_order({cast.gloves: 2}).number
    number = given.a_delivery_of(order).shipment_number
    event = {"at": clock.now().isoformat(), "code": "out_for_delivery", "place": "上海"}
    assert kept(hq.post(f"/hq/shipments/{number}/events", event))["is_new"]
    assert not kept(hq.post(f"/hq/shipments/{number}/events", event))["is_new"]
    told = kept(dealer.get(f"/shipments/{number}/events"))
    assert (told["standing"], [one["place"] for one in told["items"]]) == ("out_for_delivery", ["上海"])
    assert told["expected_on"] and told["tracking_url"]
    return number


def kept_cold(dealer, hq, colleague, number):
    base = f"/hq/shipments/{number}/cold-record"
    packing = {"transport": "cool_box", "box": "BOX-1", "celsius": "5.0"}
    assert kept(hq.post(base, packing))["state"] == "open"
    kept(hq.post(f"{base}/departure", {"celsius": "4.5"}))
    now = clock.now().astimezone(cast.ZONE)
    log = {"text": f"Time,Temperature\n{now:%Y-%m-%d %H:%M:%S},9.5\n", "unit": "C", "name": "logger.csv"}
    added = kept(hq.post(f"{base}/logs", log))
    assert (added["readings"], added["is_new"]) == (1, True)
    arrival = kept(dealer.post(f"/shipments/{number}/cold-record/arrival", {"celsius": "9.0"}))
    assert arrival["state"] == "waiting"
    record = kept(dealer.get(f"/shipments/{number}/cold-record"))
    assert record["loggers"][0]["readings"][0]["celsius"] == "9.50"
    decision = {"decision": "condemn", "reason": "too warm"}
    assert kept(colleague.post(f"{base}/decision", decision))["state"] == "condemned"


def transferred(hq, controller, given):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 10))
    line = {"sku": product.sku, "lot": "A"}
    ends = {"from": cast.shanghai_warehouse.code, "to": cast.guangzhou_warehouse.code}
    draft = kept(hq.post("/hq/transfers", {**ends, "lines": [{**line, "quantity": 6}]}))["number"]
    kept(hq.post(f"/hq/transfers/{draft}/cancellation"))
    number = kept(hq.post("/hq/transfers", {**ends, "lines": [{**line, "quantity": 6}]}))["number"]
    assert kept(hq.post(f"/hq/transfers/{number}/dispatch", {}))["state"] == "in_transit"
    receipt = {"lines": [{**line, "received": 3, "damaged": 1}]}
    for _ in range(2):
        assert kept(hq.post(f"/hq/transfers/{number}/receipt", receipt))["missing"] == 2
    settled = {"lines": [{**line, "found": 1, "lost": 1}], "reason": "torn carton"}
    refused(hq.post(f"/hq/transfers/{number}/differences", settled), 403, "same_person")
    assert kept(controller.post(f"/hq/transfers/{number}/differences", settled))["state"] == "received"
    assert kept(hq.get(f"/hq/transfers/{number}"))["lines"][0]["received"] == 4
    assert number in [one["number"] for one in kept(hq.get("/hq/transfers"))["items"]]


def counted(hq, controller, given):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 10))
    begun = {"warehouse": cast.shanghai_warehouse.code, "skus": [product.sku]}
    kept(hq.post(f"/hq/stock-counts/{kept(hq.post('/hq/stock-counts', begun))['number']}/cancellation"))
    for decided, counts in (("approval", ("recounting", "submitted")), ("rejection", ("submitted",))):
        number = kept(hq.post("/hq/stock-counts", begun))["number"]
        for state in counts:
            entry = {"sku": product.sku, "lot": "A", "units": 8}
            (line,) = kept(hq.post(f"/hq/stock-counts/{number}/entries", entry))["items"]
            assert (line["counted"], line["expected"]) == (8, None)
            assert kept(hq.post(f"/hq/stock-counts/{number}/submission"))["state"] == state
        (line,) = kept(hq.get(f"/hq/stock-counts/{number}"))["items"]
        assert kept(hq.get(f"/hq/stock-counts/{number}/lines"))["items"] == [line]
        assert line["difference"] == (-2 if decided == "approval" else 0)
        kept(controller.post(f"/hq/stock-counts/{number}/{decided}", {"note": "seen"}))
        assert number in [one["number"] for one in kept(hq.get("/hq/stock-counts"))["items"]]


def destroyed(hq, controller, given, app):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 5))
    goods = {"warehouse": cast.shanghai_warehouse.code, "sku": product.sku, "lot": "A", "quantity": 2}
    said = {"reason": "the box is wet", "set_apart": True}
    number = kept(hq.post("/hq/non-conforming", {**goods, **said}))["number"]
    decision = {"decision": "destroy", "note": "wet through"}
    assert kept(controller.post(f"/hq/non-conforming/{number}/decision", decision))["state"] == "to_destroy"
    refused(hq.post(f"/hq/non-conforming/{number}/witness"), 403, "person_needed")
    signed_in = Flow(app, scope=f"openid {NonconformingRight.REPORT}")
    person = Caller(app, signed_in.redeem(signed_in.code_for(cast.order_desk)).json["access_token"])
    assert kept(person.post(f"/hq/non-conforming/{number}/witness"))["state"] == "destroyed"
    assert kept(hq.get(f"/hq/non-conforming/{number}"))["witnessed_by"]
    assert number in [one["number"] for one in kept(hq.get("/hq/non-conforming"))["items"]]


def notified(dealer, hq, database, app):
    """A person reads the inbox and chooses; a program has neither. A mail comes back."""
    notify.told(database, "order.shipped", [cast.huadong.buyer])
    signed_in = Flow(app, scope=f"openid {NotificationRight.READ}")
    person = Caller(app, signed_in.redeem(signed_in.code_for(cast.huadong.buyer)).json["access_token"])
    [entry] = kept(person.get("/notifications?unread=true"))["items"]
    assert (entry["event"], entry["read_at"]) == ("order.shipped", None)
    assert kept(person.post(f"/notifications/{entry['id']}/reading"))["read_at"]
    found = kept(person.get("/notifications/preferences"))
    mandatory = {"notice.demanded", "recall.decided", "recall.reminded"}
    assert {one["event"] for one in found["events"] if one["mandatory"]} == mandatory
    chosen = {"event": "order.shipped", "inbox": True, "mail": "digest", "sms": False}
    body = {"revision": found["revision"], "setting": found["setting"], "events": [chosen]}
    body["setting"] |= {"quiet_from": "22:00", "quiet_until": "07:30"}
    put = kept(person.request("PUT", "/notifications/preferences", json=body))
    assert put["setting"]["quiet_until"] == "07:30" and put["revision"] == 1
    refused(person.request("PUT", "/notifications/preferences", json=body), 409, "edited_meanwhile")
    mandatory = {"event": "notice.demanded", "inbox": False, "mail": "none", "sms": False}
    body = body | {"revision": 1, "events": [mandatory]}
    refused(person.request("PUT", "/notifications/preferences", json=body), 422, "invalid")
    refused(dealer.get("/notifications"), 404, "not_found")
    refused(dealer.post(f"/notifications/{entry['id']}/reading"), 404, "not_found")
    refused(dealer.get("/notifications/preferences"), 404, "not_found")
    refused(dealer.request("PUT", "/notifications/preferences", json=body), 404, "not_found")
    assert kept(hq.post("/hq/mail-bounces", {"message": report("made-up-name")})) == {"suspended": 0}


def stocked(hq):
    """Goods are ordered, come, are inspected and lie there."""
    kept(hq.request("PUT", "/hq/suppliers/SUP-9", json={"name": "苏州示例医疗器械厂"}))
    assert "SUP-9" in [one["code"] for one in kept(hq.get("/hq/suppliers"))["items"]]
    order = {
        "number": "PO-9",
        "supplier": "SUP-9",
        "warehouse": cast.guangzhou_warehouse.code,
        "expected_on": cast.TODAY.isoformat(),
        "lines": [{"sku": cast.gauze.sku, "quantity": 12}],
    }
    assert kept(hq.post("/hq/purchase-orders", order))["state"] == "open"
    assert "PO-9" in [one["number"] for one in kept(hq.get("/hq/purchase-orders"))["items"]]
    line = {"sku": cast.gauze.sku, "lot": "GZ-9", "expires_on": "2098-05-31", "quantity": 12}
    body = {"warehouse": order["warehouse"], "reference": "PO-9", "lines": [line | {"inspection": True}]}
    receipt = kept(hq.post("/hq/goods-receipts", body))
    number = receipt["number"]
    assert (receipt["state"], receipt["purchase_order"]) == ("inspecting", "PO-9")
    assert number in [one["number"] for one in kept(hq.get("/hq/goods-receipts?state=inspecting"))["items"]]
    decided = {"sku": cast.gauze.sku, "lot": "GZ-9", "accepted": 10, "refused": 2, "reason": "破损"}
    kept(hq.post(f"/hq/goods-receipts/{number}/inspections", {"lines": [decided]}))
    assert kept(hq.get(f"/hq/goods-receipts/{number}"))["state"] == "partly_refused"
    assert kept(hq.get("/hq/purchase-orders/PO-9"))["lines"][0]["received"] == 12
    [level] = kept(hq.get(f"/hq/stock?warehouse={order['warehouse']}&sku={cast.gauze.sku}"))["items"]
    assert (level["on_hand"], level["quarantined"], level["in_inspection"]) == (10, 2, 0)
    assert [(lot["lot"], lot["on_hand"]) for lot in level["lots"]] == [("GZ-9", 10)]
