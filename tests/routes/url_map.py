"""Every route of the portal, and whose data it shows: read from the URL map, so that none is forgotten."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Flask

from config import Settings
from portal.app import create_app
from portal.kernel import clock
from portal.kernel.registry import registry
from portal.shipping.ship import Shipped
from tests import cast

_PARAMETER = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?([a-z_]+)>")

LAST_MONTH = clock.previous_period(clock.period_of(cast.TODAY))

OWNED = {
    **registry().owned,
    "<number>/messages": "webhook message",
    "<number>/deliveries": "webhook message",
}
"""What follows these words in an address belongs to one dealer: the kind of what lies there."""

# What follows these words is the same for everybody who may come there at all.
SHARED = {
    "catalogue": cast.gloves.sku,
    "products": cast.gloves.sku,
    "locale": "zh",
    "views": "orders",
    "help": "glossary",
    "policies": str(cast.policy_in_force),
    "promotions": cast.past_promotion_number,
    "programmes": cast.rebate_programme_number,
    "rebates": cast.rebate_programme_number,
    "settlements": cast.rebate_run_number,
    "rebate-settlements": cast.rebate_run_number,
    "region-moves": "BJ2611-00000000A",
    "acting/consents": "made-up",
    "budgets": cast.budget_number,
    "amendments": "FB2611-00000000A",
    "facts": "FS2611-00000000A",
    "chains": "marketing",
    "claim-chains": "marketing",
    "delegations": "1",
    "<number>/papers": "1",
    "floor-prices": cast.gloves.sku,
    "closes": LAST_MONTH,
    "period-closes": LAST_MONTH,
    "exports": LAST_MONTH,
    "rehearsals": "1",
    "simulations": "1",
    "severities": "overdue",
    "limits": "order_desk",
    "<role>": "credit",
    "supply-requests": cast.supply_request_number,
    "replenishment": cast.shanghai_warehouse.code,
    "transfers": cast.transfer_number,
    "stock-counts": cast.stock_count_number,
    "non-conforming": cast.nonconforming_number,
    "knowledge": "KB2611-00000000A",
    "working-days": "2026",
    "visits": "1",
    "d": "no-token-of-ours",
    "invitation": "no-token-of-ours",
    "password": "no-token-of-ours",
    "company": "ip-nothing",
    "from": "ip-nothing",
    "sessions": "no-session-of-anybody",
    "factors": "no-factor-of-anybody",
    "verify": "no-token-of-ours",
    "carriers": "sf",
    "<number>/files": "1",
    "<int:policy_id>/files": "1",
    "logs": "1",
    "decision": "release",
    "goods-receipts": cast.goods_receipt_number,
    "purchase-orders": cast.purchase_order_number,
    "suppliers": cast.supplier_code,
    "stock": cast.shanghai_warehouse.code,
    "lots": cast.gloves.sku,
    "movements": cast.gloves.sku,
    "units": cast.gloves.sku,
    "hq/recalls": "RC2611-00000000A",
    "serials": cast.gloves.sku,
    "<sku>": cast.gloves_lot.lot_no,
    "<warehouse>": cast.gloves.sku,
    "hq/roles": "own-000000000000",
    "hq/webhooks": "WH2611-00000000A",
    "hq/webhooks/<number>/messages": "msg_0",
    "hq/webhooks/<number>/deliveries": "msg_0",
    "waves": cast.wave_number,
    "device-imports": "DM2611-00000000A",
    "docs": "orders",
    "inbox": "made-up",
    "notifications": "made-up",
    "stop": "no-token-of-ours",
    "confirm": "no-token-of-ours",
    "robots": "1",
    "bank-statements": "BS2611-00000000A",
    "bank/files": "BS2611-00000000A",
    "stripe-events": "evt_nothing",
    "<number>/bookings": "1",
    "dunning": cast.dunning_run_number,
    "dunning-runs": cast.dunning_run_number,
    "static": "favicon.svg",
    "epcs": "urn:epc:id:sgtin:4012345.011111.9876",
}

# What a call is sent so that it looks for its document at all.
BODIES: Mapping[str, dict[str, Any]] = {
    "POST /api/v1/sell-out-reports/<number>/reversal": {"line_no": 1, "reason": "wrong hospital"},
    "PUT /api/v1/rebates/activities/<number>": {
        "kind": "marketing",
        "title": "T",
        "place": "P",
        "first_day": "2026-01-01",
        "last_day": "2026-01-02",
        "amount": "1.00",
        "revision": 1,
    },
    "POST /api/v1/service-requests/<number>/messages": {"text": "A"},
    "POST /api/v1/service-requests/<number>/reopening": {"text": "A"},
    "POST /api/v1/service-requests/<number>/rating": {"stars": 5},
    "POST /api/v1/service-requests/<number>/quote/acceptance": {"version": 1},
    "POST /api/v1/service-requests/<number>/quote/refusal": {"version": 1},
    "POST /api/v1/own-ledger/<number>/answers": {"differences": [1], "answer": "accepted"},
    "POST /api/v1/knowledge/<number>/vote": {"helpful": True},
    "POST /api/v1/recalls/<number>/response": {"found": 1},
}

# A name that a dealer gives belongs to each dealer anew: who puts something there makes it their own.
MAKES_ONES_OWN = {"PUT /api/v1/order-templates/<name>"}

# Open to everybody, and why.
PUBLIC = {
    "static": "style and scripts",
    "issuer.configuration": "discovery",
    "issuer.key_set": "public keys",
    "issuer.authorize": "the sign-in form",
    "issuer.token": "wants a client's secret",
    "issuer.userinfo": "wants a token",
    "issuer.revoke": "wants a client's secret",
    "issuer.introspect": "wants a client's secret",
    "end_session.show": "wants an ID token, or asks whoever is signed in",
    "well_known.security": "whom to tell of a weakness",
    "well_known.change_password": "the way to the own account",
    "well_known.csp_reports": "takes what browsers tell, and tells nothing",
    "account.login": "the way in",
    "delivery_link.show": "wants the token of a link, sealed under the portal's secret",
    "delivery_link.sign": "wants the token of a link, sealed under the portal's secret",
    "delivery_photos.create": "wants the token of a link, sealed under the portal's secret",
    "delivery_photos.begin": "wants the token of a link, sealed under the portal's secret",
    "delivery_photos.so_far": "wants the token of a link, sealed under the portal's secret",
    "delivery_photos.piece": "wants the token of a link, sealed under the portal's secret",
    "delivery_photos.removal": "wants the token of a link, sealed under the portal's secret",
    "delivery_photos.preview": "wants the token of a link, sealed under the portal's secret",
    "verify.show": "says whether a statement is genuine, by the code on it, and no figure",
    "verify.compare": "says whether a PDF is as issued, by the code on it, and no figure",
    "mail_links.ask_stop": "wants the token of a letter, sealed under the portal's secret",
    "mail_links.stop": "wants the token of a letter, sealed under the portal's secret",
    "mail_links.ask_confirm": "wants the token of a letter, sealed under the portal's secret",
    "mail_links.confirm": "wants the token of a letter, sealed under the portal's secret",
    "account.callback": "the way back from the issuer",
    "company_sign_in.ask": "asks for a mail address, of which the domain alone counts",
    "company_sign_in.find": "leads to the provider of a domain, whoever has an account",
    "company_sign_in.begin": "leads to the sign-in page of a provider",
    "company_sign_in.callback": "the way back from a provider",
    "company_sign_in.prove": "leads whoever is signed in to the provider, and refuses others",
    "company_sign_in.back_channel": "wants a token that a provider has signed",
    "account_links.invitation": "wants the token of a letter, sealed under the portal's secret",
    "account_links.accept": "wants the token of a letter, sealed under the portal's secret",
    "account_links.forgotten": "asks for a mail address, and says the same of every one",
    "account_links.send_link": "says the same of every address",
    "account_links.choose": "wants the token of a letter, sealed under the portal's secret",
    "account_links.reset": "wants the token of a letter, sealed under the portal's secret",
    "account.choose_language": "before anybody signs in",
    "carrier_push.receive": "wants a carrier's signature",
    "stripe_webhook.receive": "wants Stripe's signature",
    "api_docs.page": "how to call the API, with no data in it",
    "api_docs.chapter": "how to call the API, with no data in it",
    "api_docs.openapi": "how to call the API, with no data in it",
}


OwnedNumbers = Mapping[str, str]
"""Numbers of what one dealer owns, by kind; of the kind ``dealer`` its code."""

NOBODYS: OwnedNumbers = {
    "dealer": "nobody",
    "order": "SO2611-00000000A",
    "shipment": "SH2611-00000000A",
    "invoice": "IN2611-00000000A",
    "statement": "ST2611-00000000A",
    "payment": "PY2611-00000000A",
    "correction": "CR2611-00000000A",
    "entry": "NT2611-00000000A",
    "return": "RT2611-00000000A",
    "delivery_case": "DC2611-00000000A",
    "order template": "list-of-nobody",
    "order draft": "DR2611-00000000A",
    "recurring order": "RO2611-00000000A",
    "file": "FI2611-00000000A",
    "upload": "FU2611-00000000A",
    "inventory report": "IR2611-00000000A",
    "sell-out report": "SL2611-00000000A",
    "rebate note": "RN2611-00000000A",
    "activity": "AC2611-00000000A",
    "paper": "ZZ2611-00000000A",
    "recall": "RC2611-00000000A",
    "authorisation": "SQ2611-00000000A",
    "rebate claim": "CL2611-00000000A",
    "dispute": "DP2611-00000000A",
    "adjustment": "AN2611-00000000A",
    "service request": "SV2611-00000000A",
    "complaint": "SV2611-00000000B",
    "webhook": "WH2611-00000000A",
    "webhook message": "msg_0",
    "device": "DV2611-00000000A",
    "maintenance": "MT2611-00000000A",
    "own ledger": "OL2611-00000000A",
    "epcis capture": "EC2611-00000000A",
    "tax_invoice": "26310000000000000000",
    "account document": "DE2611-00000000A",
    "credit change": "LM2611-00000000A",
    "stop": "XS2611-00000000A",
    "dunning letter": "DN2611-00000000A",
    "online payment": "OP2611-00000000A",
    "person": "made-up",
    "invitation": "made-up",
    "tier change": "TJ2611-00000000A",
    "consent": "made-up",
    "delegation": "made-up",
    "api client": "ac-00000000000a",
    "custom role": "own-000000000000",
    "provider": "ip-00000000000a",
}


def owned_numbers_of(
    code: str,
    delivery: Shipped,
    statement: str,
    payment: str,
    correction: str,
    entry: str,
    others: OwnedNumbers,
) -> OwnedNumbers:
    """The code of a dealer, and a document of each kind."""
    return {
        "dealer": code,
        "order": delivery.order_number,
        "shipment": delivery.shipment_number,
        "invoice": delivery.invoice_number,
        "statement": statement,
        "payment": payment,
        "correction": correction,
        "entry": entry,
        **others,
    }


def _word(before: Sequence[str]) -> str:
    whole = ("/".join(before[start:]) for start in range(len(before)))
    return next((word for word in whole if word in SHARED or word in OWNED), before[-1])


@dataclass(frozen=True)
class Route:
    """One method of one route. `audience` is the value of `portal.kernel.manifest.Audience`."""

    method: str
    rule: str
    endpoint: str
    audience: str

    @property
    def words(self) -> list[str]:
        """What stands before each parameter of the address: a word, or the parameter before it.

        A word that means something else within what stands before it, comes with that: ``<number>/files``,
        with as much of it as `OWNED` or `SHARED` knows.
        """
        segments = self.rule.split("/")
        return [
            _word(segments[:place]) for place, segment in enumerate(segments) if _PARAMETER.search(segment)
        ]

    @property
    def is_owned(self) -> bool:
        """Whether what it shows belongs to one dealer."""
        return any(word in OWNED for word in self.words)

    @property
    def is_api(self) -> bool:
        """Whether programs call it with a token."""
        return self.rule.startswith("/api/")

    def address(self, owned_numbers: OwnedNumbers) -> str:
        """The address of a dealer's thing.

        Raises KeyError for a word that neither `OWNED` nor `SHARED` knows.
        """
        words = iter(self.words)

        def value(_parameter: re.Match) -> str:
            word = next(words)
            return owned_numbers[OWNED[word]] if word in OWNED else SHARED[word]

        return _PARAMETER.sub(value, self.rule)

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


@cache
def routes() -> tuple[Route, ...]:
    """Every route with every method it takes; the application opens no connection for this."""
    nowhere = "postgresql+psycopg://x@/x"
    return routes_of(
        create_app(
            Settings(
                database_url=nowhere,
                issuer_database_url=nowhere,
                redis_url="redis://127.0.0.1:9",
                secret_key="x" * 40,
            )
        )
    )


def routes_of(app: Flask) -> tuple[Route, ...]:
    """The same of any application."""
    audiences = {name: audience.value for name, audience in app.extensions["audiences"].items()}
    found = [
        Route(method, rule.rule, rule.endpoint, audiences.get(rule.endpoint.rpartition(".")[0], "signed_in"))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    ]
    return tuple(sorted(found, key=str))
