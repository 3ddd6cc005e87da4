"""Months that headquarters closes."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.headquarters import ClosingBegun, ClosingBody, ClosingShape
from portal.kernel import clock
from portal.kernel.errors import N_, NotFound
from portal.ledger.vocabulary import LedgerRight
from portal.statements import queries
from portal.statements.begin_close import begin_close
from portal.statements.pause_close import pause_close, resume_close
from portal.statements.queries import Closing
from portal.statements.retry_close import retry_close
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
    return _shown(_known(period))


@operation(
    "POST",
    "/hq/period-closes/<period>/pause",
    tag=HEADQUARTERS,
    rights=(StatementRight.CLOSE,),
    answers=ClosingShape,
    conflicts=True,
    summary=N_("Pause a month close"),
    about=N_("No more statements are handed out; those at hand are finished."),
)
def pause(period: str) -> dict[str, Any]:
    _known(period)
    pause_close(current_session(), actor=current_actor(), period=period, at=clock.now())
    return _shown(_known(period))


@operation(
    "POST",
    "/hq/period-closes/<period>/resumption",
    tag=HEADQUARTERS,
    rights=(StatementRight.CLOSE,),
    answers=ClosingShape,
    conflicts=True,
    summary=N_("Go on with a month close"),
    about=N_("Where it was paused."),
)
def resume(period: str) -> dict[str, Any]:
    _known(period)
    resume_close(current_session(), actor=current_actor(), period=period)
    return _shown(_known(period))


@operation(
    "POST",
    "/hq/period-closes/<period>/retry",
    tag=HEADQUARTERS,
    rights=(StatementRight.CLOSE,),
    answers=ClosingShape,
    conflicts=True,
    summary=N_("Try the failed statements of a month close again"),
    about=N_("Once what they failed of is removed."),
)
def retry(period: str) -> dict[str, Any]:
    _known(period)
    retry_close(current_session(), actor=current_actor(), period=period)
    return _shown(_known(period))


def _known(period: str) -> Closing:
    try:
        clock.first_day(period)
    except ValueError:
        raise NotFound() from None
    return queries.close_progress(current_session(), period=period, at=clock.now())


def _shown(closing: Closing) -> dict[str, Any]:
    left = closing.progress.left
    return {
        "period": closing.period,
        "state": closing.state,
        "closing_at": closing.closing_at,
        "closed_at": closing.closed_at,
        "dealers": closing.progress.total,
        "done": closing.progress.done,
        "failed": closing.progress.failed,
        "paused_at": closing.paused_at,
        "paused_by": closing.paused_by,
        "seconds_left": None if left is None else int(left.total_seconds()),
    }
