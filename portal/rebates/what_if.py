"""What a dealer would earn in a period if it bought more until its end: the engine with lines supposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.kernel import money, typed
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.pricing.queries import Offer, offers
from portal.rebates.engine import Accrual, lines_of
from portal.rebates.known import known_of, product_lines
from portal.rebates.programme import Programme
from portal.rebates.reckon import published_programmes
from portal.rebates.rules import Basis
from portal.rebates.source_lines import SourceLine
from portal.rebates.supposed import (
    Bought,
    accruals_on,
    concerned,
    first_day,
    in_proportion,
    lines_bought,
    with_lines,
)

AMOUNT_MAX = Decimal(10**9)
QUANTITY_MAX = 10**9
_ONE_OF_THEM = N_("Enter an amount or a number of pieces, one of the two.")


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed to be bought: an amount, as the programme counts money, or pieces; of one product, or
    in the proportions of what was bought so far.
    """

    amount: Decimal | None
    quantity: int | None
    sku: str


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A period now, and with what is supposed to be bought."""

    number: str
    now: Accrual
    then: Accrual
    goods: tuple[Bought, ...]

    @property
    def gain(self) -> Decimal:
        """¥ more."""
        return self.then.accrued - self.now.accrued


def supposed(amount: str, quantity: str, sku: str) -> Supposed:
    """What somebody typed, read. Raises Invalid with every fault."""
    faults: list[Fault] = []
    read_amount = typed.field(typed.money, amount, "/amount", faults) if amount.strip() else None
    read_quantity = typed.field(typed.quantity, quantity, "/quantity", faults) if quantity.strip() else None
    if read_amount is not None and not 0 < read_amount <= AMOUNT_MAX:
        message, fix = N_("An amount lies above ¥0.00 and is at most ¥1,000,000,000."), N_("Correct it.")
        faults.append(Fault("/amount", "amount", message, fix))
    if read_quantity is not None and not 0 < read_quantity <= QUANTITY_MAX:
        message, fix = N_("A number of pieces is from 1 to 1,000,000,000."), N_("Correct it.")
        faults.append(Fault("/quantity", "quantity", message, fix))
    if not faults and bool(amount.strip()) == bool(quantity.strip()):
        pointer = "/quantity" if amount.strip() else "/amount"
        faults.append(Fault(pointer, "one_of_them", _ONE_OF_THEM, N_("Leave the other empty.")))
    if faults:
        raise Invalid(faults=faults)
    return Supposed(read_amount, read_quantity, sku.strip())


def what_if(
    session: Session, *, dealer: DealerFacts, number: str, more: Supposed, today: date, at: datetime
) -> WhatIf:
    """The period that holds `today`, now and with what is supposed to be bought and paid on its last day.

    Raises NotFound for a programme that the dealer is not in, Conflict for one that is over, Invalid for
    goods that do not count.
    """
    published = published_programmes(session, today=today).programmes.values()
    programme = next((one for one in published if one.number == number), None)
    if programme is None:
        raise NotFound()
    ends = programme.period_of(min(max(today, programme.valid_from), programme.valid_to)).last
    chosen = concerned(published, programme)
    since = first_day(chosen, ends)
    here = known_of(session, [dealer.id], chosen, since=since, until=today).get(dealer.id)
    now = accruals_on(chosen, here, ends).get(number) if here else None
    if here is None or now is None:
        raise NotFound()
    if ends < today:
        raise Conflict("over", N_("This programme is over."), fix=N_("Choose one that runs."))
    lines = list(lines_of(programme, here[programme.measure], now.period))
    if more.sku:
        goods = [_of_product(session, dealer, programme, more, today, at)]
    else:
        goods = _as_so_far(programme, lines, more)
    then = accruals_on(chosen, with_lines(here, lines_bought(goods, ends)), ends)[number]
    return WhatIf(number, now, then, tuple(goods))


def _of_product(
    session: Session, dealer: DealerFacts, programme: Programme, more: Supposed, today: date, at: datetime
) -> Bought:
    """Pieces of a product at what they cost the dealer now, or as many as the money buys."""
    offer = offers(session, dealer=dealer, skus=[more.sku], at=at, today=today).get(more.sku)
    if offer is None or offer.list_price is None or offer.tax_rate is None:
        message, fix = N_("There is no product %(sku)s that could be bought."), N_("Enter its SKU.")
        raise Invalid(faults=[Fault("/sku", "unknown_sku", message, fix, {"sku": more.sku[:64]})])
    categories = product_lines(session).get(offer.category_code, frozenset())
    payout = programme.payout
    counts = programme.goods.hold(offer.sku, categories)
    if not counts and (payout is None or not payout.goods.hold(offer.sku, categories)):
        message = N_("%(sku)s does not count in this programme.")
        fix = N_("Enter a product that it names, or none.")
        raise Invalid(faults=[Fault("/sku", "not_in_programme", message, fix, {"sku": offer.sku})])
    quantity, net, gross = _bought(offer, dealer, programme.basis, more)
    return Bought(offer.sku, categories, quantity, net, gross)


def _bought(offer: Offer, dealer: DealerFacts, basis: Basis, more: Supposed) -> tuple[int, Decimal, Decimal]:
    """Pieces, ¥ without tax, ¥ with it."""
    if more.amount is None:
        quantity = more.quantity or 0
        gross = offer.price(quantity, dealer).amount
        return quantity, gross - money.tax_within(gross, offer.vat_rate), gross
    gross = more.amount
    if basis is Basis.AMOUNT_NET:
        gross = money.to_fen(gross * (1 + offer.vat_rate))
    net = more.amount if basis is Basis.AMOUNT_NET else gross - money.tax_within(gross, offer.vat_rate)
    price = offer.price(1, dealer).unit_price
    return int(gross / price) if price else 0, net, gross


def _as_so_far(programme: Programme, lines: Sequence[SourceLine], more: Supposed) -> list[Bought]:
    """More of everything that counts, in the proportions of the period so far."""
    given, asked = Basis.QUANTITY, Decimal(more.quantity or 0)
    if more.amount is not None:
        given = Basis.AMOUNT if programme.basis is Basis.QUANTITY else programme.basis
        asked = more.amount

    def counts(line: SourceLine) -> bool:
        return programme.goods.hold(line.sku, line.categories)

    goods = in_proportion(lines, counts, given, asked)
    if goods:
        return goods
    if _asked_for(programme) != {given} or programme.mix or _pays_on_others(programme):
        message = N_("Nothing that counts was bought in this period yet, whose proportions could be taken.")
        raise Invalid(faults=[Fault("/sku", "choose_product", message, N_("Enter the SKU of a product."))])
    sku = min(programme.goods.skus, default="")
    return [Bought(sku, programme.goods.categories, int(asked), asked, asked)]


def _asked_for(programme: Programme) -> set[Basis]:
    """What of a line is looked at: one of it is enough to reckon with, where nothing was bought yet."""
    found = {programme.basis}
    if programme.payout is not None:
        found.add(programme.payout.basis)
    if any(tier.per_unit is not None for table in programme.tables for tier in table.tiers):
        found.add(Basis.QUANTITY)
    return found


def _pays_on_others(programme: Programme) -> bool:
    return programme.payout is not None and programme.payout.goods != programme.goods
