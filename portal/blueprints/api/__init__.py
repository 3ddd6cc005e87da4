"""The outside contract, version 1: JSON under /api/v1 for the systems of dealers and headquarters.

Every resource declares its calls in the table of `operations`; here they become routes.
"""

from __future__ import annotations

from flask import Blueprint

from portal.blueprints.api import (  # noqa: F401 - importing a resource enters its calls into the table
    hq_corrections, hq_finance, hq_orders, hq_policies, hq_shipments, ledger, me, orders, price_quotes, products, shipments, statements, stock,
)  # fmt: skip
from portal.blueprints.api.operations import OPERATIONS, PREFIX
from portal.blueprints.api.serving import view_of

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)

for entry in OPERATIONS:
    blueprint.add_url_rule(entry.path, entry.name, view_of(entry), methods=[entry.method])
