"""Taking a shipment over: once, whoever is first, with what differs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.builders import a_lot
from tests.deliveries.acts import (
    STROKES,
    VALID,
    claim_of,
    link_seen,
    linked,
    revoked,
    signed,
    signed_at_the_door,
)
from tests.played import played
from tests.shipping.acts import audited, parcel, picked, received, shipped, status

LATER = cast.NOW + timedelta(days=3)


@played
def under_way(given, database, owner):
    """The order and the number of a shipment of gauze, 10 units of a lot and 5 of another."""
    soon = [cast.TODAY + timedelta(days=days) for days in (5, 6)]
    lots = a_lot("L1", 10, expires_on=soon[0]), a_lot("L2", 50, expires_on=soon[1])
    given.stock_of(cast.gauze, cast.shanghai_warehouse, *lots)
    order = given.an_order({cast.gauze: 15})
    number = picked(database, order.number).shipment_number
    shipped(database, number)
    return order.number, number


def cases(owner) -> list[tuple[str, str, str, int]]:
    found = owner.execute(
        text(
            "SELECT c.kind, l.lot_no, l.came_lot, l.quantity FROM delivery_case c"
            " JOIN delivery_case_line l ON (l.dealer_id, l.case_id) = (c.dealer_id, c.id)"
            " ORDER BY c.kind, l.lot_no"
        )
    )
    return [tuple(row) for row in found]


def proof(owner):
    return owner.execute(text("SELECT * FROM delivery_proof")).one()


def test_a_receipt_without_lines_says_that_all_arrived(under_way, database, owner):
    order, number = under_way
    done = signed(database, number)
    assert (done.received.order_status, done.cases) == ("received", ())
    kept = owner.execute(
        text("SELECT lot_no, shipped, received, damaged FROM delivery_proof_line ORDER BY 1")
    )
    assert [tuple(row) for row in kept] == [("L1", 10, 10, 0), ("L2", 5, 5, 0)]
    assert (proof(owner).signed_name, proof(owner).way) == (cast.huadong.buyer.display_name, "portal")
    assert status(owner, order) == "received"


def test_differences_open_a_case_of_each_kind(under_way, database, owner):
    _, number = under_way
    lots = ((cast.gauze, "L1", 8, 1), (cast.gauze, "L2", 2, 0), (cast.gauze, "X9", 4, 0))
    done = signed(database, number, *lots, note="外箱破损")
    assert cases(owner) == [
        ("damaged", "L1", "", 1),
        ("short", "L2", "", 1),
        ("wrong_lot", "L1", "X9", 2),
        ("wrong_lot", "L2", "X9", 2),
    ]
    assert len(done.cases) == 3 and all(one.startswith("DC") for one in done.cases)
    assert {tuple(audited(owner, one)) for one in done.cases} == {("delivery_case:opened",)}
    told = owner.execute(text("SELECT payload FROM outbox WHERE topic = 'delivery_case.opened'")).scalar_one()
    assert (told["shipment"], sorted(told["numbers"])) == (number, sorted(done.cases))
    assert proof(owner).note == "外箱破损"


def test_what_was_shipped_stays_what_the_books_say(under_way, database, owner):
    _, number = under_way
    before = parcel(owner, number)
    signed(database, number, (cast.gauze, "L1", 0, 0))
    assert parcel(owner, number) == before


def test_to_confirm_again_is_harmless_and_names_the_first_time_and_cases(under_way, database, owner):
    _, number = under_way
    first = signed(database, number, (cast.gauze, "L1", 8, 1))
    for again in (
        signed(database, number, (cast.gauze, "L1", 8, 1), at=LATER),
        signed(database, number, (cast.gauze, "L1", 8, 1), (cast.gauze, "L2", 5, 0), at=LATER),
        signed(database, number, at=LATER),
    ):
        assert again.received.repeated and again.received.received_at == cast.NOW
        assert sorted(again.cases) == sorted(first.cases)
    assert audited(owner, number).count("delivery:signed") == 1


@pytest.mark.parametrize(
    "lots",
    [
        [(cast.gauze, "L1", 9, 1)],
        [(cast.gauze, "L1", 8, 0)],
        [(cast.gauze, "L1", 8, 1), (cast.gauze, "L2", 4, 0)],
        [(cast.gauze, "L1", 8, 1), (cast.gauze, "X9", 1, 0)],
        [(cast.gauze, "L2", 5, 0)],
    ],
)
def test_other_quantities_than_the_first_are_a_conflict(under_way, database, owner, lots):
    _, number = under_way
    signed(database, number, (cast.gauze, "L1", 8, 1))
    before = cases(owner)
    with pytest.raises(Conflict) as refusal:
        signed(database, number, *lots, at=LATER)
    assert refusal.value.code == "received_otherwise"
    assert cases(owner) == before


def test_a_receipt_from_before_proofs_were_kept_stands_as_all(under_way, database):
    _, number = under_way
    received(database, number)
    assert signed(database, number, (cast.gauze, "L1", 10, 0)).received.repeated
    with pytest.raises(Conflict):
        signed(database, number, (cast.gauze, "L1", 9, 0))


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_kept(under_way, database, owner):
    order, number = under_way
    with pytest.raises(Invalid) as refusal:
        signed(
            database,
            number,
            (cast.gauze, "L1", 2, 3),
            (cast.gloves, "L1", 1, 0),
            signed_name="x" * 61,
            signature="[[601,1]]",
            note="x" * 501,
        )
    assert [one.pointer for one in refusal.value.faults] == [
        "/lines/0/damaged",
        "/lines/1/sku",
        "/signature",
        "/signed_by",
        "/note",
    ]
    assert status(owner, order) == "shipped"
    assert not cases(owner)


def test_the_first_of_two_parcels_leaves_the_order_on_its_way(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    for quantities in ({1: 10}, None):
        number = picked(database, order.number, quantities=quantities).shipment_number
        shipped(database, number)
    assert signed(database, number).received.order_status == "shipped"


def test_a_parcel_that_is_still_picked_is_not_received(given, database):
    number = picked(database, given.an_order({cast.gauze: 5}).number).shipment_number
    with pytest.raises(Conflict) as refusal:
        signed(database, number)
    assert refusal.value.code == "not_shipped"


@pytest.mark.parametrize("person", [cast.huadong.finance, cast.huadong.service, cast.order_desk])
def test_nobody_signs_who_may_not(under_way, database, person):
    with pytest.raises(Forbidden):
        signed(database, under_way[1], by=person)


def test_a_rivals_shipment_does_not_exist(under_way, database, owner):
    with pytest.raises(NotFound):
        signed(database, under_way[1], by=cast.yuegang.buyer)
    with pytest.raises(NotFound):
        linked(database, under_way[1], by=cast.yuegang.buyer)
    assert not owner.execute(text("SELECT count(*) FROM delivery_proof")).scalar_one()


def test_somebody_at_the_door_signs_and_is_told_apart_in_the_audit(under_way, database, owner):
    order, number = under_way
    link = linked(database, number)
    signed_at_the_door(database, link.token, (cast.gauze, "L1", 10, 2), signature=STROKES)
    kept = proof(owner)
    assert (kept.way, kept.signed_name, kept.signed_by) == ("link", "王收货", f"link:{number}")
    assert kept.signature == [[10, 20, 60, 80, 120, 30], [200, 100]]
    acts = owner.execute(text("SELECT DISTINCT action, dealer_id FROM audit_event WHERE actor LIKE 'link:%'"))
    assert {tuple(row) for row in acts} == {
        ("shipment:received", cast.huadong.id),
        ("delivery:signed", cast.huadong.id),
        ("delivery_case:opened", cast.huadong.id),
    }
    assert status(owner, order) == "received"


def test_a_name_is_needed_at_the_door_and_a_signature_is_not(under_way, database, owner):
    link = linked(database, under_way[1])
    with pytest.raises(Invalid):
        signed_at_the_door(database, link.token, name=" ")
    signed_at_the_door(database, link.token)
    assert proof(owner).signature is None


def test_the_same_form_sent_again_is_answered_like_the_first_time(under_way, database, owner):
    link = linked(database, under_way[1])
    first = signed_at_the_door(database, link.token, (cast.gauze, "L1", 9, 0))
    again = signed_at_the_door(database, link.token, (cast.gauze, "L1", 9, 0), at=LATER)
    assert again.cases == first.cases
    assert again.received.received_at == cast.NOW
    assert len(cases(owner)) == 1


@pytest.mark.parametrize(
    "lots",
    [
        [(cast.gauze, "L1", 8, 0)],
        [(cast.gauze, "L1", 9, 1)],
        [(cast.gauze, "L1", 9, 0), (cast.gauze, "X9", 1, 0)],
    ],
)
def test_another_count_under_the_key_of_the_form_is_no_second_sending(under_way, database, owner, lots):
    _, number = under_way
    link = linked(database, number)
    signed_at_the_door(database, link.token, (cast.gauze, "L1", 9, 0))
    before = cases(owner)
    for sent in (
        lambda: signed_at_the_door(database, link.token, *lots, at=LATER),
        lambda: signed(database, number, *lots, form_key="form-1", at=LATER),
    ):
        with pytest.raises(Conflict) as refusal:
            sent()
        assert refusal.value.code == "received_otherwise"
    assert cases(owner) == before


def test_a_used_link_is_over_when_it_expires_or_is_withdrawn(under_way, database, owner):
    number = under_way[1]
    link = linked(database, number)
    signed_at_the_door(database, link.token)
    assert link_seen(database, number, at=cast.NOW + VALID - timedelta(seconds=1)) == "used"
    assert link_seen(database, number, at=cast.NOW + VALID) == "expired"
    with pytest.raises(Conflict) as refusal:
        signed_at_the_door(database, link.token, at=cast.NOW + VALID)
    assert refusal.value.code == "link_expired"
    revoked(database, number, by=cast.order_desk)
    assert link_seen(database, number) == "revoked"
    assert audited(owner, number).count("delivery_link:revoked") == 1


@pytest.mark.parametrize("key", ["form-2", ""])
def test_a_used_link_takes_no_other_form(under_way, database, owner, key):
    link = linked(database, under_way[1])
    signed_at_the_door(database, link.token, form_key="form-1" if key else "")
    with pytest.raises(Conflict) as refusal:
        signed_at_the_door(database, link.token, form_key=key, name="别人")
    assert refusal.value.code == "link_used"
    assert proof(owner).signed_name == "王收货"


def test_a_link_ends_when_the_dealer_confirms_first(under_way, database):
    link = linked(database, under_way[1])
    signed(database, under_way[1])
    with pytest.raises(Conflict) as refusal:
        signed_at_the_door(database, link.token)
    assert refusal.value.code == "link_used"


def test_a_link_is_over_when_it_is_withdrawn_or_made_anew(under_way, database, owner):
    number = under_way[1]
    first = linked(database, number)
    revoked(database, number)
    revoked(database, number)
    assert link_seen(database, number) == "revoked"
    second = linked(database, number, by=cast.order_desk)
    assert second.token != first.token
    with pytest.raises(Conflict) as refusal:
        signed_at_the_door(database, first.token)
    assert refusal.value.code == "link_revoked"
    signed_at_the_door(database, second.token)
    assert audited(owner, number).count("delivery_link:revoked") == 1


def test_a_link_expires(under_way, database):
    link = linked(database, under_way[1])
    with pytest.raises(Conflict) as refusal:
        signed_at_the_door(database, link.token, at=cast.NOW + VALID)
    assert refusal.value.code == "link_expired"
    anew = linked(database, under_way[1], at=cast.NOW + VALID)
    assert anew.token != link.token


def test_an_open_link_is_made_once_and_shown_to_both_sides(under_way, database, owner):
    number = under_way[1]
    tokens = {linked(database, number, by=by).token for by in (cast.huadong.buyer, cast.order_desk)}
    assert len(tokens) == 1
    assert audited(owner, number).count("delivery_link:made") == 1


def test_no_link_leads_to_what_is_still_here_or_has_arrived(given, under_way, database):
    picking = picked(database, given.an_order({cast.gauze: 5}).number).shipment_number
    received(database, under_way[1])
    for number in (picking, under_way[1]):
        with pytest.raises(Conflict) as refusal:
            linked(database, number)
        assert refusal.value.code == "not_under_way"


def test_no_row_of_the_database_tells_the_token(under_way, database, owner):
    link = linked(database, under_way[1])
    row = " ".join(map(str, owner.execute(text("SELECT * FROM delivery_link")).one()))
    told = owner.execute(text("SELECT string_agg(a::text, ' ') FROM audit_event a")).scalar_one()
    assert link.token and link.token not in row + told


def test_a_token_of_one_shipment_opens_no_other(given, under_way, database):
    claim = claim_of(database, linked(database, under_way[1]).token)
    assert (claim.dealer_id, claim.shipment_number) == (cast.huadong.id, under_way[1])
    with pytest.raises(NotFound):
        claim_of(database, "A" + (linked(database, under_way[1]).token or "")[1:])


@pytest.mark.parametrize("person", [cast.huadong.finance, cast.huadong.service, cast.hq_finance])
def test_nobody_makes_links_who_may_not(under_way, database, person):
    with pytest.raises(Forbidden):
        linked(database, under_way[1], by=person)


@pytest.mark.parametrize("table", ["delivery_proof", "delivery_proof_line", "delivery_case_line"])
def test_what_was_signed_is_never_changed(under_way, database, table):
    signed(database, under_way[1], (cast.gauze, "L1", 8, 0))
    with pytest.raises(DBAPIError), transaction(database.system_session()) as session:
        session.execute(text(f"DELETE FROM {table}"))
