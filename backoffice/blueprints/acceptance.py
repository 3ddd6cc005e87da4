"""Records of acceptance (验收记录), for quality: found again and taken along."""

from __future__ import annotations

from datetime import date

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.kernel import typed
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.receiving.records import Record, Sought, records
from portal.receiving.suppliers import MAY_SEE
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("acceptance", __name__, url_prefix="/hq/acceptance-records")

MEASURES = {True: N_("Set apart in quarantine"), False: N_("None")}

RECORDS = Listing(
    "acceptance-records",
    N_("Acceptance records"),
    (
        Column("at", N_("Inspected on"), Kind.MOMENT, width="c-15"),
        Column("actor_label", N_("Inspected by"), width="c-12"),
        Column("receipt", N_("Goods receipt"), width="c-15"),
        Column("name", N_("Product"), Kind.NAME, css="cell-wide"),
        Column("sku", N_("SKU"), Kind.CODE, shown=False),
        Column("specification", N_("Specification"), shown=False),
        Column("udi_di", N_("Device identifier (UDI-DI)"), Kind.CODE, shown=False),
        Column("registrant", N_("Registrant"), shown=False),
        Column("registration_no", N_("Certificate number"), Kind.CODE, shown=False),
        Column("contract_maker", N_("Contract maker"), shown=False),
        Column("contract_maker_licence", N_("Licence of the contract maker"), Kind.CODE, shown=False),
        Column("lot_no", N_("Lot"), Kind.CODE, width="c-12"),
        Column("serials_text", N_("Serial numbers"), Kind.CODE, shown=False),
        Column("produced_on", N_("Produced on"), Kind.DATE, shown=False),
        Column("expires_on", N_("Expires on"), Kind.DATE, shown=False),
        Column("unit", N_("Unit"), Kind.UNIT, shown=False),
        Column("arrived", N_("Units arrived"), Kind.QUANTITY, shown=False),
        Column("accepted", N_("Units accepted"), Kind.QUANTITY, width="c-8"),
        Column("refused", N_("Units refused"), Kind.QUANTITY, width="c-8"),
        Column("result", N_("Result"), Kind.STATUS, status="goods receipt", width="c-12", css="cell-corner"),
        Column("fault", N_("Fault"), shown=False),
        Column("is_set_apart", N_("Measure"), Kind.WORD, words=MEASURES, shown=False),
        Column("refused_serials_text", N_("Serial numbers refused"), Kind.CODE, shown=False),
        Column("supplier", N_("Supplier"), shown=False),
        Column("supplier_address", N_("Address of the supplier"), shown=False),
        Column("supplier_contact", N_("Contact of the supplier"), shown=False),
        Column("supplier_licence", N_("Licence of the supplier"), Kind.CODE, shown=False),
        Column("purchase_order", N_("Purchase order"), Kind.CODE, shown=False),
        Column("warehouse_name", N_("Warehouse"), Kind.NAME, path="warehouse", shown=False),
        Column("received_at", N_("Time of receipt"), Kind.MOMENT, shown=False),
        Column("received_by_label", N_("Received by"), shown=False),
    ),
)


@blueprint.get("")
@requires(*MAY_SEE)
@takes_columns("column")
def index() -> str | Response:
    """Records, the latest first."""
    query = {
        name: request.args.get(name, "").strip() for name in ("q", "supplier", "since", "until", "result")
    }
    sought = Sought(
        query["q"],
        query["supplier"],
        _day(query["since"]),
        _day(query["until"]),
        query["result"] == "refused",
    )

    def fetch(cursor: str | None, limit: int) -> Page[Record]:
        return records(current_session(), actor=current_actor(), sought=sought, cursor=cursor, limit=limit)

    return show_list(RECORDS, fetch, "backoffice/acceptance/index.html", query)


def _day(said: str) -> date | None:
    """A day of the address; what is none narrows nothing."""
    try:
        return typed.day(said) if said else None
    except typed.Misread:
        return None
