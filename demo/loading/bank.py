"""A statement of the company's bank that finance took in this morning, and three more to take in oneself.

What dealers paid follows from what they owe: by reference, by invoice number, by name and amount; a few wait,
as they do in life.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from html import escape
from pathlib import Path

import psycopg

from demo.loading.acting import acting
from demo.scenario import Part, Scenario
from demo.world.business_days import ZONE, local_date
from portal.bank.match_booking import Terms
from portal.bank.read_asked import Asked
from portal.bank.take_file import take_file
from portal.dealers.payment_reference import reference_of
from portal.ledger.rules import Caution

OWN = "6222 0000 0000 0000"
_CAUTION = Caution(Decimal("5000000.00"), Decimal("200000.00"), Decimal("10000.00"))
_OPENING = Decimal("1280000.00")

# The earliest debt of each of some dealers that owe, and all that they owe.
_OWED = """
SELECT DISTINCT ON (d.id) d.code, d.name_zh, a.balance, e.document_no,
       e.receivable - coalesce((SELECT sum(s.amount) FROM allocation s
                                 WHERE s.dealer_id = e.dealer_id AND s.debit_id = e.id), 0) AS open
  FROM dealer d
  JOIN dealer_account a ON a.dealer_id = d.id AND a.balance > 0
  JOIN journal_entry e ON e.dealer_id = d.id AND e.receivable > 0 AND e.kind = 'invoice'
 WHERE d.id <= 60 AND e.receivable > coalesce((SELECT sum(s.amount) FROM allocation s
                                 WHERE s.dealer_id = e.dealer_id AND s.debit_id = e.id), 0)
 ORDER BY d.id, e.due_on, e.id
"""


@dataclass(frozen=True, slots=True)
class Owed:
    """A dealer that owes: its earliest open invoice with what is left of it, and all of its debt."""

    code: str
    name: str
    balance: Decimal
    invoice: str
    open: Decimal


@dataclass(frozen=True, slots=True)
class Paid:
    """A line of a statement. Negative where money went out."""

    amount: Decimal
    party: str
    told: str
    account: str = ""


def owing(connection: psycopg.Connection) -> list[Owed]:
    """Dealers that owe something, in the order of their codes."""
    return [Owed(*row) for row in connection.execute(_OWED).fetchall()]


def take_in(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Finance takes in the statement of this morning."""
    debtors = owing(connection)[:9]
    if len(debtors) < 9:
        return
    today = local_date(scenario.now)
    content = mt940(_of_this_morning(debtors), today)
    with acting(connection) as stage:
        at = stage.at(scenario.now - timedelta(minutes=50))
        take_file(
            stage.session,
            actor=stage.staff("finance"),
            content=content,
            name=f"{today:%Y%m%d}-6222.sta",
            asked=Asked(),
            terms=Terms(_CAUTION, Decimal("0.00")),
            zone=ZONE,
            today=today,
            at=at,
        )


def _of_this_morning(owed: Sequence[Owed]) -> list[Paid]:
    """Four that are certain, five that wait, and what is nothing of a dealer's."""
    short = owed[4].name.replace("有限公司", "")
    return [
        Paid(owed[0].open, owed[0].name, f"货款 {reference_of(owed[0].code)}"),
        Paid(owed[1].open, owed[1].name, f"付 {owed[1].invoice}"),
        Paid(owed[2].open, owed[2].name.replace("有限公司", "有限责任公司"), "货款"),
        Paid(owed[3].balance, owed[3].name, "结清欠款"),
        Paid(owed[4].open, short, "货款"),
        Paid(Decimal("20000.00"), owed[5].name, "预付货款"),
        Paid(owed[6].open, "", "跨行转账"),
        Paid(owed[7].open - Decimal("15.00"), owed[7].name, "货款 扣手续费"),
        Paid(Decimal("88.60"), "示例银行", "利息"),
        Paid(Decimal("-1860.00"), "示例物业管理有限公司", "物业费"),
    ]


def to_take_in(owed: Sequence[Owed], today: date) -> dict[str, bytes]:
    """Files for whoever tries it: by name."""
    first, second, third = owed[9:12], owed[12:15], owed[15:18]
    return {
        "bank.sta": mt940(
            [Paid(one.open, one.name, f"货款 {reference_of(one.code)}") for one in first], today
        ),
        "bank.xml": camt([Paid(one.open, one.name, f"付 {one.invoice}") for one in second], today),
        "bank-gbk.csv": table([Paid(one.balance, one.name, "货款") for one in third], today),
    }


def mt940(paid: Sequence[Paid], day: date) -> bytes:
    """A statement as SWIFT has it."""
    total = _OPENING + sum((one.amount for one in paid), Decimal(0))
    lines = [":20:TONGLU", f":25:{OWN}", ":28C:1/1", f":60F:C{day:%y%m%d}CNY{_comma(_OPENING)}"]
    for place, one in enumerate(paid, start=1):
        mark = "C" if one.amount > 0 else "D"
        lines.append(
            f":61:{day:%y%m%d}{day:%m%d}{mark}{_comma(abs(one.amount))}NTRFNONREF//{day:%Y%m%d}{place:06}"
        )
        lines.append(f":86:166?00转账?20{one.told}?32{one.party}")
    return "\r\n".join([*lines, f":62F:C{day:%y%m%d}CNY{_comma(total)}", "-", ""]).encode()


def camt(paid: Sequence[Paid], day: date) -> bytes:
    """A statement as ISO 20022 has it."""
    total = _OPENING + sum((one.amount for one in paid), Decimal(0))

    def balance(kind: str, amount: Decimal) -> str:
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="CNY">{amount:.2f}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>'
        )

    entries = "".join(
        f'<Ntry><Amt Ccy="CNY">{one.amount:.2f}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{day:%Y%m%d}X{place:05}</AcctSvcrRef><NtryDtls><TxDtls>"
        f"<RltdPties><Dbtr><Pty><Nm>{escape(one.party)}</Nm></Pty></Dbtr></RltdPties>"
        f"<RmtInf><Ustrd>{escape(one.told)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
        for place, one in enumerate(paid, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>TONGLU</MsgId><CreDtTm>{day}T08:00:00</CreDtTm></GrpHdr><Stmt><Id>1</Id>"
        f"<Acct><Id><Othr><Id>{OWN}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>\n"
        f"{balance('OPBD', _OPENING)}{balance('CLBD', total)}\n{entries}</Stmt></BkToCstmrStmt></Document>\n"
    ).encode()


def table(paid: Sequence[Paid], day: date) -> bytes:
    """A table as an online bank in China exports it, the newest first."""
    balance = _OPENING
    rows = []
    for place, one in enumerate(paid, start=1):
        balance += one.amount
        rows.append(
            f"{day} 09:{place:02}:00,,{one.amount:.2f},{balance:.2f},{one.party},,{one.told},"
            f"{day:%Y%m%d}T{place:05}"
        )
    head = "交易时间,借方发生额,贷方发生额,账户余额,对方户名,对方账号,摘要,交易流水号"
    above = ["账户交易明细", f"账号：{OWN}", "币种：人民币", f"起止日期：{day} 至 {day}"]
    return "\r\n".join([*above, head, *reversed(rows), ""]).encode("gbk", errors="replace")


def write_files(connection: psycopg.Connection, folder: Path, today: date) -> None:
    """Write the files for whoever tries it into a folder."""
    owed = owing(connection)
    if len(owed) < 18:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in to_take_in(owed, today).items():
        (folder / name).write_bytes(content)


def _comma(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


PART = Part("bank", act=take_in)
