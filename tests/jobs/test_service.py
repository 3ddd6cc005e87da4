"""Who is told of a service request, in whose words, and where it leads: dealers, and who answers for them."""

from __future__ import annotations

import pytest

from portal.identity.rules import Role
from tests import cast, stage
from tests.jobs.test_mail import body
from tests.roles import Person
from tests.service.acts import opened, resolved, said, taken

SOUTH = Person(9001, "service-south@hq.example", "南区客服", (Role.SERVICE_DESK,), regions=(cast.south,))


@pytest.fixture(autouse=True)
def desk_of_the_south(owner):
    stage.put_people(owner, [SOUTH])


def test_whoever_asked_is_told_of_an_answer(database, letters):
    number = opened(database)
    taken(database, number)
    resolved(database, number)
    [message] = letters(cast.huadong.service)
    assert number in message["Subject"] and f"/service-requests/{number}" in body(message)
    assert not letters(cast.yuegang.service)


def test_who_has_it_is_told_that_the_dealer_wrote(database, letters):
    number = opened(database)
    taken(database, number, by=cast.technician)
    said(database, number)
    [message] = letters(cast.technician)
    assert f"/hq/service-requests/{number}" in body(message)
    assert not letters(cast.service_desk)


def test_what_nobody_has_is_told_to_the_desk_that_answers_for_the_dealer(database, letters):
    number = opened(database)
    said(database, number)
    assert letters(cast.service_desk) and not letters(SOUTH), number
