"""Substitutes of a product: which there are, and named."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.substitutes import SubstitutesBody, SubstitutesShape
from portal.catalogue.name_substitutes import name_substitutes
from portal.catalogue.substitutes import substitutes
from portal.catalogue.vocabulary import CatalogueRight
from portal.kernel.errors import N_
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/hq/products/<sku>/substitutes",
    tag=HEADQUARTERS,
    rights=(CatalogueRight.SUBSTITUTES,),
    answers=SubstitutesShape,
    summary=N_("Substitutes of a product"),
    about=N_("What is offered, in this order, to a dealer whose line cannot be served."),
)
def index(sku: str) -> dict[str, Any]:
    named = substitutes(current_session(), actor=current_actor(), sku=sku)
    return {"sku": sku, "substitutes": list(named)}


@operation(
    "PUT",
    "/hq/products/<sku>/substitutes",
    tag=HEADQUARTERS,
    rights=(CatalogueRight.SUBSTITUTES,),
    body=SubstitutesBody,
    answers=SubstitutesShape,
    summary=N_("Name the substitutes of a product"),
    about=N_(
        "Offered to a dealer that may buy them and whose warehouses have them; "
        "never sent instead of what was ordered."
    ),
)
def name(sku: str, body: SubstitutesBody) -> dict[str, Any]:
    named = name_substitutes(current_session(), actor=current_actor(), sku=sku, wanted=body.substitutes)
    return {"sku": sku, "substitutes": list(named)}
