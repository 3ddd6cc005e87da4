"""What the temperature record says of cold goods that come back; quality decides what is doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.coldchain.cold_goods import range_of_products
from portal.coldchain.judged import as_json
from portal.coldchain.loggers.read_log import read_log
from portal.coldchain.rules import Tolerance, Window, decision_faults, findings_of
from portal.coldchain.vocabulary import ColdChainRight
from portal.files.open_file import open_file
from portal.files.store import FileStore
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.returns.locked import lock_return
from portal.returns.rules import Evidence, note_faults
from portal.returns.vocabulary import ReturnAction

LAG = timedelta(days=1)
"""A record may end this long before the return is asked for: somebody takes the logger out and reads it."""


@dataclass(frozen=True, slots=True)
class TemperatureFile:
    """The attached file that is said to be the temperature record, and how such files are read.

    zone: of the logger's clock where the file does not say.
    """

    id: str
    store: FileStore
    zone: ZoneInfo
    tolerance: Tolerance


@dataclass(frozen=True, slots=True)
class Read:
    """What a temperature record says. Doubtful without findings: no logger's file that could be read."""

    evidence: Evidence
    findings: Sequence[dict[str, Any]] = ()


def read_evidence(
    session: Session,
    *,
    actor: Actor,
    file: TemperatureFile,
    products: Sequence[int],
    since: datetime,
    at: datetime,
) -> Read:
    """Judge the temperatures of cold products since they left us. Raises Invalid for an unknown file."""
    try:
        content = open_file(session, actor=actor, store=file.store, file_id=file.id).content
    except NotFound:
        message, fix = N_("There is no such file."), N_("Upload the temperature record first.")
        raise Invalid(faults=[Fault("/temperature_file", "unknown_file", message, fix)]) from None
    try:
        bounds = range_of_products(session, products)
        trace = read_log(content, zone=file.zone).trace
    except (Invalid, Conflict):  # a picture or a PDF; goods that bear no temperature together
        return Read(Evidence.DOUBTFUL)
    assert bounds is not None  # there are cold ones among them
    last = trace.readings[-1].at if trace.readings else at
    window = Window(since, last if at - LAG <= last <= at else at)
    findings = findings_of(trace, bounds, window, file.tolerance)
    return Read(Evidence.DOUBTFUL if findings else Evidence.SOUND, as_json(findings))


def accept_temperatures(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Quality lets cold goods come back whose temperature record cannot be read or shows an excursion.

    Raises Invalid without a reason, Conflict where nothing is doubtful, NotFound, Forbidden.
    """
    actor.require(ColdChainRight.DECIDE)
    if faults := decision_faults(reason) or note_faults("/reason", reason):
        raise Invalid(faults=faults)
    found = lock_return(session, number)
    require_other_person(actor, found.asked_by)
    if found.evidence != Evidence.DOUBTFUL:
        raise Conflict(
            "nothing_doubtful",
            N_("Nothing about the temperatures of this return waits for quality."),
            fix=N_("Look at the return again: somebody may have acted on it."),
        )
    said = {"label": actor.label, "at": at, "reason": reason.strip()}
    session.execute(_ACCEPT, {"dealer_id": found.dealer_id, "id": found.id, **said})
    audit.record(
        session,
        ReturnAction.TEMPERATURES_ACCEPTED,
        number,
        actor=actor,
        dealer_id=found.dealer_id,
        before={"evidence": found.evidence},
        after={"evidence": str(Evidence.ACCEPTED)},
        reason=reason.strip(),
    )


_ACCEPT = text(
    """
    UPDATE return_request
       SET evidence = 'accepted', evidence_by_label = :label, evidence_at = :at, evidence_reason = :reason
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
