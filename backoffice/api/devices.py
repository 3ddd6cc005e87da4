"""Installed devices, imported."""

from __future__ import annotations

from collections import Counter
from typing import Any

from backoffice.api.schemas.devices import DeviceImportBody, DeviceImportShape
from portal.devices.import_devices import RowOutcome, looked_through, take_rows
from portal.devices.imported_rows import FileRow
from portal.devices.vocabulary import DeviceRight
from portal.kernel.errors import N_
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.presentation import fix_in_words, in_words
from portal.web.request import current_actor, current_session


@operation(
    "POST",
    "/hq/devices/import",
    tag=HEADQUARTERS,
    rights=(DeviceRight.DESK,),
    body=DeviceImportBody,
    answers=DeviceImportShape,
    creates=True,
    conflicts=True,
    summary=N_("Import installed devices"),
    about=N_(
        "Every row becomes a device, changes one, or is refused with its reasons; the others are taken all "
        "the same. Without `apply` nothing is written."
    ),
)
def create(body: DeviceImportBody) -> dict[str, Any]:
    at, today = now_and_today()
    rows = [FileRow(place, row.model_dump()) for place, row in enumerate(body.rows, start=1)]
    session, actor = current_session(), current_actor()
    if body.apply:
        outcomes = take_rows(session, actor=actor, rows=rows, today=today, at=at, document="")
    else:
        outcomes = looked_through(session, actor=actor, rows=rows, today=today)
    counts = Counter(str(one.result) for one in outcomes)
    named = {name: counts[name] for name in ("added", "changed", "unchanged", "refused")}
    return {"applied": body.apply, **named, "rows": [_row(one) for one in outcomes]}


def _row(one: RowOutcome) -> dict[str, Any]:
    return {
        "row": one.row,
        "sku": one.sku,
        "serial": one.serial,
        "result": str(one.result),
        "number": one.number,
        "errors": [
            {
                "pointer": fault.pointer,
                "code": fault.code,
                "message": in_words(fault),
                "fix": fix_in_words(fault),
            }
            for fault in one.faults
        ],
    }
