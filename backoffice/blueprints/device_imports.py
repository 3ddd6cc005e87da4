"""Installed devices from a file: looked through row by row, then applied."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any, BinaryIO

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from portal.devices.import_devices import (
    RowOutcome,
    RowResult,
    apply_import,
    import_of,
    keep_import,
    looked_through,
)
from portal.devices.imported_rows import FIELDS, rows_of_table
from portal.devices.vocabulary import DeviceRight
from portal.kernel import clock, spreadsheet
from portal.kernel.errors import N_, DomainError, Invalid
from portal.kernel.searching import folded
from portal.web import device_page
from portal.web.acting import Answer, acted
from portal.web.listing.declaration import Kind
from portal.web.listing.export import send_made
from portal.web.listing.files import Head, write_workbook
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.sent_once import Said, answered_once

blueprint = Blueprint("device_imports", __name__, url_prefix="/hq/device-imports")

ROWS_SHOWN = 1000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RESULTS = {
    RowResult.REFUSED: N_("Row refused"),
    RowResult.ADDED: N_("New device"),
    RowResult.CHANGED: N_("Changed"),
    RowResult.UNCHANGED: N_("Unchanged"),
}
TONES = {
    RowResult.REFUSED: "red",
    RowResult.ADDED: "green",
    RowResult.CHANGED: "blue",
    RowResult.UNCHANGED: "grey",
}


@blueprint.get("")
@requires(DeviceRight.DESK)
def index() -> str:
    """Where a file is chosen."""
    return render_template("backoffice/devices/import.html", refused=())


@blueprint.post("")
@requires(DeviceRight.DESK)
def upload() -> str | Response:
    """Look a file through."""

    def act() -> dict[str, Any]:
        sent = request.files.get("file")
        rows = rows_of_table(spreadsheet.read_table(sent.read() if sent else b""), heads())
        number = keep_import(
            current_session(),
            actor=current_actor(),
            file_name=(sent.filename or "") if sent else "",
            rows=rows,
            today=device_page.today(),
            at=clock.now(),
        )
        return {"number": number}

    try:
        number = answered_once(act)["number"]
    except Invalid as refusal:
        current_session().rollback()
        told = [in_full(fault) for fault in refusal.faults] or [in_full(refusal)]
        return make_response(render_template("backoffice/devices/import.html", refused=told), 422)
    return redirect(url_for("device_imports.show", number=number), 303)


@blueprint.get("/<number>")
@requires(DeviceRight.DESK)
def show(number: str) -> str:
    """What would become of each row, or what became of them."""
    return _page(number)


@blueprint.post("/<number>/application")
@requires(DeviceRight.DESK)
def application(number: str) -> Answer:
    """Take every row that can be taken."""

    def done(outcomes: list[RowOutcome]) -> Said:
        counts = Counter(one.result for one in outcomes)
        words = gettext(
            "New devices: %(added)s, changed: %(changed)s, refused: %(refused)s.",
            added=counts[RowResult.ADDED],
            changed=counts[RowResult.CHANGED],
            refused=counts[RowResult.REFUSED],
        )
        return Said(words, url_for("device_imports.show", number=number))

    return acted(
        lambda: apply_import(
            current_session(), actor=current_actor(), number=number, today=device_page.today(), at=clock.now()
        ),
        shown=lambda refusal: _page(number, refusal),
        then=done,
    )


@blueprint.get("/template")
@requires(DeviceRight.DESK)
def template() -> Response:
    """An empty workbook with every column."""

    def make(file: BinaryIO) -> int:
        columns = tuple((gettext(label), Kind.CODE) for label in FIELDS.values())
        write_workbook(file, Head(gettext("Devices"), columns), (), lambda: None)
        return 0

    return send_made(make, "device-template", form="xlsx", title=gettext("Devices"), media_type=_XLSX)


def _page(number: str, refusal: DomainError | None = None) -> str:
    kept = import_of(current_session(), number)
    outcomes: list[RowOutcome] = []
    if kept.applied_at is None:
        outcomes = looked_through(
            current_session(), actor=current_actor(), rows=kept.rows, today=device_page.today()
        )
    counts = Counter(one.result for one in outcomes) if outcomes else Counter(kept.counts)
    return render_template(
        "backoffice/devices/import_report.html",
        found=kept,
        report=_report(outcomes),
        counts=counts,
        more=max(0, len(outcomes) - ROWS_SHOWN),
        may_apply=kept.applied_at is None and bool(counts[RowResult.ADDED] + counts[RowResult.CHANGED]),
        results=labels(RESULTS),
        tones=TONES,
        refusal=refusal,
    )


def _report(outcomes: list[RowOutcome]) -> list[tuple[RowOutcome, list[str]]]:
    """What is refused first; each with its reasons in words."""
    order = list(RESULTS)
    ranked = sorted(outcomes, key=lambda one: (order.index(one.result), one.row))
    return [
        (one, [_labelled(fault.pointer, in_full(fault)) for fault in one.faults])
        for one in ranked[:ROWS_SHOWN]
    ]


def _labelled(pointer: str, words: str) -> str:
    label = FIELDS.get(pointer.strip("/"))
    return f"{gettext(label)}: {words}" if label else words


@cache
def heads() -> dict[str, str]:
    """What may stand above the columns, in both languages, and their names."""
    known = {folded(name): name for name in FIELDS}
    for locale in ("zh", "en"):
        with force_locale(locale):
            known |= {folded(gettext(label)): name for name, label in FIELDS.items()}
    return known
