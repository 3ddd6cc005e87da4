"""Which role may do what, on both sides."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.audit.vocabulary import AuditRight
from portal.web.browser_session import ROLE_LABELS
from portal.web.rendering import requires
from portal.web.rights_matrix import matrix, roles_of

blueprint = Blueprint("rights", __name__, url_prefix="/hq/rights")


@blueprint.get("")
@requires(AuditRight.READ)
def index() -> str:
    """The matrix of headquarters and that of dealers."""
    return render_template(
        "backoffice/rights/index.html",
        sides=[
            (of_dealer, roles_of(of_dealer=of_dealer), matrix(of_dealer=of_dealer))
            for of_dealer in (False, True)
        ],
        role_labels=ROLE_LABELS,
    )
