"""Pictures and documents of products: proposed, approved by another of quality, then read by every dealer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.catalogue import documents
from portal.catalogue.documents import documents_of
from portal.catalogue.product_fields import Document
from portal.catalogue.vocabulary import DocumentKind
from portal.files.open_file import open_file
from portal.files.store import FolderStore
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, NotFound
from tests import cast
from tests.catalogue import acts
from tests.catalogue.acts import PUMP
from tests.files.acts import a_pdf, a_picture, upload

QUALITY, BUYER, RIVAL, MANAGER = (
    cast.quality.actor(),
    cast.huadong.buyer.actor(),
    cast.yuegang.buyer.actor(),
    cast.national_manager.actor(),
)


@pytest.fixture
def store(tmp_path) -> FolderStore:
    return FolderStore(tmp_path / "files")


def sent(database, store, name="泵.jpg", actor=QUALITY) -> str:
    content = a_picture() if name.endswith("jpg") else a_pdf()
    return upload(database, store, actor, name, content).id


def reads(database, store, actor, file_id) -> bool:
    try:
        with transaction(database.session_for(actor)) as session:
            open_file(session, actor=actor, store=store, file_id=file_id)
    except NotFound:
        return False
    return True


def with_documents(*files: tuple[str, str]):
    return replace(PUMP, documents=tuple(Document(DocumentKind(kind), file) for kind, file in files))


def in_force(database, actor=BUYER) -> list[tuple[str, str]]:
    with transaction(database.session_for(actor)) as session:
        return [(one.kind, one.id) for one in documents_of(session, "PUMP")]


def test_documents_are_read_by_dealers_once_another_has_approved_them(database, store):
    picture, manual = sent(database, store), sent(database, store, "说明书.pdf")
    fields = with_documents(("picture", picture), ("manual", manual))
    number = acts.submitted(database, fields=fields)
    assert in_force(database) == [] and not reads(database, store, BUYER, picture)
    assert reads(database, store, MANAGER, picture) and reads(database, store, QUALITY, manual)
    acts.entered(database, acts.approved(database, number))
    assert in_force(database) == in_force(database, RIVAL) == [("picture", picture), ("manual", manual)]
    assert all(reads(database, store, actor, manual) for actor in (BUYER, RIVAL, MANAGER))


def test_what_is_left_out_is_no_longer_read_and_what_stays_is_not_sent_again(database, store):
    first, second = sent(database, store), sent(database, store)
    acts.changed(database, fields=with_documents(("picture", first), ("picture", second)))
    acts.changed(database, fields=with_documents(("picture", second)))
    assert in_force(database) == [("picture", second)]
    assert not reads(database, store, BUYER, first) and reads(database, store, QUALITY, first)


def test_a_file_of_a_draft_that_was_replaced_never_shows(database, store):
    wrong, right = sent(database, store), sent(database, store)
    acts.proposed(database, fields=with_documents(("picture", wrong)))
    acts.changed(database, fields=with_documents(("picture", right)))
    assert reads(database, store, BUYER, right) and not reads(database, store, BUYER, wrong)


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_a_picture_is_a_picture(database, store, kind):
    fields = with_documents((kind, sent(database, store, "a.pdf")))
    if kind is DocumentKind.PICTURE:
        with pytest.raises(Invalid) as refusal:
            acts.proposed(database, fields=fields)
        assert [(one.pointer, one.code) for one in refusal.value.faults] == [("/documents", "no_picture")]
    else:
        assert acts.proposed(database, fields=fields)


def test_only_ones_own_uploads_and_the_products_own_files_are_proposed(database, store, monkeypatch):
    dealers = sent(database, store, actor=BUYER)
    colleagues = sent(database, store, actor=cast.quality_colleague.actor())
    mine = sent(database, store)
    other = replace(with_documents(("picture", mine)), udi_di="06901234520019")
    acts.changed(database, sku="OTHER", fields=other)
    for foreign in (dealers, colleagues, mine, "FI2611-00000000A"):
        with pytest.raises(Invalid) as refusal:
            acts.proposed(database, fields=with_documents(("picture", foreign)))
        assert {one.pointer for one in refusal.value.faults} == {"/documents"}
    monkeypatch.setattr(documents, "DOCUMENTS_MAX", 1)
    two = [("picture", sent(database, store)) for _ in range(2)]
    for many in (two, [two[0], two[0]]):
        with pytest.raises(Invalid):
            acts.proposed(database, fields=with_documents(*many))


def test_the_database_itself_takes_no_document_without_an_approved_change(database, store):
    file = sent(database, store)
    with (
        pytest.raises(ProgrammingError, match="no approved change"),
        transaction(database.session_for(QUALITY)) as session,
    ):
        session.execute(
            text(
                "INSERT INTO product_document (product_id, file_id, kind, place)"
                " SELECT id, :file, 'picture', 1 FROM product WHERE sku = 'GAUZE'"
            ),
            {"file": file},
        )
