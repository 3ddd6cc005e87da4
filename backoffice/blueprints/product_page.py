"""What the pages of a product show: what is in force, what is proposed, its history, and the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from portal.catalogue.change_life import ChangeAct, ChangeState, acts
from portal.catalogue.documents import files_named
from portal.catalogue.kept_products import ProductChangeShown, history, product_in_force
from portal.catalogue.product_changes import plain_sku
from portal.catalogue.product_faults import UNITS
from portal.catalogue.product_fields import DAYS, FIELDS, FIXED, FLAGS, LABELS, Document, ProductFields
from portal.catalogue.propose_change import version_of
from portal.catalogue.related import related_products
from portal.catalogue.vocabulary import CatalogueRight, ProductState
from portal.catalogue.words import CLASSES, DOCUMENTS, ORIGINS, SOURCES
from portal.kernel import clock
from portal.kernel.errors import N_, Fault, NotFound
from portal.kernel.formats import MISSING
from portal.web.presentation import country, in_full, in_language, labels, unit
from portal.web.reference_cache import categories
from portal.web.request import current_actor, current_session, portal
from portal.web.status_looks import status_look

GROUPS = (
    (N_("Names"), ("name_zh", "name_en", "generic_name", "specification", "keywords")),
    (
        N_("Maker and certificate"),
        (
            "maker",
            "maker_country",
            "origin",
            "registrant",
            "device_class",
            "category_code",
            "registration_no",
            "registration_from",
            "registration_to",
            "registration_renewal_asked_on",
        ),
    ),
    (
        N_("Packaging"),
        (
            "udi_di",
            "unit",
            "pack_multiple",
            "inner_gtin",
            "inner_units",
            "case_gtin",
            "case_units",
            "pallet_gtin",
            "pallet_units",
        ),
    ),
    (N_("Storage"), ("storage_zh", "storage_en", "storage_min", "storage_max")),
    (
        N_("Managed by"),
        ("lot_controlled", "serial_controlled", "expiry_controlled", "implantable", "sterile", "state"),
    ),
)


def today() -> Any:
    """The business day."""
    return clock.business_date(clock.now(), portal().settings.timezone)


def context(sku: str) -> dict[str, Any]:
    """What the page of a product shows. Raises NotFound for one that is neither in force nor proposed."""
    session, actor = current_session(), current_actor()
    kept = product_in_force(session, actor=actor, sku=sku)
    changes = history(session, actor=actor, sku=sku, today=today())
    if kept is None and not changes:
        raise NotFound()
    shown = kept or changes[0].fields
    waiting = changes[0] if changes and acts(changes[0].row.state) else None
    return {
        "sku": plain_sku(sku),
        "in_force": kept,
        "name": in_language(shown.name_zh, shown.name_en) or plain_sku(sku),
        "product": shown,
        "groups": [
            (gettext(title), [(gettext(FIELDS[name]), said(name, getattr(shown, name))) for name in names])
            for title, names in GROUPS
        ],
        "open": waiting,
        "faults": [labelled(one) for one in waiting.faults] if waiting else (),
        "differences": _differences(waiting) if waiting else (),
        "changes": [(one, _differences(one)) for one in changes if one is not waiting],
        "sources": labels(SOURCES),
        "may": _may(waiting),
        "documents": files_named(session, shown.documents),
        "proposed_documents": files_named(session, waiting.fields.documents) if waiting else (),
        "kinds": labels(DOCUMENTS),
        "related": related_products(session, sku=sku),
        "may_relate": actor.may(CatalogueRight.EDIT) or actor.may(CatalogueRight.SUBSTITUTES),
    }


def form(
    sku: str | None,
    *,
    typed: Mapping[str, str] | None = None,
    documents: Sequence[Document] | None = None,
    faults: Iterable[Fault] = (),
) -> dict[str, Any]:
    """The form of a product: its open draft, or what is in force; as it was typed with faults beside."""
    kept, base = None, ProductFields()
    named = sku or (typed or {}).get("sku", "")
    found = history(current_session(), actor=current_actor(), sku=named, today=today()) if named else []
    if sku is not None:
        kept = product_in_force(current_session(), actor=current_actor(), sku=sku)
        latest = found[0] if found and found[0].row.state != ChangeState.IN_FORCE else None
        if kept is None and latest is None:
            raise NotFound()
        base = latest.fields if latest else kept or base
    beside: dict[str, list[str]] = {}
    for fault in faults:
        beside.setdefault(fault.pointer.strip("/"), []).append(in_full(fault))
    values = {name: _typed(getattr(base, name)) for name in FIELDS}
    return {
        "sku": sku and plain_sku(sku),
        "seen": version_of(found[0].row.number, found[0].row.revision) if found else "",
        "typed_sku": (typed or {}).get("sku", sku or ""),
        "values": values | {name: typed.get(name, "") for name in FIELDS} if typed else values,
        "beside": beside,
        "summary": [
            (f"field-{name}", f"{_label(name)}: {words}")
            for name, said_of in beside.items()
            for words in said_of
        ],
        "groups": [(gettext(title), names) for title, names in GROUPS],
        "labels": {name: gettext(label) for name, label in FIELDS.items()},
        "fixed": FIXED if kept else (),
        "days": DAYS,
        "flags": FLAGS,
        "options": _options(),
        "kinds": labels(DOCUMENTS),
        "documents": files_named(current_session(), base.documents if documents is None else documents),
    }


def labelled(fault: Fault) -> str:
    """A fault with the name of its field before it, where it stands elsewhere."""
    name = fault.pointer.strip("/")
    return f"{_label(name)}: {in_full(fault)}" if name else in_full(fault)


def _label(name: str) -> str:
    return gettext(LABELS.get(name, N_("SKU")))


def said(name: str, value: Any) -> str:
    """A value of a field in the visitor's words."""
    if value in ("", None, ()):
        return MISSING
    if name == "documents":
        kinds = labels(DOCUMENTS)
        files = files_named(current_session(), value)
        return "; ".join(f"{kinds[one.kind]}: {one.name}" for one in files)
    if name in FLAGS:
        return gettext("Yes") if value else gettext("No")
    if name == "device_class":
        return str(labels(CLASSES).get(value, value))
    if name == "origin":
        return str(labels(ORIGINS).get(value, value))
    if name == "state":
        return status_look("product", value).label
    if name == "maker_country":
        return country(value)
    return unit(value) if name == "unit" else str(value)


