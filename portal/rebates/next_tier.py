"""How far the next tier is, and what it is worth (§14). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from portal.rebates.ladder import ZERO, Ladder, Share, rounded
from portal.rebates.programme import Programme, Standing, Table
from portal.rebates.rules import Basis, Period
from portal.rebates.source_lines import LineKind, SourceLine


@dataclass(frozen=True, slots=True)
class NextTier:
    """start: as the table has it. missing: what the qualifier lacks. gain: ¥ more at exactly that tier."""

    start: Decimal
    missing: Decimal
    gain: Decimal


def next_tier_of(
    programme: Programme,
    dealer: str,
    standings: Sequence[Standing],
    period: Period,
    ladder: Ladder,
    shares: Sequence[Share],
    qualified: Decimal,
    accrued: Decimal,
) -> NextTier | None:
    """The next tier of the last day's table (§14); None at the top, without a base, and for who has left."""
    if not ladder.base.grows or not programme.is_for(dealer, standings, period.last):
        return None
    table = programme.table_on(period.last)
    tier = next((tier for tier in table.tiers if ladder.threshold(tier) > qualified), None)
    if tier is None:
        return None
    missing = ladder.threshold(tier) - qualified
    more = [*shares, _more(programme, shares, table, period.last, missing, qualified)]
    _, then = rounded(programme, ladder.earned(more, qualified + missing))
    return NextTier(tier.start, missing, then - accrued)


def _more(
    programme: Programme,
    shares: Sequence[Share],
    table: Table,
    day: date,
    missing: Decimal,
    qualified: Decimal,
) -> Share:
    """What is missing as one line more, in proportion where the money is reckoned on something else."""
    paid_on = sum((share.payout for share in shares), ZERO)
    pieces = sum(share.source.quantity for share in shares if share.part)
    per_cent = missing
    if programme.payout is not None and qualified > 0:
        per_cent = paid_on * missing / qualified
    quantity = (
        missing
        if programme.basis is Basis.QUANTITY
        else (pieces * missing / qualified if qualified > 0 else ZERO)
    )
    source = SourceLine(
        on=day,
        document="",
        line=0,
        kind=LineKind.SALE,
        sku="",
        categories=frozenset(),
        quantity=int(quantity.quantize(Decimal(1), ROUND_HALF_UP)),
        net=missing,
        gross=missing,
    )
    return Share(source, table, missing, per_cent, Fraction(1))
