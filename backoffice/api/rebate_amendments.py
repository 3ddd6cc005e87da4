"""Amendments of rebate programmes: other tiers from a stated day on, approved by another person."""

from __future__ import annotations

from datetime import date
from typing import Any

from backoffice.api.rebate_terms import tiers_of
from backoffice.api.schemas.rebate_amendments import (
    AmendingBody,
    AmendingEditBody,
    AmendingList,
    AmendingPreviewShape,
    AmendingShape,
)
from backoffice.api.schemas.rebates import (
    ProgrammeRejectionBody,
    ProgrammeRevisionBody,
    ProgrammeWithdrawalBody,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.rebates import queries
from portal.rebates.amendment_faults import Amending
from portal.rebates.amendment_preview import preview_of_amendment
from portal.rebates.amendments import Amendment, amendment, amendment_id_of, amendments
from portal.rebates.decide_amendment import (
    approve_amendment,
    recall_amendment,
    reject_amendment,
    submit_amendment,
)
from portal.rebates.documents import programme_id_of
from portal.rebates.draft_amendment import draft_amendment, edit_amendment
from portal.rebates.publish_amendment import publish_amendment, withdraw_amendment
from portal.rebates.vocabulary import RebateRight
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.api.rebate_terms import tiers_shown
from portal.web.reckoning_rate import count_reckoning
from portal.web.request import current_actor, current_session, portal

PROPOSERS = (RebateRight.PROPOSE,)
APPROVERS = (RebateRight.APPROVE,)
BOTH = (*PROPOSERS, *APPROVERS)
_ALL = "/hq/rebates/programmes/<programme>/amendments"
_ONE = f"{_ALL}/<amendment_number>"


@operation(
    "GET",
    _ALL,
    tag=HEADQUARTERS,
    rights=BOTH,
    answers=AmendingList,
    summary=N_("Amendments of a rebate programme"),
    about=N_("By the day from which they hold, whatever their state; at most 200."),
)
def index(programme: str) -> dict[str, Any]:
    found = amendments(current_session(), programme_id=_programme_id(programme))
    return {"items": [_shown(one) for one in found], "next_cursor": None}


@operation(
    "POST",
    _ALL,
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=AmendingBody,
    answers=AmendingShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Write an amendment of a published programme"),
    about=N_(
        "As a draft; the programme stands as it is. Lines from the stated day on are reckoned by the other"
        " tiers when another person has approved it and it is published."
    ),
)
def create(programme: str, body: AmendingBody) -> Answer:
    key = _programme_id(programme)
    made = draft_amendment(
        current_session(),
        actor=current_actor(),
        programme_id=key,
        amending=_amending(body),
        zone=portal().settings.timezone,
        at=clock.now(),
    )
    return Answer(_one(key, made.number), 201)


@operation(
    "GET",
    _ONE,
    tag=HEADQUARTERS,
    rights=BOTH,
    answers=AmendingShape,
    summary=N_("One amendment"),
    about=N_("By its number or id, with the revision that every act on it has to name."),
)
def show(programme: str, amendment_number: str) -> dict[str, Any]:
    return _one(_programme_id(programme), amendment_number)


@operation(
    "GET",
    f"{_ONE}/preview",
    tag=HEADQUARTERS,
    rights=BOTH,
    answers=AmendingPreviewShape,
    summary=N_("What an amendment would change"),
    about=N_("By period and dealer, reckoned by the engine that pays; of 100 dealers at most."),
)
def preview(programme: str, amendment_number: str) -> dict[str, Any]:
    key = _programme_id(programme)
    count_reckoning()
    found = preview_of_amendment(
        current_session(),
        actor=current_actor(),
        programme_id=key,
        amendment=amendment(current_session(), programme_id=key, name=amendment_number),
        today=_today(),
    )
    periods = ("period", "before", "after", "dealers", "is_over")
    changes = ("programme", "period", "before", "after")
    return {
        "periods": [{name: getattr(one, name) for name in periods} for one in found.periods],
        "changes": [
            {"dealer": one.dealer_code, **{name: getattr(one, name) for name in changes}}
            for one in found.changes
        ],
        **{name: getattr(found, name) for name in ("not_shown", "dealers", "left_out")},
    }


@operation(
    "PUT",
    _ONE,
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=AmendingEditBody,
    answers=AmendingShape,
    conflicts=True,
    summary=N_("Change a draft of an amendment"),
    about=N_("As a whole: what is left out is gone. 409 if somebody changed it since."),
)
def edit(programme: str, amendment_number: str, body: AmendingEditBody) -> dict[str, Any]:
    key, amendment_id = _ids(programme, amendment_number)
    edit_amendment(
        current_session(),
        actor=current_actor(),
        amendment_id=amendment_id,
        revision=body.revision,
        amending=_amending(body),
        today=_today(),
    )
    return _one(key, amendment_number)


@operation(
    "POST",
    f"{_ONE}/submission",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=ProgrammeRevisionBody,
    answers=AmendingShape,
    creates=True,
    conflicts=True,
    summary=N_("Submit an amendment for approval"),
    about=N_("It stands from now on."),
)
def submit(programme: str, amendment_number: str, body: ProgrammeRevisionBody) -> dict[str, Any]:
    key, amendment_id = _ids(programme, amendment_number)
    submit_amendment(
        current_session(),
        actor=current_actor(),
        amendment_id=amendment_id,
        today=_today(),
        revision=body.revision,
        at=clock.now(),
    )
    return _one(key, amendment_number)


@operation(
    "POST",
    f"{_ONE}/recall",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=ProgrammeRevisionBody,
    answers=AmendingShape,
    creates=True,
    conflicts=True,
    summary=N_("Take an amendment back"),
    about=N_("It is a draft again; an approval is void then."),
)
def recall(programme: str, amendment_number: str, body: ProgrammeRevisionBody) -> dict[str, Any]:
    key, amendment_id = _ids(programme, amendment_number)
    recall_amendment(
        current_session(),
        actor=current_actor(),
        amendment_id=amendment_id,
        today=_today(),
        revision=body.revision,
    )
    return _one(key, amendment_number)


@operation(
    "POST",
    f"{_ONE}/approval",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    body=ProgrammeRevisionBody,
    answers=AmendingShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve an amendment"),
    about=N_("Not by anybody who had a hand in it. It counts when it is published."),
)
def approve(programme: str, amendment_number: str, body: ProgrammeRevisionBody) -> dict[str, Any]:
    key, amendment_id = _ids(programme, amendment_number)
    approve_amendment(
        current_session(),
        actor=current_actor(),
        amendment_id=amendment_id,
        today=_today(),
        revision=body.revision,
        at=clock.now(),
    )
    return _one(key, amendment_number)


@operation(
    "POST",
    f"{_ONE}/rejection",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    body=ProgrammeRejectionBody,
    answers=AmendingShape,
    creates=True,
    conflicts=True,
    summary=N_("Reject an amendment"),
    about=N_("It is a draft again, with the reason."),
)
def reject(programme: str, amendment_number: str, body: ProgrammeRejectionBody) -> dict[str, Any]:
    key, amendment_id = _ids(programme, amendment_number)
    reject_amendment(
        current_session(),
        actor=current_actor(),
        amendment_id=amendment_id,
        today=_today(),
        revision=body.revision,
        reason=body.reason,
    )
    return _one(key, amendment_number)


@operation(
    "POST",
    f"{_ONE}/publication",
    tag=HEADQUARTERS,
    rights=BOTH,
    body=ProgrammeRevisionBody,
    answers=AmendingShape,
    creates=True,
    conflicts=True,
    summary=N_("Publish an approved amendment"),
    about=N_("Lines from its day on are reckoned by its tiers at once, also in a period that is over."),
)
def publish(programme: str, amendment_number: str, body: ProgrammeRevisionBody) -> dict[str, Any]:
    key, amendment_id = _ids(programme, amendment_number)
    publish_amendment(
        current_session(),
        actor=current_actor(),
        amendment_id=amendment_id,
        today=_today(),
        revision=body.revision,
        at=clock.now(),
    )
    return _one(key, amendment_number)


@operation(
    "POST",
    f"{_ONE}/withdrawal",
    tag=HEADQUARTERS,
    rights=BOTH,
    body=ProgrammeWithdrawalBody,
    answers=AmendingShape,
    creates=True,
    conflicts=True,
    summary=N_("Withdraw a published amendment"),
    about=N_("The tiers before it count again, from its day on."),
)
def withdraw(programme: str, amendment_number: str, body: ProgrammeWithdrawalBody) -> dict[str, Any]:
    key, amendment_id = _ids(programme, amendment_number)
    withdraw_amendment(
        current_session(),
        actor=current_actor(),
        amendment_id=amendment_id,
        today=_today(),
        reason=body.reason,
        at=clock.now(),
    )
    return _one(key, amendment_number)


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)


def _programme_id(programme: str) -> int:
    """The programme, within the actor's reach. Raises NotFound."""
    session = current_session()
    key = programme_id_of(session, programme)
    return queries.programme(session, actor=current_actor(), programme_id=key, today=_today()).id


def _ids(programme: str, amendment_number: str) -> tuple[int, int]:
    key = _programme_id(programme)
    return key, amendment_id_of(current_session(), key, amendment_number)


def _amending(body: AmendingBody) -> Amending:
    return Amending(body.start, tiers_of(body.tiers_of), body.reason)


def _one(programme_id: int, name: str) -> dict[str, Any]:
    return _shown(amendment(current_session(), programme_id=programme_id, name=name))


def _shown(one: Amendment) -> dict[str, Any]:
    names = ("number", "revision", "state", "published_at")
    return {
        "id": one.number,
        **{name: getattr(one, name) for name in names},
        "from": one.starts_on,
        "tiers_of": tiers_shown(one.tiers_of),
        "reason": one.why,
        "returned_because": one.reason,
        "proposed_by": one.proposed_by_label,
    }
