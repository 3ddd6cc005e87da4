"""The stage itself: what the fixtures promise."""

from __future__ import annotations

from sqlalchemy import text

from portal.dealers.queries import load_dealer
from tests import cast


def test_the_cast_stands_on_a_fresh_database(owner):
    assert owner.execute(text("SELECT count(*) FROM dealer")).scalar_one() == len(cast.dealers)


def test_a_dealers_session_sees_its_own_dealer_only(database):
    with database.session_for(cast.huadong.buyer.actor()) as session:
        assert session.execute(text("SELECT id FROM dealer")).scalars().all() == [cast.huadong.id]
        assert load_dealer(session, cast.huadong.id).region_path == (cast.east.id, cast.shanghai.id)


def test_settings_name_this_tests_own_servers(settings):
    assert "tonglu_test_" in settings.database_url.get_secret_value()
