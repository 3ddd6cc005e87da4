"""Headquarters: what the code on a package says."""

from __future__ import annotations

from flask import Blueprint

from portal.catalogue.vocabulary import CatalogueRight
from portal.web.forms import takes_columns
from portal.web.rendering import requires
from portal.web.scan_page import camera_verdicts, scan_page

blueprint = Blueprint("hq_scanning", __name__, url_prefix="/hq/scan")


@blueprint.get("")
@requires(CatalogueRight.HEADQUARTERS)
def index() -> str:
    """The field, and what the code in it says."""
    return scan_page()


@blueprint.post("")
@requires(CatalogueRight.HEADQUARTERS)
@takes_columns("data", "symbology")
def read() -> str:
    """What the codes in a picture say; writes nothing."""
    return camera_verdicts()
