"""The journal as files: its list, and a month for the finance system, in parts where it is long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from portal.kernel.errors import N_, NotFound
from portal.ledger.chart import chart_of
from portal.ledger.journal_export import Part, VoucherLine, lines_of, parts
from portal.ledger.kinds import Account, EntryKind
from portal.ledger.words import ACCOUNTS, ENTRY_KINDS
from portal.web.listing.cells import Cell
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.export import send_made
from portal.web.listing.files import WRITERS, Head
from portal.web.request import current_session, portal

JOURNAL = Listing(
    "journal",
    N_("Journal"),
    (
        Column("document_no", N_("Document"), Kind.CODE, width="c-18"),
        Column("kind", N_("Kind"), Kind.WORD, words=ENTRY_KINDS, width="c-12", css="cell-corner"),
        Column("occurred_on", N_("Date"), Kind.DATE, width="c-10"),
        Column("period", N_("Period"), Kind.PERIOD, width="c-10", shown=False),
        Column("late", N_("Late"), Kind.FLAG, shown=False),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("account", N_("Ledger account"), Kind.WORD, words=ACCOUNTS, width="c-15"),
        Column("debit", N_("Debit"), Kind.MONEY, width="c-12"),
        Column("credit", N_("Credit"), Kind.MONEY, width="c-12"),
        Column("reference", N_("Reference"), shown=False),
        Column("posted_at", N_("Posted"), Kind.MOMENT, shown=False),
    ),
)
"""Lines of the journal, as a list and as its file."""
FORMS = tuple(WRITERS)
COLUMNS = (
    (N_("Voucher"), Kind.CODE),
    (N_("Voucher no."), Kind.QUANTITY),
    (N_("Date"), Kind.DATE),
    (N_("Period"), Kind.CODE),
    (N_("Account code"), Kind.CODE),
    (N_("Account name, Chinese"), Kind.TEXT),
    (N_("Account name, English"), Kind.TEXT),
    (N_("Debit"), Kind.MONEY),
    (N_("Credit"), Kind.MONEY),
    (N_("Dealer code"), Kind.CODE),
    (N_("Dealer"), Kind.TEXT),
    (N_("Document"), Kind.CODE),
    (N_("Summary"), Kind.TEXT),
)
"""What every line has; texts that a spreadsheet would calculate are neutralised as in every list."""


def parts_of(period: str) -> list[Part]:
    """The files that a month comes in."""
    return parts(current_session(), period, entries_max=_entries_max())


def send_part(period: str, number: int, form: str) -> Response:
    """One of them. Raises NotFound when there is no such part or form, TooManyRequests."""
    found = {part.number: part for part in parts_of(period)}
    if number not in found or form not in WRITERS:
        raise NotFound()
    write, media_type = WRITERS[form]
    title = gettext("Journal %(period)s", period=period)
    if len(found) > 1:
        title = f"{title} {number}-{len(found)}"
    head = Head(title, tuple((gettext(label), kind) for label, kind in COLUMNS))

    def make(file: BinaryIO) -> int:
        rows = _Counted(_rows(period, found[number]))
        write(file, head, rows, lambda: None)
        return rows.count

    return send_made(make, "journal", form=form, title=title, media_type=media_type)


def _entries_max() -> int:
    """Entries of a part: no entry is torn, and none has more than five lines."""
    return max(portal().settings.export_rows_max // 5, 1)


class _Counted:
    """Rows that are counted while they are written."""

    def __init__(self, rows: Iterator[list[Cell]]) -> None:
        self._rows, self.count = rows, 0

    def __iter__(self) -> Iterator[list[Cell]]:
        for row in self._rows:
            self.count += 1
            yield row


def _rows(period: str, part: Part) -> Iterator[list[Cell]]:
    chart, words = chart_of(portal().settings.account_codes), kinds_in_chinese()
    for line in lines_of(current_session(), period, part):
        name = chart[Account(line.account)]
        yield [
            line.voucher,
            line.voucher_no,
            line.occurred_on,
            line.period,
            name.code,
            name.zh,
            name.en,
            line.debit,
            line.credit,
            line.dealer_code,
            line.dealer_zh,
            line.document_no,
            summary_of(line, words),
        ]


def kinds_in_chinese() -> dict[str, str]:
    """Words of kinds, in Chinese, as a finance system in China wants its summaries."""
    with force_locale("zh"):
        return {str(kind): gettext(word) for kind, word in ENTRY_KINDS.items()}


def summary_of(line: VoucherLine, words: dict[str, str]) -> str:
    """What a voucher is about."""
    said = [words[line.kind]]
    if line.kind == EntryKind.REVERSAL:
        said.append(words[line.reversed_kind])
    return " ".join(filter(None, [*said, line.document_no, line.reference, line.dealer_zh]))
