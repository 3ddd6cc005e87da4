"""Headquarters: what the code on a package says."""

from __future__ import annotations

from flask import Blueprint

from portal.catalogue.vocabulary import CatalogueRight
from portal.web.rendering import requires
from portal.web.scan_page import scan_page

blueprint = Blueprint("hq_scanning", __name__, url_prefix="/hq/scan")


@blueprint.get("")
@requires(CatalogueRight.HEADQUARTERS)
def index() -> str:
    """The field, and what the code in it says."""
    return scan_page()
