"""Tax invoices are read as they say and compared as the worked examples were by hand."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Invalid
from portal.tax_invoices.compare_rules import Known, compare
from portal.tax_invoices.read_rules import documents_named, read_tax_invoice
from portal.tax_invoices.rules import (
    Kind,
    Limits,
    OurDocument,
    OurLine,
    TaxInvoice,
    TaxLine,
    Verdict,
    folded,
)

SAMPLES = Path(__file__).parent / "data"
CASES = {case["id"]: case for case in yaml.safe_load((SAMPLES / "comparisons.yaml").read_text())["cases"]}
OF_FILES = {
    "E01": "plain",
    "E02": "gb18030_namespace",
    "E05": "discount_line",
    "E13": "does_not_add_up",
    "E17": "red_letter",
}


def rate(said: str) -> Decimal:
    return Decimal(said.removesuffix("%")) / (100 if said.endswith("%") else 1)


def invoice_of(case: dict[str, Any]) -> TaxInvoice:
    said = case["invoice"]
    lines = tuple(
        TaxLine(
            line["name"],
            line["spec"],
            line["unit"],
            Decimal(line["quantity"]) if "quantity" in line else None,
            rate(line["rate"]),
            Decimal(line["amount"]),
            Decimal(line["tax"]),
        )
        for line in said["lines"]
    )
    return TaxInvoice(
        said["number"],
        date.fromisoformat(said["date"]),
        said["seller"],
        said["buyer"],
        *(Decimal(said[name]) for name in ("net", "tax", "gross")),
        lines,
        said.get("blue", ""),
    )


def ours_of(case: dict[str, Any]) -> OurDocument:
    lines = tuple(
        OurLine(
            line["line"],
            line["name"],
            line["spec"],
            line["unit"],
            Decimal(line["quantity"]),
            rate(line["rate"]),
            Decimal(line["amount"]),
            Decimal(line["tax"]),
        )
        for line in case["ours"]["lines"]
    )
    return OurDocument(case["ours"]["seller"], case["ours"]["buyer"], lines)


def known_of(case: dict[str, Any]) -> Known:
    number, left = case["invoice"]["number"], case.get("left_of_blue")
    return Known(
        number in case.get("attached_elsewhere", ()),
        Decimal(left) if left else None,
    )


def shown(case: dict[str, Any], invoice: TaxInvoice) -> dict[str, Any]:
    """A comparison as the examples write it."""
    done = compare(invoice, ours_of(case), Limits(), known_of(case))
    answer: dict[str, Any] = {"verdict": str(done.verdict)}
    if done.because:
        answer["because"] = str(done.because)
    differences = []
    for one in done.differences:
        said = {name: value for name, value in asdict(one).items() if value not in ("", (), None)}
        said["class"] = str(said.pop("kind"))
        if "amount" in said:
            said["amount"] = str(said["amount"])
        if "lines" in said:
            said["lines"] = list(said["lines"])
        differences.append(said)
    return answer | ({"differences": differences} if differences else {})


@pytest.mark.parametrize("name", CASES)
def test_an_invoice_is_compared_as_it_was_by_hand(name):
    case = CASES[name]
    expected = {key: value for key, value in case["expected"].items() if value != "same_again"}
    assert shown(case, invoice_of(case)) == expected


@pytest.mark.parametrize("name", OF_FILES)
def test_a_file_says_what_the_example_says(name):
    case = CASES[name]
    read = read_tax_invoice((SAMPLES / f"{OF_FILES[name]}.xml").read_bytes())
    assert shown(case, read) == case["expected"]
    written = invoice_of(case)
    assert (read.number, read.issued_on, read.net, read.tax, read.gross, read.blue) == (
        written.number,
        written.issued_on,
        written.net,
        written.tax,
        written.gross,
        written.blue,
    )


PLAIN = (SAMPLES / "plain.xml").read_text()
DTD = (SAMPLES / "dtd_entity.xml").read_text()


@pytest.mark.parametrize(
    "content",
    [
        DTD.encode(),
        DTD.replace("UTF-8", "UTF-16").encode("utf-16"),
        DTD.replace("UTF-8", "GB18030").encode("gb18030"),
        PLAIN[:-40].encode(),
        b"",
        b"\x00" * 40,
        PLAIN.replace("UTF-8", "EBCDIC-CP-US").encode(),
        PLAIN.encode("gb18030"),
        b" " * 2_000_001,
        ("<a>" * 100_000).encode(),
    ],
    ids=["dtd", "dtd-16", "dtd-gb", "cut", "empty", "nul", "unknown", "wrong", "large", "deep"],
)
def test_what_is_no_tax_invoice_is_refused_in_words(content):
    with pytest.raises(Invalid) as refusal:
        read_tax_invoice(content)
    assert refusal.value.faults and all(fault.fix for fault in refusal.value.faults)


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ("26332000000000000017</Inv", "2633200000000000001</Inv", "/file/number"),
        ("26332000000000000017</Inv", "２６３３２００００００００００００１７X</Inv", "/file/number"),
        (">14690.00<", ">14690.005<", "/file/gross"),
        (">10000.00<", ">1e4<", "/file/lines/1/amount"),
        (">13%<", ">13‰<", "/file/lines/1/rate"),
        ("<IssueTime>2026-11-03", "<IssueTime>2026-02-30", "/file/date"),
        ("<IssueTime>2026-11-03", "<IssueTime>0001-01-02", "/file/date"),
        ("<IssueTime>2026-11-03", "<IssueTime>9999-12-31", "/file/date"),
        (">14690.00<", ">999999999999999.00<", "/file/gross"),
        ("<Quantity>10<", "<Quantity>ten<", "/file/lines/1/quantity"),
        ("IssuItemInformation", "Nothing", "/file/lines"),
    ],
)
def test_every_fault_of_a_file_is_named(old, new, pointer):
    with pytest.raises(Invalid) as refusal:
        read_tax_invoice(PLAIN.replace(old, new).encode())
    assert pointer in {fault.pointer for fault in refusal.value.faults}


def test_a_flat_file_with_chinese_names_is_read_too():
    flat = (
        '<?xml version="1.0" encoding="GBK"?><发票><发票号码>26332000000000000017</发票号码>'
        "<开票日期>2026年11月03日</开票日期><合计金额>100.00</合计金额><合计税额>0.00</合计税额>"
        "<价税合计>100.00</价税合计><明细><项目名称>*医疗服务*培训</项目名称><金额>100.00</金额>"
        "<税率>免税</税率><数量>1</数量></明细></发票>"
    )
    read = read_tax_invoice(flat.encode("gbk"))
    assert (read.issued_on, read.gross, read.lines[0].rate) == (
        date(2026, 11, 3),
        Decimal("100.00"),
        "no tax",
    )


def test_a_line_within_a_line_is_no_other_line():
    """Else each would be read with all below it: some thousand of them within each other take hours."""
    line = "<项目名称>培训</项目名称><金额>100.00</金额><税率>免税</税率>"
    nested = (
        "<发票><发票号码>26332000000000000017</发票号码><开票日期>2026-11-03</开票日期>"
        "<合计金额>100.00</合计金额><合计税额>0.00</合计税额><价税合计>100.00</价税合计>"
        f"<明细>{line}<明细>{line}<明细>{line}</明细></明细></明细></发票>"
    )
    assert len(read_tax_invoice(nested.encode()).lines) == 1


def test_a_remark_names_our_documents():
    assert list(
        documents_named("订单 in2611-0ab12cd34、IN2611-0AB12CD34，CN2611-ZZZZZZZZ1；XIN2611-0AB12CD34")
    ) == [
        "IN2611-0AB12CD34",
        "CN2611-ZZZZZZZZ1",
    ]


cents = st.integers(-500_000, 500_000).filter(bool).map(lambda fen: Decimal(fen) / 100)
our_lines = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 9), cents), min_size=1, max_size=9).map(
    lambda rows: tuple(
        OurLine(
            place,
            name,
            "",
            "支",
            Decimal(units),
            Decimal("0.13"),
            amount,
            (amount * 13 / 100).quantize(Decimal("0.01")),
        )
        for place, (name, units, amount) in enumerate(rows, start=1)
    )
)


def written_out(lines, order) -> TaxInvoice:
    theirs = [
        TaxLine(f"*医疗*{one.name}", one.spec, one.unit, one.quantity, one.rate, one.amount, one.tax)
        for one in lines
    ]
    theirs = [theirs[place] for place in order]
    net, tax = sum(one.amount for one in theirs), sum(one.tax for one in theirs)
    return TaxInvoice("2" * 20, date(2026, 11, 3), "S", "B", net, tax, net + tax, tuple(theirs), "1" * 20)


@given(our_lines.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(range(len(lines))))))
def test_the_same_lines_in_any_order_agree(drawn):
    lines, order = drawn
    done = compare(
        written_out(lines, order), OurDocument("s", " b", lines), Limits(), Known(left_of_blue=Decimal("1e9"))
    )
    assert done.verdict is Verdict.AGREE


@given(our_lines, st.data())
def test_a_line_left_out_is_never_overlooked(lines, data):
    """What is missing is named, or what was put in its place: its amount is never lost."""
    gone = data.draw(st.integers(0, len(lines) - 1))
    kept = [place for place in range(len(lines)) if place != gone]
    if not kept:
        return
    theirs = written_out(lines, kept)
    done = compare(theirs, OurDocument("S", "B", lines), Limits(), Known(left_of_blue=Decimal("1e9")))
    by = sum((one.amount for one in theirs.lines), Decimal(0)) - sum(line.amount for line in lines)
    if abs(by) > Decimal("0.06"):
        assert done.verdict is Verdict.DIFFER
        assert {one.kind for one in done.differences} & {Kind.MISSING_LINE, Kind.AMOUNT, Kind.QUANTITY}


def test_a_discount_belongs_to_the_line_above_and_to_no_other():
    line = TaxLine("A", "", "支", Decimal(2), Decimal("0.13"), Decimal("10.00"), Decimal("1.30"))
    off = TaxLine("A", "", "", None, Decimal("0.13"), Decimal("-1.00"), Decimal("-0.13"))
    assert [one.amount for one in folded([line, off, line])] == [Decimal("9.00"), Decimal("10.00")]
    assert [one.amount for one in folded([off, line])] == [Decimal("-1.00"), Decimal("10.00")]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_blank_lines_before_an_invoice_are_nothing_in_any_encoding(encoding):
    declared = PLAIN.replace("UTF-8", "GBK") if encoding == "gbk" else PLAIN
    assert read_tax_invoice(("\r\n\n" + declared).encode(encoding)).number == "26332000000000000017"


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (PLAIN.encode("gb18030"), "/file/2"),
        (PLAIN.replace("UTF-8", "GBK").encode(), "/file/2"),
        (("\n" + PLAIN.replace("UTF-8", "EBCDIC-CP-US")).encode(), "/file/2"),
        (PLAIN[:900].encode(), f"/file/{PLAIN[:900].count(chr(10)) + 1}"),
    ],
    ids=["undeclared", "declared wrongly", "unknown", "cut"],
)
def test_what_is_no_invoice_is_refused_with_its_line(content, pointer):
    with pytest.raises(Invalid) as refusal:
        read_tax_invoice(content)
    [fault] = refusal.value.faults
    assert (fault.pointer, fault.params["line"]) == (pointer, int(pointer.rpartition("/")[2]))


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-11-30T16:30:00Z", date(2026, 12, 1)),
        ("2026-12-01 00:30:00+09:00", date(2026, 11, 30)),
        ("2026年11月30日 16:30:00+00:00", date(2026, 12, 1)),
        ("2026/11/30 23:59:59", date(2026, 11, 30)),
    ],
)
def test_a_moment_of_issue_is_of_chinas_day(said, day):
    content = PLAIN.replace("<IssueTime>2026-11-03", f"<IssueTime>{said}").encode()
    assert read_tax_invoice(content).issued_on == day
