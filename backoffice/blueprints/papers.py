"""Papers of dealers at headquarters: reviewed with the scan beside, revoked, what expires, certificates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.region_filter import region_options
from portal.blueprints.papers import days_of_address, expiring_options, kind_of_address, kinds, today
from portal.catalogue.vocabulary import CatalogueRight
from portal.dealers.queries import dealer_id_of, sought_dealer_id
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.papers import authorisation_queries, queries
from portal.papers import expiring as ending
from portal.papers.expiring import CertificateRow, ExpiringRow
from portal.papers.queries import PaperRow
from portal.papers.review_paper import accept_paper, decision_faults, refuse_paper, revoke_paper
from portal.papers.rules import PaperKind, PaperState
from portal.papers.vocabulary import PaperRight
from portal.papers.words import KINDS
from portal.web import paper_lists
from portal.web.acting import acted
from portal.web.forms import Form, OwnNumber, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.paper_pages import history_of, named, remarks_of, said, send_pack, window_of
from portal.web.presentation import in_full, in_words, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("papers_desk", __name__, url_prefix="/hq/papers")

PAPERS = paper_lists.papers("papers-desk", of_desk=True)
EXPIRING = paper_lists.expiring("papers-expiring-desk", of_desk=True)
CERTIFICATES = Listing(
    "certificates-expiring",
    N_("Registration certificates"),
    (
        Column("registration_no", N_("Registration certificate"), css="cell-wide"),
        Column("name", N_("Product"), Kind.NAME),
        Column("products", N_("Products under it"), Kind.QUANTITY, width="c-10"),
        Column("registrant", N_("Registrant"), shown=False, width="c-18"),
        Column("valid_from", N_("Valid from"), Kind.DATE, shown=False, width="c-12"),
        Column("ends_on", N_("Valid until"), Kind.DATE, width="c-12"),
        Column("days_left", N_("Days left"), Kind.QUANTITY, width="c-8"),
        Column("ask_by", N_("Renew by"), Kind.DATE, width="c-12"),
        Column("renewal_asked_on", N_("Renewal asked for on"), Kind.DATE, width="c-12"),
    ),
)


class DecisionForm(Form):
    """What quality decides, of the paper as it was read."""

    decision: str
    reason: str
    revision: OwnNumber


class RevocationForm(Form):
    """Until when a paper counts that is revoked, and why."""

    ended_on: str
    reason: str
    revision: OwnNumber


@blueprint.get("")
@requires(PaperRight.DESK)
@takes_columns("column")
def index() -> str | Response:
    """Papers of the dealers in scope, the latest filed first, or those in one state."""
    asked, kind = request.args.get("status", ""), request.args.get("kind", "")
    state, q = (asked if asked in list(PaperState) else ""), request.args.get("q", "").strip()
    kind = kind if kind in list(PaperKind) else ""
    region, sort = request.args.get("region", ""), sort_of_address(PAPERS)
    dealer = request.args.get("dealer", "").strip()
    sought: dict[str, Any] = {
        "dealer_id": sought_dealer_id(current_session(), dealer),
        "state": state,
        "kind": kind,
        "region_id": typed.own_number(region),
        "q": q,
    }

    def fetch(cursor: str | None, limit: int) -> Page[PaperRow]:
        return queries.papers(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {
            "status_options": [(str(one), status_look("paper", one).label) for one in PaperState],
            "kind_options": kinds(),
            "region_options": region_options(),
        }

    return show_list(
        PAPERS,
        fetch,
        "backoffice/papers/index.html",
        {"status": state, "kind": kind, "region": region, "dealer": dealer, "q": q},
        page_only=page_only,
        count=lambda: queries.count_papers(current_session(), **sought),
    )


@blueprint.get("/expiring")
@requires(PaperRight.DESK)
@takes_columns("column")
def expiring() -> str | Response:
    """What of the dealers in scope ends soon or has ended, the soonest first."""
    days, kind, region = days_of_address(), kind_of_address(), request.args.get("region", "")
    sought: dict[str, Any] = {
        "actor": current_actor(),
        "today": today(),
        "days": days,
        "kind": kind,
        "region_id": typed.own_number(region),
    }

    def fetch(cursor: str | None, limit: int) -> Page[ExpiringRow]:
        return ending.expiring(current_session(), cursor=cursor, limit=limit, **sought)

    return show_list(
        EXPIRING,
        fetch,
        "backoffice/papers/expiring.html",
        {"days": str(days), "kind": kind, "region": region},
        page_only=lambda: {**expiring_options(), "region_options": region_options()},
        count=lambda: ending.count_expiring(current_session(), **sought),
    )


@blueprint.get("/certificates")
@requires(PaperRight.DESK)
@takes_columns("column")
def certificates() -> str | Response:
    """Registration certificates of products that end soon or have ended, the soonest first."""
    days = days_of_address()
    sought: dict[str, Any] = {"actor": current_actor(), "today": today(), "days": days}

    def fetch(cursor: str | None, limit: int) -> Page[CertificateRow]:
        return ending.certificates(current_session(), cursor=cursor, limit=limit, **sought)

    return show_list(
        CERTIFICATES,
        fetch,
        "backoffice/papers/certificates.html",
        {"days": str(days), "may_change": current_actor().may(CatalogueRight.EDIT)},
        page_only=lambda: {"day_options": expiring_options()["day_options"]},
        count=lambda: ending.count_certificates(current_session(), **sought),
    )


@blueprint.get("/dealers/<code>/pack")
@requires(PaperRight.DESK)
def pack(code: str) -> Response:
    """The scans of all papers of a dealer that count, as one archive."""
    return send_pack(dealer_id_of(current_session(), code), f"papers-{code}")


@blueprint.get("/<number>")
@requires(PaperRight.DESK)
def show(number: str) -> str:
    """One paper with its scan beside, and the review it waits for."""
    return render_template("backoffice/papers/show.html", **_context(number))


@blueprint.post("/<number>/decision")
@requires(PaperRight.REVIEW)
def decision(number: str) -> str | Response:
    """Accept it, or refuse it with the reason."""
    form = read_form(DecisionForm)

    def act() -> str:
        about: dict[str, Any] = {"actor": current_actor(), "number": number, "revision": form.revision}
        if faults := decision_faults(form.decision):
            raise Invalid(faults=faults)
        if form.decision == "accept":
            accept_paper(current_session(), at=clock.now(), **about)
            return gettext("The paper has been accepted and counts.")
        refuse_paper(current_session(), reason=form.reason, at=clock.now(), **about)
        return gettext("The paper has been refused.")

    return _act(number, act, decided=form)


@blueprint.post("/<number>/revocation")
@requires(PaperRight.REVIEW)
def revocation(number: str) -> str | Response:
    """Have it count no longer."""
    form = read_form(RevocationForm)

    def act() -> str:
        faults: list[Fault] = []
        ended_on = typed.field(typed.day, form.ended_on, "/ended_on", faults)
        if faults:
            raise Invalid(faults=faults)
        revoke_paper(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=form.revision,
            ended_on=ended_on,
            reason=form.reason,
            today=today(),
            at=clock.now(),
        )
        return gettext("The paper has been revoked.")

    return _act(number, act, revoked=form)


def _act(
    number: str,
    act: Callable[[], str],
    *,
    decided: DecisionForm | None = None,
    revoked: RevocationForm | None = None,
) -> str | Response:
    """Do it and show the paper again; a refusal stands on its page with what was typed."""

    return acted(
        act,
        shown=lambda refusal: render_template(
            "backoffice/papers/show.html", **_context(number, decided, revoked, refusal)
        ),
        then=lambda words: Said(words, url_for("papers_desk.show", number=number)),
    )


def _context(
    number: str,
    decided: DecisionForm | None = None,
    revoked: RevocationForm | None = None,
    refusal: DomainError | None = None,
) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    found = queries.paper(session, number)
    lines = authorisation_queries.categories(session)
    faults = list(refusal.faults) if refusal else []
    may_review = actor.may(PaperRight.REVIEW)
    return {
        "found": found,
        "refusal": refusal,
        "kinds": labels(KINDS),
        "categories": named(found.category_codes, lines),
        "replaced_categories": named(found.replaced_codes or (), lines),
        "remarks": said(remarks_of(found)),
        "window": window_of(found),
        "history": history_of(found),
        "typed": decided
        or DecisionForm.model_construct(decision="accept", reason="", revision=found.revision),
        "revoked": revoked or RevocationForm.model_construct(ended_on="", reason="", revision=found.revision),
        "is_revoking": revoked is not None and bool(faults),
        "summary": [(f"field-{one.pointer.strip('/')}", in_words(one)) for one in faults],
        "errors": lambda name: [in_full(one) for one in faults if one.pointer == f"/{name}"],
        "may_decide": may_review and found.state == PaperState.FILED and actor.key != found.filed_by,
        "may_revoke": may_review and found.state == PaperState.ACCEPTED,
    }
