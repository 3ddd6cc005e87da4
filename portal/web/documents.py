"""Where a document stands that another one names: what it came from, what came of it."""

from __future__ import annotations

import re
from enum import StrEnum

from flask import current_app, request, url_for

from portal.kernel.numbering import ALPHABET
from portal.web.rendering import RIGHTS
from portal.web.request import current_actor

_OF_ACCOUNT = ("own_account_documents.show", "account_documents.show")
PAGES = {
    "AC": ("activities.show", "activities_desk.show"),
    "AN": ("adjustments.show", "adjustments_desk.show"),
    "BG": (None, "budgets.show"),
    "BS": (None, "bank_files.show"),
    "CL": ("own_claims.show", "claims_desk.show"),
    "DB": _OF_ACCOUNT,
    "DE": _OF_ACCOUNT,
    "DU": _OF_ACCOUNT,
    "IT": _OF_ACCOUNT,
    "OB": _OF_ACCOUNT,
    "RF": _OF_ACCOUNT,
    "WO": _OF_ACCOUNT,
    "CN": ("invoices.show", "ledger.invoice"),
    "DC": ("deliveries.case", "delivery_cases.show"),
    "DG": (None, "dunning.show"),
    "DN": ("dunning_letters.show", "dunning_letters_desk.show"),
    "DR": ("order_drafts.show", None),
    "DP": ("disputes.show", "disputes_desk.show"),
    "DV": ("devices.show", "devices_desk.show"),
    "FL": ("own_rebates.show", "rebates.show"),
    "GR": (None, "receipts.show"),
    "IN": ("invoices.show", "ledger.invoice"),
    "LM": (None, "credit_limits.show"),
    "MT": ("maintenance.show", "maintenance_desk.show"),
    "NC": (None, "nonconforming.show"),
    "OL": ("own_ledgers.show", "own_ledgers_desk.show"),
    "OP": ("pay_online.show", "online_payments.show"),
    "PY": ("payments.show", "ledger.payment"),
    "RN": ("rebate_statement.note", "rebate_notes.show"),
    "RS": (None, "settlements.show"),
    "RT": ("returns.show", "returns_desk.show"),
    "SC": (None, "counting.show"),
    "SH": ("tracking.show", "tracking_desk.show"),
    "SI": ("invoices.show", "ledger.invoice"),
    "SO": ("orders.show", "desk.show"),
    "ST": ("statements.show", "closing.statement"),
    "SV": ("service.show", "service_desk.show"),
    "TR": (None, "transfers.show"),
    "WV": (None, "waves.show"),
    "XS": (None, "stops.show"),
}
"""By how its number begins: the page of a dealer, and that of headquarters."""


_OURS = re.compile(rf"[A-Z]{{2}}[0-9]{{4}}-[{ALPHABET}]{{9}}|FL-[0-9A-Z-]+")
"""Numbers as `new_number` makes them, and those of programmes that were taken over."""


def document_address(number: str | None) -> str | None:
    """The page of a document that the visitor may open; None where there is none, or the number is not ours.

    The page itself still refuses what lies outside the visitor's company or regions.
    """
    if not number or not _OURS.fullmatch(number):
        return None
    of_dealers, of_staff = PAGES.get(number[:2], (None, None))
    endpoint = of_staff if current_actor().is_staff else of_dealers
    return url_for(endpoint, number=number) if endpoint is not None and _opens(endpoint) else None


def may_open(address: str) -> bool:
    """Whether the visitor's rights reach a page of the portal, as breadcrumbs and empty lists ask.

    What leads to another view of the same page is open to whoever sees it.
    """
    if not address.startswith("/"):
        return True
    addresses = current_app.create_url_adapter(request)
    assert addresses is not None  # there is a request
    path = address.partition("?")[0].removeprefix(request.script_root)
    endpoint, _ = addresses.match(path, method="GET")
    return not _rights(endpoint) or _opens(endpoint)


def _opens(endpoint: str) -> bool:
    return any(map(current_actor().may, _rights(endpoint)))


def _rights(endpoint: str) -> tuple[StrEnum, ...]:
    rights: tuple[StrEnum, ...] = getattr(current_app.view_functions[endpoint], RIGHTS, ())
    return rights
