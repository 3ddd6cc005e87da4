"""Products from a file: our template, EUDAMED or GUDID; a report a row, and drafts that quality completes."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import BinaryIO

from flask import Blueprint, make_response, render_template
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from backoffice.blueprints import product_page
from portal.catalogue.import_products import RowOutcome, RowResult, import_products
from portal.catalogue.imported_rows import SKU, read_products
from portal.catalogue.product_fields import FIELDS
from portal.catalogue.vocabulary import CatalogueRight
from portal.catalogue.words import SOURCES
from portal.kernel import clock, spreadsheet
from portal.kernel.errors import N_, Invalid
from portal.kernel.searching import folded
from portal.web.listing.declaration import Kind
from portal.web.listing.export import send_made
from portal.web.listing.files import Head, write_workbook
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("product_import", __name__, url_prefix="/hq/product-import")

ROWS_SHOWN = 1000
LOCALES = ("zh", "en")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RESULTS = {
    RowResult.REFUSED: N_("Row refused"),
    RowResult.DRAFTED: N_("Taken as a draft"),
    RowResult.UNCHANGED: N_("Unchanged"),
}
TONES = {RowResult.REFUSED: "red", RowResult.DRAFTED: "blue", RowResult.UNCHANGED: "grey"}


@blueprint.get("")
@requires(CatalogueRight.EDIT)
def index() -> str:
    """Where a file is chosen."""
    return render_template("backoffice/products/import.html", report=None, refused=())


@blueprint.post("")
@requires(CatalogueRight.EDIT)
def upload() -> str | Response:
    """Take the rows of a file as drafts, and tell of each what became of it."""
    sent = request.files.get("file")
    try:
        table = spreadsheet.read_table(sent.read() if sent else b"")
        file = read_products(table, _heads())
        outcomes = import_products(
            current_session(), actor=current_actor(), file=file, at=clock.now(), today=product_page.today()
        )
    except Invalid as refusal:
        current_session().rollback()
        told = [in_full(fault) for fault in refusal.faults] or [in_full(refusal)]
        page = render_template("backoffice/products/import.html", report=None, refused=told)
        return make_response(page, 422)
    return render_template(
        "backoffice/products/import.html",
        refused=(),
        source=labels(SOURCES)[file.source],
        counts=Counter(one.result for one in outcomes),
        report=_report(outcomes),
        more=max(0, len(outcomes) - ROWS_SHOWN),
        results=labels(RESULTS),
        tones=TONES,
    )


@blueprint.get("/template")
@requires(CatalogueRight.EDIT)
def template() -> Response:
    """An empty workbook with every column."""

    def make(file: BinaryIO) -> int:
        columns = [("SKU", Kind.CODE), *((gettext(label), Kind.CODE) for label in FIELDS.values())]
        write_workbook(file, Head(gettext("Products"), tuple(columns)), (), lambda: None)
        return 0

    title = gettext("Products")
    return send_made(make, "product-template", form="xlsx", title=title, media_type=_XLSX)


def _report(outcomes: list[RowOutcome]) -> list[tuple[RowOutcome, list[str]]]:
    """What was refused first, then the drafts, then the rest; each with its reasons in words."""
    order = list(RESULTS)
    ranked = sorted(outcomes, key=lambda one: (order.index(one.result), one.row))
    return [(one, [product_page.labelled(fault) for fault in one.faults]) for one in ranked[:ROWS_SHOWN]]


@cache
def _heads() -> dict[str, str]:
    """What stands above the columns of a template, in both languages, and the names of the fields."""
    known = {SKU: SKU, **{folded(name): name for name in FIELDS}}
    for locale in LOCALES:
        with force_locale(locale):
            known[folded(gettext("SKU"))] = SKU
            known |= {folded(gettext(label)): name for name, label in FIELDS.items()}
    return known
