"""Two phones at once, a phone and a program, a phone and who withdraws its link: real connections, released
together by a barrier.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.deliveries.rules import Outcome
from portal.deliveries.sign_delivery import Signed
from portal.kernel.errors import Conflict
from tests import cast
from tests.deliveries.acts import decided, linked, revoked, signed, signed_at_the_door, taken_up
from tests.races import failures, together
from tests.shipping.acts import audited, picked, shipped

AGAIN = range(3)


@pytest.fixture
def under_way(given, database) -> str:
    """The number of a shipment of 15 units of gauze."""
    number = picked(database, given.an_order({cast.gauze: 15}).number).shipment_number
    shipped(database, number)
    return number


def lots(units: int):
    return (cast.gauze, "GZ-SHORT", units, 0)


def counts(owner) -> tuple[int, ...]:
    """Proofs, cases, letters, and entries of the audit that say received or signed."""
    return tuple(
        owner.execute(text(f"SELECT count(*) FROM {rows}")).scalar_one()
        for rows in (
            "delivery_proof",
            "delivery_case",
            "outbox WHERE topic = 'delivery_case.opened'",
            "audit_event WHERE action IN ('shipment:received', 'delivery:signed')",
        )
    )


@pytest.mark.parametrize("_again", AGAIN)
def test_two_phones_with_the_same_form_are_one_receipt(under_way, database, owner, _again):
    token = linked(database, under_way).token
    done = together(4, lambda _: signed_at_the_door(database, token, lots(13)))
    assert not failures(done)
    assert len({one.cases for one in done if isinstance(one, Signed)}) == 1
    assert counts(owner) == (1, 1, 1, 2)


@pytest.mark.parametrize("_again", AGAIN)
def test_of_two_phones_with_forms_of_their_own_one_signs(under_way, database, owner, _again):
    token = linked(database, under_way).token
    done = together(
        3, lambda place: signed_at_the_door(database, token, lots(12 + place), form_key=f"form-{place}")
    )
    assert [getattr(one, "code", None) for one in failures(done)] == ["link_used"] * 2
    assert counts(owner) == (1, 1, 1, 2)


@pytest.mark.parametrize("_again", AGAIN)
def test_a_program_that_confirms_all_and_a_phone_that_counts_are_one_receipt(
    under_way, database, owner, _again
):
    token = linked(database, under_way).token
    acts = (
        lambda: signed_at_the_door(database, token, lots(13)),
        lambda: signed(database, under_way, by=cast.huadong.system),
    )
    done = together(2, lambda place: acts[place]())
    assert len(failures(done)) <= 1  # the phone is told that it came second; the program that all is well
    assert all(getattr(one, "code", None) == "link_used" for one in failures(done))
    way = owner.execute(text("SELECT way FROM delivery_proof")).scalar_one()
    assert counts(owner)[1] == (1 if way == "link" else 0)


@pytest.mark.parametrize("_again", AGAIN)
def test_a_phone_and_who_withdraws_its_link_do_not_both_win(under_way, database, owner, _again):
    token = linked(database, under_way).token
    acts = (
        lambda: signed_at_the_door(database, token, lots(15)),
        lambda: revoked(database, under_way),
    )
    lost = failures(together(2, lambda place: acts[place]()))
    assert counts(owner)[0] == 1 - len(lost)
    # A link by which somebody has signed may be withdrawn too: what was signed stays, and is shown no more.
    assert not lost or "delivery_link:revoked" in audited(owner, under_way), (
        "only a withdrawn link is refused"
    )


@pytest.mark.parametrize("_again", AGAIN)
def test_links_made_at_once_are_one(under_way, database, owner, _again):
    people = (cast.huadong.buyer, cast.order_desk, cast.huadong.boss)
    made = together(3, lambda place: linked(database, under_way, by=people[place]))
    assert not failures(made)
    assert len({getattr(one, "token", None) for one in made}) == 1
    assert audited(owner, under_way).count("delivery_link:made") == 1


@pytest.mark.parametrize("_again", AGAIN)
def test_a_case_is_decided_once(under_way, database, owner, _again):
    (case,) = signed(database, under_way, lots(13)).cases
    outcomes = (Outcome.CREDIT, None, Outcome.RESEND)
    done = together(3, lambda place: decided(database, case, outcomes[place]))
    lost = failures(done)
    assert len(lost) == 2 and all(isinstance(one, Conflict) for one in lost)
    assert (
        owner.execute(text("SELECT count(*) FROM outbox WHERE topic = 'delivery_case.decided'")).scalar_one()
        == 1
    )


def test_a_case_taken_up_while_it_is_decided_stays_decided(under_way, database, owner):
    (case,) = signed(database, under_way, lots(13), at=cast.NOW - timedelta(days=1)).cases
    acts = (lambda: taken_up(database, case), lambda: decided(database, case, None))
    lost = failures(together(2, lambda place: acts[place]()))
    assert len(lost) <= 1
    assert owner.execute(text("SELECT state FROM delivery_case")).scalar_one() == "rejected"
