"""Forms of documents of an account: money paid back, and the debts that somebody names in a table."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from portal.kernel import typed
from portal.kernel.errors import DomainError, Fault
from portal.ledger.corrections import Correction
from portal.ledger.kinds import CorrectionState
from portal.ledger.open_entries import NamedDebt
from portal.web.forms import Day, Form, Money, column_of_form, rows_of_form
from portal.web.request import request


class PayBackForm(Form):
    """Money that is paid back."""

    amount: Money
    paid_on: Day
    method: str
    reference: str
    reason: str


def debts_of_form() -> tuple[list[NamedDebt], list[Fault]]:
    """The debts for which an amount was typed or that are ticked as a whole, and what cannot be read."""
    whole, faults = set(column_of_form("whole")), list[Fault]()
    debts: list[NamedDebt] = []
    for document, amount in _rows():
        if document in whole:
            debts.append(NamedDebt(document))
        elif amount.strip():
            read = typed.field(typed.money, amount, f"/debts/{len(debts)}/amount", faults)
            debts.append(NamedDebt(document, read))
    return debts, faults


def typed_debts() -> dict[str, dict[str, Any]]:
    """What was typed of each debt, shown again."""
    whole = set(column_of_form("whole"))
    return {document: {"amount": amount, "whole": document in whole} for document, amount in _rows()}


def faults_by_document(refusal: DomainError | None) -> dict[str, list[Fault]]:
    """What is wrong with each debt."""
    debts, found = debts_of_form()[0], dict[str, list[Fault]]()
    for fault in refusal.faults if refusal else ():
        _, _, rest = fault.pointer.partition("/debts/")
        place = rest.partition("/")[0]
        if place.isdigit() and int(place) < len(debts):
            found.setdefault(debts[int(place)].document_no, []).append(fault)
    return found


def said_of(correction: Correction) -> str:
    """What came of what somebody asked for."""
    if correction.state == CorrectionState.WAITING:
        return gettext(
            "%(request)s now waits for another person to approve it.", request=correction.request_no
        )
    return gettext("%(number)s has been posted.", number=correction.document_no)


def _rows() -> list[tuple[str, ...]]:
    """None where another form of the page was sent."""
    return rows_of_form("document", "amount") if "document" in request.form else []
