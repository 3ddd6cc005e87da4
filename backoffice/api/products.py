"""Products as headquarters keeps them: read, proposed, approved by another, rejected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from backoffice.api.schemas.products import (
    KeptProductPage,
    KeptProductShape,
    KeptProductsQuery,
    ProductBody,
    ProductChangePage,
    ProductChangeShape,
    ProductChangesQuery,
    ProductDecisionBody,
    ProductRejectionBody,
)
from portal.catalogue.decide_change import approve_change, reject_change
from portal.catalogue.kept_products import (
    READERS,
    SOON_DAYS,
    ChangeRow,
    ProductChangeShown,
    Standing,
    change_shown,
    changes,
    history,
    kept_products,
    product_in_force,
)
from portal.catalogue.product_changes import plain_sku
from portal.catalogue.product_fields import Document, ProductFields, as_json, from_json
from portal.catalogue.product_input import read_gtin
from portal.catalogue.propose_change import propose_change, submit_change
from portal.catalogue.vocabulary import CatalogueRight, ChangeSource, DocumentKind
from portal.kernel import clock
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session, portal

EDITORS = (CatalogueRight.EDIT,)

_TOLD_APART = {"packages", "keywords", "category", "storage_min", "storage_max", "documents"}
_PACKED = ("inner_gtin", "inner_units", "case_gtin", "case_units", "pallet_gtin", "pallet_units")


@operation(
    "GET",
    "/hq/products",
    tag=HEADQUARTERS,
    rights=READERS,
    query=KeptProductsQuery,
    answers=KeptProductPage,
    summary=N_("Products by SKU"),
    about=N_("As they are in force, each with its open change."),
)
def index(query: KeptProductsQuery) -> dict[str, Any]:
    page = kept_products(
        current_session(),
        actor=current_actor(),
        today=_today(),
        until=_today() + timedelta(days=SOON_DAYS),
        standing=Standing(query.standing),
        limit=query.limit,
        cursor=query.cursor,
    )
    names = ("sku", "device_class", "registration_no", "registration_to", "state", "change", "change_state")
    items = [
        {name: getattr(one, name) for name in names} | {"name_zh": one.product_zh, "name_en": one.product_en}
        for one in page.items
    ]
    return {"items": items, "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/product-changes",
    tag=HEADQUARTERS,
    rights=READERS,
    query=ProductChangesQuery,
    answers=ProductChangePage,
    summary=N_("Proposed changes of products, with their values before and after"),
    about=N_("The latest first; those that wait for another person by `state=submitted`."),
)
def waiting(query: ProductChangesQuery) -> dict[str, Any]:
    page = changes(
        current_session(),
        actor=current_actor(),
        state=query.state or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_row(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/products/<sku>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=KeptProductShape,
    summary=N_("A product and its changes"),
    about=N_("What is in force, and every change with who proposed and who decided it."),
)
def show(sku: str) -> dict[str, Any]:
    kept = product_in_force(current_session(), actor=current_actor(), sku=sku)
    past = history(current_session(), actor=current_actor(), sku=sku, today=_today())
    if kept is None and not past:
        raise NotFound()
    return {
        "sku": plain_sku(sku),
        "in_force": kept and _product(kept),
        "changes": [_change(one) for one in past],
    }


@operation(
    "PUT",
    "/hq/products/<sku>",
    tag=HEADQUARTERS,
    rights=EDITORS,
    body=ProductBody,
    answers=ProductChangeShape,
    conflicts=True,
    summary=N_("Propose a product, new or changed"),
    about=N_(
        "As a whole, and submitted at once: it is in force when another has approved it. "
        "422 with every fault; 409 while a change waits, or where nothing would change."
    ),
)
def propose(sku: str, body: ProductBody) -> dict[str, Any]:
    session, actor, at = current_session(), current_actor(), clock.now()
    number = propose_change(
        session,
        actor=actor,
        sku=sku,
        fields=_fields(body, product_in_force(session, actor=actor, sku=sku)),
        source=ChangeSource.API,
        at=at,
        today=_today(),
    )
    try:
        submit_change(session, actor=actor, number=number, at=at, today=_today())
    except Invalid as refusal:
        raise Invalid(faults=[replace(one, pointer=_pointer(one, body)) for one in refusal.faults]) from None
    return _change(change_shown(session, actor=actor, number=number, today=_today()))


@operation(
    "POST",
    "/hq/products/<sku>/approval",
    tag=HEADQUARTERS,
    rights=EDITORS,
    body=ProductDecisionBody,
    answers=ProductChangeShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve a change of a product"),
    about=N_(
        "By somebody who had no hand in it. It comes into force within seconds: read the product again."
    ),
)
def approve(sku: str, body: ProductDecisionBody) -> dict[str, Any]:
    number = _of_product(sku, body.change)
    approve_change(current_session(), actor=current_actor(), number=number, at=clock.now(), today=_today())
    return _change(change_shown(current_session(), actor=current_actor(), number=number, today=_today()))


@operation(
    "POST",
    "/hq/products/<sku>/rejection",
    tag=HEADQUARTERS,
    rights=EDITORS,
    body=ProductRejectionBody,
    answers=ProductChangeShape,
    creates=True,
    conflicts=True,
    summary=N_("Reject a change of a product"),
    about=N_("With a reason that its author reads; or give up one's own."),
)
def reject(sku: str, body: ProductRejectionBody) -> dict[str, Any]:
    number = _of_product(sku, body.change)
    reject_change(current_session(), actor=current_actor(), number=number, reason=body.reason, at=clock.now())
    return _change(change_shown(current_session(), actor=current_actor(), number=number, today=_today()))


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)


def _of_product(sku: str, number: str) -> str:
    """The number of a change of this product. Raises NotFound for another's."""
    shown = change_shown(current_session(), actor=current_actor(), number=number, today=_today())
    if shown.row.sku != plain_sku(sku):
        raise NotFound()
    return number


