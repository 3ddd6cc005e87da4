"""Rebate claims of the dealer: listed, made, followed, completed, withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints import claim_form
from portal.blueprints.claim_form import TypedClaim
from portal.blueprints.frame import dealer_frame
from portal.budgets.queries import open_activities
from portal.claims import queries
from portal.claims.claimable import ClaimablePeriod, claimable
from portal.claims.draft_claim import draft_claim, edit_claim
from portal.claims.life import ClaimAct, ClaimState
from portal.claims.queries import ClaimDetail, ClaimRow
from portal.claims.read_files import READERS
from portal.claims.rules import ClaimKind
from portal.claims.submit_claim import submit_claim
from portal.claims.vocabulary import ClaimRight
from portal.claims.withdraw_claim import withdraw_claim
from portal.claims.words import APPROVERS, KINDS, TREATMENTS
from portal.files.attach import uploaded_files
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Forbidden, Invalid
from portal.kernel.paging import Page
from portal.web.acting import Answer, acted
from portal.web.claim_history import chain_steps, history_of, next_approver, waiting_since
from portal.web.file_field import sent_files
from portal.web.forms import Form, OwnNumber, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, in_words, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.status_looks import status_look

blueprint = Blueprint("own_claims", __name__, url_prefix="/rebates/claims")
blueprint.context_processor(dealer_frame)

_STATUS: dict[type[DomainError], int] = {Invalid: 422, Conflict: 409, Forbidden: 403}

CLAIMS = Listing(
    "rebate-claims",
    N_("Rebate claims"),
    (
        Column("number", N_("Claim"), Kind.CODE, width="c-15"),
        Column("state", N_("Status"), Kind.STATUS, status="rebate claim", width="c-12", css="cell-corner"),
        Column("kind", N_("Kind"), Kind.WORD, words=KINDS, width="c-10"),
        Column("subject", N_("Subject of the claim")),
        Column("asked", N_("Asked"), Kind.MONEY, width="c-12"),
        Column("calculated", N_("Calculated"), Kind.MONEY, width="c-12"),
        Column("approved", N_("Approved amount"), Kind.MONEY, width="c-12"),
        Column("next_approver", N_("Signs next"), Kind.WORD, words=APPROVERS, shown=False, width="c-15"),
        Column("due_at", N_("To be decided by"), Kind.MOMENT, width="c-12"),
        Column("entered_at", N_("Written at"), Kind.MOMENT, shown=False, is_sortable=True),
        Column("paid_no", N_("Paid by"), Kind.CODE, shown=False, width="c-18"),
    ),
    sort=str(queries.LATEST_FIRST),
)


class RevisionForm(Form):
    """What was read."""

    revision: OwnNumber


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's claims, the latest first."""
    said, kind = request.args.get("status", ""), request.args.get("kind", "")
    sought: dict[str, Any] = {
        "state": said if said in list(ClaimState) else "",
        "kind": kind if kind in list(ClaimKind) else "",
        "q": request.args.get("q", "").strip(),
    }
    about: dict[str, Any] = {"actor": current_actor(), "today": _today(), **sought}
    sort = sort_of_address(CLAIMS)

    def fetch(cursor: str | None, limit: int) -> Page[ClaimRow]:
        return queries.claims(current_session(), cursor=cursor, limit=limit, sort=sort, **about)

    def page_only() -> dict[str, Any]:
        return {
            "status_options": [(str(one), status_look("rebate claim", one).label) for one in ClaimState],
            "kind_options": _kinds(),
            "may_claim": current_actor().may(ClaimRight.WRITE),
        }

    return show_list(
        CLAIMS,
        fetch,
        "claims/index.html",
        {**sought, "status": sought["state"], "now": clock.now()},
        page_only=page_only,
        count=lambda: queries.count_claims(current_session(), **about),
    )


