"""The dealer's own papers and authorisations: listed, filed, renewed, withdrawn; what expires; the pack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.files.attach import uploaded_files
from portal.kernel import clock, typed
from portal.kernel.errors import Conflict, Fault, Invalid
from portal.kernel.paging import Page
from portal.papers import authorisation_queries, queries
from portal.papers import expiring as ending
from portal.papers.authorisation_queries import AuthorisationRow
from portal.papers.expiring import ExpiringRow
from portal.papers.fault_rules import PaperFacts
from portal.papers.file_paper import file_paper, withdraw_paper
from portal.papers.queries import PaperRow
from portal.papers.rules import PaperKind, PaperState
from portal.papers.vocabulary import PaperRight
from portal.papers.words import EXPIRING_KINDS, KINDS
from portal.web import paper_lists
from portal.web.file_field import sent_files
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.listing.page import show_list, sort_of_address
from portal.web.paper_pages import codes_of, history_of, named, remarks_of, said, send_pack, window_of
from portal.web.presentation import in_full, in_language, in_words, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.status_looks import status_look

blueprint = Blueprint("papers", __name__)
blueprint.context_processor(dealer_frame)

PAPERS = paper_lists.papers("papers", of_desk=False)
EXPIRING = paper_lists.expiring("papers-expiring", of_desk=False)
AUTHORISATIONS = paper_lists.authorisations("authorisations", of_desk=False)


class PaperForm(Form):
    """The fields of a paper."""

    kind: str
    replaces: str
    paper_no: Stripped
    issuer: Stripped
    category_codes: str
    valid_from: str
    valid_to: str
    note: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A paper as somebody typed it."""

    kind: str = ""
    replaces: str = ""
    paper_no: str = ""
    issuer: str = ""
    category_codes: str = ""
    valid_from: str = ""
    valid_to: str = ""
    note: str = ""


