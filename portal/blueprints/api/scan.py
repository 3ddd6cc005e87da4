"""What the code on a package says."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from portal.blueprints.api.schemas.scanning import ScanBody, ScannedShape
from portal.catalogue.manifest import CHAPTER
from portal.kernel.errors import N_
from portal.scanning.scan import MAY_SCAN, scan
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import operation
from portal.web.request import current_actor, current_session


@operation(
    "POST",
    "/scan",
    tag=CHAPTER,
    rights=MAY_SCAN,
    body=ScanBody,
    answers=ScannedShape,
    summary=N_("What the code on a package says"),
    about=N_(
        "Nothing is written. What cannot be read beyond doubt is refused: `separators_lost` lists as `actual`"
        " what the code may say, for the person with the label to choose from; `ahm_not_decodable` is a code"
        " of Ali Health."
    ),
)
def create(body: ScanBody) -> dict[str, Any]:
    _, today = now_and_today()
    found = scan(
        current_session(),
        actor=current_actor(),
        data=body.data,
        symbology=body.symbology or "",
        today=today,
    )
    sku = found.article.sku if found.article else None
    return asdict(found.reading) | {"sku": sku, "units": found.units}
