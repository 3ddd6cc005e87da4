"""Which role may do what, on both sides."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.audit.vocabulary import AuditRight
from portal.identity.custom_role_queries import composed_by_headquarters
from portal.web.browser_session import ROLE_LABELS
from portal.web.rendering import requires
from portal.web.request import current_session
from portal.web.rights_matrix import matrix, roles_of

blueprint = Blueprint("rights", __name__, url_prefix="/hq/rights")


@blueprint.get("")
@requires(AuditRight.READ)
def index() -> str:
    """The matrix of headquarters, with the roles of its own making, and that of dealers."""
    composed = composed_by_headquarters(current_session())
    return render_template(
        "backoffice/rights/index.html",
        sides=[
            (of_dealer, roles_of(of_dealer=of_dealer), matrix(of_dealer=of_dealer), own)
            for of_dealer, own in ((False, composed), (True, []))
        ],
        role_labels=ROLE_LABELS,
    )