@blueprint.get("/papers")
@requires(PaperRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's papers, the latest filed first."""
    asked, kind = request.args.get("status", ""), request.args.get("kind", "")
    state, q = (asked if asked in list(PaperState) else ""), request.args.get("q", "").strip()
    kind = kind if kind in list(PaperKind) else ""
    sort, dealer_id = sort_of_address(PAPERS), current_actor().own_dealer_id
    sought: dict[str, Any] = {"dealer_id": dealer_id, "state": state, "kind": kind, "q": q}

    def fetch(cursor: str | None, limit: int) -> Page[PaperRow]:
        return queries.papers(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {
            "status_options": [(str(one), status_look("paper", one).label) for one in PaperState],
            "kind_options": kinds(),
            "may_file": current_actor().may(PaperRight.FILE),
        }

    return show_list(
        PAPERS,
        fetch,
        "papers/index.html",
        {"status": state, "kind": kind, "q": q},
        page_only=page_only,
        count=lambda: queries.count_papers(current_session(), **sought),
    )


@blueprint.get("/papers/expiring")
@requires(PaperRight.READ)
@takes_columns("column")
def expiring() -> str | Response:
    """What of the dealer's ends soon or has ended, the soonest first."""
    days, kind = days_of_address(), kind_of_address()
    sought: dict[str, Any] = {"actor": current_actor(), "today": today(), "days": days, "kind": kind}

    def fetch(cursor: str | None, limit: int) -> Page[ExpiringRow]:
        return ending.expiring(current_session(), cursor=cursor, limit=limit, **sought)

    return show_list(
        EXPIRING,
        fetch,
        "papers/expiring.html",
        {"days": str(days), "kind": kind, "may_file": current_actor().may(PaperRight.FILE)},
        page_only=expiring_options,
        count=lambda: ending.count_expiring(current_session(), **sought),
    )


@blueprint.get("/papers/pack")
@requires(PaperRight.READ)
def pack() -> Response:
    """The scans of all papers that count, as one archive."""
    return send_pack(current_actor().own_dealer_id, "papers")


@blueprint.get("/papers/new")
@requires(PaperRight.FILE)
def new() -> str:
    """An empty form, or one for the renewal of a paper: with what stays the same."""
    asked = request.args.get("kind", "")
    kind = asked if asked in list(PaperKind) else ""
    standing = queries.standing_papers(current_session(), current_actor().own_dealer_id)
    paper_no = request.args.get("paper_no", "")
    found = next((one.number for one in standing if one.paper_no == paper_no and one.kind == kind), "")
    number = request.args.get("replaces", found)
    if number not in {one.number for one in standing}:
        return render_template("papers/new.html", **_form(Typed(kind)))
    renewed = queries.paper(current_session(), number)
    if kind == PaperKind.RENEWAL_RECEIPT:  # another paper, with a number of its own
        return render_template("papers/new.html", **_form(Typed(kind, number, issuer=renewed.issuer)))
    codes = " ".join(renewed.category_codes)
    filled = Typed(kind or renewed.kind, number, renewed.paper_no, renewed.issuer, codes)
    return render_template("papers/new.html", **_form(filled))


@blueprint.post("/papers")
@requires(PaperRight.FILE)
@takes_columns("file_id")
def create() -> str | Response:
    """File it with its scan, for quality to review."""
    form, at, files = read_form(PaperForm), clock.now(), list[str]()

    def act() -> Said:
        files.extend(sent_files())
        number = file_paper(
            current_session(), actor=current_actor(), facts=_facts(form), files=files, today=today(), at=at
        )
        words = gettext("The paper has been filed. It counts once quality has accepted it.")
        return Said(words, url_for("papers.show", number=number))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        again = Typed(**{name: getattr(form, name) for name in Typed.__dataclass_fields__})
        page = render_template("papers/new.html", **_form(again, refusal, files))
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)


@blueprint.get("/papers/<number>")
@requires(PaperRight.READ)
def show(number: str) -> str:
    """One paper with its scan, and what became of it."""
    return render_template("papers/show.html", **_shown(number))


@blueprint.post("/papers/<number>/withdrawal")
@requires(PaperRight.FILE)
def withdrawal(number: str) -> str | Response:
    """Take it back before anybody has reviewed it."""

    def act() -> Said:
        withdraw_paper(current_session(), actor=current_actor(), number=number, at=clock.now())
        return Said(gettext("The paper has been withdrawn."), url_for("papers.show", number=number))

    try:
        return tell(sent_once(act))
    except Conflict as refusal:
        current_session().rollback()
        return make_response(render_template("papers/show.html", **_shown(number, refusal)), 409)


@blueprint.get("/authorisations")
@requires(PaperRight.READ)
@takes_columns("column")
def authorisations() -> str | Response:
    """What headquarters authorised the dealer for, the latest first."""
    sort, dealer_id = sort_of_address(AUTHORISATIONS), current_actor().own_dealer_id
    sought: dict[str, Any] = {"dealer_id": dealer_id, "only_decided": True}

    def fetch(cursor: str | None, limit: int) -> Page[AuthorisationRow]:
        return authorisation_queries.authorisations(
            current_session(), cursor=cursor, limit=limit, sort=sort, **sought
        )

    return show_list(
        AUTHORISATIONS,
        fetch,
        "papers/authorisations.html",
        count=lambda: authorisation_queries.count_authorisations(current_session(), **sought),
    )


def today() -> Any:
    """The business day."""
    return clock.business_date(clock.now(), portal().settings.timezone)


def days_of_address() -> int:
    """How far ahead the address asks to look."""
    days = typed.own_number(request.args.get("days"))
    return days if days in ending.DAYS else ending.USUAL_DAYS


def kind_of_address() -> str:
    """Which kind of what expires the address asks for."""
    kind = request.args.get("kind", "")
    return kind if kind in EXPIRING_KINDS else ""


def expiring_options() -> dict[str, Any]:
    """What may be chosen of what expires."""
    return {
        "day_options": [(str(days), gettext("Within %(days)s days", days=days)) for days in ending.DAYS],
        "kind_options": [(one, gettext(label)) for one, label in EXPIRING_KINDS.items()],
    }


def kinds() -> list[tuple[str, str]]:
    """Kinds of papers to choose from."""
    return [(str(one), gettext(label)) for one, label in KINDS.items()]


def _facts(form: PaperForm) -> PaperFacts:
    """What was typed, read; what cannot be read goes along as faults."""
    faults: list[Fault] = []
    first = typed.field(typed.day, form.valid_from, "/valid_from", faults)
    last = typed.field(typed.day, form.valid_to, "/valid_to", faults) if form.valid_to.strip() else None
    codes = codes_of(form.category_codes)
    return PaperFacts(
        form.kind, form.paper_no, form.issuer, codes, first, last, form.note, form.replaces, tuple(faults)
    )


def _form(
    typed_paper: Typed, refusal: Invalid | Conflict | None = None, files: Sequence[str] = ()
) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    faults = list(refusal.faults) if refusal else []
    summary = [(f"field-{one.pointer.strip('/')}", in_words(one)) for one in faults]
    if refusal is not None and not faults:
        summary = [("field-paper_no", in_full(refusal))]
    standing = queries.standing_papers(session, actor.own_dealer_id)
    return {
        "typed": typed_paper,
        "kind_options": kinds(),
        "standing_options": [
            (one.number, f"{gettext(KINDS[PaperKind(one.kind)])} {one.paper_no}")
            for one in standing
            if one.kind != PaperKind.RENEWAL_RECEIPT
        ],
        "lines": [
            (one.code, in_language(one.name_zh, one.name_en))
            for one in authorisation_queries.categories(session)
        ],
        "files": uploaded_files(session, actor=actor, ids=files),
        "summary": summary,
        "errors": lambda name: [in_full(one) for one in faults if one.pointer == f"/{name}"],
        "file_errors": [in_full(one) for one in faults if one.pointer.startswith("/file")],
    }


def _shown(number: str, refusal: Conflict | None = None) -> dict[str, Any]:
    found = queries.paper(current_session(), number)
    may_file = current_actor().may(PaperRight.FILE)
    return {
        "found": found,
        "refusal": refusal,
        "kinds": labels(KINDS),
        "categories": named(found.category_codes, authorisation_queries.categories(current_session())),
        "remarks": said(remarks_of(found)),
        "window": window_of(found),
        "history": history_of(found),
        "may_withdraw": may_file and found.state == PaperState.FILED,
        "may_renew": may_file
        and found.state == PaperState.ACCEPTED
        and found.kind != PaperKind.RENEWAL_RECEIPT,
        "may_ask": may_file and found.state == PaperState.ACCEPTED and found.kind == PaperKind.LICENCE,
    }
