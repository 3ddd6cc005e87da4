"""Recalls at headquarters: drafted out of a notice, confirmed, decided; the recall room; the closing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.kernel import clock
from portal.kernel.errors import N_, DomainError
from portal.kernel.paging import Page
from portal.nonconforming.vocabulary import QualityRight
from portal.recalls import queries
from portal.recalls.close_recall import close_recall, note_call
from portal.recalls.confirm_scope import confirm_scope
from portal.recalls.decide_recall import Decided, decide_recall
from portal.recalls.draft_recall import widen_recall, withdraw_recall
from portal.recalls.queries import DESK, LATEST_FIRST, RecallDetail, RecallRow
from portal.recalls.resolved import resolved_lots, unresolved
from portal.recalls.rules import OPEN_ASKED_MAX, RecallState, effectiveness
from portal.recalls.vocabulary import RecallRight
from portal.recalls.words import ANSWERS, LEVELS, SCOPE_KINDS
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, OwnNumber, Stripped, read_form, rows_of_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look
from portal.workdays.queries import calendar

blueprint = Blueprint("recalls_desk", __name__, url_prefix="/hq/recalls")

RECALLS = Listing(
    "recalls-desk",
    N_("Recalls"),
    (
        Column("number", N_("Recall no."), width="c-18", css="text-nowrap"),
        Column("title", N_("Recall of"), css="cell-wide"),
        Column("level", N_("Level"), Kind.QUANTITY, width="c-8"),
        Column("is_drill", N_("Drill"), Kind.FLAG, width="c-8"),
        Column("state", N_("Status"), Kind.STATUS, status="recall", width="c-15", css="cell-corner"),
        Column("drafted_at", N_("Drafted on"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("drafted_by_label", N_("Drafted by"), shown=False, width="c-12"),
        Column("decided_at", N_("Decided on"), Kind.MOMENT, shown=False, width="c-15"),
        Column("decided_by_label", N_("Decided by"), shown=False, width="c-12"),
        Column("notices_by", N_("Notices by"), Kind.DATE, shown=False, width="c-12"),
        Column("report_by", N_("Report and plan by"), Kind.DATE, width="c-12"),
        Column("version_no", N_("Version"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("ended_at", N_("Ended on"), Kind.MOMENT, shown=False, width="c-15"),
    ),
    sort=str(LATEST_FIRST),
)


class RevisionForm(Form):
    """Which revision was read."""

    revision: OwnNumber


class ReasonForm(RevisionForm):
    """And why."""

    reason: Stripped


class ClosingForm(ReasonForm):
    """Why it is closed; open_otherwise: in spite of all that is open without a reason of its own."""

    open_otherwise: Stripped


class CallForm(Form):
    """Who was telephoned, and what was said."""

    dealer: Stripped
    note: Stripped


@blueprint.get("")
@requires(*DESK)
@takes_columns("column")
def index() -> Answer:
    """Recalls, the latest first, or those in one state."""
    said = request.args.get("status", "")
    state, q = said if said in list(RecallState) else "", request.args.get("q", "").strip()
    about: dict[str, Any] = {"actor": current_actor(), "state": state, "q": q}
    sort = sort_of_address(RECALLS)

    def fetch(cursor: str | None, limit: int) -> Page[RecallRow]:
        return queries.recalls(current_session(), cursor=cursor, limit=limit, sort=sort, **about)

    return show_list(
        RECALLS,
        fetch,
        "backoffice/recalls/index.html",
        {"status": state, "q": q},
        page_only=lambda: {"tabs": _tabs(state), "may_draft": current_actor().may(RecallRight.DESK)},
        count=lambda: queries.count_recalls(current_session(), **about),
    )


@blueprint.get("/<number>")
@requires(*DESK)
def show(number: str) -> str:
    """The recall room: how far it is, whose answer is missing, and what may be done next."""
    return _page(number)


@blueprint.post("/<number>/confirmation")
@requires(QualityRight.DECIDE)
def confirmation(number: str) -> Answer:
    """Quality confirms the scope."""

    def act() -> None:
        form = read_form(RevisionForm)
        confirm_scope(
            current_session(), actor=current_actor(), number=number, revision=form.revision, at=clock.now()
        )

    return _acted(number, act, gettext("The scope has been confirmed. Another person decides."))


@blueprint.post("/<number>/decision")
@requires(QualityRight.DECIDE)
def decision(number: str) -> Answer:
    """The second person decides."""

    def act() -> Decided:
        form, session = read_form(RevisionForm), current_session()
        return decide_recall(
            session,
            actor=current_actor(),
            number=number,
            revision=form.revision,
            calendar=calendar(session),
            at=clock.now(),
        )

    def then(done: Decided) -> Said:
        words = gettext(
            "Decided: %(units)s units blocked, %(orders)s orders held, %(holders)s holders told.",
            units=done.units_blocked,
            orders=len(done.orders_held),
            holders=done.holders,
        )
        return Said(words, url_for("recalls_desk.show", number=number))

    return acted(act, shown=lambda refusal: _page(number, refusal), then=then)


@blueprint.post("/<number>/widening")
@requires(RecallRight.DESK)
def widening(number: str) -> Answer:
    """Begin a wider scope."""

    def act() -> None:
        form = read_form(RevisionForm)
        widen_recall(
            current_session(), actor=current_actor(), number=number, revision=form.revision, at=clock.now()
        )

    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(
            gettext("Add to the scope. What is blocked stays so."),
            url_for("recall_drafts.edit", number=number),
        ),
    )


@blueprint.post("/<number>/withdrawal")
@requires(RecallRight.DESK)
def withdrawal(number: str) -> Answer:
    """Give the draft up."""

    def act() -> None:
        form = read_form(ReasonForm)
        withdraw_recall(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=form.revision,
            reason=form.reason,
            at=clock.now(),
        )

    return _acted(number, act, gettext("The draft has been withdrawn."))


@blueprint.post("/<number>/calls")
@requires(*DESK)
def calls(number: str) -> Answer:
    """A silent holder was telephoned."""

    def act() -> None:
        form = read_form(CallForm)
        note_call(
            current_session(),
            actor=current_actor(),
            number=number,
            dealer_code=form.dealer,
            note=form.note,
            at=clock.now(),
        )

    return _acted(number, act, gettext("The call has been written down."))


@blueprint.post("/<number>/closing")
@requires(QualityRight.DECIDE)
@takes_columns("open_code", "open_reason")
def closing(number: str) -> Answer:
    """Close it, with a reason for what is open."""

    def act() -> None:
        form, session, at = read_form(ClosingForm), current_session(), clock.now()
        close_recall(
            session,
            actor=current_actor(),
            number=number,
            revision=form.revision,
            reason=form.reason,
            reasons={code: reason.strip() for code, reason in rows_of_form("open_code", "open_reason")},
            otherwise=form.open_otherwise,
            calendar=calendar(session),
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    return _acted(number, act, gettext("The recall has been closed."))


def _acted(number: str, act: Callable[[], None], done: str) -> Answer:
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(done, url_for("recalls_desk.show", number=number)),
    )


def _found(number: str) -> RecallDetail:
    return queries.recall(current_session(), actor=current_actor(), number=number)


def _page(number: str, refusal: DomainError | None = None) -> str:
    session, actor, found = current_session(), current_actor(), _found(number)
    which = request.args.get("which", "")
    got = effectiveness(queries.held_by_all(session, found.id)) if found.decided_at else None
    page = queries.responses(
        session, actor=actor, recall_id=found.id, which=which, cursor=request.args.get("cursor")
    )
    in_hand = found.state in (RecallState.DRAFT, RecallState.CONFIRMED)
    scope = {"recall_id": found.id, "version_no": found.version_no}
    wrote = actor.key in {*found.written_by, found.confirmed_by}
    return render_template(
        "backoffice/recalls/show.html",
        found=found,
        got=got,
        asked=got.open[:OPEN_ASKED_MAX] if got else (),
        page=page,
        photos=queries.photos_of(session, number, [one.code for one in page.items]),
        which=which,
        lots=resolved_lots(session, **scope),
        unresolved=unresolved(session, **scope) if in_hand else (),
        papers=_papers(found),
        level=gettext(LEVELS[found.level]),
        kinds=labels(SCOPE_KINDS),
        answers={name: gettext(label) for name, label in ANSWERS.items()},
        is_desk=actor.may(RecallRight.DESK),
        is_quality=actor.may(QualityRight.DECIDE),
        may_decide=actor.may(QualityRight.DECIDE) and not wrote,
        **refused(refusal),
    )


def _papers(found: RecallDetail) -> list[tuple[str, str]]:
    """Endpoint and name of the papers that this person may have of it."""
    papers = [("recall_papers.notice", gettext("Recall notice"))]
    if current_actor().answers_for(None):
        papers += [
            ("recall_papers.event_report", gettext("Recall event report")),
            ("recall_papers.plan", gettext("Investigation report and recall plan")),
            ("recall_papers.progress", gettext("Progress of the recall")),
        ]
        if found.ended_at:
            papers.append(("recall_papers.summary", gettext("Summary of the recall")))
    return papers


def _tabs(state: str) -> list[tuple[str, str, bool, int | None]]:
    every = (url_for("recalls_desk.index"), gettext("All"), not state, None)
    tabs = [
        (url_for("recalls_desk.index", status=str(one)), status_look("recall", one).label, one == state, None)
        for one in RecallState
    ]
    return [every, *tabs]
