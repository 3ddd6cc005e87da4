"""Put an approved change in force: the product, its packages and the keys it is found by.

Not for the web's processes: the keys need the large dictionary of readings.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.catalogue.change_life import ChangeAct, ChangeState
from portal.catalogue.models import Product, ProductChange, ProductDocument, ProductPackage
from portal.catalogue.product_changes import Change, faults_of, in_force, lock_change
from portal.catalogue.product_fields import ProductFields, as_json, differences
from portal.catalogue.search_keys import keys_of_product, reading
from portal.catalogue.vocabulary import CatalogueAction, PackageLevel
from portal.kernel.actor import SYSTEM
from portal.kernel.errors import Conflict

# What the products of two changes that were approved in the same moment leave no room for.
OVERTAKEN = "another change came into force first: {faults}"


def put_in_force(session: Session, *, number: str, at: datetime, today: date) -> bool:
    """Write what was approved; False for a change that is in force or rejected already.

    Another change may have taken its GTIN since it was approved: then it is rejected, and the reason says so.
    Raises NotFound.
    """
    try:
        change = lock_change(session, number=number, act=ChangeAct.ENTER)
    except Conflict:
        return False
    if faults := faults_of(session, change.sku, change.fields, today):
        reason = OVERTAKEN.format(faults=", ".join(f"{one.pointer} {one.code}" for one in faults))
        _close(session, change, state=ChangeState.REJECTED, reason=reason)
        record(
            session,
            CatalogueAction.CHANGE_REJECTED,
            change.sku,
            actor=SYSTEM,
            dealer_id=None,
            after={"change": number},
            reason=reason,
        )
        return False
    before = in_force(session, [change.sku]).get(change.sku)
    _write(session, change, at, is_new=before is None)
    _close(
        session,
        change,
        state=ChangeState.IN_FORCE,
        in_force_at=at,
        before=as_json(before) if before else {},
    )
    changed = [one.field for one in differences(before, change.fields)]
    was, now = (as_json(before) if before else {}), as_json(change.fields)
    record(
        session,
        CatalogueAction.CHANGED,
        change.sku,
        actor=SYSTEM,
        dealer_id=None,
        before={name: was.get(name) for name in changed},
        after={name: now[name] for name in changed} | {"change": number},
    )
    return True


def _write(session: Session, change: Change, at: datetime, *, is_new: bool) -> None:
    """Packages and documents as a whole: what is left out is gone."""
    columns = _columns(change, at)
    if is_new:
        session.execute(insert(Product).values(sku=change.sku, **columns))
    else:
        session.execute(update(Product).where(Product.sku == change.sku).values(**columns))
    product_id = session.execute(select(Product.id).where(Product.sku == change.sku)).scalar_one()
    session.execute(delete(ProductPackage).where(ProductPackage.product_id == product_id))
    packages = [{"product_id": product_id, **one._asdict()} for one in change.fields.packages()]
    if packages:
        session.execute(insert(ProductPackage), packages)
    session.execute(delete(ProductDocument).where(ProductDocument.product_id == product_id))
    documents = [
        {"product_id": product_id, "file_id": one.file, "kind": one.kind, "place": place}
        for place, one in enumerate(change.fields.documents, start=1)
    ]
    if documents:
        session.execute(insert(ProductDocument), documents)


def _columns(change: Change, at: datetime) -> dict[str, Any]:
    of = change.fields
    keys = keys_of_product(
        sku=change.sku,
        name_zh=of.name_zh,
        name_en=of.name_en,
        generic_name=of.generic_name,
        specification=of.specification,
        udi_di=of.udi_di,
        registration_no=of.registration_no,
        keywords=of.keywords,
    )
    own = {name: getattr(of, name) for name in _OWN}
    return {**own, **keys._asdict(), "pinyin": reading(of.name_zh), "updated_at": at}


def _close(session: Session, change: Change, **columns: Any) -> None:
    session.execute(update(ProductChange).where(ProductChange.id == change.id).values(**columns))


_OWN = tuple(
    one.name
    for one in fields(ProductFields)
    if one.name != "documents" and not one.name.startswith(tuple(f"{at}_" for at in PackageLevel))
)
