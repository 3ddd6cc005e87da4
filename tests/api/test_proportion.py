"""What is sent costs in proportion to its size, and what is answered is bounded: entries are counted before
they are looked at.

Measured in processor time, which does not pass while the machine is busy elsewhere, against twenty times what
it takes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from portal.kernel.errors import Unreadable
from portal.web.api.fields import LINES_MAX
from portal.web.api.reading import parse
from portal.web.api.wording import COUNTED_MAX
from portal.web.error_handlers import FAULTS_MAX
from tests.api.contract import OPERATIONS, faults, refused

BODY = 2**20


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < seconds


def send(client, path: str, body: Any):
    return client.request(
        "POST", path, data=json.dumps(body, separators=(",", ":")), content_type="application/json"
    )


def shapes_sent() -> dict[str, type[BaseModel]]:
    """Every object that a body or a query may hold, by name."""
    found: dict[str, type[BaseModel]] = {}

    def enter(shape: Any) -> None:
        for part in (shape, *get_args(shape)):
            if isinstance(part, type) and issubclass(part, BaseModel) and part.__name__ not in found:
                found[part.__name__] = part
                for field in part.model_fields.values():
                    enter(field.annotation)
            elif part is not shape:
                enter(part)

    for operation in OPERATIONS:
        for shape in (operation.body, operation.query):
            if shape is not None:
                enter(shape)
    return found


def lists_of(shape: type[BaseModel]) -> list[str]:
    return [
        field.alias or name
        for name, field in shape.model_fields.items()
        if get_origin(field.annotation) is list
    ]


def test_every_list_that_is_sent_is_counted_before_its_entries():
    lists = [(shape, name) for shape in shapes_sent().values() for name in lists_of(shape)]
    assert {name for _, name in lists} >= {"lines", "quantities", "lots", "serials", "sku"}
    for shape, name in lists:
        with pytest.raises(ValidationError) as refusal:
            shape.model_validate({name: [object()] * 100_000}, context={LINES_MAX: 1000})
        found = [
            error
            for error in refusal.value.errors(include_input=False, include_url=False)
            if error["loc"][0] == name
        ]
        assert [error["loc"] for error in found] == [(name,)], (
            f"{shape.__name__}.{name}: give it a max_length"
        )


@pytest.mark.only_asks
@pytest.mark.parametrize("path", ["/orders", "/orders/validation", "/price-quotes"])
@pytest.mark.parametrize("line", [{}, 0, {"sku": "GLOVES", "quantity": 1}, {"sku": "NONE"}], ids=str)
def test_more_lines_than_anybody_may_order_are_one_fault(huadong, path, line):
    lines = [line] * ((BODY - 20) // (len(json.dumps(line, separators=(",", ":"))) + 1))
    with at_most(4):
        answer = send(huadong, path, {"lines": lines})
    assert faults(answer) == {"/lines": "too_many_lines"} and len(answer.data) < 2_000


@pytest.mark.only_asks
def test_an_answer_lists_so_many_faults_and_says_how_many_more_there_are(huadong):
    problem = refused(send(huadong, "/orders", {"lines": [{}] * 1000}), 422)
    assert len(problem["errors"]) == FAULTS_MAX + 1
    assert [fault["pointer"] for fault in problem["errors"][:3]] == [
        "/lines/0/quantity",
        "/lines/0/sku",
        "/lines/1/quantity",
    ]
    last = problem["errors"][-1]
    assert (
        (last["pointer"], last["code"]) == ("", "more_faults")
        and str(2000 - FAULTS_MAX) in last["message"]
        and last["fix"]
    )


@pytest.mark.only_asks
def test_as_many_faults_as_an_answer_lists_are_all_there(huadong):
    found = faults(
        send(
            huadong,
            "/orders",
            {"lines": [{"sku": f"NONE-{place}", "quantity": 1} for place in range(FAULTS_MAX)]},
        )
    )
    assert len(found) == FAULTS_MAX and set(found.values()) == {"unknown_sku"}


@pytest.mark.only_asks
@pytest.mark.parametrize(
    "body",
    [
        {f"k{number}": 1 for number in range(COUNTED_MAX + 1)},
        {"lines": [{f"k{number}": 1 for number in range(90)}] * 1000},
        {"lines": [], **{f"a/b~{number}": {} for number in range(50_000)}},
    ],
    ids=["members", "members of lines", "names that need escaping"],
)
def test_more_malformed_entries_than_anybody_could_mean_are_one_fault(huadong, body):
    with at_most(6):
        answer = send(huadong, "/orders", body)
    assert faults(answer) == {"": "malformed"} and len(answer.data) < 2_000


@pytest.mark.only_asks
@pytest.mark.parametrize("name", ["9" * 5000, "9" * 18, "²", "٣", "-1", ""], ids=lambda name: name[:5])
def test_a_member_may_have_any_name_and_is_refused_like_any_other(huadong, name):
    assert faults(send(huadong, "/orders", {"lines": [{"sku": "GLOVES", "quantity": 1}], name: 1})) == {
        f"/{name}": "unknown_field"
    }


@pytest.mark.parametrize(
    "write", [lambda: repeated(60_000), lambda: b"[" + repeated(2_000) + b"," + repeated(30_000) + b"]"]
)
def test_a_member_that_stands_twice_among_many_is_found_at_once(write: Callable[[], bytes]):
    data = write()
    with at_most(3), pytest.raises(Unreadable) as refusal:
        parse(data)
    assert refusal.value.code == "repeated_member" and refusal.value.params == {"key": "k7"}


def repeated(members: int) -> bytes:
    """An object of so many members, one of which stands twice."""
    return ("{" + ",".join(f'"k{number}":1' for number in range(members)) + ',"k7":2}').encode()


@pytest.mark.only_asks
def test_a_parcel_of_too_much_is_refused_entry_by_list(hq):
    for name in ("quantities", "lots", "serials"):
        body = {"order": "SO1", "carrier": "SF", "tracking_no": "1", name: [{}] * 200_000}
        with at_most(4):
            answer = send(hq, "/hq/shipments", body)
        assert faults(answer) == {f"/{name}": "too_many"}, name
    serials = [{"line": 1, "lot": "ST-1", "serials": ["x"] * 10_001}]
    answer = send(
        hq, "/hq/shipments", {"order": "SO1", "carrier": "SF", "tracking_no": "1", "serials": serials}
    )
    assert faults(answer) == {"/serials/0/serials": "too_many"}


@pytest.mark.only_asks
def test_a_query_of_too_much_is_one_fault(huadong):
    answer = huadong.get("/stock?" + "&".join(["sku="] * 5000))
    assert faults(answer) == {"/sku": "too_many"}
