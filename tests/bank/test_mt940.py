"""MT940: statements one behind the other, reversals the right way round, nothing mended."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.bank.mt940_rules import is_mt940, read_mt940
from portal.kernel.errors import Invalid

DATA = Path(__file__).parent / "data" / "mt940"


def text_of(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


# Opening and closing balance and the count of bookings, of every statement of a file that adds up.
READ = {
    "betterplace/with_binary_character.sta": [("380115.77", "199929.02", 3), ("130073.19", "131193.19", 1)],
    "cmxl/mt940.sta": [
        ("84349.74", "84437.04", 11),
        ("2187.95", "4387.95", 2),
        ("40000.00", "50040.00", 3),
    ],
    "jejik/generic.sta": [("100.00", "90.00", 1), ("90.00", "80.00", 1)],
    "jejik/rabobank-iban.sta": [("1000.00", "965.00", 2), ("965.00", "930.00", 2)],
    "jejik/sns.sta": [("1234.56", "1209.56", 2), ("1209.56", "1209.56", 0)],
    "mBank/mt940.sta": [("0.40", "0.43", 3)],
    "sberbank/171011_01234945.sta": [("627311.30", "617874.30", 3)],
    "self-provided/long_statement_number.sta": [("0.00", "0.00", 0)],
}
# Those cut out of their file or damaged: why, and in which line.
REFUSED = {
    "betterplace/empty_line.sta": ("balance_missing", 2),
    "betterplace/sepa_snippet.sta": ("balance_differs", 55),
    "betterplace/sepa_snippet_broken.sta": ("account_twice", 6),
    "cmxl/reference.sta": ("balance_missing", 1),
    "jejik/abnamro.sta": ("balance_differs", 27),
    "jejik/ing.sta": ("balance_differs", 26),
    "jejik/knab.sta": ("balance_differs", 20),
    "jejik/postfinance.sta": ("balance_differs", 27),
    "jejik/rabobank.sta": ("balance_differs", 11),
    "jejik/triodos.sta": ("balance_differs", 12),
    "mBank/mt942.sta": ("no_balances", 2),
    "mBank/with_newline_in_tnr.sta": ("balance_differs", 19),
    "self-provided/details_60-63.sta": ("balance_differs", 12),
    "self-provided/february_30.sta": ("day", 6),
    "self-provided/gv_codes.sta": ("balance_missing", 1),
    "self-provided/malformed_details.sta": ("balance_differs", 15),
    "self-provided/mt942.sta": ("no_balances", 1),
    "self-provided/overly_long_details.sta": ("balance_differs", 15),
    "self-provided/raiffeisen-cmi.sta": ("balance_differs", 40),
    "self-provided/transaction_details_wrapped.sta": ("day", 6),
    "self-provided/whitespace.sta": ("balance_differs", 9),
    "self-provided/wrapped_timestamp.sta": ("day", 5),
}


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.sta")), ids=lambda path: path.name)
def test_every_file_is_read_or_refused_with_its_line(path):
    name, text = path.relative_to(DATA).as_posix(), text_of(path)
    if name in READ:
        found = read_mt940(text).statements
        assert [(one.opening, one.closing, len(one.bookings)) for one in found] == [
            (Decimal(opening), Decimal(closing), count) for opening, closing, count in READ[name]
        ]
        return
    with pytest.raises(Invalid) as refusal:
        read_mt940(text)
    [fault] = refusal.value.faults
    expected = REFUSED.get(name, ("no_statement", 1))  # a snippet without a beginning
    assert (fault.code, fault.params["line"]) == expected


def test_what_is_no_mt940_is_not_taken_for_one():
    assert not is_mt940(text_of(DATA / "self-provided" / "invalid_statement.sta"))
    assert not is_mt940("交易日期,金额\n2026-11-20,5.00")


def statement(*lines: str, opening="C261119CNY100,00", closing="C261120CNY100,00") -> str:
    return "\n".join((":20:X", ":25:6222000000000001", f":60F:{opening}", *lines, f":62F:{closing}", "-"))


def test_reversals_go_the_other_way_round():
    file = read_mt940(
        statement(
            ":61:2611201120C40,00NTRFA1",
            ":61:2611201120RC40,00NTRFA1",
            ":61:2611201120D7,00NCHGNONREF",
            ":61:2611201120RD7,00NCHGNONREF",
        )
    )
    assert [(one.amount, one.is_reversal) for one in file.bookings] == [
        (Decimal("40.00"), False),
        (Decimal("-40.00"), True),
        (Decimal("-7.00"), False),
        (Decimal("7.00"), True),
    ]


def test_a_booking_of_january_with_a_value_date_in_december():
    file = read_mt940(statement(":61:2512310102C5,NTRFNONREF", closing="C260102CNY105,00"))
    [one] = file.bookings
    assert (one.booked_on.isoformat(), one.value_on.isoformat()) == ("2026-01-02", "2025-12-31")


@pytest.mark.parametrize(("said", "year"), [("79", 2079), ("80", 1980), ("99", 1999), ("00", 2000)])
def test_two_digits_of_a_year(said, year):
    file = read_mt940(statement(f":61:{said}1120C5,NTRFNONREF", closing="C261120CNY105,"))
    assert file.bookings[0].booked_on.year == year


def test_a_file_cut_off_after_any_line_is_refused():
    whole = statement(":61:2611201120C5,00NTRFA1", ":86:货款", closing="C261120CNY105,00").splitlines()
    assert read_mt940("\n".join(whole[:-1])).is_proven  # the hyphen alone may be missing
    for kept in range(1, len(whole) - 1):
        with pytest.raises(Invalid):
            read_mt940("\n".join(whole[:kept]))


def test_parts_of_the_details_are_told_apart():
    details = (
        ":86:166?00GUTSCHRIFT?20EREF+TD00017?21SVWZ+IN2611-7K3F9Q2MA?32上海明德?33医疗器械有限公司?31622"
    )
    [one] = read_mt940(
        statement(":61:2611201120C5,00NTRFNONREF//B77", details, closing="C261120CNY105,00")
    ).bookings
    assert (one.reference, one.text, one.party, one.bank_reference) == (
        "TD00017",
        "IN2611-7K3F9Q2MA",
        "上海明德医疗器械有限公司",
        "B77",
    )


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["C", "D", "RC", "RD"]), st.integers(1, 10**9)), max_size=20))
def test_what_adds_up_is_taken_and_a_fen_more_is_not(entries):
    signs = {"C": 1, "D": -1, "RC": -1, "RD": 1}
    total = 10**12 + sum(signs[mark] * fen for mark, fen in entries)
    lines = [f":61:2611201120{mark}{fen // 100},{fen % 100:02}NTRFNONREF" for mark, fen in entries]

    def of(closing: int) -> str:
        closed = f"C261120CNY{closing // 100},{closing % 100:02}"
        return statement(*lines, opening="C261119CNY10000000000,00", closing=closed)

    assert [one.amount * 100 for one in read_mt940(of(total)).bookings] == [
        signs[mark] * fen for mark, fen in entries
    ]
    with pytest.raises(Invalid):
        read_mt940(of(total + 1))
