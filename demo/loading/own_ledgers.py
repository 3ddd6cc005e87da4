"""The books of the first dealer: a month that it has begun to answer, and a file of half a year with known
defects, which waits to be compared.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.loading.acting import Acting, acting
from demo.scenario import Part, Scenario
from demo.world.business_days import ZONE, local_date
from demo.world.ledger_defects import their_books
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.own_ledgers import queries
from portal.own_ledgers.answer_differences import answer_differences
from portal.own_ledgers.cell_rules import key_of
from portal.own_ledgers.compare import compare
from portal.own_ledgers.difference_rules import Doc
from portal.own_ledgers.rules import Days, days_of_period, money_of
from portal.own_ledgers.upload_ledger import upload_ledger

_DEALER = 1
_SHARE = 0.06
_HALF_A_YEAR = timedelta(days=184)
_ENTRIES = text(
    """
    SELECT document_no, occurred_on, (receivable * 100)::bigint AS fen FROM journal_entry
     WHERE dealer_id = :dealer_id AND occurred_on BETWEEN :first AND :last AND receivable <> 0
     ORDER BY occurred_on, id
    """
)


def compare_books(connection: psycopg.Connection, scenario: Scenario) -> None:
    """What the dealer's finance and ours did in the last days."""
    with acting(connection) as act:
        finance = act.dealer(_DEALER)
        at = act.at(scenario.now - timedelta(days=3))
        today = local_date(at)
        month = days_of_period(clock.previous_period(clock.period_of(today)))
        number = _upload(act, finance, month, at, starts=True, named="上月往来明细账")
        at = act.at(at + timedelta(minutes=1))
        compare(act.session, actor=finance, number=number, zone=ZONE, at=at)
        _answer(act, number, finance, act.at(at + timedelta(minutes=9)))
        at = act.at(scenario.now - timedelta(hours=20))
        half_a_year = Days(today - _HALF_A_YEAR, today)
        _upload(act, finance, half_a_year, at, starts=False, named="往来明细账（含差异）")


def _upload(act: Acting, finance: Actor, days: Days, at: datetime, *, starts: bool, named: str) -> str:
    return upload_ledger(
        act.session,
        actor=finance,
        name=f"{named}.csv",
        content=_file(act.session, days, Random(f"own ledger/{named}")),
        period=None,
        starts=starts,
        today=local_date(at),
        at=at,
    ).number


def _answer(act: Acting, number: str, finance: Actor, at: datetime) -> None:
    """The dealer accepts one difference and disputes another; headquarters has answered none."""
    found = queries.ledger(act.session, actor=finance, number=number)
    said = (("accepted", ""), ("disputed", "我司已收到盖章单据，请核对原件。"))
    places = range(1, min(len(said), found.difference_count) + 1)
    seen = queries.revisions(act.session, of=found, nos=list(places))
    for (verdict, words), one in zip(said, seen, strict=False):
        answer_differences(
            act.session, actor=finance, number=number, seen=[one], verdict=verdict, said=words, at=at
        )


def _file(session: Session, days: Days, chance: Random) -> bytes:
    """As 金蝶 exports it, in GBK: in the dealer's books we are a supplier."""
    rows = session.execute(_ENTRIES, {"dealer_id": _DEALER, "first": days.first, "last": days.last})
    ours = [
        Doc(place, row.occurred_on, int(row.fen), key_of(row.document_no))
        for place, row in enumerate(rows, start=1)
    ]
    return _written(their_books(chance, ours, _SHARE).docs)


def _written(docs: Sequence[Doc]) -> bytes:
    stream = io.StringIO()
    rows = csv.writer(stream)
    rows.writerow(["核算项目明细账"])
    rows.writerow(["日期", "凭证字号", "摘要", "业务单号", "借方金额", "贷方金额", "方向", "余额"])
    balance = debit = credit = 0
    rows.writerow(["", "", "期初余额", "", "", "", "平", "0.00"])
    for place, doc in enumerate(sorted(docs, key=lambda doc: (doc.day, doc.place)), start=1):
        balance += doc.fen
        sides = ("", f"{money_of(doc.fen):,}") if doc.fen > 0 else (f"{money_of(-doc.fen):,}", "")
        debit, credit = debit - min(doc.fen, 0), credit + max(doc.fen, 0)
        way = "贷" if balance > 0 else "借" if balance < 0 else "平"
        words = "采购入库" if doc.fen > 0 else "付货款"
        day = f"{doc.day.year}/{doc.day.month}/{doc.day.day}"
        rows.writerow([day, f"记 - {place}", words, doc.number, *sides, way, f"{money_of(abs(balance)):,}"])
    rows.writerow(["", "", "合计", "", f"{money_of(debit):,}", f"{money_of(credit):,}", "", ""])
    return stream.getvalue().encode("gbk")


PART = Part("own ledgers", act=compare_books)
