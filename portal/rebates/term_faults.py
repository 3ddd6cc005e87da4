"""What is wrong with a programme in itself, each fault beside its field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from portal.kernel.errors import N_, Fault
from portal.rebates.rules import Basis, OnTimeMode
from portal.rebates.terms import OnTimeTerms, Terms, TierTerms

TITLE_MAX = 120
TEXT_MAX = 10_000
NAMES_MAX = 1_000  # dealers, products
TIERS_MAX = 20
AMENDMENTS_MAX = 12
GRADES_MAX = 10
PRIORITIES = range(1, 1_000)
AMOUNT_MAX = Decimal(10**12)
PER_UNIT_MAX = Decimal(10**6)
MULTIPLIER_MAX = Decimal(10)
GRACE_MAX = 365
REPORT_DAYS = range(1, 29)


def term_faults(terms: Terms) -> list[Fault]:
    """Everything that is wrong with a programme in itself, beside each field the first thing."""
    found = [
        *terms.misread,
        *_texts(terms),
        *_days(terms),
        *_parties(terms),
        *table_faults(terms, terms.tiers_of, "/tiers_of"),
        *_amendments(terms),
        *_money(terms),
        *_growth(terms),
        *_conditions(terms),
    ]
    first: dict[str, Fault] = {}
    for fault in found:
        first.setdefault(fault.pointer, fault)
    return list(first.values())


def _texts(terms: Terms) -> Iterator[Fault]:
    for name, title in (("title_zh", terms.title_zh), ("title_en", terms.title_en)):
        if not 1 <= len(title.strip()) <= TITLE_MAX:
            yield Fault(f"/{name}", "title", N_("A title has 1 to 120 characters."), N_("Write another one."))
    for name, body in (("text_zh", terms.text_zh), ("text_en", terms.text_en)):
        if len(body) > TEXT_MAX:
            message, fix = N_("At most %(max_length)s characters."), N_("Shorten it.")
            yield Fault(f"/{name}", "text", message, fix, {"max_length": TEXT_MAX})
    if terms.priority not in PRIORITIES:
        message, fix = N_("A priority is a whole number from 1 to 999."), N_("1 goes first.")
        yield Fault("/priority", "priority", message, fix)


def _days(terms: Terms) -> Iterator[Fault]:
    for name, day in (("valid_from", terms.valid_from), ("valid_to", terms.valid_to)):
        if day is None or not 2000 <= day.year <= 2100:
            message, fix = N_("Choose a day between 2000 and 2100."), N_("Write it like 2026-10-31.")
            yield Fault(f"/{name}", "date_range", message, fix)
    if terms.valid_from is not None and terms.valid_to is not None and terms.valid_to < terms.valid_from:
        yield Fault("/valid_to", "ends_before", N_("It ends before it begins."), N_("Choose a later end."))


def _parties(terms: Terms) -> Iterator[Fault]:
    for pointer, names in (
        ("/tiers", terms.tiers),
        ("/regions", terms.regions),
        ("/dealers", terms.dealers),
        ("/skus", terms.skus),
        ("/payout/skus", terms.payout.skus if terms.payout else ()),
        ("/mix/skus", terms.mix.skus if terms.mix else ()),
    ):
        if len(names) > NAMES_MAX:
            message, fix = N_("At most %(max)s of them."), N_("Make two programmes of it.")
            yield Fault(pointer, "too_many", message, fix, {"max": NAMES_MAX})
    for pointer, skus, category in (
        ("/category", terms.skus, terms.category),
        ("/payout/category", terms.payout.skus, terms.payout.category) if terms.payout else ("", (), ""),
        ("/mix/category", terms.mix.skus, terms.mix.category) if terms.mix else ("", (), ""),
    ):
        if skus and category:
            message = N_("Enter products or a product line, not both.")
            yield Fault(pointer, "goods", message, N_("Leave one empty."))
    if terms.mix is not None and not (terms.mix.skus or terms.mix.category):
        yield Fault("/mix/category", "goods", N_("Say whose share counts."), N_("Enter a product line."))


def table_faults(terms: Terms, tiers: Sequence[TierTerms], pointer: str) -> Iterator[Fault]:
    """What is wrong with tiers of a programme."""
    if not 1 <= len(tiers) <= TIERS_MAX:
        message = N_("A programme has 1 to %(max)s tiers.")
        yield Fault(pointer, "tiers", message, N_("Enter at least one."), {"max": TIERS_MAX})
    for place, tier in enumerate(tiers):
        here = f"{pointer}/{place}"
        if not 0 <= tier.start <= AMOUNT_MAX:
            yield Fault(f"{here}/from", "from", N_("A tier begins at 0 or above."), N_("Correct it."))
        elif place and tier.start <= tiers[place - 1].start:
            message = N_("This tier begins at or below the one before it.")
            yield Fault(f"{here}/from", "overlap", message, N_("Let each begin above the one before it."))
        elif terms.basis is Basis.QUANTITY and terms.growth is None and tier.start % 1:
            yield Fault(f"{here}/from", "from", N_("Pieces are whole numbers."), N_("Correct it."))
        yield from _rate_faults(terms, tier, here)


def _rate_faults(terms: Terms, tier: TierTerms, here: str) -> Iterator[Fault]:
    given = [
        (name, value, most)
        for name, value, most in (
            ("percent", tier.percent, Decimal(100)),
            ("amount_per_unit", tier.amount_per_unit, PER_UNIT_MAX),
            ("fixed", tier.fixed, AMOUNT_MAX),
        )
        if value is not None
    ]
    if len(given) != 1:
        message = N_("A tier pays a percentage, an amount for each piece, or a fixed amount.")
        yield Fault(f"{here}/percent", "rate", message, N_("Enter exactly one of them."))
    for name, value, most in given:
        if not 0 <= value <= most:
            message, fix = N_("This lies between 0 and %(max)s."), N_("Correct it.")
            yield Fault(f"{here}/{name}", "rate", message, fix, {"max": str(most)})
    if tier.percent is not None and _money_basis(terms) is Basis.QUANTITY:
        message = N_("Pieces are no money that a percentage could be taken of.")
        fix = N_("Say in `payout` which amount it is taken of, or pay an amount for each piece.")
        yield Fault(f"{here}/percent", "percent_of_pieces", message, fix)


def _money_basis(terms: Terms) -> Basis:
    return terms.payout.basis if terms.payout else terms.basis


def _amendments(terms: Terms) -> Iterator[Fault]:
    if len(terms.amendments) > AMENDMENTS_MAX:
        message, fix = N_("At most %(max)s of them."), N_("Make two programmes of it.")
        yield Fault("/amendments", "too_many", message, fix, {"max": AMENDMENTS_MAX})
    last = terms.valid_from
    for place, amendment in enumerate(terms.amendments):
        here = f"/amendments/{place}"
        before = last is not None and amendment.start <= last and (place or amendment.start < last)
        if before or (terms.valid_to is not None and amendment.start > terms.valid_to):
            message = N_("An amendment begins within the programme, after the one before it.")
            yield Fault(f"{here}/from", "from", message, N_("Choose another day."))
        last = amendment.start
        yield from table_faults(terms, amendment.tiers_of, f"{here}/tiers_of")


def _money(terms: Terms) -> Iterator[Fault]:
    for name, amount in (
        ("cap", terms.cap),
        ("guaranteed", terms.guaranteed),
        ("minimum_payout", terms.minimum_payout),
        ("budget", terms.budget),
    ):
        if amount is not None and not 0 < amount <= AMOUNT_MAX:
            yield Fault(f"/{name}", "amount", N_("This is no amount."), N_("Enter an amount above ¥0.00."))
    if terms.usable_share is not None and not 0 < terms.usable_share <= 100:
        message = N_("A share of an invoice lies above 0 and is at most 100 per cent.")
        yield Fault("/usable_share", "share", message, N_("Leave it empty to pay into the account."))
    if not 0 < terms.multiplier <= MULTIPLIER_MAX:
        message, fix = N_("A multiplier lies above 0 and is at most 10."), N_("1 changes nothing.")
        yield Fault("/multiplier", "multiplier", message, fix)
    if terms.cap is not None and terms.guaranteed is not None and terms.guaranteed > terms.cap:
        message, fix = N_("More is guaranteed than the cap allows."), N_("Lower it, or raise the cap.")
        yield Fault("/guaranteed", "above_cap", message, fix)


def _growth(terms: Terms) -> Iterator[Fault]:
    growth = terms.growth
    if growth is not None and growth.base_at_least is not None and growth.base_at_least <= 0:
        message, fix = N_("An agreed base lies above 0."), N_("Leave it empty where there is none.")
        yield Fault("/growth/base_at_least", "base", message, fix)


def _conditions(terms: Terms) -> Iterator[Fault]:
    for pointer, percent in (
        ("/returns_at_most", terms.returns_at_most),
        ("/mix/at_least", terms.mix.at_least if terms.mix else None),
    ):
        if percent is not None and not 0 <= percent <= 100:
            message, fix = N_("A percentage lies between 0 and 100."), N_("Correct it.")
            yield Fault(pointer, "percent", message, fix)
    if terms.mix is not None and not 0 <= terms.mix.factor < 1:
        message, fix = N_("A factor where the share is missed lies below 1."), N_("0 pays nothing.")
        yield Fault("/mix/factor", "factor", message, fix)
    if terms.inventory_reports is not None and terms.inventory_reports not in REPORT_DAYS:
        message = N_("Reports of the stock are due 1 to %(max)s days after a month's end.")
        yield Fault("/inventory_reports", "days", message, N_("Correct it."), {"max": REPORT_DAYS[-1]})
    if terms.on_time is not None:
        yield from _on_time(terms.on_time)


def _on_time(on_time: OnTimeTerms) -> Iterator[Fault]:
    if not 0 <= on_time.grace_days <= GRACE_MAX:
        message, fix = N_("Days of grace are 0 to %(max)s."), N_("Correct it.")
        yield Fault("/on_time/grace_days", "days", message, fix, {"max": GRACE_MAX})
    is_graded = on_time.mode is OnTimeMode.GRADED
    if is_graded != bool(on_time.grades) or len(on_time.grades) > GRADES_MAX:
        message = N_("Rows say what an invoice earns that is paid within some days; 1 to %(max)s of them.")
        fix = N_("Enter them for graded payment, and only there.")
        yield Fault("/on_time/grades", "grades", message, fix, {"max": GRADES_MAX})
    for place, grade in enumerate(on_time.grades):
        here = f"/on_time/grades/{place}"
        if grade.days < 0 or (place and grade.days <= on_time.grades[place - 1].days):
            message, fix = (
                N_("Days until payment go up from row to row."),
                N_("Let each be more than the one before it."),
            )
            yield Fault(f"{here}/days", "days", message, fix)
        if not 0 <= grade.pays <= 100:
            message, fix = N_("A percentage lies between 0 and 100."), N_("Correct it.")
            yield Fault(f"{here}/pays", "percent", message, fix)
