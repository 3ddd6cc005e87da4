"""Propose what a product is to be; nothing of it shows before another person of quality has approved it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.catalogue.change_life import ChangeAct, ChangeState, after
from portal.catalogue.decide_change import Decided, each_of
from portal.catalogue.documents import keep_documents
from portal.catalogue.models import ProductChange
from portal.catalogue.product_changes import faults_of, in_force, lock_change, plain_sku
from portal.catalogue.product_faults import sku_faults
from portal.catalogue.product_fields import ProductFields, as_json, differences, from_json
from portal.catalogue.vocabulary import CatalogueAction, CatalogueRight, ChangeSource
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Invalid


class Proposal(NamedTuple):
    """What a product is to be."""

    sku: str
    fields: ProductFields


def propose_change(
    session: Session,
    *,
    actor: Actor,
    sku: str,
    fields: ProductFields,
    source: ChangeSource,
    at: datetime,
    today: date,
    seen: str | None = None,
) -> str:
    """Keep what a product, new or known, is to be as a draft. Returns the number of the change.

    A draft that there is already takes the new values. It may have faults until it is submitted. seen: the
    version that the author began from (`version_of`), None where a whole product is told without one.
    Raises Conflict while a change waits for approval or nothing would change, and where somebody has changed
    the product since `seen`, with a fault at each field that is different there; Invalid for a SKU that
    cannot be one.
    """
    actor.require(CatalogueRight.EDIT)
    sku = plain_sku(sku)
    if seen is not None:
        _refuse_overwriting(session, sku, fields, seen)
    [number] = _keep(session, actor, [Proposal(sku, fields)], source, at, today)
    if number is None:
        raise Conflict(
            "unchanged",
            N_("Nothing is different from what is in force."),
            fix=N_("Change a field, or leave the product as it is."),
        )
    record(
        session,
        CatalogueAction.CHANGE_DRAFTED,
        sku,
        actor=actor,
        dealer_id=None,
        after={"change": number, "source": str(source)},
    )
    return number


def version_of(number: str, revision: int) -> str:
    """A change as it was read: of a product's latest one, it stands for all that was decided before."""
    return f"{number}/{revision}"


def propose_changes(
    session: Session,
    *,
    actor: Actor,
    proposals: Sequence[Proposal],
    source: ChangeSource,
    at: datetime,
    today: date,
) -> list[str | None]:
    """Drafts of many products in a few statements; the number of each, None where nothing would change.

    No SKU twice, and none whose change waits for approval: `propose_change` says what it raises.
    """
    actor.require(CatalogueRight.EDIT)
    numbers = _keep(session, actor, proposals, source, at, today)
    record(
        session,
        CatalogueAction.IMPORTED,
        str(source),
        actor=actor,
        dealer_id=None,
        after={"drafted": len([one for one in numbers if one]), "unchanged": numbers.count(None)},
    )
    return numbers


def submit_change(session: Session, *, actor: Actor, number: str, at: datetime, today: date) -> None:
    """Hand a draft in for another person's approval: from now on nobody changes it.

    Raises Invalid with every fault at ``/<field>``, NotFound, Conflict for what is no draft.
    """
    actor.require(CatalogueRight.EDIT)
    change = lock_change(session, number=number, act=ChangeAct.SUBMIT)
    if faults := faults_of(session, change.sku, change.fields, today):
        raise Invalid(faults=faults)
    session.execute(
        update(ProductChange)
        .where(ProductChange.id == change.id)
        .values(
            state=change.state,
            submitted_by_label=actor.label,
            submitted_at=at,
            authors=sorted({*change.authors, actor.key}),
        )
    )
    record(
        session,
        CatalogueAction.CHANGE_SUBMITTED,
        change.sku,
        actor=actor,
        dealer_id=None,
        after={"change": number},
    )


def submit_changes(
    session: Session, *, actor: Actor, numbers: Sequence[str], at: datetime, today: date
) -> list[Decided]:
    """Submit many; what has faults or is no draft is left out and named."""
    actor.require(CatalogueRight.EDIT)
    return each_of(
        session,
        numbers,
        lambda number: submit_change(session, actor=actor, number=number, at=at, today=today),
    )


def open_changes(session: Session, skus: Sequence[str]) -> dict[str, Record]:
    """Open changes of products, locked, by SKU: ``id``, ``number``, ``state``, ``authors``, ``proposed``."""
    rows = session.execute(_OPEN, {"skus": list(skus)})
    return {row.sku: row for row in rows}


def _refuse_overwriting(session: Session, sku: str, fields: ProductFields, seen: str) -> None:
    """Raise Conflict where the product is no longer what the author began from."""
    open_changes(session, [sku])  # locks it first: what is read now stays as it is
    latest = session.execute(_LATEST, {"sku": sku}).one_or_none()
    if seen == (version_of(latest.number, latest.revision) if latest else ""):
        return
    if latest is None:
        theirs, who = ProductFields(), ""
    else:
        theirs, who = from_json(latest.proposed), latest.proposed_by_label
    message = N_("%(who)s has entered here meanwhile: %(theirs)s.")
    fix = N_("Save again to keep what you typed, or take over what stands there.")
    raise Conflict(
        "draft_changed",
        N_("Somebody has changed this product since you opened the form; nothing was saved."),
        fix=N_("Look at the fields that are marked, and save again."),
        faults=[
            Fault(f"/{one.field}", "changed_meanwhile", message, fix, {"who": who, "theirs": one.before})
            for one in differences(theirs, fields)
        ],
    )


def _keep(
    session: Session,
    actor: Actor,
    proposals: Sequence[Proposal],
    source: ChangeSource,
    at: datetime,
    today: date,
) -> list[str | None]:
    skus = [one.sku for one in proposals]
    there_are = open_changes(session, skus)
    before = in_force(session, skus)
    fresh: list[dict[str, Any]] = []
    numbers: list[str | None] = []
    for proposal in proposals:
        old, draft = before.get(proposal.sku), there_are.get(proposal.sku)
        if old is None and (faults := sku_faults(proposal.sku)):
            raise Invalid(faults=faults)
        said = {
            "proposed": as_json(proposal.fields),
            "before": as_json(old) if old else {},
            "proposed_by_label": actor.label,
            "proposed_at": at,
        }
        if draft:
            after(draft.state, ChangeAct.EDIT)
            authors = sorted({*draft.authors, actor.key})
            session.execute(
                update(ProductChange)
                .where(ProductChange.id == draft.id)
                .values(**said, authors=authors, revision=ProductChange.revision + 1)
            )
            numbers.append(draft.number)
        elif old and not differences(old, proposal.fields):
            numbers.append(None)
        else:
            numbers.append(numbering.new_number("PC", today))
            named = {"number": numbers[-1], "sku": proposal.sku, "source": source}
            fresh.append({**said, **named, "state": ChangeState.DRAFT, "authors": [actor.key]})
    if fresh:
        session.execute(insert(ProductChange), fresh)
    for number, one in zip(numbers, proposals, strict=True):
        if number is not None:
            documents = one.fields.documents
            keep_documents(session, actor=actor, sku=one.sku, number=number, documents=documents)
    return numbers


_LATEST = text(
    """
    SELECT number, revision, proposed, proposed_by_label FROM product_change
     WHERE sku = :sku ORDER BY id DESC LIMIT 1
    """
)
_OPEN = text(
    """
    SELECT id, number, sku, state, authors, proposed FROM product_change
     WHERE sku = ANY (:skus) AND state IN ('draft', 'submitted', 'approved') ORDER BY id FOR UPDATE
    """
)
