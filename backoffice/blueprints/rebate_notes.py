"""A rebate note for headquarters: what it pays, and what it gave on which invoice."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.claims.words import TREATMENTS
from portal.ledger.vocabulary import LedgerRight
from portal.rebates.vocabulary import RebateRight
from portal.settlements.notes import note_of
from portal.settlements.vocabulary import SettlementRight
from portal.settlements.words import KINDS
from portal.web.presentation import labels
from portal.web.rebate_note_page import send_note
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session

blueprint = Blueprint("rebate_notes", __name__, url_prefix="/hq/rebate-notes")


READERS = (SettlementRight.SETTLE, RebateRight.PROPOSE, LedgerRight.READ)


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """One note."""
    actor = current_actor()
    return render_template(
        "backoffice/settlements/note.html",
        note=note_of(current_session(), number),
        kinds=labels(KINDS),
        treatments=labels(TREATMENTS),
        may_settle=actor.may(SettlementRight.SETTLE) or actor.may(RebateRight.PROPOSE),
        may_see_accounts=actor.may(LedgerRight.READ),
    )


@blueprint.get("/<number>.pdf")
@requires(*READERS)
def pdf(number: str) -> Response:
    """A note as it is printed."""
    return send_note(number)
