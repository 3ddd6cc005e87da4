"""Files of a policy: attached to a draft, fixed by its submission, found by the dealers it is for."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import text

from tests import cast
from tests.builders import percent_off
from tests.feed.acts import A_PDF, feed_of
from tests.pricing import acts

NAME, PDF = A_PDF


@pytest.fixture
def manager(sign_in):
    return sign_in(cast.national_manager)


@pytest.fixture
def draft(given) -> int:
    return given.a_policy(percent_off(2, dealer=cast.huadong), published_at=None)


def attach(visitor, policy: int, revision: int = 1, name: str = NAME, content: bytes = PDF):
    data = {"revision": str(revision), "file": (io.BytesIO(content), name)}
    return visitor.post(f"/hq/policies/{policy}/files", data)


def names(owner, policy: int) -> list[str]:
    query = text("SELECT name FROM policy_attachment WHERE policy_id = :id ORDER BY place")
    return list(owner.execute(query, {"id": policy}).scalars())


def test_dealers_whom_it_is_for_find_the_file_once_it_is_published(manager, draft, database, sign_in):
    assert attach(manager, draft).status_code == 303
    assert manager.get(f"/hq/policies/{draft}/files/1").data == PDF
    buyer = sign_in(cast.huadong.buyer)
    assert buyer.get(f"/hq/policies/{draft}/files/1").status_code in (403, 404)
    acts.publish(database, revision=2, policy=draft)
    [entry] = feed_of(database, cast.huadong.buyer)
    assert entry.files == 1
    assert buyer.get(f"/feed/{entry.number}/files/1").data == PDF
    assert sign_in(cast.yuegang.buyer).get(f"/feed/{entry.number}/files/1").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", b"no such file"), ("a.png", PDF), ("", b""), ("a.html", b"<html>"), ("x" * 120 + ".pdf", PDF)],
)
def test_a_file_that_is_refused_stands_beside_its_field(manager, draft, owner, name, content):
    answer = attach(manager, draft, name=name, content=content)
    assert answer.status_code == 422 and 'href="#field-file"' in answer.get_data(as_text=True)
    assert names(owner, draft) == []


def test_an_eleventh_file_is_refused_and_a_place_that_is_free_is_used_again(manager, draft, owner):
    for place in range(10):
        assert attach(manager, draft, place + 1, name=f"{place}.pdf").status_code == 303
    assert attach(manager, draft, 11, name="10.pdf").status_code == 422
    removal = {"revision": 11, "place": 4}
    assert manager.post(f"/hq/policies/{draft}/files/removal", removal).status_code == 303
    assert attach(manager, draft, 12, name="new.pdf").status_code == 303
    assert names(owner, draft)[3] == "new.pdf" and len(names(owner, draft)) == 10


def test_an_overtaken_draft_and_one_that_is_submitted_keep_their_files(manager, draft, owner, database):
    attach(manager, draft)
    assert attach(manager, draft, 1, name="late.pdf").status_code == 409
    acts.submit(database, revision=2, policy=draft)
    removal = {"revision": 3, "place": 1}
    assert manager.post(f"/hq/policies/{draft}/files/removal", removal).status_code == 409
    assert names(owner, draft) == [NAME]
    with pytest.raises(Exception, match="keeps its files"):
        owner.execute(text("DELETE FROM policy_attachment WHERE policy_id = :id"), {"id": draft})


def test_who_writes_files_has_a_hand_in_it(draft, owner, sign_in):
    assert attach(sign_in(cast.national_colleague), draft).status_code == 303
    written = owner.execute(text("SELECT written_by FROM price_policy WHERE id = :id"), {"id": draft})
    assert f"user:{cast.national_colleague.id}" in written.scalar_one()


def test_another_regions_manager_attaches_nothing(draft, owner, sign_in):
    assert attach(sign_in(cast.south_manager), draft).status_code == 404
    assert names(owner, draft) == []


def test_the_next_version_begins_with_the_files_of_this_one(manager, draft, database, owner):
    attach(manager, draft)
    acts.publish(database, revision=2, policy=draft)
    answer = manager.post(f"/hq/policies/{draft}/draft")
    following = int(answer.headers["Location"].rstrip("/").rpartition("/")[2])
    assert names(owner, following) == [NAME]