@blueprint.get("/new")
@requires(ClaimRight.WRITE)
def new() -> str:
    """The kinds to choose from, and the periods that may be claimed; or the form of a kind."""
    fields = {name: request.args.get(name, "")[:100] for name in ("kind", "programme", "period", "activity")}
    typed_one, periods = TypedClaim(fields), _claimable()
    if typed_one.kind is None:
        return render_template("claims/choose.html", kinds=labels(KINDS), periods=periods)
    if typed_one.kind is ClaimKind.PERIOD:
        chosen = _chosen(typed_one, periods)
        fields["amount"] = str(chosen.accrued) if chosen else ""
    return render_template("claims/edit.html", **_form(typed_one, periods=periods))


@blueprint.post("")
@requires(ClaimRight.WRITE)
@takes_columns(*claim_form.COLUMNS)
def create() -> str | Response:
    """Write the claim, and submit it unless it is kept as a draft."""
    return _save(None)


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """One claim: its figures, its steps, who is next, and what to complete."""
    return render_template("claims/show.html", **_shown(_found(number)))


@blueprint.get("/<number>/edit")
@requires(ClaimRight.WRITE)
def edit(number: str) -> str:
    """The form of a draft, or of what was sent back."""
    found = _found(number)
    if ClaimAct.EDIT not in found.acts:
        return render_template("claims/show.html", **_shown(found))
    return render_template("claims/edit.html", **_form(claim_form.typed_of(found), found))


@blueprint.post("/<number>/edit")
@requires(ClaimRight.WRITE)
@takes_columns(*claim_form.COLUMNS)
def save(number: str) -> str | Response:
    """Complete it, and submit it again unless it stays as it is."""
    return _save(_found(number))


@blueprint.post("/<number>/submission")
@requires(ClaimRight.WRITE)
def submission(number: str) -> str | Response:
    """Submit a draft as it is."""
    revision, at = read_form(RevisionForm).revision, clock.now()
    return _act(
        number,
        gettext("Claim %(number)s has been submitted.", number=number),
        lambda: submit_claim(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=revision,
            today=_today(),
            zone=portal().settings.timezone,
            at=at,
        ),
    )


@blueprint.post("/<number>/withdrawal")
@requires(ClaimRight.WRITE)
def withdrawal(number: str) -> str | Response:
    """Take it back."""
    return _act(
        number,
        gettext("Claim %(number)s has been withdrawn.", number=number),
        lambda: withdraw_claim(current_session(), actor=current_actor(), number=number, at=clock.now()),
    )


def _save(found: ClaimDetail | None) -> str | Response:
    """Write a claim from the form, or say with the form what is wrong."""
    typed_one, files = claim_form.typed_claim(), list[str]()
    said, revision = request.form.get("act", ""), read_form(RevisionForm).revision
    if typed_one.kind is None:
        return make_response(
            render_template("claims/choose.html", kinds=labels(KINDS), periods=_claimable()), 422
        )
    if said == "rows":
        more = _form(typed_one, found, files=_sent_now(), more=claim_form.MORE_ROWS, revision=revision)
        return render_template("claims/edit.html", **more)

    def act() -> Said:
        files.extend(sent_files())
        session, at = current_session(), clock.now()
        about: dict[str, Any] = {
            "actor": current_actor(),
            "today": _today(),
            "zone": portal().settings.timezone,
        }
        entry = claim_form.entry_of(typed_one, files, _today())
        if found is None:
            made = draft_claim(session, entry=entry, at=at, **about)
        else:
            made = edit_claim(session, number=found.number, revision=revision, entry=entry, **about)
        words = gettext("Claim %(number)s has been saved.", number=made.number)
        if said == "submit":
            submit_claim(session, number=made.number, at=at, **about)
            words = gettext("Claim %(number)s has been submitted.", number=made.number)
        return Said(words, url_for("own_claims.show", number=made.number))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        context = _form(typed_one, found, refusal, files, revision=revision)
        return make_response(render_template("claims/edit.html", **context), _STATUS[type(refusal)])


