"""A dealer's deposits and refunds, write-offs, and what came from earlier books."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.account_documents import (
    AccountDocumentPage,
    AccountDocumentShape,
    AccountDocumentsQuery,
)
from portal.kernel.errors import N_
from portal.ledger.document_queries import DocumentPage, DocumentRow, account_document, account_documents
from portal.ledger.manifest import CHAPTER
from portal.statements.vocabulary import StatementRight
from portal.web.api.operations import operation
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/account-documents",
    tag=CHAPTER,
    rights=(StatementRight.READ,),
    query=AccountDocumentsQuery,
    answers=AccountDocumentPage,
    summary=N_("Deposits, refunds and other documents of the account, the latest first"),
    about=N_("A deposit is held for the dealer and lowers nothing that is owed until it is applied."),
)
def index(query: AccountDocumentsQuery) -> dict[str, Any]:
    page = account_documents(
        current_session(),
        kind=query.kind,
        dealer_id=current_actor().own_dealer_id,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [shown(row) for row in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/account-documents/<number>",
    tag=CHAPTER,
    rights=(StatementRight.READ,),
    answers=AccountDocumentShape,
    summary=N_("One of these documents"),
    about=N_("Of a deposit with what is still held of it."),
)
def show(number: str) -> dict[str, Any]:
    return shown(account_document(current_session(), number))


def shown(found: DocumentRow | DocumentPage) -> dict[str, Any]:
    """As both audiences see it."""
    is_reversed = found.is_reversed if isinstance(found, DocumentRow) else found.reversed_at is not None
    return {
        "number": found.number,
        "kind": found.kind,
        "source": found.source,
        "issued_on": found.issued_on,
        "due_on": found.due_on,
        "amount": found.amount,
        "left": found.left,
        "reversed": is_reversed,
    }
