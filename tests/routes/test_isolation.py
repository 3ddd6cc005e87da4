"""Every route as everybody who has no business there. What you may not see does not exist."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from pypdf import PdfReader
from werkzeug.test import TestResponse

from tests import cast
from tests.roles import Person, System
from tests.routes.url_map import BODIES, MAKES_ONES_OWN, NOBODYS, OWNED, PUBLIC, SHARED, Route, routes
from tests.web_clients import Caller

OURS, THEIRS = cast.huadong, cast.yuegang
RIVAL_PEOPLE = (*THEIRS.people, cast.south_manager, cast.south_desk)
STAFF = tuple(person for person in cast.staff if person.regions is None)
HOUSE = (*OURS.people, *STAFF)
HOUSE_SYSTEMS = (OURS.system, cast.erp)

_CHANGING = re.compile(rb'name="csrf_token" value="[^"]*"|X-CSRFToken[^}]*|\b[0-9a-f]{16,32}\b')


def sent_to(route: Route, who: Person | System | None, client_of, owned) -> TestResponse:
    """The answer to somebody at the address of something."""
    visitor = client_of(who)
    address = route.address(owned)
    if isinstance(visitor, Caller):
        body = {} if route.method == "GET" else {"json": BODIES.get(str(route), {})}
        return visitor.request(route.method, address.removeprefix("/api/v1"), **body)
    return (
        visitor.get(address)
        if route.method == "GET"
        else visitor.request(route.method, address, data=visitor.form())
    )


def rivals_at(route: Route) -> tuple[Person | System, ...]:
    """Who comes there without belonging to the dealer."""
    return (THEIRS.system,) if route.is_api else RIVAL_PEOPLE


def chosen(
    *,
    owned: bool | None = None,
    method: str | None = None,
    audience: set[str] | None = None,
    by_link: bool | None = None,
):
    """Parametrise a test by routes. by_link: opened by whoever holds a link, and by nobody else."""
    wanted = [
        route
        for route in routes()
        if owned in (None, route.is_owned)
        and method in (None, route.method)
        and (audience is None or route.audience in audience)
        and by_link in (None, "<token>" in route.rule)
    ]
    return pytest.mark.parametrize("route", wanted, ids=str)


@chosen()
def test_it_is_known_what_lies_at_every_address(route):
    unknown = [word for word in route.words if word not in OWNED | SHARED]
    assert not unknown, "say in tests/routes/url_map.py whose it is"


@chosen(owned=True)
def test_what_belongs_to_one_dealer_does_not_exist_for_a_rival(route, client_of, owned_numbers, fingerprint):
    before = fingerprint(OURS)
    for who in rivals_at(route):
        theirs, nobodys = (
            sent_to(route, who, client_of, owned_numbers[OURS.id]),
            sent_to(route, who, client_of, NOBODYS),
        )
        assert theirs.status_code in (403, 404) or str(route) in MAKES_ONES_OWN, who
        assert theirs.status_code == nobodys.status_code, who
        assert _plain(theirs, route, owned_numbers[OURS.id]) == _plain(nobodys, route, NOBODYS), who
    assert fingerprint(OURS) == before


def _plain(response: TestResponse, route: Route, owned) -> bytes:
    """The body without what differs from one request to the next, and without the address asked for."""
    body = response.get_data()
    for number in owned.values():
        body = body.replace(number.encode(), b"NUMBER")
    return _CHANGING.sub(b"", body)


@chosen(owned=True, method="GET", by_link=False)
def test_what_belongs_to_a_dealer_does_exist_for_somebody_of_the_house(route, client_of, owned_numbers):
    answers = {}
    for who in HOUSE_SYSTEMS if route.is_api else STAFF if route.audience == "staff" else HOUSE:
        answer = answers[who] = sent_to(route, who, client_of, owned_numbers[OURS.id])
        # A form for what cannot be done any more leads back to its document.
        if answer.status_code == 200 or (answer.status_code == 303 and answer.location != "/login"):
            return
    pytest.fail(f"nobody of the house comes there: {answers}")


@chosen(method="GET")
def test_no_page_of_a_rival_names_the_dealer(route, client_of, owned_numbers):
    owned = dict(owned_numbers[OURS.id])
    if "/hq/" in route.rule:
        del owned["recall"]  # headquarters' own document, whoever of the dealers has to answer it
    secrets = [OURS.name_zh, OURS.name_en, OURS.credit_code, *owned.values()]
    for who in rivals_at(route):
        answer = sent_to(route, who, client_of, owned_numbers[THEIRS.id])
        body = _text(answer)
        assert answer.status_code < 500, (who, body[:500])
        assert not [secret for secret in secrets if secret in body], who


def _text(answer: TestResponse) -> str:
    """What a reader of the answer sees, whether it is a page, data or paper."""
    if answer.mimetype == "application/pdf":
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.get_data())).pages)
    return answer.get_data().decode("utf-8", errors="replace")


@chosen()
def test_a_stranger_comes_to_the_public_places_only(route, client_of, owned_numbers):
    if route.endpoint in PUBLIC:
        return
    answer = sent_to(route, None, client_of, owned_numbers[OURS.id])
    assert answer.status_code in (302, 401), answer.status_code
    if answer.status_code == 302:
        assert answer.location.startswith("/login")


@chosen(audience={"staff"})
def test_headquarters_does_not_exist_for_dealers(route, client_of, owned_numbers):
    for who in (OURS.boss, THEIRS.buyer):
        assert sent_to(route, who, client_of, owned_numbers[OURS.id]).status_code == 404, who


@chosen(audience={"dealers"})
def test_the_dealers_pages_do_not_exist_for_headquarters(route, client_of, owned_numbers):
    for who in (cast.order_desk, cast.administrator):
        answer = sent_to(route, who, client_of, owned_numbers[OURS.id])
        assert answer.status_code == 404 or (route.rule == "/" and answer.location == "/hq/"), who
