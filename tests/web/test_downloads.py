"""The audit of a statement's downloads: what was sent, and nothing else."""

from __future__ import annotations

import pytest

from tests import cast
from tests.shipping.acts import audited
from tests.web.test_odd_input import statement_of_last_month


@pytest.fixture
def number(given) -> str:
    return statement_of_last_month(given)


@pytest.fixture(params=["dealer", "headquarters", "program"])
def ask(request, sign_in, api, number):
    """``ask(method, headers)``: the PDF through one of its three doors."""
    if request.param == "program":
        caller = api(cast.huadong.system)
        return lambda method, **headers: caller.request(method, f"/statements/{number}.pdf", headers=headers)
    person, path = {
        "dealer": (cast.huadong.finance, f"/statements/{number}.pdf"),
        "headquarters": (cast.hq_finance, f"/hq/closes/statements/{number}.pdf"),
    }[request.param]
    visitor = sign_in(person)
    return lambda method, **headers: visitor.request(method, path, headers=headers)


def downloads(owner, number) -> int:
    return audited(owner, number).count("statement:downloaded")


def test_a_paper_that_was_sent_is_in_the_audit_and_one_the_reader_had_is_not(ask, owner, number):
    sent = ask("GET")
    assert (sent.status_code, sent.data[:4], downloads(owner, number)) == (200, b"%PDF", 1)
    again = ask("GET", **{"If-None-Match": sent.headers["ETag"]})
    assert (again.status_code, again.data, downloads(owner, number)) == (304, b"", 1)
    changed = ask("GET", **{"If-None-Match": '"another"'})
    assert (changed.status_code, downloads(owner, number)) == (200, 2)


def test_who_asks_about_a_paper_has_not_downloaded_it(ask, owner, number):
    head = ask("HEAD")
    assert (head.status_code, head.data, downloads(owner, number)) == (200, b"", 0)
