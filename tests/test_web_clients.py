"""The fixtures of the web: people and programs come in through the doors of the portal."""

from __future__ import annotations

import pytest

from tests import cast


@pytest.mark.parametrize("person", [cast.huadong.buyer, cast.east_manager], ids=lambda person: person.email)
def test_a_person_signs_in_and_is_greeted_by_name(sign_in, person):
    page = sign_in(person).get("/", follow_redirects=True)
    assert page.status_code == 200
    assert person.display_name in page.get_data(as_text=True)


def test_a_program_gets_a_token_and_is_known(api):
    answer = api(cast.huadong.system).get("/me")
    assert answer.status_code == 200
    assert answer.json["dealer"]["code"] == cast.huadong.code


def test_the_live_server_serves_the_same_portal(live_server):
    import httpx

    assert httpx.get(f"{live_server}/healthz").status_code == 200
