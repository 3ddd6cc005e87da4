"""camt.053 in every version: read where opening and bookings make the closing balance, else refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from portal.bank.camt_rules import read_camt
from portal.bank.read_file import read_bank_file
from portal.bank.rules import LeftOut
from portal.kernel.errors import Invalid
from portal.kernel.outside_xml import document_of

DATA = Path(__file__).parent / "data" / "camt"
SHANGHAI = ZoneInfo("Asia/Shanghai")

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


def entry(
    amount, side="CRDT", *, state="<Sts>BOOK</Sts>", reversal="", details="", day="2026-11-20", when=""
):
    when = when or f"<BookgDt><Dt>{day}</Dt></BookgDt>"
    return (
        f'<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{reversal}{state}'
        f"{when}<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def read(*entries, opening="100.00", closing="100.00", version="08"):
    said = STATEMENT.format(opening=opening, closing=closing, entries="".join(entries), version=version)
    return read_camt(said.encode(), SHANGHAI)


def fault_of(refusal) -> tuple[str, str]:
    [fault] = refusal.value.faults
    return fault.pointer, fault.code


def test_two_statements_in_one_file_follow_each_other():
    file = read_camt((DATA / "camt053.v2.multi.statement.xml").read_bytes(), SHANGHAI)
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
        read_camt(path.read_bytes(), SHANGHAI)
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
        (b'<?xml version="1.0" encoding="x-unknown"?><Document/>', "encoding_unknown"),
        (
            b"<Document><BkToCstmrStmt><Stmt>" + b"<a/>" * 700_000 + b"</Stmt></BkToCstmrStmt></Document>",
            "too_many",
        ),
    ],
)
def test_what_is_no_statement_is_refused(said, code):
    with pytest.raises(Invalid) as refusal:
        read_camt(said, SHANGHAI)
    assert refusal.value.faults[0].code == code


@pytest.mark.parametrize(
    ("amount", "day", "code"),
    [("1e3", "2026-11-20", "amount"), ("5.00", "2026-02-30", "day"), ("-5.00", "2026-11-20", "amount")],
)
def test_a_field_that_is_none_names_its_line(amount, day, code):
    with pytest.raises(Invalid) as refusal:
        read(entry(amount, day=day), closing="105.00")
    assert fault_of(refusal)[1] == code


@pytest.mark.parametrize(
    ("said", "zone", "day"),
    [
        ("2026-11-30T16:30:00Z", "Asia/Shanghai", "2026-12-01"),
        ("2026-11-30T16:30:00.125+00:00", "Asia/Shanghai", "2026-12-01"),
        ("2026-11-30T15:59:59Z", "Asia/Shanghai", "2026-11-30"),
        ("2026-12-01T00:30:00+08:00", "Asia/Shanghai", "2026-12-01"),
        ("2026-12-01T00:30:00+08:00", "Europe/Berlin", "2026-11-30"),
        ("2026-12-31T20:00:00-05:00", "Asia/Shanghai", "2027-01-01"),
        ("2026-11-30T24:00:00+08:00", "Asia/Shanghai", "2026-12-01"),
        ("2026-11-30T23:30:00", "Asia/Shanghai", "2026-11-30"),
        ("2026-11-30T23:30:00", "America/New_York", "2026-11-30"),
        ("2026-11-30", "America/New_York", "2026-11-30"),
        ("2026-11-30Z", "Asia/Shanghai", "2026-11-30"),
    ],
)
@pytest.mark.parametrize("element", ["Dt", "DtTm"])
def test_a_booking_is_of_the_day_where_the_business_is_done(said, zone, day, element):
    whole = f"<{element}>{said}</{element}>"
    when = f"<BookgDt>{whole}</BookgDt><ValDt>{whole}</ValDt>"
    document = STATEMENT.format(
        opening="100.00", closing="105.00", entries=entry("5.00", when=when), version="08"
    )
    [one] = read_camt(document.encode(), ZoneInfo(zone)).bookings
    assert (str(one.booked_on), str(one.value_on)) == (day, day)


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-30T25:00:00Z",
        "2026-11-30T16:61:00Z",
        "2026-11-30T16:30:00+15:00",
        "9999-12-31T23:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "1889-12-31",
        "2026-11-30 about noon",
    ],
)
def test_a_moment_that_no_clock_shows_is_no_day(said):
    with pytest.raises(Invalid) as refusal:
        read(entry("5.00", when=f"<BookgDt><DtTm>{said}</DtTm></BookgDt>"), closing="105.00")
    assert fault_of(refusal)[1] == "day"


PARTY = "上海明德医疗器械有限公司"


@pytest.mark.parametrize("encoding", ["GB18030", "GBK", "gb2312", "UTF-8", "UTF-16", "Big5"])
@pytest.mark.parametrize("before", ["", "\n", " \r\n\t\n"])
def test_a_file_is_read_in_whatever_encoding_it_says(encoding, before):
    name = "上海明德" if encoding == "Big5" else PARTY
    said = STATEMENT.replace('encoding="UTF-8"', f'encoding="{encoding}"').format(
        opening="100.00", closing="105.00", entries=entry("5.00", details=payment("5.00", name)), version="08"
    )
    for content in ((before + said).encode(encoding), before.encode() + said.encode(encoding)):
        if encoding == "UTF-16" and not content.startswith(b"\xff\xfe"):
            continue  # blanks of one byte before letters of two
        file = read_bank_file(content, SHANGHAI)
        assert [one.party for one in file.bookings] == [name]
        assert file.bookings[0].place == 9 + before.count("\n")


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n", b"\n\xef\xbb\xbf", b"\n\n"])
def test_marks_and_blank_lines_before_it_are_nothing(before):
    said = STATEMENT.format(opening="100.00", closing="105.00", entries=entry("5.00"), version="08")
    assert read_bank_file(before + said.encode(), SHANGHAI).bookings[0].amount == Decimal("5.00")


@pytest.mark.parametrize(
    ("declared", "written", "code", "line"),
    [
        ("UTF-8", "gb18030", "encoding_wrong", 9),
        ("GBK", "utf-8", "encoding_wrong", 9),
        ("GB18030", "utf-8", "encoding_wrong", 9),
        ("ISO-8859-1", "utf-8", "encoding_wrong", 9),
        ("UTF-16", "utf-8", "encoding_wrong", 1),
        ("EBCDIC-CP-US", "utf-8", "encoding_unknown", 1),
        ("rot13", "utf-8", "encoding_unknown", 1),
        ("unicode_escape", "utf-8", "encoding_unknown", 1),
        ("中文", "utf-8", "encoding_unknown", 1),
    ],
)
def test_an_encoding_that_is_not_the_one_declared_is_told_with_its_line(declared, written, code, line):
    said = STATEMENT.replace('encoding="UTF-8"', f'encoding="{declared}"').format(
        opening="100.00",
        closing="105.00",
        entries=entry("5.00", details=payment("5.00", PARTY)),
        version="08",
    )
    with pytest.raises(Invalid) as refusal:
        read_bank_file(said.encode(written), SHANGHAI)
    assert fault_of(refusal) == (f"/file/{line}", code)


def test_a_file_that_breaks_off_within_a_letter_is_told_as_broken():
    said = STATEMENT.format(opening="1", closing="1", entries=PARTY, version="08")
    content = said[: said.index(PARTY) + 3].encode()
    with pytest.raises(Invalid) as refusal:
        read_bank_file(content[:-1], SHANGHAI)
    assert fault_of(refusal) == ("/file/9", "broken_xml")


def test_what_was_sent_as_text_is_read_whatever_it_says_of_its_encoding():
    said = STATEMENT.replace('encoding="UTF-8"', 'encoding="GBK"').format(
        opening="100.00",
        closing="105.00",
        entries=entry("5.00", details=payment("5.00", PARTY)),
        version="08",
    )
    assert read_bank_file(document_of(said), SHANGHAI).bookings[0].party == PARTY
