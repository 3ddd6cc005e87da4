"""A dealer's system sends a document of events; a worker captures it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.epcis.document_rules import outline
from portal.epcis.rules import SIZE_MAX, Behaviour
from portal.epcis.vocabulary import EpcisAction, EpcisRight
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid
from portal.kernel.numbering import new_number

TOPIC = "epcis.capture"
RUNNING_MAX = 20  # documents of one dealer that wait or are captured
_PART = 2**20


def take_capture(
    session: Session,
    *,
    actor: Actor,
    pieces: Iterable[bytes],
    is_xml: bool,
    behaviour: Behaviour,
    today: date,
    at: datetime,
) -> str:
    """Keep a document piece by piece and have it captured; the number of the capture.

    A short one is looked through at once. Raises Invalid for an empty one and for too large a one, Invalid or
    Unreadable for a short one that is no document of EPCIS, Conflict where too many wait, Forbidden.
    """
    actor.require(EpcisRight.CAPTURE)
    if actor.is_staff:
        message = N_("Only a dealer's system captures events.")
        raise Forbidden("dealer_only", message)
    dealer_id = actor.own_dealer_id
    _require_room(session, dealer_id)
    number = new_number("EC", today)
    key = {"dealer_id": dealer_id, "id": _begun(session, actor, number, is_xml, behaviour, at)}
    size, hashed, first = 0, hashlib.sha256(), b""
    for no, part in enumerate(_parts(pieces), start=1):
        size += len(part)
        if size > SIZE_MAX:
            raise _too_large()
        hashed.update(part)
        first = part if no == 1 else b""
        session.execute(_PART_KEPT, {**key, "no": no, "content": part})
    if not size:
        message = N_("No document was sent.")
        raise Invalid(faults=[Fault("", "no_document", message, N_("Send it as the body."))])
    if first:
        _look_through(first, is_xml=is_xml)
    session.execute(_WHOLE, {**key, "bytes": size, "sha256": hashed.hexdigest()})
    told = {"bytes": size, "behaviour": str(behaviour), "sha256": hashed.hexdigest()}
    audit.record(session, EpcisAction.TAKEN, number, actor=actor, dealer_id=dealer_id, after=told)
    outbox.add(session, TOPIC, dealer_id=dealer_id, number=number)
    return number


def _require_room(session: Session, dealer_id: int) -> None:
    parameters = {"dealer_id": dealer_id, "most": RUNNING_MAX}
    if session.execute(_WAITING, parameters).scalar_one() >= RUNNING_MAX:
        raise Conflict(
            "too_many_captures",
            N_("%(max)s documents are waiting to be captured."),
            fix=N_("Send the next one when one of them is done."),
            max=RUNNING_MAX,
        )


def _begun(
    session: Session, actor: Actor, number: str, is_xml: bool, behaviour: Behaviour, at: datetime
) -> int:
    said = {
        "dealer_id": actor.own_dealer_id,
        "number": number,
        "behaviour": str(behaviour),
        "is_xml": is_xml,
        "at": at,
        "by": actor.key,
        "label": actor.label,
    }
    key: int = session.execute(_BEGUN, said).scalar_one()
    return key


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What comes in pieces of any size, in pieces of one size."""
    waiting = b""
    for piece in pieces:
        waiting += piece
        while len(waiting) >= _PART:
            yield waiting[:_PART]
            waiting = waiting[_PART:]
    if waiting:
        yield waiting


def _look_through(content: bytes, *, is_xml: bool) -> None:
    if faults := outline(lambda: [content], is_xml=is_xml).faults:
        raise Invalid(faults=faults)


def _too_large() -> Invalid:
    message = N_("The document has more than %(max)s MB.")
    fault = Fault("", "document_too_large", message, N_("Divide it."), {"max": SIZE_MAX // 2**20})
    return Invalid(faults=[fault])


_WAITING = text(
    """
    SELECT count(*) FROM (SELECT FROM epcis_capture
                           WHERE dealer_id = :dealer_id AND state = 'running' LIMIT :most) met
    """
)
_BEGUN = text(
    """
    INSERT INTO epcis_capture (dealer_id, number, behaviour, is_xml, created_at, created_by, created_by_label)
    VALUES (:dealer_id, :number, :behaviour, :is_xml, :at, :by, :label)
    RETURNING id
    """
)
_PART_KEPT = text(
    """
    INSERT INTO epcis_capture_part (dealer_id, capture_id, no, content)
    VALUES (:dealer_id, :id, :no, :content)
    """
)
_WHOLE = text(
    "UPDATE epcis_capture SET bytes = :bytes, sha256 = :sha256 WHERE dealer_id = :dealer_id AND id = :id"
)
