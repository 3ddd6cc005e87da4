"""Photos of a delivery: sent by whoever holds the link, signed in, or by a program; and of a case."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.deliveries import rules
from portal.deliveries.add_photos import add_photos
from portal.deliveries.photos import CASE, PROOF
from portal.files import rules as file_rules
from portal.files.attach import files_of, uploaded_files
from portal.files.open_file import open_file
from portal.files.remove_draft import remove_draft
from portal.files.rules import Owner
from portal.files.store import FolderStore
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.builders import a_lot
from tests.deliveries.acts import claim_of, decided, linked, revoked, signed, signed_at_the_door
from tests.files.acts import a_pdf, a_picture, sample, upload
from tests.shipping.acts import picked, shipped

BUYER, RIVAL, DESK = cast.huadong.buyer.actor(), cast.yuegang.buyer.actor(), cast.order_desk.actor()


@pytest.fixture
def store(tmp_path) -> FolderStore:
    return FolderStore(tmp_path / "files")


@pytest.fixture
def number(given, database) -> str:
    """A shipment of gauze that is under way."""
    given.stock_of(cast.gauze, cast.shanghai_warehouse, a_lot("L1", 50))
    number = picked(database, given.an_order({cast.gauze: 15}).number).shipment_number
    shipped(database, number)
    return number


@pytest.fixture
def token(database, number) -> str:
    return linked(database, number).token or ""


@pytest.fixture
def door(database, token):
    """Who holds the link."""
    return claim_of(database, token).actor("zh")


def photo(database, store, actor, name="IMG_1.HEIC") -> str:
    return upload(database, store, actor, name, sample("photo_gps.heic")).id


def read(database, store, actor, file_id) -> str:
    with transaction(database.session_for(actor)) as session:
        return open_file(session, actor=actor, store=store, file_id=file_id).media_type


def is_hidden(database, store, actor, file_id) -> bool:
    try:
        read(database, store, actor, file_id)
    except NotFound:
        return True
    return False


def photos(database, number, actor=BUYER, kind=PROOF) -> list[str]:
    with transaction(database.session_for(actor)) as session:
        return [file.id for file in files_of(session, Owner(kind, number))]


def test_photos_at_the_door_are_kept_with_the_proof_and_read_by_both_sides(
    database, store, number, token, door
):
    ids = [photo(database, store, door) for _ in range(2)]
    signed_at_the_door(database, token, photos=tuple(ids))
    assert photos(database, number) == ids
    for actor in (BUYER, DESK, door):
        assert read(database, store, actor, ids[0]) == "image/jpeg"
    assert is_hidden(database, store, RIVAL, ids[0]) and photos(database, number, RIVAL) == []


def test_the_same_form_sent_again_keeps_the_photos_once(database, store, number, token, door):
    first = photo(database, store, door)
    for _ in range(2):
        signed_at_the_door(database, token, photos=(first,))
    late = photo(database, store, door)
    signed_at_the_door(database, token, photos=(first, late))
    assert photos(database, number) == [first]


def test_a_link_gives_nothing_of_the_dealers_files_and_the_dealer_nothing_of_the_links(
    database, store, number, token, door
):
    dealers, strangers = photo(database, store, BUYER), photo(database, store, door)
    assert is_hidden(database, store, door, dealers) and is_hidden(database, store, BUYER, strangers)
    with pytest.raises(Invalid) as refusal:
        signed_at_the_door(database, token, photos=(strangers, dealers))
    assert [fault.pointer for fault in refusal.value.faults] == ["/files/1"]
    with pytest.raises(Invalid):
        signed(database, number, photos=(strangers,))
    for actor, foreign in ((door, dealers), (BUYER, strangers)):
        with transaction(database.session_for(actor)) as session:
            assert uploaded_files(session, actor=actor, ids=[foreign]) == []
            with pytest.raises(NotFound):
                remove_draft(session, actor=actor, file_id=foreign)


def test_a_link_gives_nothing_of_another_shipment_of_the_same_dealer(given, database, store, number, token):
    other = picked(database, given.an_order({cast.gauze: 2}).number).shipment_number
    shipped(database, other)
    neighbour = claim_of(database, linked(database, other).token).actor("zh")
    theirs = photo(database, store, neighbour)
    with pytest.raises(Invalid):
        signed_at_the_door(database, token, photos=(theirs,))
    signed(database, other, photos=(photo(database, store, BUYER),))
    [kept] = photos(database, other)
    door = claim_of(database, token).actor("zh")
    assert is_hidden(database, store, door, kept), "of another shipment"
    assert is_hidden(database, store, neighbour, kept), "signed in the portal, not by the link"


def test_only_pictures_come_by_a_link_and_no_more_than_anybody_looks_at(
    database, owner, store, token, door, monkeypatch
):
    for name, content in (("a.pdf", a_pdf()), ("a.csv", b"a,b\n1,2\n")):
        with pytest.raises(Invalid) as refusal:
            upload(database, store, door, name, content)
        assert refusal.value.faults[0].code == "no_picture"
    monkeypatch.setattr(file_rules, "DOOR_DRAFTS_MAX", 2)
    for name in ("a.jpg", "b.jpg"):
        upload(database, store, door, name, a_picture())
    with pytest.raises(Invalid) as refusal:
        upload(database, store, door, "c.jpg", a_picture())
    assert refusal.value.faults[0].code == "too_many_drafts"
    upload(database, store, BUYER, "d.jpg", a_picture())
    assert owner.scalar(text("SELECT count(*) FROM stored_file")) == 3, "a stranger fills nobody else's room"


def test_a_proof_has_no_more_photos_than_it_may(database, store, number, token, door, monkeypatch):
    monkeypatch.setattr(rules, "PHOTOS_MAX", 1)
    ids = tuple(upload(database, store, door, f"{place}.jpg", a_picture()).id for place in range(2))
    with pytest.raises(Invalid) as refusal:
        signed_at_the_door(database, token, photos=ids)
    assert {(one.pointer, one.code) for one in refusal.value.faults} == {("/files", "too_many_photos")}
    assert photos(database, number) == []


def test_a_link_that_was_withdrawn_keeps_nothing(database, store, number, token, door):
    file = photo(database, store, door)
    revoked(database, number)
    with pytest.raises(Conflict):
        signed_at_the_door(database, token, photos=(file,))
    assert photos(database, number) == []


def add(database, actor, number, *files) -> None:
    with transaction(database.session_for(actor)) as session:
        add_photos(session, actor=actor, number=number, files=files)


def test_both_sides_add_photos_to_a_case_until_it_is_decided(database, store, number):
    [case] = signed(database, number, (cast.gauze, "L1", 14, 0)).cases
    mine, desks = (upload(database, store, actor, "a.jpg", a_picture()).id for actor in (BUYER, DESK))
    add(database, BUYER, case, mine)
    add(database, DESK, case, desks)
    assert photos(database, case, BUYER, CASE) == [mine, desks]
    assert read(database, store, BUYER, desks) and read(database, store, DESK, mine)
    assert is_hidden(database, store, RIVAL, mine) and is_hidden(database, store, RIVAL, desks)
    decided(database, case)
    late = upload(database, store, BUYER, "b.jpg", a_picture()).id
    with pytest.raises(Conflict):
        add(database, BUYER, case, late)


def test_nobody_else_adds_photos_and_none_are_none(database, store, number):
    [case] = signed(database, number, (cast.gauze, "L1", 14, 0)).cases
    rivals = upload(database, store, RIVAL, "a.jpg", a_picture()).id
    with pytest.raises(NotFound):
        add(database, RIVAL, case, rivals)
    with pytest.raises(Invalid):
        add(database, BUYER, case, rivals)
    with pytest.raises(Invalid):
        add(database, BUYER, case)
    with pytest.raises(Forbidden):
        add(database, cast.hq_finance.actor(), case)
    assert photos(database, case, DESK, CASE) == []
