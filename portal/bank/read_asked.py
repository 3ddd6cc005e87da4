"""A bank's file read with what somebody says of it: whose it is, what is in which column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.bank.column_rules import Columns, heads_key, missing_faults, remembered
from portal.bank.read_file import BankTable, is_table, read_bank_file, read_bank_table
from portal.bank.rules import BankFile, plain_account, tidy
from portal.bank.table_rules import as_of
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid

ACCOUNT_NUMBER_MAX = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody says of a file beside its content.

    account: whose statement it is, where the file does not say it. columns: as they were set by hand.
    is_extract: confirmed that nothing proves it whole.
    """

    account: str = ""
    columns: Mapping[str, Sequence[int]] | None = None
    is_extract: bool = False


def read_asked(session: Session, content: bytes, asked: Asked, zone: ZoneInfo) -> BankFile:
    """The file as it is read with what was said of it. Raises Invalid, Conflict for what is not confirmed.

    zone: where the business is done.
    """
    account = tidy(asked.account, ACCOUNT_NUMBER_MAX)
    file = read_bank_file(
        content,
        zone,
        columns=_set_columns(content, asked),
        known=_known_layouts(session, account),
        account=account,
    )
    file = _of_account(session, file, account)
    if file.doubts and not asked.is_extract:
        message = N_("Nothing proves that this file is whole.")
        fix = N_("If it is an extract on purpose, confirm it; else export the whole statement.")
        raise Conflict("extract_unconfirmed", message, fix=fix, faults=file.doubts)
    return file


def _set_columns(content: bytes, asked: Asked) -> Columns | None:
    """The columns as somebody set them, below the row of headings that is there. Raises Invalid."""
    if asked.columns is None or not is_table(content):
        return None
    table = read_bank_table(content)
    if table.columns is not None:
        columns = remembered(asked.columns, table.columns.heads, table.columns.row)
    else:
        width = max((len(cells) for _, cells in table.rows), default=0)
        columns = remembered(asked.columns, [""] * width, 0)
    if faults := missing_faults(columns):
        raise Invalid("columns", N_("Not every column is known."), faults=faults)
    return columns


def _known_layouts(session: Session, account: str) -> Callable[[Sequence[str]], Columns | None]:
    """Finds what was set for an account; without one, for any account if it is one layout."""

    def find(heads: Sequence[str]) -> Columns | None:
        rows = session.execute(
            _LAYOUTS, {"heads_key": heads_key(heads), "number_key": plain_account(account)}
        ).all()
        return remembered(rows[0].columns, heads, 0) if len(rows) == 1 else None

    return find


def _of_account(session: Session, file: BankFile, account: str) -> BankFile:
    """The file with the account of each statement: as it says, as somebody said, or the only one there is."""
    if all(one.account for one in file.statements):
        said = {plain_account(one.account) for one in file.statements}
        if account and said != {plain_account(account)}:
            message = N_("The file is of the account %(found)s, not of %(said)s.")
            params = {"found": file.statements[0].account, "said": account}
            fix = N_("Leave the account out, or choose the other file.")
            raise Invalid(
                "account", message, faults=[Fault("/account", "account", message, fix, params)], **params
            )
        return file
    if not account:
        numbers = session.execute(_ACCOUNTS, {"currency": file.statements[0].currency}).scalars().all()
        if len(numbers) != 1:
            message, fix = N_("The file does not say whose account it is."), N_("Enter the account number.")
            raise Invalid(
                "account_missing", message, faults=[Fault("/account", "account_missing", message, fix)]
            )
        account = numbers[0]
    if not plain_account(account):
        message, fix = N_("This is no account number."), N_("Enter the account number.")
        raise Invalid("account", message, faults=[Fault("/account", "account", message, fix)])
    return as_of(file, account)


def refusal_of(session: Session, content: bytes, asked: Asked, zone: ZoneInfo) -> DomainError | None:
    """Why a file would not be taken with what is said of it; None where it would."""
    try:
        read_asked(session, content, asked, zone)
    except (Invalid, Conflict) as refusal:
        return refusal
    return None


def layout_for(session: Session, table: BankTable, account: str) -> Columns | None:
    """The columns of a table: as somebody set them for its account and headings, else as recognised."""
    if table.columns is None:
        return None
    kept = _known_layouts(session, account)(table.columns.heads)
    return Columns(kept.places, table.columns.heads, table.columns.row) if kept else table.columns


_LAYOUTS = text(
    """
    SELECT DISTINCT l.columns FROM bank_layout l JOIN bank_account a ON a.id = l.account_id
     WHERE l.heads_key = :heads_key AND (:number_key = '' OR a.number_key = :number_key) LIMIT 2
    """
)
_ACCOUNTS = text("SELECT number FROM bank_account WHERE currency = :currency ORDER BY id LIMIT 2")
