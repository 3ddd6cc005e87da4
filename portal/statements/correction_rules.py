"""What a correction of a statement may say, and when a clause confirms one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.kernel.errors import N_, Conflict, Fault
from portal.statements.rules import StatementState

REASON_MAX = 500
CONTRACT_MAX = 200
DOCUMENTS_MAX = 50
CLAUSE_DAYS_MIN, CLAUSE_DAYS_MAX = 10, 180
NOTICE = timedelta(days=5)
"""How long before a clause confirms a statement the dealer is told."""
NAMED = ("dealer", "issuer", "bank", "terms_days", "payment_reference")
"""What a statement says beside its figures, by the names of its snapshot."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a corrected version says otherwise. what: ``dealer.address``, ``terms_days``."""

    what: str
    before: str
    after: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """What two versions name otherwise, in the order in which a statement names it."""
    then, now = dict(_named(before)), dict(_named(after))
    return tuple(
        Change(what, then.get(what, ""), now.get(what, ""))
        for what in dict.fromkeys((*then, *now))
        if then.get(what, "") != now.get(what, "")
    )


def _named(snapshot: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in NAMED:
        said = snapshot[name]
        if isinstance(said, Mapping):
            yield from ((f"{name}.{member}", str(value)) for member, value in said.items())
        else:
            yield name, str(said)


def reason_faults(reason: str, pointer: str = "/reason") -> list[Fault]:
    """What is wrong with why somebody corrects, or refuses to."""
    return _text_faults(reason, pointer, REASON_MAX, N_("Say why."), N_("Enter the reason."))


def clause_faults(days: int, contract: str) -> list[Fault]:
    """What is wrong with a clause: how many days, and which contract says so."""
    faults = []
    if not CLAUSE_DAYS_MIN <= days <= CLAUSE_DAYS_MAX:
        message = N_("From %(least)s to %(most)s days.")
        fix = N_("Enter the days that the contract says.")
        params = {"least": CLAUSE_DAYS_MIN, "most": CLAUSE_DAYS_MAX}
        faults.append(Fault("/days", "days", message, fix, params))
    missing = N_("Name the contract and its clause."), N_("Without a clause silence confirms nothing.")
    return faults + _text_faults(contract, "/contract", CONTRACT_MAX, *missing)


def documents_faults(documents: Sequence[str], known: Collection[str]) -> list[Fault]:
    """What is wrong with the later documents: each of the dealer's books, after the month, once."""
    if len(documents) > DOCUMENTS_MAX:
        message, fix = N_("At most %(most)s documents."), N_("Leave some out.")
        return [Fault("/documents", "too_many_documents", message, fix, {"most": DOCUMENTS_MAX})]
    message = N_("%(document)s is no document of a later month in the dealer's books.")
    fix = N_("Choose from the list.")
    return [
        Fault(f"/documents/{place}", "not_later", message, fix, {"document": document[:64]})
        for place, document in enumerate(documents)
        if document not in known or document in documents[:place]
    ]


def require_correctable(state: StatementState) -> None:
    """Raise Conflict while a dispute is open: it is answered first, and may end in this correction."""
    if state is StatementState.DISPUTED:
        message, fix = N_("This statement is disputed."), N_("Answer the dispute first.")
        raise Conflict("statement_disputed", message, fix=fix)


def confirms_at(since: datetime, days: int) -> datetime:
    """When a clause confirms what nobody has answered since."""
    return since + timedelta(days=days)


def is_notice_due(since: datetime, days: int, noticed_at: datetime | None, at: datetime) -> bool:
    """Whether the dealer is to be told now that the clause will confirm the statement."""
    return noticed_at is None and at >= confirms_at(since, days) - NOTICE


def is_confirmed_by_clause(since: datetime, days: int, noticed_at: datetime | None, at: datetime) -> bool:
    """Whether the days are over, and the dealer has known of it long enough."""
    return noticed_at is not None and at >= max(confirms_at(since, days), noticed_at + NOTICE)


def _text_faults(text: str, pointer: str, most: int, missing: str, fix: str) -> list[Fault]:
    said = text.strip()
    if not said:
        return [Fault(pointer, "missing", missing, fix)]
    if len(said) > most:
        message, fix = N_("At most %(max_length)s characters."), N_("Shorten it.")
        return [Fault(pointer, "too_long", message, fix, {"max_length": most})]
    if not said.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
        message = N_("This has characters that cannot be shown.")
        return [Fault(pointer, "unreadable_text", message, N_("Type the text instead of pasting it."))]
    return []
