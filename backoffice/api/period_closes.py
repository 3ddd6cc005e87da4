"""Months that headquarters closes."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.headquarters import ClosingBegun, ClosingBody, ClosingShape
from portal.kernel import clock
from portal.kernel.errors import N_, NotFound
from portal.ledger.vocabulary import LedgerRight
from portal.statements import queries
from portal.statements.begin_close import begin_close
from portal.statements.vocabulary import StatementRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session


@operation(
    "POST",
    "/hq/period-closes",
    tag=HEADQUARTERS,
    rights=(StatementRight.CLOSE,),
    body=ClosingBody,
    answers=ClosingBegun,
    status=202,
    creates=True,
    conflicts=True,
    located="/hq/period-closes/{period}",
    summary=N_("Start a month close"),
    about=N_("Nothing more is posted in it; jobs issue the statements. Location shows the progress."),
)
def close(body: ClosingBody) -> Answer:
    at, today = now_and_today()
    begun = begin_close(current_session(), actor=current_actor(), period=body.period, today=today, at=at)
    return Answer({"period": begun.period, "dealers": begun.dealers}, 202)


@operation(
    "GET",
    "/hq/period-closes/<period>",
    tag=HEADQUARTERS,
    rights=(LedgerRight.READ, StatementRight.CLOSE),
    answers=ClosingShape,
    summary=N_("Progress of a month close"),
    about=N_("`dealers` are due a statement; `done` have it, `failed` need somebody to look."),
)
def progress(period: str) -> dict[str, Any]:
    try:
        clock.first_day(period)
    except ValueError:
        raise NotFound() from None
    closing = queries.close_progress(current_session(), period=period, at=clock.now())
    return {
        "period": closing.period,
        "state": closing.state,
        "closing_at": closing.closing_at,
        "closed_at": closing.closed_at,
        "dealers": closing.progress.total,
        "done": closing.progress.done,
        "failed": closing.progress.failed,
    }
