"""An order sheet held against the catalogue and the rules of an order; nothing is written or reserved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.catalogue import rules as catalogue_rules
from portal.catalogue.identify import Identified, identify, nearest
from portal.catalogue.unit_rules import same_unit
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Proposal
from portal.orders.assess import Assessment
from portal.orders.lines import AssessedLine
from portal.orders.request import OrderRequest
from portal.orders.rules import Demand, Wanted, product_faults
from portal.orders.severity_rules import Verdict
from portal.orders.terms import OrderTerms
from portal.orders.validate_order import validate_order
from portal.orders.vocabulary import OrderRight
from portal.ordersheets.rules import Sheet, SheetRow


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row of a sheet and what is to be said of it.

    sku: of the product that is meant, else the code as it stands. line: of the product with all its rows, at
    the first of them. merged_into: the first row, at the others. notes: what is told and refuses nothing.
    proposals: SKUs that may be meant. fitting: the next quantity that could be ordered.
    """

    row: SheetRow
    sku: str
    line: AssessedLine | None = None
    merged_into: int | None = None
    faults: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()
    proposals: tuple[str, ...] = ()
    fitting: int | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether it can be ordered as it stands."""
        return not self.faults

    @property
    def available(self) -> int | None:
        """Units in the warehouses that serve the dealer; None if it is not known of what."""
        return None if self.line is None else sum(level.available for level in self.line.offer.stock)

    @property
    def substitutes(self) -> tuple[Proposal, ...]:
        """What may be ordered instead of a product that cannot be served."""
        return tuple(one for fault in self.faults for one in fault.proposals)

    @property
    def amount(self) -> Decimal | None:
        """¥ of the product's rows together, at the first of them."""
        return self.line.amount if self.line is not None and self.merged_into is None else None


@dataclass(frozen=True, slots=True)
class CheckedSheet:
    """Every row, in the order of the sheet.

    faults: what stands against ordering anything. verdict: what would hold the order and what is only told,
    with pointers to `rows`.
    """

    rows: tuple[CheckedRow, ...]
    faults: tuple[Fault, ...] = ()
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def accepted(self) -> list[CheckedRow]:
        """The rows that can be ordered as they stand."""
        return [row for row in self.rows if row.is_accepted]

    @property
    def refused(self) -> list[CheckedRow]:
        """The others."""
        return [row for row in self.rows if not row.is_accepted]

    @property
    def total(self) -> Decimal:
        """¥ of what can be ordered, after promotions."""
        return sum((row.amount for row in self.accepted if row.amount is not None), money.ZERO)


def check_sheet(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    sheet: Sheet,
    terms: OrderTerms,
) -> CheckedSheet:
    """What an order of the sheet's rows would be told now.

    As many statements for a thousand rows as for two. Raises NotFound, Forbidden; faults are returned.
    """
    actor.require(OrderRight.WRITE, OrderRight.DESK)
    known = _known(session, sheet.rows)
    rows = _merged([_found(row, known) for row in sheet.rows], terms.limits.lines_max)
    wanted = [
        Wanted(row.sku, row.row.quantity, f"/rows/{place}")
        for place, row in enumerate(rows)
        if row.is_accepted
    ]
    assessment = None
    if wanted:
        assessment = validate_order(
            session,
            actor=actor,
            dealer_id=dealer_id,
            request=OrderRequest(wanted),
            terms=terms,
        )
        rows = _assessed(rows, assessment)
    rows = _with_proposals(session, rows)
    verdict = assessment.verdict if assessment else Verdict()
    whole = tuple(one for one in verdict.errors if not one.pointer.startswith("/rows/"))
    return CheckedSheet(tuple(rows), whole, verdict)


def _known(session: Session, rows: Sequence[SheetRow]) -> dict[str, Identified]:
    codes = list(dict.fromkeys(row.code for row in rows if row.code and not _is_about(row.faults, "/sku")))
    return identify(session, codes) if codes else {}


def _is_about(faults: Sequence[Fault], pointer: str) -> bool:
    return any(fault.pointer == pointer for fault in faults)


