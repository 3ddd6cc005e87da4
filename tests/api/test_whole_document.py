"""Every call of the document, asked as the document says and otherwise: no failure of ours, and every answer
in a status, type and form that the document promises. Seeded, so that the same is asked every time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.identity.rules import DEALER_ROLES, STAFF_ROLES
from portal.kernel.registry import Registry
from portal.web.api.operations import Operation
from tests import cast
from tests.api.contract import OPERATIONS
from tests.complaints.acts import a_reported_event
from tests.feed.acts import A_PDF
from tests.maintenance.acts import a_device_and_its_maintenance
from tests.own_ledgers.acts import a_compared_ledger
from tests.repairs.acts import a_repair_of
from tests.routes.url_map import NOBODYS, OWNED, SHARED, OwnedNumbers, Route, routes_of
from tests.webhooks.acts import a_message

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_AS_PROMISED, _OTHERWISE = 2, 1  # examples of a call
_GIVEN_MIN = 90  # answers that are no refusal: the test would prove little without
_TABLE = {(entry.method, entry.address): entry for entry in OPERATIONS}
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.fixture
def numbers(given, database) -> OwnedNumbers:
    """What a dealer owns, as far as it is made quickly; of the rest what nobody has."""
    delivery = given.a_delivery_of(given.an_order({cast.gloves: 2}, by=cast.huadong.buyer).number)
    return {
        **NOBODYS,
        "dealer": cast.huadong.code,
        "order": given.an_order({cast.gloves: 1}, by=cast.huadong.buyer).number,
        "shipment": delivery.shipment_number,
        "invoice": delivery.invoice_number,
        "payment": given.a_payment_by(cast.huadong, "3.21"),
        "entry": given.an_entry(dealers=[cast.huadong.code], file=A_PDF),
        "service request": a_repair_of(database, cast.huadong),
        "complaint": a_reported_event(database, cast.huadong),
        **a_message(database, cast.huadong),
        **a_device_and_its_maintenance(database, cast.huadong),
        "own ledger": a_compared_ledger(database, cast.huadong),
    }


@pytest.fixture
def tokens(app: Flask, system) -> dict[str, tuple[frozenset[str], str]]:
    """A program of a dealer and one of headquarters, each with every right that its people have."""
    of_dealer, of_staff = (_rights(app.declared, roles) for roles in (DEALER_ROLES, STAFF_ROLES))
    return {
        "dealer": (of_dealer, system(*sorted(of_dealer), dealer=cast.huadong).token),
        "headquarters": (of_staff, system(*sorted(of_staff)).token),
    }


@pytest.mark.timeout(900)
def test_every_call_answers_as_the_document_says(app, tokens, numbers):
    document = app.test_client().get("/api/v1/openapi.json").json
    addresses = {(route.method, _PARAMETER.sub(r"{\1}", route.rule)): route for route in routes_of(app)}
    broken: dict[str, str] = {}
    statuses: Counter[int] = Counter()
    asked = set()
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        key = (operation.method.upper(), operation.path)
        asked.add(key)
        callers = _callers(_TABLE[key], tokens)
        for mode, examples in _modes(_TABLE[key]):
            for status, trouble in _answers(app, operation, mode, examples, callers, addresses[key], numbers):
                statuses[status] += 1
                if trouble:
                    broken.setdefault(operation.label, trouble)
    assert asked == set(_TABLE)
    assert not broken, "\n\n".join(f"{label}: {trouble}" for label, trouble in broken.items())
    assert sum(count for status, count in statuses.items() if status < 300) >= _GIVEN_MIN, statuses


def _rights(declared: Registry, roles) -> frozenset[str]:
    return frozenset(str(right) for role in roles for right in declared.rights.get(role, ()))


def _callers(entry: Operation, tokens) -> list[str]:
    """Tokens of those who may call it."""
    return [token for rights, token in tokens.values() if not entry.rights or rights & set(entry.rights)]


def _modes(entry: Operation) -> Iterator[tuple[GenerationMode, int]]:
    """What is sent may be as promised or not; where nothing is sent, there is one way to ask."""
    sends = entry.body is not None or entry.query is not None
    yield GenerationMode.POSITIVE, _AS_PROMISED if sends else 1
    if sends:
        yield GenerationMode.NEGATIVE, _OTHERWISE


def _answers(
    app: Flask,
    operation: APIOperation,
    mode: GenerationMode,
    examples: int,
    callers: list[str],
    route: Route,
    numbers: OwnedNumbers,
) -> list[tuple[int, str]]:
    """Status of every answer, and what is wrong with it."""
    answered = []

    @seed(1)
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        case.path_parameters = _real(route, numbers)
        for token in callers:
            headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
            response = case.call(app=app, headers=headers)
            try:
                case.validate_response(response, checks=_CHECKS)
                answered.append((response.status_code, ""))
            except FailureGroup as failure:
                answered.append((response.status_code, str(failure)))

    ask()
    return answered


def _real(route: Route, numbers: OwnedNumbers) -> dict[str, str]:
    """The parameters of an address that leads to something."""
    names = _PARAMETER.findall(route.rule)
    return {
        name: numbers[OWNED[word]] if word in OWNED else SHARED[word]
        for name, word in zip(names, route.words, strict=True)
    }
