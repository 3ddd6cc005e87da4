"""Who does nothing is signed out on the server too; what a page asks for by itself is no sign of life."""

from __future__ import annotations

import pytest

from portal.web import idle
from tests import cast
from tests.shared_portal import opened
from tests.web_clients import Visitor


@pytest.fixture
def clock(monkeypatch):
    """Seconds since the epoch, as the portal sees them."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(idle.time, "time", lambda: now[0])
    return now


@pytest.fixture
def boss(app, clock):
    visitor = Visitor(app)
    visitor.come_in(cast.huadong.boss)
    visitor.get("/account")
    return visitor


LIMIT = 60 * 60 + 60


def test_who_was_away_for_too_long_signs_in_again(boss, clock):
    clock[0] += LIMIT
    assert boss.get("/account").status_code == 200
    clock[0] += LIMIT + 1
    answer = boss.get("/account")
    assert (answer.status_code, answer.location) == (302, "/login?next=/account")


def test_every_page_counts_and_the_cookie_is_written_once_a_minute(boss, clock):
    for _ in range(3):
        clock[0] += LIMIT - 60
        assert boss.get("/account").status_code == 200
    clock[0] += 30
    assert "Set-Cookie" not in boss.get("/account").headers


def test_what_the_page_asks_for_by_itself_keeps_nobody_in(boss, clock):
    for _ in range(4):
        clock[0] += LIMIT / 3
        answer = boss.fragment("/catalogue")
    assert answer.status_code == 401
    assert "data-error-fragment" in answer.get_data(as_text=True)
    assert 'name="password"' not in answer.get_data(as_text=True)


def test_who_types_says_so(boss, clock):
    for _ in range(3):
        clock[0] += LIMIT - 60
        assert boss.post("/account/alive").status_code == 204
    assert boss.get("/account").status_code == 200


def test_an_old_copy_of_the_cookie_is_worth_nothing(app, boss, clock):
    copied = boss._http.get_cookie("session").value
    for _ in range(2):
        clock[0] += LIMIT - 60
        assert boss.get("/account").status_code == 200
    thief = Visitor(app)
    thief._http.set_cookie("session", copied)
    assert thief.get("/account").status_code == 302


def test_a_page_that_waited_in_vain_ends_the_session(boss):
    answer = boss.post("/account/idle")
    assert (answer.status_code, "Clear-Site-Data" in answer.headers) == (204, False)
    assert boss.get("/account").status_code == 302


def test_the_page_knows_when_to_warn(boss):
    page = boss.get("/account").get_data(as_text=True)
    assert 'data-idle="3600"' in page and 'data-idle-warning="180"' in page


def test_can_be_switched_off(settings, clock):
    with opened(settings.model_copy(update={"idle_minutes": 0})) as app:
        visitor = Visitor(app)
        visitor.come_in(cast.huadong.boss)
        visitor.get("/account")
        clock[0] += 6 * 3600
        assert visitor.get("/account").status_code == 200
        assert 'id="idle"' not in visitor.get("/account").get_data(as_text=True)
