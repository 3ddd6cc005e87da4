"""A side signs the reconciliation sheet: its answers are fixed from then on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor, require_person
from portal.kernel.errors import N_, Conflict, Invalid
from portal.own_ledgers.answer_differences import require_speaker
from portal.own_ledgers.locked import changed_meanwhile, lock_ledger, require_current
from portal.own_ledgers.models import OwnLedgerSignature
from portal.own_ledgers.rules import NAME_MAX, text_faults
from portal.own_ledgers.sheet import sheet_of
from portal.own_ledgers.told import tell
from portal.own_ledgers.vocabulary import OwnLedgerAction, OwnLedgerTold


def sign_sheet(session: Session, *, actor: Actor, number: str, name: str, sha256: str, at: datetime) -> None:
    """Stand for the sheet as it was looked at. name: of who signs. sha256: of what was seen.

    Every difference has to be answered by the side before. Raises Invalid, Conflict where the sheet is
    another one by now or was signed already, NotFound, Forbidden, also for a program.
    """
    side = require_speaker(actor)
    require_person(actor)
    ledger = lock_ledger(session, number)
    if faults := text_faults("/name", name, most=NAME_MAX, required=True):
        raise Invalid(faults=faults)
    require_current(ledger)
    sheet = sheet_of(session, number)
    if sheet.signature_of(side) is not None:
        raise Conflict("signed_already", N_("Your side has signed this sheet already."))
    if waiting := sheet.open_of(side):
        raise Conflict(
            "unanswered",
            N_("%(count)s differences have no answer of your side yet."),
            fix=N_("Accept or dispute each of them, then sign."),
            count=waiting,
        )
    if sheet.hashes[side] != sha256:
        raise changed_meanwhile()
    session.execute(
        insert(OwnLedgerSignature)
        .inline()
        .values(
            dealer_id=ledger.dealer_id,
            ledger_id=ledger.id,
            side=str(side),
            name=name.strip(),
            sha256=sha256,
            signed_at=at,
            signed_by=actor.key,
            signed_by_label=actor.label,
        )
    )
    told = {"side": str(side), "name": name.strip(), "sha256": sha256}
    audit.record(session, OwnLedgerAction.SIGNED, number, actor=actor, dealer_id=ledger.dealer_id, after=told)
    tell(
        session,
        OwnLedgerTold.SIGNED,
        actor=actor,
        dealer_id=ledger.dealer_id,
        number=number,
        facts={"side": str(side)},
        name=name.strip(),
    )
