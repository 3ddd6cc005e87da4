"""Carriers and how long they take: read, and kept by headquarters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.shipping.vocabulary import ShippingRight
from portal.tracking.answers.read_answer import Adapter
from portal.tracking.rules import link_fault
from portal.tracking.vocabulary import TrackingAction

NAMES_MAX = 20


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A carrier. aliases: how shipments name it beside its own names; link: with ``{number}``."""

    code: str
    name_zh: str
    name_en: str
    aliases: list[str]
    link: str
    adapter: str

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a shipment may give it."""
        return (self.code, self.name_zh, self.name_en, *self.aliases)


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How many calendar days from a warehouse to a province; None where nobody has said."""

    region_id: int
    region_zh: str
    region_en: str
    days: int | None


def carriers(session: Session) -> list[CarrierRow]:
    """Every carrier, by code."""
    return [CarrierRow(**row._mapping) for row in session.execute(_CARRIERS)]


def carrier(session: Session, code: str) -> CarrierRow:
    """One carrier. Raises NotFound."""
    found = [one for one in carriers(session) if one.code == code]
    if not found:
        raise NotFound()
    return found[0]


def keep_carrier(
    session: Session,
    *,
    actor: Actor,
    code: str,
    names: tuple[str, str],
    aliases: Sequence[str],
    link: str,
    adapter: str,
) -> None:
    """Change a carrier. names: in Chinese and English. Raises NotFound, Invalid with every fault.

    One at a time: two carriers that are given one name at once would both find it free.
    """
    actor.require(ShippingRight.SHIP)
    session.execute(_ONE_AT_A_TIME)
    before = carrier(session, code)
    wanted = [name.strip() for name in aliases if name.strip()]
    after = CarrierRow(code, names[0].strip(), names[1].strip(), wanted, link.strip(), adapter)
    faults = _faults(after, carriers(session))
    if faults:
        raise Invalid(faults=faults)
    if after == before:
        return
    session.execute(_KEEP, {**_columns(after)})
    audit.record(
        session,
        TrackingAction.CARRIER_CHANGED,
        code,
        actor=actor,
        dealer_id=None,
        before=_columns(before),
        after=_columns(after),
    )


@dataclass(frozen=True, slots=True)
class WarehouseName:
    """A warehouse by its names."""

    id: int
    code: str
    name_zh: str
    name_en: str


def sending_warehouses(session: Session) -> list[WarehouseName]:
    """Every warehouse, by code."""
    return [WarehouseName(**row._mapping) for row in session.execute(_WAREHOUSES)]


def lead_times(session: Session, warehouse_id: int) -> list[LeadTime]:
    """Every province with its days from a warehouse, in the order of their codes."""
    return [LeadTime(**row._mapping) for row in session.execute(_LEAD_TIMES, {"warehouse_id": warehouse_id})]


def set_lead_times(session: Session, *, actor: Actor, warehouse: str, days: dict[int, int | None]) -> int:
    """Say how many days a warehouse's parcels take, by province; None takes a province's away.

    How many were changed. Raises NotFound, Invalid for less than 0 or more than 60 days.
    """
    actor.require(ShippingRight.SHIP)
    warehouse_id = session.execute(_WAREHOUSE, {"code": warehouse}).scalar_one_or_none()
    if warehouse_id is None:
        raise NotFound()
    now = {one.region_id: one.days for one in lead_times(session, warehouse_id)}
    faults = [
        Fault(f"/days/{region}", "days", N_("A shipment takes between 0 and 60 days."), N_("Enter 0 to 60."))
        for region, count in days.items()
        if count is not None and not 0 <= count <= 60
    ]
    if faults:
        raise Invalid(faults=faults)
    changed = {region: count for region, count in days.items() if region in now and now[region] != count}
    for region, count in sorted(changed.items()):
        statement = _FORGET if count is None else _SAY
        key = {"warehouse_id": warehouse_id, "region_id": region}
        session.execute(statement, key if count is None else key | {"days": count})
    if changed:
        audit.record(
            session,
            TrackingAction.LEAD_TIME_SET,
            warehouse,
            actor=actor,
            dealer_id=None,
            before={str(region): now[region] for region in sorted(changed)},
            after={str(region): changed[region] for region in sorted(changed)},
        )
    return len(changed)


def _faults(wanted: CarrierRow, known: Sequence[CarrierRow]) -> list[Fault]:
    faults = [
        Fault(f"/{field}", "missing", N_("Enter a name."), N_("Its name as dealers read it."))
        for field, name in (("name_zh", wanted.name_zh), ("name_en", wanted.name_en))
        if not name
    ]
    if (wrong := link_fault(wanted.link)) is not None:
        faults.append(wrong)
    if wanted.adapter not in list(Adapter):
        faults.append(Fault("/adapter", "adapter", N_("This cannot be read."), N_("Choose one of the list.")))
    if len(wanted.aliases) > NAMES_MAX:
        faults.append(
            Fault("/aliases", "aliases", N_("A carrier has at most 20 names."), N_("Take some away."))
        )
    others = {name: one for one in known if one.code != wanted.code for name in one.names}
    taken = [name for name in wanted.names if name in others]
    if taken:
        faults.append(
            Fault(
                "/aliases",
                "name_taken",
                N_("%(name)s is another carrier's name."),
                N_("A name on a shipment means one carrier: take it away from one of them."),
                {"name": taken[0]},
            )
        )
    return faults


def _columns(one: CarrierRow) -> dict[str, object]:
    return {
        "code": one.code,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "aliases": list(one.aliases),
        "link": one.link,
        "adapter": one.adapter,
    }


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('carrier'))")
_CARRIERS = text("SELECT code, name_zh, name_en, aliases, link, adapter FROM carrier ORDER BY code")
_KEEP = text(
    """
    UPDATE carrier SET name_zh = :name_zh, name_en = :name_en, aliases = :aliases, link = :link,
                       adapter = :adapter
     WHERE code = :code
    """
)
_WAREHOUSES = text("SELECT id, code, name_zh, name_en FROM warehouse ORDER BY code")
_WAREHOUSE = text("SELECT id FROM warehouse WHERE code = :code")
_LEAD_TIMES = text(
    """
    SELECT r.id AS region_id, r.name_zh AS region_zh, r.name_en AS region_en, t.days
      FROM warehouse_service s
      JOIN region r ON r.id = s.region_id
      LEFT JOIN carrier_lead_time t ON t.warehouse_id = s.warehouse_id AND t.region_id = s.region_id
     WHERE s.warehouse_id = :warehouse_id
     ORDER BY r.code
    """
)
_SAY = text(
    """
    INSERT INTO carrier_lead_time (warehouse_id, region_id, days) VALUES (:warehouse_id, :region_id, :days)
        ON CONFLICT (warehouse_id, region_id) DO UPDATE SET days = excluded.days
    """
)
_FORGET = text("DELETE FROM carrier_lead_time WHERE warehouse_id = :warehouse_id AND region_id = :region_id")
