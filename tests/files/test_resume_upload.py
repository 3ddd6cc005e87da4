"""A file that comes in pieces: over a line that breaks, each byte arrives once and in its place."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.files import rules
from portal.files.open_file import open_file
from portal.files.resume_upload import Upload, abandon_upload, add_piece, upload_so_far
from portal.files.scan import unscanned
from portal.files.store import FolderStore
from portal.files.sweep import forget_uploads, sweep_store
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, NotFound, Unavailable
from tests import cast
from tests.builders import a_lot
from tests.deliveries.acts import claim_of, linked
from tests.files.acts import a_pdf, a_picture, begun, upload
from tests.races import together
from tests.shipping.acts import picked, shipped

BUYER, COLLEAGUE, RIVAL, QUALITY = (
    cast.huadong.buyer.actor(),
    cast.huadong.finance.actor(),
    cast.yuegang.buyer.actor(),
    cast.quality.actor(),
)
CONTENT = a_pdf("x" * 1000)
MIDDLE = 400


@pytest.fixture
def store(tmp_path) -> FolderStore:
    return FolderStore(tmp_path / "files")


def sent(database, store, upload_id, offset, piece, actor=BUYER) -> Upload:
    with transaction(database.session_for(actor)) as session:
        return _add(session, store, upload_id, offset, piece, actor)


def _add(session, store, upload_id, offset, piece, actor=BUYER) -> Upload:
    given = {"scan": unscanned, "at": clock.now(), "upload_id": upload_id, "offset": offset, "piece": piece}
    return add_piece(session, actor=actor, store=store, **given)


def so_far(database, upload_id, actor=BUYER) -> Upload:
    with transaction(database.session_for(actor)) as session:
        return upload_so_far(session, actor=actor, upload_id=upload_id)


def read(database, store, file_id, actor=BUYER) -> bytes:
    with transaction(database.session_for(actor)) as session:
        return open_file(session, actor=actor, store=store, file_id=file_id).content


@pytest.mark.parametrize("length", [1_000_000, 500, 333, 1])
def test_pieces_of_any_length_make_the_file_as_it_was(database, store, length):
    content = CONTENT if length > 1 else a_pdf("x")
    upload_id = begun(database, BUYER, "收据.pdf", len(content))
    for offset in range(0, len(content), length):
        assert so_far(database, upload_id).offset == offset
        made = sent(database, store, upload_id, offset, content[offset : offset + length])
    assert made.file is not None and made.file.name == "收据.pdf"
    assert made.file.sha256 == hashlib.sha256(content).hexdigest()
    assert read(database, store, made.file.id) == content


def test_what_was_cut_in_the_middle_goes_on_where_it_was(database, store):
    upload_id = begun(database, BUYER, size=len(CONTENT))
    sent(database, store, upload_id, 0, CONTENT[:MIDDLE])
    with pytest.raises(RuntimeError), transaction(database.session_for(BUYER)) as session:
        _add(session, store, upload_id, MIDDLE, CONTENT[MIDDLE : 2 * MIDDLE])
        raise RuntimeError  # the process ends when the bytes are there and their row is not
    assert so_far(database, upload_id).offset == MIDDLE
    sent(database, store, upload_id, MIDDLE, CONTENT[MIDDLE : MIDDLE + 7])  # cut otherwise than before
    made = sent(database, store, upload_id, MIDDLE + 7, CONTENT[MIDDLE + 7 :])
    assert made.file is not None and read(database, store, made.file.id) == CONTENT


def test_a_piece_sent_twice_or_from_elsewhere_changes_nothing_and_says_where_to_go_on(database, owner, store):
    upload_id = begun(database, BUYER, size=len(CONTENT))
    for offset, piece in ((0, CONTENT[:MIDDLE]), (0, CONTENT[:MIDDLE]), (0, b"other"), (MIDDLE + 1, b"gap")):
        assert sent(database, store, upload_id, offset, piece).offset == MIDDLE
    made = sent(database, store, upload_id, MIDDLE, CONTENT[MIDDLE:])
    for offset in (0, MIDDLE, len(CONTENT)):
        assert sent(database, store, upload_id, offset, CONTENT[MIDDLE:]).file == made.file
    assert so_far(database, upload_id).file == made.file, "also when the answer was lost"
    assert owner.scalar(text("SELECT count(*) FROM stored_file")) == 1


def test_the_last_piece_sent_by_two_at_once_makes_one_file(database, owner, store):
    upload_id = begun(database, BUYER, size=len(CONTENT))
    made = together(2, lambda _: sent(database, store, upload_id, 0, CONTENT))
    assert made[0].file == made[1].file is not None
    assert owner.scalar(text("SELECT count(*) FROM stored_file")) == 1


def test_nobody_else_sees_or_goes_on_with_an_upload(database, store):
    mine, staffs = (begun(database, actor, size=len(CONTENT)) for actor in (BUYER, QUALITY))
    desk = cast.order_desk.actor()
    for upload_id, actor in ((mine, RIVAL), (mine, QUALITY), (staffs, BUYER), (staffs, desk)):
        with pytest.raises(NotFound):
            so_far(database, upload_id, actor)
        with pytest.raises(NotFound):
            sent(database, store, upload_id, 0, CONTENT, actor)
    assert so_far(database, mine, COLLEAGUE).offset == 0, "people of a dealer share what waits"


def test_whoever_holds_a_link_goes_on_with_its_own_photo_only(given, database, store):
    given.stock_of(cast.gauze, cast.shanghai_warehouse, a_lot("L1", 9))
    number = picked(database, given.an_order({cast.gauze: 2}).number).shipment_number
    shipped(database, number)
    door = claim_of(database, linked(database, number).token).actor("zh")
    content = a_picture()
    theirs, dealers = begun(database, door, "a.jpg", len(content)), begun(database, BUYER, size=9)
    sent(database, store, theirs, 0, content[:100], door)
    for upload_id, actor in ((dealers, door), (theirs, BUYER)):
        with pytest.raises(NotFound):
            so_far(database, upload_id, actor)
    assert sent(database, store, theirs, 100, content[100:], door).file is not None


@pytest.mark.parametrize(("offset", "piece"), [(0, b""), (0, CONTENT + b"more")])
def test_a_piece_of_nothing_or_beyond_the_end_is_refused(database, store, offset, piece):
    upload_id = begun(database, BUYER, size=len(CONTENT))
    with pytest.raises(Invalid) as refusal:
        sent(database, store, upload_id, offset, piece)
    assert refusal.value.faults[0].code == "piece_size"


def test_a_piece_has_a_largest_size(database, store, monkeypatch):
    monkeypatch.setattr(rules, "PIECE_MAX", 10)
    upload_id = begun(database, BUYER, size=len(CONTENT))
    with pytest.raises(Invalid):
        sent(database, store, upload_id, 0, CONTENT[:11])


def test_a_file_comes_in_so_many_pieces_and_no_more(database, owner, store, monkeypatch):
    monkeypatch.setattr(rules, "PIECES_MAX", 3)
    upload_id = begun(database, BUYER, size=len(CONTENT))
    for offset in range(3):
        assert sent(database, store, upload_id, offset, CONTENT[offset : offset + 1]).offset == offset + 1
    kept = list(store.everything())
    with pytest.raises(Invalid) as refusal:
        sent(database, store, upload_id, 3, CONTENT[3:])
    assert refusal.value.faults[0].code == "too_many_pieces"
    assert list(store.everything()) == kept


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [("", 9, "no_file"), ("a.pdf", 0, "empty_file"), ("a.pdf", 31 * 2**20, "file_too_large")],
)
def test_what_cannot_be_taken_is_refused_before_it_comes(database, name, size, code):
    with pytest.raises(Invalid) as refusal:
        begun(database, BUYER, name, size)
    assert refusal.value.faults[0].code == code


def test_a_whole_that_is_refused_makes_no_file(database, owner, store):
    upload_id = begun(database, BUYER, "a.pdf", 6)
    sent(database, store, upload_id, 0, b"MZ")
    with pytest.raises(Invalid) as refusal:
        sent(database, store, upload_id, 2, b"abcd")
    assert refusal.value.faults[0].code == "program"
    assert so_far(database, upload_id).offset == 2
    assert not owner.scalar(text("SELECT count(*) FROM stored_file"))


def test_what_comes_counts_as_what_waits(database, store, monkeypatch):
    monkeypatch.setattr(rules, "DRAFTS_MAX", 2)
    first = begun(database, BUYER, size=len(CONTENT))
    upload(database, store, BUYER)
    for more in (lambda: begun(database, COLLEAGUE), lambda: upload(database, store, BUYER)):
        with pytest.raises(Invalid) as refusal:
            more()
        assert refusal.value.faults[0].code == "too_many_drafts"
    begun(database, RIVAL)
    assert sent(database, store, first, 0, CONTENT).file is not None, "it has its room"
    monkeypatch.setattr(rules, "DRAFTS_MAX", 200)
    monkeypatch.setattr(rules, "DRAFT_BYTES_MAX", 3 * len(CONTENT))
    begun(database, BUYER, size=len(CONTENT))
    with pytest.raises(Invalid):
        begun(database, BUYER, size=len(CONTENT))


def test_what_nobody_goes_on_with_is_forgotten_and_its_pieces_are_swept(database, store):
    now = clock.now()
    old = begun(database, BUYER, size=len(CONTENT), at=now - timedelta(days=2))
    new = begun(database, BUYER, size=len(CONTENT))
    for upload_id in (old, new):
        sent(database, store, upload_id, 0, CONTENT[:MIDDLE])
    whole = begun(database, BUYER, size=len(CONTENT))
    made = sent(database, store, whole, 0, CONTENT)

    def swept(at) -> set[str]:
        with transaction(database.system_session()) as session:
            forget_uploads(session, at=now)
            sweep_store(session, store=store, at=at)
        return {one.key for one in store.everything()}

    assert swept(now) == {f"{old}.0", f"{new}.0", f"{whole}.0", made.file.id}
    assert swept(now + timedelta(days=2)) == {f"{new}.0", made.file.id}
    with pytest.raises(NotFound):
        so_far(database, old)
    assert sent(database, store, new, MIDDLE, CONTENT[MIDDLE:]).file is not None


def test_pieces_that_are_gone_are_an_outage_and_nothing_is_made(database, owner, store):
    upload_id = begun(database, BUYER, size=len(CONTENT))
    sent(database, store, upload_id, 0, CONTENT[:MIDDLE])
    store.delete(f"{upload_id}.0")
    with pytest.raises(Unavailable):
        sent(database, store, upload_id, MIDDLE, CONTENT[MIDDLE:])
    assert not owner.scalar(text("SELECT count(*) FROM stored_file"))


def test_an_upload_is_given_up(database):
    upload_id = begun(database, BUYER)
    with transaction(database.session_for(RIVAL)) as session, pytest.raises(NotFound):
        abandon_upload(session, actor=RIVAL, upload_id=upload_id)
    with transaction(database.session_for(BUYER)) as session:
        abandon_upload(session, actor=BUYER, upload_id=upload_id)
    with pytest.raises(NotFound):
        so_far(database, upload_id)
