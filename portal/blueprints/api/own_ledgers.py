"""The dealer's own ledger: uploaded, compared with ours, answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext

from portal.blueprints.api.schemas.own_ledgers import (
    AnswerBody,
    OwnLedgerForm,
    OwnLedgerMade,
    OwnLedgerPage,
    OwnLedgerQuery,
    OwnLedgerShape,
)
from portal.kernel.errors import N_, Fault, Invalid
from portal.ledger.manifest import CHAPTER
from portal.ledger.vocabulary import LedgerRight
from portal.own_ledgers import queries
from portal.own_ledgers.answer_differences import answer_differences
from portal.own_ledgers.difference_rules import Kind
from portal.own_ledgers.queries import LedgerDetail, Shown
from portal.own_ledgers.sheets import SIZE_MAX
from portal.own_ledgers.stored import faults_of_json
from portal.own_ledgers.upload_ledger import upload_ledger
from portal.own_ledgers.vocabulary import OwnLedgerRight
from portal.statements.vocabulary import StatementRight
from portal.web.api.buyer import now_and_today
from portal.web.api.fields import PageQuery
from portal.web.api.operations import BODY_MAX, operation
from portal.web.api.reading import uploaded_file, uploaded_name
from portal.web.presentation import fix_in_words, in_words
from portal.web.request import current_actor, current_session

READERS = (StatementRight.READ, LedgerRight.READ)


@operation(
    "POST",
    "/own-ledger",
    tag=CHAPTER,
    rights=(OwnLedgerRight.COMPARE,),
    body=OwnLedgerForm,
    answers=OwnLedgerMade,
    status=202,
    creates=True,
    conflicts=True,
    takes_file=True,
    form_max=SIZE_MAX + BODY_MAX,
    located="/own-ledger/{id}",
    summary=N_("Compare an own ledger with ours"),
    about=N_(
        "Excel (also .xls) or CSV as Yonyou, Kingdee or anybody exports it. The columns are recognised; in "
        "the dealer's books our invoices are credits, a file in our view is recognised too. At most 20 MB "
        "and 200,000 rows. A worker compares it: ask for the result until it is `done`."
    ),
)
def create(body: OwnLedgerForm) -> dict[str, Any]:
    at, today = now_and_today()
    made = upload_ledger(
        current_session(),
        actor=current_actor(),
        name=uploaded_name(),
        content=uploaded_file() or b"",
        period=body.period or None,
        starts=True,
        today=today,
        at=at,
    )
    return {"id": made.number, "state": made.state}


@operation(
    "GET",
    "/own-ledger",
    tag=CHAPTER,
    rights=READERS,
    query=PageQuery,
    answers=OwnLedgerPage,
    summary=N_("Uploaded ledgers, the latest first"),
    about=N_("Headquarters sees those of the dealers in its regions."),
)
def index(query: PageQuery) -> dict[str, Any]:
    page = queries.ledgers(current_session(), actor=current_actor(), limit=query.limit, cursor=query.cursor)
    items = [
        {
            "id": one.number,
            "dealer": one.dealer_code,
            "state": one.state,
            "filename": one.filename,
            "uploaded_at": one.uploaded_at,
            "matched": one.matched,
            "difference_count": one.difference_count,
        }
        for one in page.items
    ]
    return {"items": items, "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/own-ledger/<number>",
    tag=CHAPTER,
    rights=READERS,
    query=OwnLedgerQuery,
    answers=OwnLedgerShape,
    summary=N_("What comparing a ledger came to"),
    about=N_("Differences by class, each with both documents; a page of them, 200 at most."),
)
def show(number: str, query: OwnLedgerQuery) -> dict[str, Any]:
    return _ledger(number, query.class_, query.limit, query.cursor)


@operation(
    "POST",
    "/own-ledger/<number>/answers",
    tag=CHAPTER,
    rights=(OwnLedgerRight.COMPARE, LedgerRight.POST),
    body=AnswerBody,
    answers=OwnLedgerShape,
    creates=True,
    conflicts=True,
    summary=N_("Accept or dispute differences, or remark something"),
    about=N_("For the side that calls. Answers can be changed until that side has signed the sheet."),
)
def answer(number: str, body: AnswerBody) -> dict[str, Any]:
    at, _ = now_and_today()
    session, actor = current_session(), current_actor()
    of = queries.ledger(session, actor=actor, number=number)
    seen = _seen(body) or queries.revisions(session, of=of, nos=body.differences)
    answer_differences(
        session, actor=actor, number=number, seen=seen, verdict=body.answer, said=body.text, at=at
    )
    return _ledger(number, None, 50, None)


def _seen(body: AnswerBody) -> list[tuple[int, int]]:
    """What the caller looked at, where it says so. Raises Invalid where the lists do not belong together."""
    if body.revisions is None:
        return []
    if len(body.revisions) != len(body.differences):
        message, fix = N_("There are not as many revisions as differences."), N_("Send one for each.")
        raise Invalid(faults=[Fault("/revisions", "revisions_count", message, fix)])
    return list(zip(body.differences, body.revisions, strict=True))


def _ledger(number: str, kind: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    session = current_session()
    found = queries.ledger(session, actor=current_actor(), number=number)
    if kind is not None and kind not in list(Kind):
        message, fix = N_("There is no such class."), N_("Take one of the classes of the answer.")
        raise Invalid(faults=[Fault("/class", "unknown_class", message, fix)])
    page = queries.differences(
        session, of=found, kind=Kind(kind) if kind else None, limit=limit, cursor=cursor
    )
    return _head(found) | {
        "differences": [_difference(one) for one in page.items],
        "next_cursor": page.next_cursor,
        "errors": [
            {"pointer": one.pointer, "code": one.code, "message": in_words(one), "fix": fix_in_words(one)}
            for one in faults_of_json(found.error)
        ],
    }


def _head(found: LedgerDetail) -> dict[str, Any]:
    return {
        "id": found.number,
        "state": found.state,
        "filename": found.filename,
        "uploaded_at": found.uploaded_at,
        "first_day": found.first_day,
        "last_day": found.last_day,
        "books": found.found_books,
        "lines": found.line_count,
        "matched": found.matched,
        "ours_sum": found.ours_sum,
        "theirs_sum": found.theirs_sum,
        "difference_count": found.difference_count,
        "superseded_by": found.superseded_by,
        "unsearched": found.result.get("proof", {}).get("unsearched", 0),
        "revision": found.revision,
    }


def _difference(one: Shown) -> dict[str, Any]:
    return {
        "no": one.no,
        "class": str(one.kind),
        "ours": _document(one.ours),
        "theirs": _document(one.theirs),
        "amount": one.amount,
        "confidence": f"{one.confidence // 100}.{one.confidence % 100:02d}",
        "dealer_answer": one.dealer_answer,
        "headquarters_answer": one.staff_answer,
        "revision": one.revision,
    }


def _document(docs: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The document that a difference is about; of one that was booked twice, the second."""
    if not docs:
        return None
    *others, one = docs
    text = one["text"] or " ".join(filter(None, (one.get("kind", ""), one.get("reference", ""))))
    return {
        "document": one["document"],
        "occurred_on": one["date"],
        "amount": one["amount"],
        "text": text,
        "row": int(one["row"]) if "row" in one else None,
        "others": [other["document"] or gettext("Row %(row)s", row=other.get("row", "")) for other in others],
    }
