"""Take the rows of a file as drafts, each told what became of it; nothing comes into force by that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.change_life import ChangeAct, acts
from portal.catalogue.imported_rows import ImportedFile, ImportedRow
from portal.catalogue.product_changes import in_force, many_faults, plain_sku
from portal.catalogue.product_faults import sku_faults
from portal.catalogue.product_fields import FIXED, ProductFields, from_json
from portal.catalogue.product_input import read_fields, read_gtin
from portal.catalogue.propose_change import Proposal, open_changes, propose_changes
from portal.catalogue.vocabulary import CatalogueRight, ChangeSource
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault


class RowResult(StrEnum):
    """What became of a row."""

    DRAFTED = "drafted"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """A row of the report. number: of the change. faults: why it was refused, or what a draft lacks."""

    row: int
    sku: str
    name: str
    result: RowResult
    number: str | None = None
    faults: tuple[Fault, ...] = ()


def import_products(
    session: Session, *, actor: Actor, file: ImportedFile, at: datetime, today: date
) -> list[RowOutcome]:
    """A draft for each row that tells something new; the report, row by row.

    Our template overwrites what it has columns for. A register fills what is empty and overwrites nothing
    that quality entered; a device that there is not becomes a new product under its GTIN. Raises Forbidden.
    """
    actor.require(CatalogueRight.EDIT)
    named = _named(session, file)
    skus = [sku for sku, _ in named]
    lines = frozenset(session.execute(_LINES).scalars())
    drafts, before = open_changes(session, skus), in_force(session, skus)
    proposals: dict[int, Proposal] = {}
    outcomes: dict[int, RowOutcome] = {}
    for sku, row in named:
        draft, kept = drafts.get(sku), before.get(sku)
        base = from_json(draft.proposed) if draft else kept or ProductFields()
        fields, faults = _read(file.source, row, base, kept, lines)
        if not kept and not faults:
            faults += sku_faults(sku)
        if draft and ChangeAct.EDIT not in acts(draft.state):
            message = N_("A change of this product waits for approval already.")
            fix = N_("Have it approved or rejected first.")
            faults.append(Fault("/sku", "change_waits", message, fix))
        name = fields.name_zh or fields.name_en
        if faults:
            outcomes[row.row] = RowOutcome(row.row, sku, name, RowResult.REFUSED, faults=tuple(faults))
        elif (draft or kept) and fields == base:
            outcomes[row.row] = RowOutcome(row.row, sku, name, RowResult.UNCHANGED)
        else:
            proposals[row.row] = Proposal(sku, fields)
    outcomes |= _drafted(session, actor, file.source, proposals, at, today)
    return [outcomes[row] for row in sorted(outcomes)]


def _drafted(
    session: Session,
    actor: Actor,
    source: ChangeSource,
    proposals: Mapping[int, Proposal],
    at: datetime,
    today: date,
) -> dict[int, RowOutcome]:
    numbers = propose_changes(
        session, actor=actor, proposals=list(proposals.values()), source=source, at=at, today=today
    )
    lacking = many_faults(session, {one.sku: one.fields for one in proposals.values()}, today)
    outcomes = {}
    for (row, proposal), number in zip(proposals.items(), numbers, strict=True):
        name = proposal.fields.name_zh or proposal.fields.name_en
        result = RowResult.DRAFTED if number else RowResult.UNCHANGED
        faults = tuple(lacking[proposal.sku]) if number else ()
        outcomes[row] = RowOutcome(row, proposal.sku, name, result, number, faults)
    return outcomes


def _named(session: Session, file: ImportedFile) -> list[tuple[str, ImportedRow]]:
    """Each row with the SKU of its product: of a register by its GTIN."""
    if file.source == ChangeSource.SHEET:
        return [(plain_sku(row.sku), row) for row in file.rows]
    gtins = [read_gtin(row.texts.get("udi_di", "")) for row in file.rows]
    known = {one.udi_di: one.sku for one in session.execute(_BY_GTIN, {"gtins": gtins})}
    return [(known.get(gtin, gtin), row) for gtin, row in zip(gtins, file.rows, strict=True)]


def _read(
    source: ChangeSource,
    row: ImportedRow,
    base: ProductFields,
    kept: ProductFields | None,
    lines: Collection[str],
) -> tuple[ProductFields, list[Fault]]:
    faults = list(row.faults)
    if source == ChangeSource.SHEET:
        return read_fields(row.texts, base, faults), faults
    told: dict[str, Any] = {
        name: text
        for name, text in row.texts.items()
        if text and not getattr(base, name) and not (kept and name in FIXED)
    }
    if code := told.get("category_code"):
        told["category_code"] = _line_of(code, lines)
    return read_fields(told, base, faults), faults


def _line_of(code: str, lines: Collection[str]) -> str:
    """The narrowest product line of ours that a code of the nomenclature belongs to."""
    return next((code[:length] for length in range(len(code), 0, -1) if code[:length] in lines), "")


_LINES = text("SELECT code FROM category")
_BY_GTIN = text("SELECT sku, udi_di FROM product WHERE udi_di = ANY (:gtins)")
