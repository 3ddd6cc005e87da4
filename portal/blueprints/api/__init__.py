"""The outside contract, version 1: JSON under /api/v1 for the systems of dealers and headquarters.

Every resource declares its calls in the table of `operations`; here they become routes.
"""

from __future__ import annotations

from flask import Blueprint

import backoffice.api.corrections  # noqa: F401
import backoffice.api.finance  # noqa: F401
import backoffice.api.orders  # noqa: F401
import backoffice.api.policies  # noqa: F401
import backoffice.api.shipments  # noqa: F401
from portal.blueprints.api import ledger, me, orders, price_quotes, products, shipments, statements, stock  # noqa: F401
from portal.web.api.operations import OPERATIONS, PREFIX
from portal.web.api.serving import view_of

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)

for entry in OPERATIONS:
    blueprint.add_url_rule(entry.path, entry.name, view_of(entry), methods=[entry.method])
