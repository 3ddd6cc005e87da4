"""The subjects, and how all of them are reckoned at one moment of a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import create_engine, text

from tests.recount import (
    clocks,
    goods_bills,
    ledger,
    money,
    prices,
    promotions,
    rebate_money,
    rebates,
    statements,
    stock,
)
from tests.recount.compared import Recount, Tally, tally

SUBJECTS: Mapping[str, Recount] = {
    "prices": prices.recount,
    "promotions": promotions.recount,
    "goods_bills": goods_bills.recount,
    "stock": stock.recount,
    "ledger": ledger.recount,
    "statements": statements.recount,
    "money": money.recount,
    "rebates": rebates.recount,
    "rebate_money": rebate_money.recount,
    "clocks": clocks.recount,
}
IN_ZONE = text("SELECT set_config('TimeZone', :zone, true)")


def counted(database: str, zone: str, subjects: Iterable[str]) -> Iterator[tuple[str, Tally]]:
    """Each subject with what was compared, in one transaction that only reads and sees one moment."""
    engine = create_engine(database)
    with engine.connect().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    ) as rows:
        rows.execute(IN_ZONE, {"zone": zone})
        for subject in subjects:
            yield subject, tally(SUBJECTS[subject](rows))
    engine.dispose()
