"""PostgreSQL goes away while a page is being made: a 503, as a page or a part of one, that asks it for
nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import event

from portal.web.browser_session import recognised
from tests import cast

PAGES = [
    ("boss", "/"),
    ("boss", "/catalogue"),
    ("boss", "/catalogue/GLOVES"),
    ("boss", "/cart"),
    ("boss", "/orders"),
    ("boss", "/statements"),
    ("desk", "/hq/"),
    ("desk", "/hq/orders"),
    ("desk", "/hq/dealers"),
]
PEOPLE = {"boss": cast.huadong.boss, "desk": cast.order_desk}


def take_away(cluster, name: str) -> None:
    """End every session of a database and let nobody in any more, as a server that was stopped."""
    address = cluster.admin.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )


@pytest.fixture
def going_away(app, cluster, database_name):
    """``with going_away(): …``: the database answers who the visitor is, and no more."""

    @contextmanager
    def armed() -> Iterator[None]:
        gone = []

        def strike(*_: object) -> None:
            if recognised() is not None and not gone:
                gone.append(True)
                take_away(cluster, database_name)

        event.listen(app.database.engine, "before_cursor_execute", strike)
        yield
        event.remove(app.database.engine, "before_cursor_execute", strike)
        assert gone

    return armed


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_a_page_is_answered_with_503(sign_in, going_away, who, path):
    visitor = sign_in(PEOPLE[who])
    with going_away():
        answer = visitor.get(path)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "<html" in page and answer.headers["X-Request-ID"] in page


def test_a_part_of_a_page_and_a_form_are_answered_with_503_too(sign_in, going_away):
    visitor = sign_in(cast.huadong.boss)
    form = visitor.form({"sku": "GLOVES", "quantity": "1"})
    with going_away():
        part = visitor.fragment("/orders")
        sent = visitor.request("POST", "/cart", data=form)
    assert (part.status_code, sent.status_code) == (503, 503)
    assert "data-error-fragment" in part.get_data(as_text=True)
