"""Pack a parcel: which units lie in which package."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Invalid
from portal.shipping.locked_parcel import lock_parcel
from portal.shipping.packing_rules import PackageWanted, packing_faults, sscc
from portal.shipping.vocabulary import ShippingAction, ShippingRight


class _Content(NamedTuple):
    """Units of one lot for one order line in a package."""

    number: int
    line_no: int
    lot_id: int
    quantity: int


def pack_parcel(
    session: Session,
    *,
    actor: Actor,
    shipment_number: str,
    packages: Sequence[PackageWanted],
    company_prefix: str = "",
    at: datetime,
) -> None:
    """Pack a parcel so, in place of how it was packed before; packages are numbered in the order given.

    company_prefix: of GS1; with one, each package gets a serial shipping container code. `at` is part of
    every verb's call; this one writes no time. Raises Invalid with every fault, Conflict when the parcel has
    left, NotFound, Forbidden.
    """
    actor.require(ShippingRight.SHIP)
    parcel = lock_parcel(session, shipment_number)
    units = {(unit.line_no, unit.lot_no): unit.quantity for unit in parcel.units}
    faults = packing_faults(units, packages)
    if faults:
        raise Invalid("packing_refused", N_("Not packed: some entries need attention."), faults=faults)
    lots = {(unit.line_no, unit.lot_no): unit.lot_id for unit in parcel.units}
    where = {"dealer_id": parcel.order.dealer_id, "shipment_id": parcel.id}
    contents = [
        _Content(number, key[0], lots[key], quantity)
        for number, package in enumerate(packages, start=1)
        for key, quantity in package.units.items()
        if quantity
    ]
    session.execute(_UNPACK, where)
    session.execute(
        _PACKAGES,
        {
            **where,
            "kinds": [str(package.kind) for package in packages],
            "weights": [package.weight_g for package in packages],
            "codes": _codes(session, company_prefix, len(packages)),
        },
    )
    session.execute(
        _LINES,
        {
            **where,
            "numbers": [one.number for one in contents],
            "line_nos": [one.line_no for one in contents],
            "lot_ids": [one.lot_id for one in contents],
            "quantities": [one.quantity for one in contents],
        },
    )
    audit.record(
        session,
        ShippingAction.SHIPMENT_PACKED,
        shipment_number,
        actor=actor,
        dealer_id=parcel.order.dealer_id,
        after={"packages": len(packages)},
    )


def _codes(session: Session, company_prefix: str, packages: int) -> list[str]:
    if not company_prefix:
        return [""] * packages
    serials = session.execute(_SERIALS, {"packages": packages}).scalars()
    return [sscc(company_prefix, serial) for serial in serials]


_UNPACK = text("DELETE FROM package WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id")
_SERIALS = text("SELECT nextval('sscc_serial') FROM generate_series(1, :packages)")
_PACKAGES = text(
    """
    INSERT INTO package (dealer_id, shipment_id, number, kind, weight_g, sscc)
    SELECT :dealer_id, :shipment_id, number, kind, weight_g, sscc
      FROM unnest(CAST(:kinds AS text[]), CAST(:weights AS integer[]), CAST(:codes AS text[]))
        WITH ORDINALITY AS p(kind, weight_g, sscc, number)
    """
)
_LINES = text(
    """
    INSERT INTO package_line (dealer_id, shipment_id, number, line_no, lot_id, quantity)
    SELECT :dealer_id, :shipment_id, number, line_no, lot_id, quantity
      FROM unnest(CAST(:numbers AS smallint[]), CAST(:line_nos AS smallint[]), CAST(:lot_ids AS bigint[]),
                  CAST(:quantities AS integer[])) AS c(number, line_no, lot_id, quantity)
    """
)
