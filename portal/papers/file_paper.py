"""A dealer files a paper with its scan, or withdraws one that nobody has reviewed yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.files.attach import attach_files, uploaded_files
from portal.files.rules import Owner
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Forbidden, Invalid
from portal.kernel.numbering import new_number
from portal.notifications.tell import announce
from portal.papers.authorisation_queries import category_codes
from portal.papers.credit_code import credit_code_faults
from portal.papers.fault_rules import FILES_MAX, PaperFacts, Standing, paper_faults
from portal.papers.locked import lock_paper
from portal.papers.queries import standing_papers
from portal.papers.read_files import OWNER_KIND
from portal.papers.rules import PaperAct, PaperKind, PaperState, paper_after
from portal.papers.vocabulary import FILED, PaperAction, PaperRight

PREFIX = "ZZ"
SCANS = ("application/pdf", "image/jpeg", "image/png")
"""What a scan may be; a HEIC photo has become a JPEG when it was taken in."""


def file_paper(
    session: Session, *, actor: Actor, facts: PaperFacts, files: Sequence[str], today: date, at: datetime
) -> str:
    """File a paper for review, with its scan. Returns our number of it.

    Raises Invalid with every fault, Forbidden, Conflict for one that is filed or counts already.
    """
    actor.require(PaperRight.FILE)
    dealer_id = actor.own_dealer_id
    standing = {one.number: one for one in standing_papers(session, dealer_id)}
    replaced = standing.get(facts.replaces)
    credit_code = session.execute(_CREDIT_CODE, {"dealer_id": dealer_id}).scalar_one()
    faults = paper_faults(facts, replaced=replaced, categories=category_codes(session), today=today)
    if facts.kind == PaperKind.BUSINESS_LICENCE and facts.paper_no:
        faults += credit_code_faults(facts.paper_no, credit_code)
    if faults := faults + _scan_faults(session, actor, files):
        raise Invalid(faults=faults)
    number = new_number(PREFIX, today)
    told = {**_columns(facts), "state": str(PaperState.FILED)}
    session.execute(
        _FILE,
        {
            **_columns(facts),
            "dealer_id": dealer_id,
            "number": number,
            "replaces": facts.replaces or None,
            "actor": actor.key,
            "label": actor.label,
            "at": at,
        },
    )
    attach_files(session, actor=actor, ids=files, owner=Owner(OWNER_KIND, number, dealer_id))
    record(
        session,
        PaperAction.FILED,
        number,
        actor=actor,
        dealer_id=dealer_id,
        before=_told(replaced) if replaced else None,
        after={name: str(value) if isinstance(value, date) else value for name, value in told.items()},
    )
    announce(session, event=FILED, dealer_id=dealer_id, path=f"/hq/papers/{number}", facts={"number": number})
    return number


def withdraw_paper(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Take back a paper that waits for its review. Raises Conflict, Forbidden, NotFound."""
    actor.require(PaperRight.FILE)
    if actor.is_staff:
        raise Forbidden("dealer_only", N_("Only the dealer withdraws its papers."))
    paper, _ = lock_paper(session, number)
    state = paper_after(paper.state, PaperAct.WITHDRAW)
    session.execute(_WITHDRAW, {**paper.key, "at": at, "label": actor.label})
    record(
        session,
        PaperAction.WITHDRAWN,
        number,
        actor=actor,
        dealer_id=paper.dealer_id,
        before={"state": paper.state},
        after={"state": str(state)},
    )


def _scan_faults(session: Session, actor: Actor, files: Sequence[str]) -> list[Fault]:
    """A scan is needed, and is one that everybody can look at."""
    if not files:
        message, fix = N_("A paper has its scan with it."), N_("Add it as PDF, JPEG or PNG.")
        return [Fault("/file", "scan_missing", message, fix)]
    if len(files) > FILES_MAX:
        message, fix = N_("At most %(max)s files for a paper."), N_("Put its pages into one PDF.")
        return [Fault("/file", "too_many_files", message, fix, {"max": FILES_MAX})]
    message, fix = N_("%(name)s is no PDF, JPEG or PNG."), N_("Scan the paper, or take a photo of it.")
    return [
        Fault("/file", "no_scan", message, fix, {"name": file.name})
        for file in uploaded_files(session, actor=actor, ids=files)
        if file.media_type not in SCANS
    ]


def _columns(facts: PaperFacts) -> dict[str, Any]:
    return {
        "kind": facts.kind,
        "paper_no": facts.paper_no,
        "issuer": facts.issuer,
        "category_codes": list(facts.category_codes),
        "valid_from": facts.valid_from,
        "valid_to": facts.valid_to,
        "note": facts.note.strip(),
    }


def _told(replaced: Standing) -> dict[str, Any]:
    """What counted before, for the audit."""
    return {
        "number": replaced.number,
        "paper_no": replaced.paper_no,
        "valid_from": str(replaced.valid_from),
        "valid_to": str(replaced.valid_to) if replaced.valid_to else None,
    }


_CREDIT_CODE = text("SELECT credit_code FROM dealer WHERE id = :dealer_id")
_FILE = text(
    """
    INSERT INTO dealer_paper (dealer_id, number, kind, paper_no, issuer, category_codes, valid_from, valid_to,
                              note, replaces_id, filed_by, filed_by_label, filed_at)
    VALUES (:dealer_id, :number, :kind, :paper_no, :issuer, CAST(:category_codes AS text[]), :valid_from,
            :valid_to, :note,
            (SELECT id FROM dealer_paper WHERE dealer_id = :dealer_id AND number = :replaces),
            :actor, :label, :at)
    """
)
_WITHDRAW = text(
    """
    UPDATE dealer_paper
       SET state = 'withdrawn', ended_at = :at, ended_by_label = :label, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