def _fields(body: ProductBody, kept: ProductFields | None) -> ProductFields:
    told = body.model_dump(exclude=_TOLD_APART)
    packed: dict[str, Any] = {}
    for place, package in enumerate(body.packages):
        if f"{package.level}_gtin" in packed:
            message, fix = N_("This level appears twice."), N_("Keep one of them.")
            raise Invalid(faults=[Fault(f"/packages/{place}/level", "level_twice", message, fix)])
        packed[f"{package.level}_gtin"] = read_gtin(package.gtin)
        packed[f"{package.level}_units"] = package.units
    return ProductFields(
        **told | packed | {"udi_di": read_gtin(body.udi_di)},
        documents=_documents(body, kept),
        category_code=body.category,
        keywords="\n".join(body.keywords),
        storage_min=None if body.storage_min is None else Decimal(body.storage_min),
        storage_max=None if body.storage_max is None else Decimal(body.storage_max),
    )


def _documents(body: ProductBody, kept: ProductFields | None) -> tuple[Document, ...]:
    """Those that are told, or those in force."""
    if body.documents is None:
        return kept.documents if kept else ()
    return tuple(Document(DocumentKind(one.kind), one.file) for one in body.documents)


def _pointer(fault: Fault, body: ProductBody) -> str:
    """Where a fault of a field stands in the body."""
    name = fault.pointer.strip("/")
    if name == "category_code":
        return "/category"
    level, _, what = name.partition("_")
    places = [place for place, package in enumerate(body.packages) if package.level == level]
    return f"/packages/{places[0]}/{what}" if name in _PACKED and places else fault.pointer


def _product(kept: ProductFields) -> dict[str, Any]:
    told = as_json(kept)
    packages = [{"level": str(one.level), "gtin": one.gtin, "units": one.units} for one in kept.packages()]
    return {name: value for name, value in told.items() if name not in (*_PACKED, "category_code")} | {
        "category": kept.category_code,
        "keywords": kept.keywords.splitlines(),
        "packages": packages,
    }


def _change(shown: ProductChangeShown) -> dict[str, Any]:
    return _row(shown.row) | {"in_force_at": shown.in_force_at}


def _row(row: ChangeRow) -> dict[str, Any]:
    values = list(_values(row))
    return {
        "change": row.number,
        "sku": row.sku,
        "name_zh": row.product_zh,
        "name_en": row.product_en,
        "is_new": row.is_new,
        "state": row.state,
        "source": row.source,
        "changed": [one["member"] for one in values],
        "values": values,
        "proposed_by": row.proposed_by_label,
        "proposed_at": row.proposed_at,
        "decided_by": row.decided_by_label,
        "decided_at": row.decided_at,
        "reason": row.reason,
    }


def _values(row: ChangeRow) -> Iterator[dict[str, Any]]:
    """What changes, by the members of a product; packages as a whole."""
    before = _product(from_json(row.before)) if row.before else {}
    after = _product(from_json(row.proposed))
    fields = ("packages" if one.field in _PACKED else one.field for one in row.differences)
    for member in dict.fromkeys("category" if field == "category_code" else field for field in fields):
        yield {"member": member, "before": before.get(member), "after": after[member]}
