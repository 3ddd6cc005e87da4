"""camt.053 in every version: read where opening and bookings make the closing balance, else refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from portal.bank.camt_rules import read_camt
from portal.bank.rules import LeftOut
from portal.kernel.errors import Invalid

DATA = Path(__file__).parent / "data" / "camt"

STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">
 <BkToCstmrStmt><Stmt>
  <Acct><Id><Othr><Id>6222 0000 0000 0001</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
  <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{opening}</Amt>
   <CdtDbtInd>CRDT</CdtDbtInd></Bal>
  <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{closing}</Amt>
   <CdtDbtInd>CRDT</CdtDbtInd></Bal>
  {entries}
 </Stmt></BkToCstmrStmt>
</Document>"""


def entry(amount, side="CRDT", *, state="<Sts>BOOK</Sts>", reversal="", details="", day="2026-11-20"):
    return (
        f'<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{reversal}{state}'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def read(*entries, opening="100.00", closing="100.00", version="08"):
    said = STATEMENT.format(opening=opening, closing=closing, entries="".join(entries), version=version)
    return read_camt(said.encode())


def fault_of(refusal) -> tuple[str, str]:
    [fault] = refusal.value.faults
    return fault.pointer, fault.code


def test_two_statements_in_one_file_follow_each_other():
    file = read_camt((DATA / "camt053.v2.multi.statement.xml").read_bytes())
    assert [(one.opening, one.closing) for one in file.statements] == [
        (Decimal("18.15"), Decimal("27.00")),
        (Decimal("27.00"), Decimal("20.00")),
    ]
    assert [one.amount for one in file.bookings] == [Decimal("8.85"), Decimal("-7.00")]
    assert file.bookings[0].reference == "000000001"
    assert file.statements[0].account == "NL26VAYB8060476890"


REFUSED = {
    "camt053.v2.all-balance-types.xml": ("/file/68", "balance_differs"),
    "camt053.v2.five.decimals.xml": ("/file/49", "balance_differs"),
    "camt053.v2.minimal.ultimate.xml": ("/file/60", "currency"),
    "camt053.v2.minimal.xml": ("/file/60", "currency"),
    "camt053.v2.with-account-name.xml": ("/file/8", "balance_missing"),
    "camt053.v2.with-party-ids.xml": ("/file/60", "currency"),
    "camt053.v2.wrong.xml": ("/file/3", "no_statement"),
    "camt053.v3.xml": ("/file/80", "currency"),
    "camt053.v4.xml": ("/file/80", "currency"),
    "camt53.only-Dt-with-DtTm.xml": ("/file/9", "balance_missing"),
}


@pytest.mark.parametrize("path", sorted(DATA.glob("*.xml")), ids=lambda path: path.name)
def test_every_file_is_read_or_refused_with_its_line(path):
    if path.name == "camt053.v2.multi.statement.xml":
        return
    with pytest.raises(Invalid) as refusal:
        read_camt(path.read_bytes())
    expected = REFUSED.get(path.name, ("/file/3", "no_balances"))  # a report within the day, a notification
    assert fault_of(refusal) == expected


@pytest.mark.parametrize("version", ["01", "02", "06", "08", "13"])
def test_a_version_is_as_good_as_another(version):
    assert read(entry("5.00"), closing="105.00", version=version).is_proven


def test_a_reversal_goes_the_way_it_says_and_is_one():
    back = "<RvslInd>true</RvslInd>"
    file = read(entry("40.00"), entry("40.00", "DBIT", reversal=back))
    assert [(one.amount, one.is_reversal) for one in file.bookings] == [
        (Decimal("40.00"), False),
        (Decimal("-40.00"), True),
    ]


def test_what_is_pending_is_left_out():
    file = read(
        entry("7.00", state="<Sts><Cd>PDNG</Cd></Sts>"),
        entry("5.00", state="<Sts><Cd>BOOK</Cd></Sts>"),
        closing="105.00",
    )
    assert [one.amount for one in file.bookings] == [Decimal("5.00")]
    assert [one.because for one in file.left_out] == [LeftOut.PENDING]


def payment(amount, name):
    return (
        f'<TxDtls><Refs><EndToEndId>E-{amount}</EndToEndId></Refs><Amt Ccy="CNY">{amount}</Amt>'
        f"<RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr></RltdPties></TxDtls>"
    )


def test_an_entry_of_several_payments_is_several_bookings():
    both = payment("2.00", "上海明德医疗器械有限公司") + payment("3.00", "广州粤康医疗科技有限公司")
    file = read(entry("5.00", details=both), closing="105.00")
    assert [(one.amount, one.party) for one in file.bookings] == [
        (Decimal("2.00"), "上海明德医疗器械有限公司"),
        (Decimal("3.00"), "广州粤康医疗科技有限公司"),
    ]


def test_payments_that_do_not_make_their_entry_stay_one_booking():
    file = read(entry("6.00", details=payment("2.00", "A") + payment("3.00", "B")), closing="106.00")
    assert [one.amount for one in file.bookings] == [Decimal("6.00")]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document_type"),
        (b"<Document><BkToCstmrStmt><Stmt>", "broken_xml"),
        (b"<html><body/></html>", "no_camt"),
        (b"<Document>" + b"<a>" * 200 + b"</a>" * 200 + b"</Document>", "no_camt"),
        (b'<?xml version="1.0" encoding="x-unknown"?><Document/>', "broken_xml"),
        (
            b"<Document><BkToCstmrStmt><Stmt>" + b"<a/>" * 700_000 + b"</Stmt></BkToCstmrStmt></Document>",
            "too_much",
        ),
    ],
)
def test_what_is_no_statement_is_refused(said, code):
    with pytest.raises(Invalid) as refusal:
        read_camt(said)
    assert refusal.value.faults[0].code == code


@pytest.mark.parametrize(
    ("amount", "day", "code"),
    [("1e3", "2026-11-20", "amount"), ("5.00", "2026-02-30", "day"), ("-5.00", "2026-11-20", "amount")],
)
def test_a_field_that_is_none_names_its_line(amount, day, code):
    with pytest.raises(Invalid) as refusal:
        read(entry(amount, day=day), closing="105.00")
    assert fault_of(refusal)[1] == code
