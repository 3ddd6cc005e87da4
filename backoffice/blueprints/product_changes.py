"""Proposed changes of products: which there are, submitted and approved many at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from backoffice.blueprints import product_page
from portal.catalogue.change_life import ChangeState
from portal.catalogue.decide_change import Decided, approve_changes
from portal.catalogue.kept_products import READERS, ChangeRow, changes
from portal.catalogue.product_fields import LABELS
from portal.catalogue.propose_change import submit_changes
from portal.catalogue.vocabulary import CatalogueRight
from portal.catalogue.words import SOURCES
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.web.forms import column_of_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.status_looks import status_look

blueprint = Blueprint("product_changes", __name__, url_prefix="/hq/product-changes")

LEFT_OUT_SHOWN = 20
CHANGES = Listing(
    "product-changes",
    N_("Changes of products"),
    (
        Column("sku", N_("SKU"), Kind.CODE, width="c-15"),
        Column("product", N_("Product"), Kind.NAME, css="cell-wide"),
        Column("number", N_("Change no."), Kind.CODE, shown=False, width="c-16"),
        Column("is_new", N_("New product"), Kind.FLAG, shown=False, width="c-10"),
        Column(
            "changing",
            N_("What changes"),
            Kind.WORDS,
            words=LABELS,
            empty=N_("Everything: it is new"),
            css="cell-wide",
        ),
        Column("state", N_("Status"), Kind.STATUS, status="product change", width="c-12", css="cell-corner"),
        Column("source", N_("Source"), Kind.WORD, words=SOURCES, width="c-12"),
        Column("proposed_by_label", N_("Proposed by"), width="c-12"),
        Column("proposed_at", N_("Proposed on"), Kind.MOMENT, width="c-15"),
        Column("decided_by_label", N_("Decided by"), shown=False, width="c-12"),
        Column("decided_at", N_("Decided on"), Kind.MOMENT, shown=False, width="c-15"),
        Column("reason", N_("Reason"), shown=False),
    ),
)


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """Changes, the latest first."""
    said = request.args.get("state", ChangeState.SUBMITTED)
    query: dict[str, Any] = {
        "q": request.args.get("q", "").strip(),
        "state": said if said in list(ChangeState) else "",
    }

    def fetch(cursor: str | None, limit: int) -> Page[ChangeRow]:
        return changes(current_session(), actor=current_actor(), cursor=cursor, limit=limit, **query)

    looks = [(str(state), status_look("product change", state).label) for state in ChangeState]
    return show_list(
        CHANGES,
        fetch,
        "backoffice/products/changes.html",
        {**query, "me": current_actor().key, "may_edit": current_actor().may(CatalogueRight.EDIT)},
        page_only=lambda: {"state_options": [*looks, ("all", gettext("All"))]},
    )


@blueprint.post("/submission")
@requires(CatalogueRight.EDIT)
@takes_columns("number")
def submit() -> Response:
    """Submit the chosen drafts; what has faults is left out and named."""
    outcomes = submit_changes(
        current_session(),
        actor=current_actor(),
        numbers=column_of_form("number"),
        at=clock.now(),
        today=product_page.today(),
    )
    done = sum(one.refusal is None for one in outcomes)
    _tell(ngettext("%(num)d change submitted.", "%(num)d changes submitted.", done), done, outcomes)
    return redirect(url_for("product_changes.index", state="draft"), 303)


@blueprint.post("/approval")
@requires(CatalogueRight.EDIT)
@takes_columns("number")
def approve() -> Response:
    """Approve the chosen changes; what has faults, or is one's own, is left out and named."""
    outcomes = approve_changes(
        current_session(),
        actor=current_actor(),
        numbers=column_of_form("number"),
        at=clock.now(),
        today=product_page.today(),
    )
    done = sum(one.refusal is None for one in outcomes)
    _tell(ngettext("%(num)d change approved.", "%(num)d changes approved.", done), done, outcomes)
    return redirect(url_for("product_changes.index"), 303)


def _tell(success: str, done: int, outcomes: Iterable[Decided]) -> None:
    if done:
        flash(success, "success")
    left_out = [one for one in outcomes if one.refusal is not None]
    for one in left_out[:LEFT_OUT_SHOWN]:
        if one.refusal is not None:
            faults = one.refusal.faults
            why = " ".join(map(product_page.labelled, faults)) if faults else in_full(one.refusal)
            flash(gettext("%(number)s was left out: %(why)s", number=one.number, why=why), "error")
    if len(left_out) > LEFT_OUT_SHOWN:
        more = len(left_out) - LEFT_OUT_SHOWN
        flash(ngettext("%(num)d more was left out.", "%(num)d more were left out.", more), "error")
