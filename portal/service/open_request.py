"""A dealer asks for service, or headquarters writes down what it asks for on the phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of
from portal.devices.note_event import note_event
from portal.devices.vocabulary import EventKind
from portal.files.rules import count_faults
from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Forbidden, Invalid
from portal.kernel.locks import Rank
from portal.kernel.lots import lot_faults, lot_key, plain_lot
from portal.kernel.numbering import new_number
from portal.service.device import Device, device_named
from portal.service.entries import Entry, add_entry
from portal.service.locked import lock_request
from portal.service.rules import (
    CODE_MAX,
    CONTACT_MAX,
    FILES_MAX,
    FORMS,
    HELD,
    SUBJECT_MAX,
    TEXT_MAX,
    Ask,
    EntryKind,
    ServiceKind,
    day_faults,
    plain_text,
    severity_faults,
    severity_of,
    text_faults,
    unasked_faults,
)
from portal.service.sla_rules import clocks
from portal.service.targets import target_of
from portal.service.told import tell_harmed, tell_opened
from portal.service.vocabulary import ServiceAction, ServiceRight
from portal.workdays.queries import calendar

PREFIX = "SV"


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """What somebody asks for, as it was entered. device: a serial number, or what a scanner reads."""

    kind: str
    subject: str
    text: str
    severity: str = ""
    stops_treatment: bool = False
    somebody_harmed: bool = False
    device: str = ""
    product: str = ""
    lot: str = ""
    order: str = ""
    contact: str = ""
    preferred_on: date | None = None
    files: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What the entry names, looked up."""

    device: Device
    product_id: int | None
    category: str
    lot_no: str


def open_request(
    session: Session,
    *,
    actor: Actor,
    entry: RequestEntry,
    dealer_id: int | None = None,
    is_exact: bool = False,
    today: date,
    at: datetime,
) -> str:
    """Open a request; its number. dealer_id: whom headquarters writes it down for.

    What the form of its kind does not ask for is left out, or refused where the entry is_exact. Raises
    Invalid with every fault, Forbidden.
    """
    actor.require(ServiceRight.DESK if actor.is_staff else ServiceRight.WRITE)
    kind, faults = _kind(entry)
    of = _dealer(actor, dealer_id)
    if kind is None:
        raise Invalid(faults=faults)
    faults += unasked_faults(kind, _said(entry)) if is_exact else []
    entry = _asked_only(entry, kind)
    faults += _faults(entry, kind, today)
    found, unknown = _found(session, of, entry, today)
    faults += unknown
    if faults:
        raise Invalid("request_refused", N_("The request cannot be sent as it is."), faults=faults)
    number = new_number(PREFIX, today)
    request_id = session.execute(
        _OPEN, _columns(session, actor, of, entry, kind, found, number, today, at)
    ).scalar_one()
    locks.made(session, Rank.REQUEST, (of, request_id))
    opened = Entry(EntryKind.OPENED, ServiceAction.OPENED, entry.text, entry.files, {"kind": str(kind)})
    add_entry(session, lock_request(session, number), opened, actor=actor, at=at)
    if found.device.number:
        note_event(
            session,
            actor=actor,
            number=found.device.number,
            kind=EventKind.REQUEST,
            at=at,
            document_no=number,
        )
    tell_opened(session, dealer_id=of, number=number, kind=str(kind))
    if entry.somebody_harmed:
        tell_harmed(session, dealer_id=of, number=number)
    return number


def _dealer(actor: Actor, dealer_id: int | None) -> int:
    if actor.is_staff and dealer_id is None:
        fix = N_("Name the dealer by its code.")
        raise Invalid(faults=[Fault("/dealer", "missing", N_("Headquarters acts for a dealer here."), fix)])
    if not actor.is_staff and dealer_id not in (None, actor.dealer_id):
        raise Forbidden("dealer_only", N_("A dealer asks for itself."))
    return actor.own_dealer_id if dealer_id is None else dealer_id


def _kind(entry: RequestEntry) -> tuple[ServiceKind | None, list[Fault]]:
    if entry.kind in list(ServiceKind):
        return ServiceKind(entry.kind), []
    message, fix = N_("Say what you need."), N_("Choose one from the list.")
    return None, [Fault("/kind", "unknown_kind", message, fix)]


def _said(entry: RequestEntry) -> dict[Ask, object]:
    """What an entry says for each thing that a form may ask for."""
    return {ask: getattr(entry, ask) for ask in Ask}


def _asked_only(entry: RequestEntry, kind: ServiceKind) -> RequestEntry:
    asked = FORMS[kind]

    def kept(ask: Ask, value: str) -> str:
        return value.strip() if ask in asked else ""

    return RequestEntry(
        kind=str(kind),
        subject=entry.subject.strip(),
        text=plain_text(entry.text),
        severity=entry.severity,
        stops_treatment=entry.stops_treatment and Ask.STOPS_TREATMENT in asked,
        somebody_harmed=entry.somebody_harmed and Ask.SOMEBODY_HARMED in asked,
        device=kept(Ask.DEVICE, entry.device),
        product=kept(Ask.PRODUCT, entry.product),
        lot=kept(Ask.LOT, entry.lot),
        order=kept(Ask.ORDER, entry.order),
        contact=kept(Ask.CONTACT, entry.contact),
        preferred_on=entry.preferred_on if Ask.PREFERRED_ON in asked else None,
        files=entry.files,
    )


