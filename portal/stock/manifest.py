"""What stock adds to the portal."""

from __future__ import annotations

from portal.identity.rules import DEALER_ROLES
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Capability
from portal.stock.vocabulary import StockRight

CAPABILITY = Capability(
    name="stock",
    models="portal.stock.models",
    resources=("portal.blueprints.api.stock",),
    rights={StockRight.READ: DEALER_ROLES},
    refusals={
        "ck_stock_level_available": Conflict(
            "stock_short", N_("The stock has just been taken by another order.")
        ),
        "ck_lot_stock_available": Conflict(
            "lot_short", N_("The lot has just been allocated to another shipment.")
        ),
        "TL003": Conflict("lot_not_saleable", N_("A lot that is expired or blocked cannot be shipped.")),
    },
)
