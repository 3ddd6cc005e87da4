"""Papers and authorisations of the dealer: filed, read, withdrawn; what expires."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.papers import (
    AuthorisationPage,
    ExpiringPage,
    ExpiringQuery,
    PaperBody,
    PaperDetailShape,
    PaperPage,
    PapersQuery,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.papers import authorisation_queries, queries
from portal.papers import expiring as ending
from portal.papers.authorisation_queries import AuthorisationDetail, AuthorisationRow
from portal.papers.expiring import ExpiringRow
from portal.papers.fault_rules import PaperFacts
from portal.papers.file_paper import file_paper, withdraw_paper
from portal.papers.manifest import CHAPTER
from portal.papers.queries import PaperDetail, PaperRow
from portal.papers.vocabulary import PaperRight
from portal.web.api.buyer import now_and_today
from portal.web.api.fields import PageQuery
from portal.web.api.operations import Answer, operation
from portal.web.paper_pages import remarks_of
from portal.web.presentation import in_full
from portal.web.request import current_actor, current_session

READERS = (PaperRight.READ,)
FILERS = (PaperRight.FILE,)


@operation(
    "GET",
    "/papers",
    tag=CHAPTER,
    rights=READERS,
    query=PapersQuery,
    answers=PaperPage,
    summary=N_("Papers of the dealer, the latest filed first"),
    about=N_("Licences, filings and what else headquarters keeps of the dealer."),
)
def index(query: PapersQuery) -> dict[str, Any]:
    page = queries.papers(
        current_session(),
        dealer_id=current_actor().own_dealer_id,
        state=query.state or "",
        kind=query.kind or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [summary_of(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/papers",
    tag=CHAPTER,
    rights=FILERS,
    body=PaperBody,
    answers=PaperDetailShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/papers/{number}",
    summary=N_("File a paper"),
    about=N_("It counts once quality has accepted it; what it renews counts until the day before."),
)
def create(body: PaperBody) -> Answer:
    at, today = now_and_today()
    facts = PaperFacts(
        body.kind,
        body.paper_no.strip(),
        body.issuer.strip(),
        tuple(body.category_codes),
        body.valid_from,
        body.valid_to,
        body.note,
        body.replaces or "",
    )
    number = file_paper(
        current_session(), actor=current_actor(), facts=facts, files=body.files, today=today, at=at
    )
    return Answer(detail_of(queries.paper(current_session(), number)), 201)


@operation(
    "GET",
    "/papers/expiring",
    tag=CHAPTER,
    rights=READERS,
    query=ExpiringQuery,
    answers=ExpiringPage,
    summary=N_("What of the dealer expires"),
    about=N_("Papers and authorisations that expire soon or have expired without a successor."),
)
def expiring(query: ExpiringQuery) -> dict[str, Any]:
    return expiring_page(query)


@operation(
    "GET",
    "/papers/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=PaperDetailShape,
    summary=N_("One paper"),
    about=N_("With its scans, what was decided, and what is odd about it while it waits."),
)
def show(number: str) -> dict[str, Any]:
    return detail_of(queries.paper(current_session(), number))


@operation(
    "POST",
    "/papers/<number>/withdrawal",
    tag=CHAPTER,
    rights=FILERS,
    answers=PaperDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Withdraw a paper"),
    about=N_("As long as nobody has reviewed it."),
)
def withdraw(number: str) -> dict[str, Any]:
    withdraw_paper(current_session(), actor=current_actor(), number=number, at=clock.now())
    return detail_of(queries.paper(current_session(), number))


@operation(
    "GET",
    "/authorisations",
    tag=CHAPTER,
    rights=READERS,
    query=PageQuery,
    answers=AuthorisationPage,
    summary=N_("Sales authorisations of the dealer"),
    about=N_("Those that another person at headquarters approved, the latest first."),
)
def authorisations(query: PageQuery) -> dict[str, Any]:
    page = authorisation_queries.authorisations(
        current_session(),
        dealer_id=current_actor().own_dealer_id,
        only_decided=True,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [authorisation_of(one) for one in page.items], "next_cursor": page.next_cursor}


def expiring_page(query: ExpiringQuery) -> dict[str, Any]:
    """A page of what expires, of whoever asks."""
    _, today = now_and_today()
    page = ending.expiring(
        current_session(),
        actor=current_actor(),
        today=today,
        days=query.days,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_ends(one) for one in page.items], "next_cursor": page.next_cursor}


def summary_of(one: PaperRow | PaperDetail) -> dict[str, Any]:
    """A paper as lists have it."""
    names = (
        "number",
        "kind",
        "state",
        "paper_no",
        "issuer",
        "valid_from",
        "valid_to",
        "ended_on",
        "filed_at",
    )
    return {**{name: getattr(one, name) for name in names}, "dealer": one.dealer_code}


def detail_of(found: PaperDetail) -> dict[str, Any]:
    """A paper as it is alone."""
    names = (
        "revision",
        "category_codes",
        "note",
        "replaces",
        "renewals",
        "reason",
        "end_reason",
        "decided_at",
    )
    return {
        **summary_of(found),
        **{name: getattr(found, name) for name in names},
        "files": [
            {"id": one.id, "name": one.name, "media_type": one.media_type, "size": one.size}
            for one in found.files
        ],
        "remarks": [{"code": one.code, "message": in_full(one)} for one in remarks_of(found)],
    }


def authorisation_of(one: AuthorisationRow | AuthorisationDetail) -> dict[str, Any]:
    """An authorisation as a dealer has it."""
    names = (
        *(
            "number",
            "state",
            "region_zh",
            "region_en",
            "category_codes",
            "hospitals",
            "valid_from",
            "valid_to",
        ),
        "ended_on",
    )
    return {**{name: getattr(one, name) for name in names}, "dealer": one.dealer_code}


def _ends(one: ExpiringRow) -> dict[str, Any]:
    names = ("number", "kind", "paper_no", "ends_on", "days_left", "is_renewed")
    return {**{name: getattr(one, name) for name in names}, "dealer": one.dealer_code}