def _differences(change: ProductChangeShown) -> list[tuple[str, str, str, bool]]:
    """Label, what it was, what it is to be, and whether something stands against it."""
    wrong = {fault.pointer.strip("/") for fault in change.faults}
    return [
        (
            gettext(LABELS[one.field]),
            said(one.field, one.before),
            said(one.field, one.after),
            one.field in wrong,
        )
        for one in change.changed
    ]


def _may(change: ProductChangeShown | None) -> dict[str, bool]:
    actor = current_actor()
    edits = actor.may(CatalogueRight.EDIT)
    possible = acts(change.row.state) if change else frozenset()
    is_author = change is not None and actor.key in change.row.authors
    return {
        "edit": edits and (change is None or ChangeAct.EDIT in possible),
        "submit": edits and ChangeAct.SUBMIT in possible,
        "approve": edits and ChangeAct.APPROVE in possible and not is_author,
        "reject": edits
        and ChangeAct.REJECT in possible
        and change is not None
        and change.row.state != ChangeState.APPROVED,
        "waits_for_another": ChangeAct.APPROVE in possible and is_author,
    }


def _typed(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)


def _options() -> dict[str, list[tuple[str, str]]]:
    lines = [(one.code, f"{one.code} {in_language(one.name_zh, one.name_en)}") for one in categories()]
    return {
        "origin": [("", ""), *((str(key), str(word)) for key, word in labels(ORIGINS).items())],
        "device_class": [("", ""), *((str(key), str(word)) for key, word in labels(CLASSES).items())],
        "category_code": [("", ""), *lines],
        "unit": [
            ("", ""),
            *((one, f"{one} {unit(one)}" if unit(one) != one else one) for one in sorted(UNITS)),
        ],
        "state": [(str(one), status_look("product", one).label) for one in ProductState],
    }
