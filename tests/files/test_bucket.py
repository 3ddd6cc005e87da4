"""Files in a bucket, asked of a server that speaks S3."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest

from portal.files.bucket_store import BucketStore
from portal.files.open_file import open_file
from portal.files.preview_file import make_preview, open_preview
from portal.files.store import store_at
from portal.files.sweep import sweep_store
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import NotFound, Unavailable
from tests import cast
from tests.files.acts import a_picture, upload
from tests.files.s3_server import serving

BUYER, RIVAL = cast.huadong.buyer.actor(), cast.yuegang.buyer.actor()
LARGE = bytes(range(256)) * 40_000  # more than stores take in one part of many


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving("tonglu") as address:
        yield address


@pytest.fixture
def of_bucket(address, monkeypatch, request):
    """Opens a place of its own in a bucket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    def opened(bucket="tonglu", prefix=None, at=address) -> BucketStore:
        place = request.node.name if prefix is None else prefix
        return store_at(f"s3://{bucket}/{place}?endpoint={at}&region=cn-north-1")

    return opened


def keys(store) -> set[str]:
    return {one.key for one in store.everything()}


def test_what_is_put_is_got_whole_and_put_again(of_bucket):
    store = of_bucket()
    for content in (b"one", b"", LARGE, b"two"):
        store.put("FI2611-A.preview", content)
        assert store.get("FI2611-A.preview") == content
    assert keys(store) == {"FI2611-A.preview"}
    store.delete("FI2611-A.preview")
    store.delete("FI2611-A.preview")
    assert keys(store) == set()
    with pytest.raises(FileNotFoundError):
        store.get("FI2611-A.preview")


def test_two_portals_share_a_bucket_by_prefix(of_bucket):
    one, other = of_bucket(prefix="one/place"), of_bucket(prefix="other")
    one.put("A", b"1")
    other.put("B", b"2")
    assert (keys(one), keys(other)) == ({"A"}, {"B"})
    with pytest.raises(FileNotFoundError):
        other.get("A")


def test_more_than_a_page_of_objects_is_listed(of_bucket):
    store = of_bucket()
    for number in range(1_010):
        store.put(f"K{number}", b"x")
    assert len(keys(store)) == 1_010


def test_a_file_goes_in_is_handed_out_previewed_and_swept(of_bucket, database):
    store = of_bucket()
    file = upload(database, store, BUYER, "a.jpg", a_picture())
    make_preview(store, file_id=file.id, media_type=file.media_type)
    with transaction(database.session_for(BUYER)) as session:
        assert open_file(session, actor=BUYER, store=store, file_id=file.id).sha256 == file.sha256
        assert open_preview(session, actor=BUYER, store=store, file_id=file.id)
    with transaction(database.session_for(RIVAL)) as session, pytest.raises(NotFound):
        open_file(session, actor=RIVAL, store=store, file_id=file.id)
    store.put("FI2611-GONE00000", b"of no row")
    with transaction(database.system_session()) as session:
        assert sweep_store(session, store=store, at=clock.now()) == 0
        assert sweep_store(session, store=store, at=clock.now() + timedelta(days=2)) == 1
    assert keys(store) == {file.id, f"{file.id}.preview"}


def test_a_store_that_is_away_or_has_no_such_bucket_is_an_outage(of_bucket, database):
    file = upload(database, of_bucket(), BUYER, "a.jpg", a_picture())
    with socket.create_server(("127.0.0.1", 0)) as unused:
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for store in (of_bucket(at=nowhere), of_bucket("no-such-bucket")):
        with pytest.raises(OSError, match=r"tonglu|no-such-bucket|error"):
            store.put("A", b"1")
    with transaction(database.session_for(BUYER)) as session, pytest.raises(Unavailable):
        open_file(session, actor=BUYER, store=of_bucket(at=nowhere), file_id=file.id)


@pytest.mark.parametrize(
    "url", ["s3:///key", "s3://b?endpont=http://x", "s3://b?region=a&region=b", "s3://b?x", "gs://bucket/a"]
)
def test_an_address_that_is_not_understood_does_not_start(url):
    with pytest.raises(ValueError, match=r"files are kept|bad query"):
        store_at(url)
