"""Papers of dealers: read and reviewed by headquarters' systems; what expires."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.papers import CertificatePage
from portal.blueprints.api.papers import detail_of, expiring_page, summary_of
from portal.blueprints.api.schemas.papers import (
    EndBody,
    ExpiringPage,
    ExpiringQuery,
    PaperDecisionBody,
    PaperDetailShape,
    PaperPage,
    PapersQuery,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.papers import expiring as ending
from portal.papers import queries
from portal.papers.review_paper import accept_paper, refuse_paper, revoke_paper
from portal.papers.vocabulary import PaperRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session

READERS = (PaperRight.DESK,)
REVIEWERS = (PaperRight.REVIEW,)


@operation(
    "GET",
    "/hq/papers",
    tag=HEADQUARTERS,
    rights=READERS,
    query=PapersQuery,
    answers=PaperPage,
    summary=N_("Papers of dealers, the latest filed first"),
    about=N_("Of the dealers in the actor's regions."),
)
def index(query: PapersQuery) -> dict[str, Any]:
    page = queries.papers(
        current_session(),
        state=query.state or "",
        kind=query.kind or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [summary_of(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/papers/expiring",
    tag=HEADQUARTERS,
    rights=READERS,
    query=ExpiringQuery,
    answers=ExpiringPage,
    summary=N_("What of dealers expires"),
    about=N_("Papers and authorisations that expire soon or have expired without a successor."),
)
def expiring(query: ExpiringQuery) -> dict[str, Any]:
    return expiring_page(query)


@operation(
    "GET",
    "/hq/papers/certificates",
    tag=HEADQUARTERS,
    rights=READERS,
    query=ExpiringQuery,
    answers=CertificatePage,
    summary=N_("Registration certificates that expire"),
    about=N_("With the products under each; a certificate is changed with its product."),
)
def certificates(query: ExpiringQuery) -> dict[str, Any]:
    _, today = now_and_today()
    page = ending.certificates(
        current_session(),
        actor=current_actor(),
        today=today,
        days=query.days,
        limit=query.limit,
        cursor=query.cursor,
    )
    names = (
        *("registration_no", "registrant", "products", "sku", "ends_on", "days_left", "ask_by"),
        "renewal_asked_on",
    )
    items = [{name: getattr(one, name) for name in names} for one in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/papers/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=PaperDetailShape,
    summary=N_("One paper of a dealer"),
    about=N_("With its scans, what was decided, and what is odd about it while it waits."),
)
def show(number: str) -> dict[str, Any]:
    return detail_of(queries.paper(current_session(), number))


@operation(
    "POST",
    "/hq/papers/<number>/decision",
    tag=HEADQUARTERS,
    rights=REVIEWERS,
    body=PaperDecisionBody,
    answers=PaperDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Review a paper"),
    about=N_("Accepted, it counts from its first day on, and what it renews until the day before."),
)
def decide(number: str, body: PaperDecisionBody) -> dict[str, Any]:
    session = current_session()
    about: dict[str, Any] = {"actor": current_actor(), "number": number}
    if body.decision == "accept":
        accept_paper(session, revision=body.revision, at=clock.now(), **about)
    else:
        refuse_paper(session, revision=body.revision, reason=body.reason, at=clock.now(), **about)
    return detail_of(queries.paper(session, number))


@operation(
    "POST",
    "/hq/papers/<number>/revocation",
    tag=HEADQUARTERS,
    rights=REVIEWERS,
    body=EndBody,
    answers=PaperDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Revoke a paper"),
    about=N_("It counts until the named day; orders that need it are refused from the next on."),
)
def revoke(number: str, body: EndBody) -> dict[str, Any]:
    at, today = now_and_today()
    revoke_paper(
        current_session(),
        actor=current_actor(),
        number=number,
        revision=body.revision,
        ended_on=body.ended_on,
        reason=body.reason,
        today=today,
        at=at,
    )
    return detail_of(queries.paper(current_session(), number))
