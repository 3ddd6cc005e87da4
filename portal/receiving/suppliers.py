"""Suppliers as the ERP and the order desk name them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.receiving.rules import TEXT_MAX
from portal.receiving.vocabulary import ReceivingAction, ReceivingRight

MAY_SEE = (ReceivingRight.RECEIVE, ReceivingRight.ACCEPT)
"""Rights of which one is needed to read what receiving has written."""


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    """A supplier as records of acceptance name it. contact: a person and how to reach them."""

    code: str
    name: str
    address: str = ""
    contact: str = ""
    licence_no: str = ""


def write_supplier(session: Session, *, actor: Actor, supplier: SupplierFacts) -> SupplierFacts:
    """Add a supplier or change it; records that were written name it as it was. Raises Invalid."""
    actor.require(ReceivingRight.RECEIVE)
    plain = SupplierFacts(**{name: value.strip() for name, value in asdict(supplier).items()})
    if faults := _faults(plain):
        raise Invalid(faults=faults)
    before = session.execute(_FIND, {"code": plain.code}).one_or_none()
    if before is not None and SupplierFacts(**before._mapping) == plain:
        return plain
    session.execute(_WRITE, asdict(plain))
    audit.record(
        session,
        ReceivingAction.SUPPLIER_WRITTEN,
        plain.code,
        actor=actor,
        dealer_id=None,
        before=dict(before._mapping) if before is not None else None,
        after=asdict(plain),
    )
    return plain


def suppliers(session: Session, *, actor: Actor) -> list[SupplierFacts]:
    """All suppliers, by code."""
    actor.require(*MAY_SEE)
    return [SupplierFacts(**row._mapping) for row in session.execute(_ALL)]


def _faults(supplier: SupplierFacts) -> list[Fault]:
    faults = []
    for name in ("code", "name"):
        if not getattr(supplier, name):
            message, fix = N_("This is needed."), N_("Fill it in.")
            faults.append(Fault(f"/{name}", "required", message, fix))
    for one in fields(supplier):
        value = getattr(supplier, one.name)
        if len(value) > TEXT_MAX or not (value.isprintable() or not value):
            message, fix = N_("At most %(max)s printable characters."), N_("Write it shorter.")
            faults.append(Fault(f"/{one.name}", "text_long", message, fix, {"max": TEXT_MAX}))
    return faults


_COLUMNS = "code, name, address, contact, licence_no"
_FIND = text(f"SELECT {_COLUMNS} FROM supplier WHERE code = :code")
_ALL = text(f"SELECT {_COLUMNS} FROM supplier ORDER BY code")
_WRITE = text(
    f"""
    INSERT INTO supplier ({_COLUMNS}) VALUES (:code, :name, :address, :contact, :licence_no)
    ON CONFLICT (code) DO UPDATE
       SET name = excluded.name, address = excluded.address, contact = excluded.contact,
           licence_no = excluded.licence_no
    """
)
