"""Files come in, are given to documents, and are handed out to whoever may read these."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.capabilities import CAPABILITIES
from portal.files import rules
from portal.files.attach import files_of, uploaded_files
from portal.files.open_file import open_file
from portal.files.preview_file import make_preview, open_preview
from portal.files.remove_draft import remove_draft
from portal.files.rules import Owner
from portal.files.scan import scanner_at
from portal.files.store import FolderStore, store_at
from portal.files.sweep import forget_drafts, sweep_store
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from portal.kernel.registry import install
from tests import cast
from tests.files.acts import DOCUMENTS, a_pdf, a_picture, attach, sample, upload, uploaded
from tests.races import failures, together

BUYER, COLLEAGUE, RIVAL = (
    cast.huadong.buyer.actor(),
    cast.huadong.finance.actor(),
    cast.yuegang.buyer.actor(),
)
QUALITY, MANAGER = cast.quality.actor(), cast.national_manager.actor()
LETTER = Owner("letter", "L-1", cast.huadong.id)


@pytest.fixture(autouse=True)
def documents() -> Iterator[None]:
    """A capability more, whose documents have files."""
    install([*CAPABILITIES, DOCUMENTS])
    yield
    install(CAPABILITIES)


@pytest.fixture
def store(tmp_path) -> FolderStore:
    return FolderStore(tmp_path / "files")


def opened(database, store, actor, file_id):
    with transaction(database.session_for(actor)) as session:
        return open_file(session, actor=actor, store=store, file_id=file_id)


def is_hidden(database, store, actor, file_id) -> bool:
    try:
        opened(database, store, actor, file_id)
    except NotFound:
        return True
    return False


def faults(refusal) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.code) for fault in refusal.value.faults}


def test_a_file_is_stored_and_told_in_the_audit(database, owner, store):
    file = upload(database, store, BUYER, "C:\\scans\\收据.pdf")
    assert (file.name, file.size) == ("收据.pdf", len(a_pdf()))
    assert file.sha256 == hashlib.sha256(a_pdf()).hexdigest()
    found = opened(database, store, BUYER, file.id)
    assert (found.content, found.media_type, found.name) == (a_pdf(), "application/pdf", "收据.pdf")
    row = owner.execute(text("SELECT * FROM stored_file")).one()
    assert (row.dealer_id, row.state, row.uploaded_by) == (cast.huadong.id, "draft", BUYER.key)
    told = owner.execute(
        text("SELECT actor, subject, dealer_id FROM audit_event WHERE action = 'file:uploaded'")
    )
    assert told.one() == (BUYER.key, file.id, cast.huadong.id)


def test_a_picture_of_a_phone_becomes_a_jpeg_without_its_place(database, store):
    file = upload(database, store, BUYER, "IMG_1.HEIC", sample("photo_gps.heic"))
    found = opened(database, store, BUYER, file.id)
    assert (file.name, found.media_type) == ("IMG_1.jpg", "image/jpeg")
    assert file.sha256 == hashlib.sha256(found.content).hexdigest() and file.size == len(found.content)


def test_who_may_not_upload_is_refused_before_anything_is_written(database, owner, store):
    with pytest.raises(Forbidden):
        upload(database, store, replace(BUYER, rights=frozenset()))
    with pytest.raises(Forbidden):
        upload(database, store, replace(QUALITY, rights=frozenset({"files:write"})))
    assert list(store.everything()) == [] and owner.scalar(text("SELECT count(*) FROM stored_file")) == 0


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("", a_pdf(), "no_file"),
        ("folder/", a_pdf(), "no_file"),
        ("a.pdf", b"", "empty_file"),
        ("a.pdf", b"%PDF-" + bytes(rules.SIZE_MAX), "file_too_large"),
        ("x" * 117 + ".pdf", a_pdf(), "file_name"),
        ("a\u202efdp.exe", a_pdf(), "file_name"),
        ("a\n.pdf", a_pdf(), "file_name"),
        ("a.html", b"<p>", "markup"),
    ],
)
def test_what_is_wrong_with_a_file_stands_beside_its_field_and_nothing_is_stored(
    database, store, name, content, code
):
    with pytest.raises(Invalid) as refusal:
        upload(database, store, BUYER, name, content)
    assert faults(refusal) == {("/file", code)}
    assert list(store.everything()) == []


def test_a_file_of_the_largest_size_is_taken(database, store):
    content = b"%PDF-".ljust(rules.SIZE_MAX - 6, b"x") + b"\n%%EOF"
    assert upload(database, store, BUYER, content=content).size == rules.SIZE_MAX == len(content)


def test_drafts_of_a_dealer_are_limited_together_those_of_staff_each(database, store, monkeypatch):
    monkeypatch.setattr(rules, "DRAFTS_MAX", 2)
    for actor in (BUYER, COLLEAGUE, RIVAL, QUALITY, QUALITY, MANAGER):
        upload(database, store, actor)
    for actor in (BUYER, QUALITY):
        with pytest.raises(Invalid) as refusal:
            upload(database, store, actor)
        assert faults(refusal) == {("/file", "too_many_drafts")}
    monkeypatch.setattr(rules, "DRAFT_BYTES_MAX", 2 * len(a_pdf()))
    upload(database, store, RIVAL)
    monkeypatch.setattr(rules, "DRAFTS_MAX", 3)
    with pytest.raises(Invalid):
        upload(database, store, RIVAL)


@pytest.mark.parametrize(("most", "size"), [(1, 500 * 2**20), (200, len(a_pdf()))])
@pytest.mark.parametrize("actor", [BUYER, QUALITY], ids=["dealer", "staff"])
def test_drafts_that_come_at_once_are_limited_too(database, store, monkeypatch, actor, most, size):
    monkeypatch.setattr(rules, "DRAFTS_MAX", most)
    monkeypatch.setattr(rules, "DRAFT_BYTES_MAX", size)
    both = threading.Barrier(2)  # each has been let in before one of them is written
    [refusal] = failures(together(2, lambda _: upload(database, store, actor, scan=lambda _: both.wait(60))))
    assert isinstance(refusal, Invalid)
    assert [fault.code for fault in refusal.faults] == ["too_many_drafts"]
    assert len(list(store.everything())) == 2  # the bytes of the other are swept


def test_a_draft_is_seen_by_its_dealer_and_one_of_staff_by_who_sent_it(database, store):
    draft, own = upload(database, store, BUYER).id, upload(database, store, QUALITY).id
    assert opened(database, store, COLLEAGUE, draft)
    assert [is_hidden(database, store, actor, draft) for actor in (RIVAL, QUALITY)] == [True, True]
    assert opened(database, store, QUALITY, own)
    assert [is_hidden(database, store, actor, own) for actor in (BUYER, MANAGER)] == [True, True]


def test_a_document_gets_its_files_in_their_order_and_shares_them_with_its_readers(database, owner, store):
    ids = [upload(database, store, BUYER, f"{name}.pdf").id for name in "cab"]
    assert attach(database, BUYER, ids, LETTER) == ["c.pdf", "a.pdf", "b.pdf"]
    more = upload(database, store, QUALITY, "d.pdf").id
    assert attach(database, QUALITY, [more], LETTER) == ["d.pdf"]
    with transaction(database.session_for(COLLEAGUE)) as session:
        assert [file.name for file in files_of(session, LETTER)] == ["c.pdf", "a.pdf", "b.pdf", "d.pdf"]
    with transaction(database.session_for(RIVAL)) as session:
        assert files_of(session, LETTER) == []
    for file_id in (*ids, more):
        assert opened(database, store, BUYER, file_id) and opened(database, store, MANAGER, file_id)
        assert is_hidden(database, store, RIVAL, file_id)
    told = owner.execute(
        text("SELECT subject, dealer_id, after FROM audit_event WHERE action = 'file:attached'")
    )
    assert {(one.subject, one.dealer_id) for one in told} == {("L-1", cast.huadong.id)}


def test_who_may_not_read_the_document_is_told_that_there_is_no_file(database, store):
    file = upload(database, store, BUYER).id
    attach(database, BUYER, [file], Owner("letter", "SECRET-1", cast.huadong.id))
    assert is_hidden(database, store, BUYER, file)


def test_files_of_a_shared_document_are_for_every_dealer_others_of_headquarters_for_none(database, store):
    poster, internal = upload(database, store, QUALITY).id, upload(database, store, QUALITY).id
    assert is_hidden(database, store, BUYER, poster)
    attach(database, QUALITY, [poster], Owner("poster", "P-1"))
    attach(database, QUALITY, [internal], Owner("letter", "L-9"))
    assert opened(database, store, BUYER, poster) and opened(database, store, MANAGER, internal)
    assert is_hidden(database, store, BUYER, internal)


def test_nobody_attaches_what_is_not_theirs_or_attached_already_and_nothing_happens_then(
    database, owner, store
):
    mine, theirs, staffs, taken = (
        upload(database, store, actor).id for actor in (BUYER, RIVAL, QUALITY, COLLEAGUE)
    )
    attach(database, BUYER, [taken], LETTER)
    with pytest.raises(Invalid) as refusal:
        attach(database, BUYER, [mine, theirs, staffs, taken, "nothing", mine], LETTER)
    assert faults(refusal) == {(f"/files/{place}", "unknown_file") for place in range(1, 6)}
    for actor in (MANAGER, QUALITY):
        with pytest.raises(Invalid):
            attach(database, actor, [mine], LETTER)
    states = owner.execute(text("SELECT id FROM stored_file WHERE state = 'kept'"))
    assert states.scalars().all() == [taken]


def test_a_document_has_no_more_files_than_anybody_looks_at(database, store, monkeypatch):
    monkeypatch.setattr(rules, "ATTACHED_MAX", 2)
    ids = [upload(database, store, BUYER).id for _ in range(3)]
    attach(database, BUYER, ids[:1], LETTER)
    with pytest.raises(Invalid) as refusal:
        attach(database, BUYER, ids[1:], LETTER)
    assert faults(refusal) == {("/files", "too_many_files")}
    assert attach(database, BUYER, ids[1:2], LETTER)


def test_of_two_documents_that_want_a_file_at_once_one_gets_it(database, store):
    file = upload(database, store, BUYER).id

    def give(place: int) -> list[str]:
        return attach(database, BUYER, [file], Owner("letter", f"L-{place}", cast.huadong.id))

    assert [type(one) for one in failures(together(2, give))] == [Invalid]


def test_a_form_shown_again_lists_what_was_sent_ahead(database, store):
    ids = [upload(database, store, BUYER, f"{name}.pdf").id for name in "ba"]
    foreign = upload(database, store, RIVAL).id
    with transaction(database.session_for(BUYER)) as session:
        found = uploaded_files(session, actor=BUYER, ids=[*ids, foreign, "nothing"])
    assert [file.name for file in found] == ["b.pdf", "a.pdf"]


def remove(database, actor, file_id) -> None:
    with transaction(database.session_for(actor)) as session:
        remove_draft(session, actor=actor, file_id=file_id)


def test_a_draft_is_taken_back_and_what_a_document_has_stays(database, owner, store):
    draft, kept = upload(database, store, BUYER).id, upload(database, store, BUYER).id
    attach(database, BUYER, [kept], LETTER)
    for actor in (RIVAL, QUALITY):
        with pytest.raises(NotFound):
            remove(database, actor, draft)
    with pytest.raises(Conflict):
        remove(database, BUYER, kept)
    remove(database, COLLEAGUE, draft)
    assert is_hidden(database, store, BUYER, draft)
    assert owner.scalars(text("SELECT id FROM stored_file")).all() == [kept]


@pytest.mark.parametrize("act", ["DELETE FROM stored_file", "UPDATE stored_file SET owner_number = 'L-2'"])
def test_not_even_the_owner_takes_a_file_off_its_document(database, owner, store, act):
    attach(database, BUYER, [upload(database, store, BUYER).id], LETTER)
    with pytest.raises(DBAPIError) as refusal:
        owner.execute(text(act))
    assert refusal.value.orig.sqlstate == "TL037"


def test_a_small_picture_is_made_beside_the_file_and_handed_out_like_it(database, store):
    file = upload(database, store, BUYER, "a.jpg", a_picture(size=(2000, 1000)))

    def small(actor):
        with transaction(database.session_for(actor)) as session:
            return open_preview(session, actor=actor, store=store, file_id=file.id)

    with pytest.raises(NotFound):
        small(BUYER)
    make_preview(store, file_id=file.id, media_type=file.media_type)
    assert 0 < len(small(BUYER)) < file.size
    with pytest.raises(NotFound):
        small(RIVAL)


def test_bytes_that_are_gone_are_an_outage_not_a_page_that_is_not_there(database, store):
    file = upload(database, store, BUYER)
    store.delete(file.id)
    with pytest.raises(Unavailable):
        opened(database, store, BUYER, file.id)


def test_an_upload_that_is_rolled_back_leaves_only_bytes_and_these_are_swept(database, owner, store):
    now = clock.now()
    with pytest.raises(RuntimeError), transaction(database.session_for(BUYER)) as session:
        uploaded(session, store, BUYER)
        raise RuntimeError
    kept = upload(database, store, BUYER, "a.jpg", a_picture())
    make_preview(store, file_id=kept.id, media_type=kept.media_type)
    store.put("FI2611-GONE00000.preview", b"x")
    assert len(list(store.everything())) == 4

    def swept(at):
        with transaction(database.system_session()) as session:
            return sweep_store(session, store=store, at=at)

    assert swept(now + timedelta(hours=20)) == 0  # a request may still be at it
    assert swept(now + timedelta(days=2)) == 2
    assert {one.key for one in store.everything()} == {kept.id, f"{kept.id}.preview"}


def test_drafts_that_nobody_attached_are_forgotten_after_a_week(database, store):
    at = clock.now()
    old, new, attached = (
        upload(database, store, BUYER, at=at - timedelta(days=days)).id for days in (8, 6, 8)
    )
    attach(database, BUYER, [attached], LETTER)
    with transaction(database.system_session()) as session:
        assert forget_drafts(session, at=at) == 1
    assert is_hidden(database, store, BUYER, old)
    assert opened(database, store, BUYER, new) and opened(database, store, BUYER, attached)


def test_a_folder_keeps_whole_files_only(tmp_path):
    store = store_at((tmp_path / "一 folder").as_uri())
    store.put("A-1", b"one")
    store.put("A-1", b"two")
    assert store.get("A-1") == b"two" and [one.key for one in store.everything()] == ["A-1"]
    assert [oct(path.stat().st_mode & 0o77) for path in tmp_path.rglob("*")] == ["0o0"] * 3
    store.delete("A-1")
    store.delete("A-1")
    with pytest.raises(FileNotFoundError):
        store.get("A-1")


def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path, monkeypatch):
    store = FolderStore(tmp_path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put("A-1", b"one")
    assert list(store.everything()) == []


@pytest.mark.parametrize("url", ["", "files", "file:relative", "file://host/x", "ftp://x/y"])
def test_a_store_has_an_address_that_is_understood(url):
    with pytest.raises(ValueError, match="files are kept"):
        store_at(url)


class Scanner:
    """A server that speaks the command INSTREAM of clamd and answers what it is told to."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.seen = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := int.from_bytes(stream.read(4), "big"):
                self.seen += stream.read(length)
            connection.sendall(self.answer)

    def close(self) -> None:
        self._thread.join(timeout=10)
        self._listening.close()


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        (b"stream: OK\0", None),
        (b"stream: Eicar-Test-Signature FOUND\0", Invalid),
        (b"INSTREAM size limit exceeded. ERROR\0", Unavailable),
        (b"", Unavailable),
    ],
)
def test_a_scanner_sees_every_byte_and_its_word_counts(database, store, answer, refused):
    scanner = Scanner(answer)
    content = a_pdf("x" * 200_000)
    try:
        if refused is None:
            upload(database, store, BUYER, content=content, scan=scanner_at(scanner.address))
        else:
            with pytest.raises(refused):
                upload(database, store, BUYER, content=content, scan=scanner_at(scanner.address))
            assert list(store.everything()) == []
    finally:
        scanner.close()
    assert scanner.seen == content


def test_without_the_scanner_that_is_set_nothing_is_taken(database, store):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        address = f"127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(Unavailable):
        upload(database, store, BUYER, scan=scanner_at(address))
    for wrong in ("here", "host:", ":3310", "host:x"):
        with pytest.raises(ValueError, match="host:port"):
            scanner_at(wrong)
