"""A programme in the hands of whoever answers for it: found, locked, its terms read."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel import typed
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.rebates import life
from portal.rebates.life import ProgrammeAct
from portal.rebates.models import RebateProgramme
from portal.rebates.terms import Terms

REASON_MAX = 500
_OF_ITS_OWN = (
    "title_zh",
    "title_en",
    "text_zh",
    "text_en",
    "valid_from",
    "valid_to",
    "period",
    "priority",
    "combinable",
    "budget",
)
"""What of the terms has a column of its own."""


def columns_of(terms: Terms) -> dict[str, Any]:
    """The terms as columns; what has none of its own stands in `terms`."""
    told = told_of(terms)
    own = {name: getattr(terms, name) for name in _OF_ITS_OWN}
    return own | {"terms": {name: value for name, value in told.items() if name not in _OF_ITS_OWN}}


def terms_of(row: Any) -> Terms:
    """The terms of a programme's row."""
    own = {name: getattr(row, name) for name in _OF_ITS_OWN}
    return _adapter().validate_python(row.terms | own)


def told_of(terms: Terms) -> dict[str, Any]:
    """The terms whole, as JSON, to be kept beside a programme that may change."""
    return cast("dict[str, Any]", _adapter().dump_python(terms, mode="json", exclude={"misread"}))


def terms_told(told: dict[str, Any]) -> Terms:
    """Terms that were kept so."""
    return _adapter().validate_python(told)


@cache
def _adapter() -> TypeAdapter[Terms]:
    return TypeAdapter(Terms)


def programme_id_of(session: Session, name: str) -> int:
    """The programme with a number, or with an id as text. Raises NotFound."""
    number = typed.own_number(name)
    column = RebateProgramme.number == name if number is None else RebateProgramme.id == number
    found = session.execute(select(RebateProgramme.id).where(column)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def lock_programme(
    session: Session, *, actor: Actor, programme_id: int, act: ProgrammeAct, revision: int | None = None
) -> RebateProgramme:
    """The programme, locked, when the act is one of its state and the actor answers for its region.

    revision: as it was read; None where nothing that was read matters. Raises NotFound, Conflict.
    """
    programme = session.get(RebateProgramme, programme_id)
    if programme is None or not actor.answers_for(programme.region_id):
        raise NotFound()
    session.refresh(programme, with_for_update=True)
    life.after(programme.state, act)
    if revision is not None and programme.revision != revision:
        raise Conflict(
            "edited_meanwhile",
            N_("Someone else has changed, submitted or published this programme."),
            fix=N_("Open it again and go on from there."),
        )
    return programme


def reason_of(typed_reason: str, *, required: bool = True) -> str:
    """Why something is taken back, rejected or withdrawn. Raises Invalid."""
    reason = typed_reason.strip()
    if len(reason) > REASON_MAX or (required and not reason):
        message, fix = N_("A reason has 1 to %(max)s characters."), N_("Say why, in a few words.")
        raise Invalid(faults=[Fault("/reason", "reason", message, fix, {"max": REASON_MAX})])
    return reason