def _sent_now() -> list[str]:
    try:
        return sent_files()
    except Invalid:
        return []


def _act(number: str, done: str, act: Callable[[], object]) -> Answer:
    return acted(
        act,
        shown=lambda refusal: render_template("claims/show.html", **_shown(_found(number), refusal)),
        then=lambda _: Said(done, url_for("own_claims.show", number=number)),
    )


def _form(
    typed_one: TypedClaim,
    found: ClaimDetail | None = None,
    refusal: DomainError | None = None,
    files: Sequence[str] = (),
    *,
    more: int = 0,
    revision: int | None = None,
    periods: Sequence[ClaimablePeriod] | None = None,
) -> dict[str, Any]:
    faults = list(refusal.faults) if refusal else []
    summary = [(claim_form.field_of(one.pointer), in_words(one)) for one in faults]
    if refusal is not None and not faults:
        summary = [("claim", in_full(refusal))]
    kind = typed_one.kind
    return {
        "typed": dict.fromkeys(claim_form.FIELDS, "") | typed_one.fields,
        "kind": kind,
        "kind_label": gettext(KINDS[kind]) if kind else "",
        "invoices": claim_form.with_spare(typed_one.invoices, 4, more),
        "lines": claim_form.with_spare(typed_one.lines, 4, more),
        "found": found,
        "revision": revision if revision is not None else (found.revision if found else 0),
        "chosen": _chosen(typed_one, _claimable() if periods is None else periods),
        "activities": _activities(typed_one),
        "treatments": [(str(one), gettext(label)) for one, label in TREATMENTS.items()],
        "files": uploaded_files(current_session(), actor=current_actor(), ids=files),
        "summary": summary,
        "errors": lambda name: [in_full(one) for one in faults if one.pointer == f"/{name}"],
        "beside": lambda rows, place: [one for one in faults if one.pointer.startswith(f"/{rows}/{place}/")],
        "file_errors": [in_full(one) for one in faults if claim_form.field_of(one.pointer) == "field-files"],
    }


def _chosen(typed_one: TypedClaim, periods: Sequence[ClaimablePeriod]) -> ClaimablePeriod | None:
    """The period that is claimed, while it may be."""
    named = (typed_one.fields.get("programme"), typed_one.fields.get("period"))
    return next((one for one in periods if (one.programme, one.period) == named), None)


def _activities(typed_one: TypedClaim) -> list[tuple[str, str]]:
    """The dealer's approved activities of the kind that is claimed, and what was named already."""
    found = [
        (one.number, f"{one.title} · {one.number}")
        for one in open_activities(current_session(), dealer_id=current_actor().own_dealer_id)
        if one.kind == typed_one.kind
    ]
    named = typed_one.fields.get("activity", "")
    return found if not named or named in dict(found) else [(named, named), *found]


def _shown(found: ClaimDetail, refusal: DomainError | None = None) -> dict[str, Any]:
    return {
        "found": found,
        "entry": found.entry,
        "kinds": labels(KINDS),
        "treatments": labels(TREATMENTS),
        "refusals": [in_full(one) for one in (refusal.faults or (refusal,))] if refusal else [],
        "may_edit": ClaimAct.EDIT in found.acts,
        "may_submit": ClaimAct.SUBMIT in found.acts,
        "may_withdraw": ClaimAct.WITHDRAW in found.acts,
        "road": chain_steps(found),
        "next_approver": next_approver(found),
        "since": waiting_since(found),
        "history": history_of(found),
        "is_staff": False,
    }


def _found(number: str) -> ClaimDetail:
    return queries.claim_of(
        current_session(),
        actor=current_actor(),
        number=number,
        today=_today(),
        zone=portal().settings.timezone,
    )


def _claimable() -> list[ClaimablePeriod]:
    return claimable(current_session(), dealer_id=current_actor().own_dealer_id, today=_today())


def _kinds() -> list[tuple[str, str]]:
    return [(str(one), gettext(label)) for one, label in KINDS.items()]


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
