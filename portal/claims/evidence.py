"""The files, invoices and price cuts of a claim: given to it, and counted once in all the portal."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.entry import ClaimEntry
from portal.files.attach import attach_files, files_of
from portal.files.rules import Owner
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid

OWNER_KIND = "rebate claim"
"""The kind of document that claims are to the files."""


def give_files(session: Session, *, actor: Actor, dealer_id: int, number: str, files: Sequence[str]) -> None:
    """Give uploaded files to a claim, but for those it has. Raises Invalid, each fault at ``/evidence/…``."""
    owner = Owner(OWNER_KIND, number, dealer_id)
    has = {file.id for file in files_of(session, owner)}
    places = [place for place, one in enumerate(files) if one not in has]
    try:
        attach_files(session, actor=actor, ids=[files[place] for place in places], owner=owner)
    except Invalid as refused:
        raise Invalid(faults=[_at_its_place(fault, places) for fault in refused.faults]) from None


def _at_its_place(fault: Fault, places: Sequence[int]) -> Fault:
    _, _, place = fault.pointer.removeprefix("/").partition("/")
    return replace(fault, pointer=f"/evidence/{places[int(place)]}" if place else "/evidence")


def mark_evidence(session: Session, *, dealer_id: int, number: str, entry: ClaimEntry) -> list[Fault]:
    """Let the claim's evidence count for it. What counts for another claim, whosever, is a fault.

    Waits for whoever does the same with the same at this moment. Says nothing of the other claim.
    """
    files = files_of(session, Owner(OWNER_KIND, number, dealer_id))
    faults: list[Fault] = []
    places: dict[str, str] = {}
    for place, one in enumerate(entry.invoices):
        places[_invoice(one.mark)] = f"/invoices/{place}/number"
    for place, line in enumerate(entry.lines):
        places[f"cut {dealer_id} {entry.last_day} {line.sku}"] = f"/lines/{place}/sku"
    said = {one: place for place, one in enumerate(entry.files)}
    for place, file in enumerate(files):
        pointer = f"/evidence/{said.get(file.id, place)}"
        if f"file {file.sha256}" in places:
            faults.append(_twice(pointer))
        places[f"file {file.sha256}"] = pointer
    about = {"holder_id": dealer_id, "claim": number, "marks": sorted(places)}
    session.execute(_FORGET_OTHERS, about)
    session.execute(_TAKE, about)
    mine = set(session.execute(_MINE, about).scalars())
    return faults + [_used(pointer) for mark, pointer in places.items() if mark not in mine]


def release_evidence(session: Session, *, number: str) -> None:
    """A claim that has ended without money: its evidence may be claimed again."""
    session.execute(_RELEASE, {"claim": number})


def _invoice(mark: str) -> str:
    return f"invoice {hashlib.sha256(mark.encode()).hexdigest()}"


def _twice(pointer: str) -> Fault:
    message, fix = N_("This file appears twice."), N_("Withdraw the claim, and make it with one of them.")
    return Fault(pointer, "twice", message, fix)


def _used(pointer: str) -> Fault:
    if pointer.startswith("/invoices"):
        message, fix = N_("This invoice counts for another claim already."), N_("Remove it.")
        return Fault(pointer, "invoice_used", message, fix)
    if pointer.startswith("/lines"):
        message, fix = N_("The price cut of this product is claimed already."), N_("Remove it.")
        return Fault(pointer, "cut_used", message, fix)
    message, fix = N_("This file is evidence of another claim already."), N_("Give another one.")
    return Fault(pointer, "file_used", message, fix)


_FORGET_OTHERS = text(
    "DELETE FROM rebate_claim_mark WHERE claim = :claim AND mark <> ALL (CAST(:marks AS text[]))"
)
# In order, so that two who use the same evidence wait for each other and never crosswise.
_TAKE = text(
    """
    INSERT INTO rebate_claim_mark (mark, holder_id, claim)
    SELECT one.mark, :holder_id, :claim FROM unnest(CAST(:marks AS text[])) AS one(mark) ORDER BY one.mark
        ON CONFLICT (mark) DO NOTHING
    """
)
_MINE = text("SELECT mark FROM rebate_claim_mark WHERE claim = :claim")
_RELEASE = text("DELETE FROM rebate_claim_mark WHERE claim = :claim")
