"""Headquarters' people answer for regions from a day on, and until one; from the next request on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.identity import queries
from portal.identity.colleagues import colleagues
from portal.identity.manage_person import change_roles
from portal.identity.rules import Role
from portal.identity.staff_regions import dated_regions, end_region, give_region
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.notifications.readers import readers_of
from tests import cast
from tests.shipping.acts import audited

DAY = timedelta(days=1)
ADMIN, MANAGER = cast.administrator, cast.south_manager


def gave(issuer, region="31", *, whom=MANAGER, since=cast.TODAY, until=None, by=ADMIN, why="接手"):
    with transaction(issuer.session_for(by.actor())) as session:
        give_region(
            session,
            actor=by.actor(),
            user_id=whom.id,
            region=region,
            valid_from=since,
            valid_to=until,
            reason=why,
            today=cast.TODAY,
            at=cast.NOW,
        )


def ended(issuer, region, *, whom=MANAGER, on=cast.TODAY, by=ADMIN, why="调岗"):
    with transaction(issuer.session_for(by.actor())) as session:
        end_region(
            session,
            actor=by.actor(),
            user_id=whom.id,
            region=region,
            valid_to=on,
            reason=why,
            today=cast.TODAY,
            at=cast.NOW,
        )


def regions(database, whom=MANAGER):
    with database.session_for(whom.actor()) as session:
        return set(queries.person(session, whom.id).region_ids)


def passes(owner, days):
    """What is dated lies some days back."""
    owner.execute(
        text("UPDATE staff_region SET valid_from = valid_from - :days, valid_to = valid_to - :days"),
        {"days": days},
    )


OWN = {cast.south.id, cast.guangdong.id}


def test_a_region_counts_from_its_day_on_and_until_another(database, issuer_database, owner, sign_in):
    manager = sign_in(MANAGER)
    gave(issuer_database, since=cast.TODAY + DAY, until=cast.TODAY + 3 * DAY)
    assert regions(database) == OWN and manager.get("/hq/dealers/huadong").status_code == 404
    passes(owner, 1)
    assert regions(database) == OWN | {cast.shanghai.id}
    assert manager.get("/hq/dealers/huadong").status_code == 200
    passes(owner, 2)
    assert regions(database) == OWN and manager.get("/hq/dealers/huadong").status_code == 404
    assert "user:region_given" in audited(owner, f"user:{MANAGER.id}")


def test_an_area_brings_what_lies_in_it(database, issuer_database):
    gave(issuer_database, "east")
    assert regions(database) == OWN | {cast.east.id, cast.shanghai.id, cast.jiangsu.id}
    with database.session_for(cast.quality.actor()) as session:
        [found] = [one for one in colleagues(session) if one.user_id == MANAGER.id]
    assert set(found.region_ids) == regions(database) and cast.east.id in found.held


def test_who_is_told_of_a_dealer_goes_by_the_days_too(database, issuer_database):
    def told():
        with database.system_session() as session:
            return {
                one.user_id for one in readers_of(session, event="claim.submitted", dealer_id=cast.huadong.id)
            }

    assert MANAGER.id not in told()
    gave(issuer_database)
    assert MANAGER.id in told()


def test_a_region_without_dates_is_given_an_end(database, issuer_database, owner):
    ended(issuer_database, "44", on=cast.TODAY + 2 * DAY)
    ended(issuer_database, "south", on=cast.TODAY)
    assert regions(database) == {cast.guangdong.id}
    passes(owner, 2)
    assert regions(database) == set()
    with pytest.raises(Conflict, match="none"):
        ended(issuer_database, "44")


def test_a_region_with_dates_ends_sooner(database, issuer_database):
    gave(issuer_database, until=cast.TODAY + 30 * DAY)
    ended(issuer_database, "31", on=cast.TODAY + DAY)
    with database.session_for(MANAGER.actor()) as session:
        assert [one.valid_to for one in dated_regions(session, user_id=MANAGER.id)] == [cast.TODAY + DAY]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"region": "nowhere"}, "/region regions"),
        ({"region": "44"}, "/region has"),
        ({"whom": cast.national_manager}, "/region regions"),
        ({"since": cast.TODAY - DAY}, "/valid_from past"),
        ({"until": cast.TODAY}, "/valid_to past"),
        ({"why": " "}, "/reason required"),
    ],
)
def test_what_is_no_region_of_somebody_is_refused(issuer_database, said, code):
    with pytest.raises(Invalid) as refusal:
        gave(issuer_database, **said)
    assert code in {f"{fault.pointer} {fault.code}" for fault in refusal.value.faults}


def test_the_same_region_is_not_given_twice_for_a_day(issuer_database):
    gave(issuer_database, until=cast.TODAY + 3 * DAY)
    with pytest.raises(Invalid):
        gave(issuer_database, since=cast.TODAY + 2 * DAY)
    gave(issuer_database, since=cast.TODAY + 3 * DAY)


def test_only_administrators_give_regions_and_not_to_themselves_or_to_dealers(issuer_database):
    for by in (cast.national_manager, cast.huadong.boss):
        with pytest.raises((Forbidden, NotFound)):
            gave(issuer_database, by=by)
    with pytest.raises(Forbidden, match="own_roles"):
        gave(issuer_database, whom=ADMIN)
    with pytest.raises(NotFound):
        gave(issuer_database, whom=cast.huadong.buyer)


def test_who_has_regions_with_dates_needs_none_without(issuer_database):
    def only(roles):
        with transaction(issuer_database.session_for(ADMIN.actor())) as session:
            change_roles(session, actor=ADMIN.actor(), user_id=MANAGER.id, roles=roles)

    with pytest.raises(Invalid):
        only([Role.CHANNEL_MANAGER])
    gave(issuer_database)
    only([Role.CHANNEL_MANAGER])


def test_they_are_given_and_ended_on_the_page_of_the_person(sign_in, database):
    admin = sign_in(ADMIN)
    listed = admin.get("/hq/people?q=south@hq").get_data(as_text=True)
    path = listed.partition(f">{MANAGER.display_name}</a>")[0].rpartition('href="')[2].rstrip('">')
    form = {"region": "31", "valid_from": cast.TODAY.isoformat(), "valid_to": "", "reason": "接手"}
    wrong = admin.post(f"{path}/regions", form | {"reason": ""})
    assert wrong.status_code == 422
    assert admin.post(f"{path}/regions", form).status_code == 303
    assert regions(database) == OWN | {cast.shanghai.id}
    end = {"region": "44", "valid_from": "", "valid_to": cast.TODAY.isoformat(), "reason": "调岗"}
    assert admin.post(f"{path}/regions/end", end).status_code == 303
    assert cast.guangdong.id in regions(database)  # it lies in the area that is left
    assert "接手" in admin.get(path).get_data(as_text=True)