def _found(row: SheetRow, known: Mapping[str, Identified]) -> CheckedRow:
    """A row with the product that its code means."""
    product = known.get(row.code)
    if product is None:
        told = row.faults if row.faults and not _only_about_quantity(row) else (*_unknown(row), *row.faults)
        return CheckedRow(row, row.code, faults=tuple(told))
    notes = []
    if not product.is_exact:
        message = N_("%(code)s was read as %(sku)s.")
        notes.append(Fault("/sku", "read_as", message, params={"code": row.code, "sku": product.sku}))
    faults = [*row.faults, *_unit_faults(row, product)]
    if product.units > 1 and row.quantity is not None and not row.unit:
        message, about = N_("%(count)s packages of %(units)s."), {"units": product.units}
        notes.append(Fault("/quantity", "packages", message, params={**about, "count": row.quantity}))
        row = _in_units(row, product)
    elif row.is_scanned:
        notes.append(Fault("/quantity", "scanned", N_("Scanned: one unit.")))
    return CheckedRow(row, product.sku, faults=tuple(faults), notes=tuple(notes))


def _in_units(row: SheetRow, product: Identified) -> SheetRow:
    """Packages told as units of the product, so that the row says the same when it is sent again."""
    units = product.counted(row.quantity or 0)
    return replace(row, code=product.sku, typed=str(units), quantity=units, is_scanned=False)


def _only_about_quantity(row: SheetRow) -> bool:
    return all(fault.pointer == "/quantity" for fault in row.faults)


def _unknown(row: SheetRow) -> list[Fault]:
    misread = catalogue_rules.sought(row.code).misread
    if misread is not None:
        return [replace(misread, pointer="/sku")]
    return product_faults(Demand(row.code, 1, ""), None)


def _unit_faults(row: SheetRow, product: Identified) -> list[Fault]:
    if not row.unit or same_unit(row.unit, product.unit):
        return []
    message = N_("%(sku)s is counted in %(unit)s, not in %(given)s.")
    fix = N_("Enter how many %(unit)s you want.")
    params = {"sku": product.sku, "unit": product.unit, "given": row.unit}
    return [Fault("/quantity", "unit_differs", message, fix, params)]


def _merged(rows: Sequence[CheckedRow], lines_max: int) -> list[CheckedRow]:
    """Rows of one product are one line of the order, and that is told; at most `lines_max` lines."""
    first: dict[str, int] = {}
    merged = []
    for row in rows:
        if row.is_accepted and row.sku in first:
            note = Fault("", "merged", N_("Added to row %(row)s."), params={"row": first[row.sku]})
            row = replace(row, merged_into=first[row.sku], notes=(*row.notes, note))
        elif row.is_accepted and len(first) >= lines_max:
            message, fix = N_("At most %(max)s lines in one order."), N_("Split the order.")
            row = replace(row, faults=(Fault("", "too_many_lines", message, fix, {"max": lines_max}),))
        elif row.is_accepted:
            first[row.sku] = row.row.row
        merged.append(row)
    return merged


def _assessed(rows: Sequence[CheckedRow], assessment: Assessment) -> list[CheckedRow]:
    """The rows with what the rules of an order say of them.

    A line is judged as a whole: what stands against it stands against each of its rows. Nothing is proposed
    instead of several rows: each of them would order all.
    """
    rows_of = Counter(row.sku for row in rows if row.is_accepted)
    faults: dict[str, list[Fault]] = {}
    for fault in assessment.faults:
        _, _, rest = fault.pointer.partition("/rows/")
        place, _, member = rest.partition("/")
        if place:
            sku = rows[int(place)].sku
            proposals = fault.proposals if rows_of[sku] == 1 else ()
            faults.setdefault(sku, []).append(
                replace(fault, pointer=f"/{member}" if member else "", proposals=proposals)
            )
    lines = {line.offer.sku: line for line in assessment.lines if not line.is_gift}
    return [
        replace(row, line=lines.get(row.sku), faults=tuple(faults.get(row.sku, ())))
        if row.is_accepted
        else row
        for row in rows
    ]


def _with_proposals(session: Session, rows: Sequence[CheckedRow]) -> list[CheckedRow]:
    """What may be meant: the nearest SKUs of an unknown one, the next whole pack of a broken one."""
    unknown = list(dict.fromkeys(row.sku for row in rows if _has(row, "unknown_sku")))
    near = nearest(session, unknown) if unknown else {}
    return [
        replace(
            row,
            proposals=tuple(near.get(row.sku, ())) if _has(row, "unknown_sku") else (),
            fitting=_fitting(row),
        )
        for row in rows
    ]


def _has(row: CheckedRow, code: str) -> bool:
    return any(fault.code == code for fault in row.faults)


def _fitting(row: CheckedRow) -> int | None:
    """Where one row is the whole line."""
    for fault in row.faults:
        if fault.code == "pack_multiple" and row.merged_into is None:
            upper = fault.params.get("upper")
            quantity = row.line.demand.quantity if row.line else row.row.quantity
            return upper if isinstance(upper, int) and quantity == row.row.quantity else None
    return None