def _faults(entry: RequestEntry, kind: ServiceKind, today: date) -> list[Fault]:
    faults = text_faults("/subject", entry.subject, most=SUBJECT_MAX)
    faults += text_faults("/text", entry.text, most=TEXT_MAX, in_lines=True)
    for pointer, said, most in (
        ("/product", entry.product, CODE_MAX),
        ("/order", entry.order, CODE_MAX),
        ("/contact", entry.contact, CONTACT_MAX),
    ):
        faults += text_faults(pointer, said, most=most, needed=False)
    faults += lot_faults("/lot", entry.lot, most=CODE_MAX)
    faults += severity_faults(
        kind,
        entry.severity,
        stops_treatment=entry.stops_treatment,
        somebody_harmed=entry.somebody_harmed,
    )
    faults += day_faults(entry.preferred_on, today)
    faults += count_faults(entry.files, most=FILES_MAX, fix=N_("Send the others with a message."))
    return faults


def _found(session: Session, dealer_id: int, entry: RequestEntry, today: date) -> tuple[_Found, list[Fault]]:
    device, faults = device_named(
        session, dealer_id=dealer_id, said=entry.device, sku=entry.product, today=today
    )
    sku = entry.product or device.sku
    product = session.execute(_PRODUCT, {"sku": sku}).one_or_none() if sku else None
    if sku and product is None:
        message, fix = N_("There is no product %(sku)s."), N_("Check the SKU or search the catalogue.")
        faults.append(Fault("/product", "unknown_sku", message, fix, {"sku": sku[:40]}))
    if device.sku and entry.product and device.sku != entry.product:
        message, fix = N_("The device is a %(sku)s."), N_("Leave the product out, or name this one.")
        faults.append(Fault("/product", "other_product", message, fix, {"sku": device.sku}))
    if device.lot_no and entry.lot and lot_key(device.lot_no) != lot_key(entry.lot):
        message, fix = N_("The device is of lot %(lot)s."), N_("Leave the lot out, or name this one.")
        faults.append(Fault("/lot", "other_lot", message, fix, {"lot": device.lot_no}))
    about = {"dealer_id": dealer_id, "number": entry.order}
    if entry.order and session.execute(_ORDER, about).one_or_none() is None:
        message, fix = N_("You have no order of this number."), N_("Check the number, or leave it out.")
        faults.append(Fault("/order", "unknown_order", message, fix))
    product_id = product.id if product else None
    lot_no = device.lot_no or plain_lot(entry.lot)
    return _Found(device, product_id, product.category_code if product else "", lot_no), faults


def _columns(
    session: Session,
    actor: Actor,
    dealer_id: int,
    entry: RequestEntry,
    kind: ServiceKind,
    found: _Found,
    number: str,
    today: date,
    at: datetime,
) -> dict[str, Any]:
    severity = severity_of(
        kind,
        entry.severity,
        stops_treatment=entry.stops_treatment,
        somebody_harmed=entry.somebody_harmed,
    )
    target = target_of(session, kind, severity, today)
    due = clocks(calendar(session), target, at)
    return {
        "dealer_id": dealer_id,
        "number": number,
        "kind": str(kind),
        "severity": str(severity),
        "subject": entry.subject,
        "text": entry.text,
        "stops_treatment": entry.stops_treatment,
        "somebody_harmed": entry.somebody_harmed,
        "is_held": kind in HELD,
        "product_id": found.product_id,
        "lot_no": found.lot_no,
        "serial": found.device.serial,
        "order_no": entry.order,
        "contact": entry.contact,
        "preferred_on": entry.preferred_on,
        "warranty_until": found.device.warranty_until,
        "region_id": session.execute(_REGION, {"dealer_id": dealer_id}).scalar_one_or_none(),
        "category": found.category,
        "actor": actor.key,
        "label": actor.label,
        "at": at,
        "first_minutes": target.first_answer_minutes,
        "last_minutes": target.resolution_minutes,
        "first_due": due.first_answer_due_at,
        "first_warn": due.first_answer_warn_at,
        "last_due": due.resolution_due_at,
        "last_warn": due.resolution_warn_at,
    }


_PRODUCT = text("SELECT id, category_code FROM product WHERE sku = :sku")
_ORDER = text("SELECT id FROM sales_order WHERE dealer_id = :dealer_id AND number = :number")
_REGION = text(f"SELECT r.id FROM dealer d {region_of('d.id')} WHERE d.id = :dealer_id")
_OPEN = text(
    """
    INSERT INTO service_request (dealer_id, number, kind, severity, subject, text, stops_treatment,
                                 somebody_harmed, is_held, product_id, lot_no, serial, order_no, contact,
                                 preferred_on, warranty_until,
                                 region_id, category, asked_by, asked_by_label, asked_at, touched_at, since,
                                 first_answer_minutes, resolution_minutes, first_answer_due_at,
                                 first_answer_warn_at, resolution_due_at, resolution_warn_at)
    VALUES (:dealer_id, :number, :kind, :severity, :subject, :text, :stops_treatment,
            :somebody_harmed, :is_held, :product_id, :lot_no,
            :serial, :order_no, :contact, :preferred_on, :warranty_until, :region_id, :category, :actor,
            :label, :at, :at, :at, :first_minutes, :last_minutes, :first_due, :first_warn, :last_due,
            :last_warn)
    RETURNING id
    """
)
