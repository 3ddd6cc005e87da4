"""Files through the API: sent as a form, handed out, removed while they are drafts."""

from __future__ import annotations

import hashlib
import io

import pytest

from tests import cast
from tests.api.contract import faults, kept, refused
from tests.files.acts import a_pdf, sample


def send(caller, name="收据.pdf", content=None, **options):
    content = a_pdf() if content is None else content
    return caller.request("POST", "/files", data={"file": (io.BytesIO(content), name)}, **options)


@pytest.mark.parametrize("system", [cast.huadong.system, cast.erp])
def test_a_file_is_sent_and_handed_out(api, system):
    caller = api(system)
    answer = send(caller)
    file = kept(answer)
    assert answer.status_code == 201 and answer.headers["Location"] == f"/api/v1/files/{file['id']}"
    content = a_pdf()
    assert file == {
        "id": file["id"],
        "name": "收据.pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    found = caller.get(f"/files/{file['id']}")
    assert found.data == content and found.headers["Content-Disposition"].startswith("attachment")


def test_what_is_wrong_is_told_beside_the_file(huadong):
    assert faults(send(huadong, "a.pdf", sample("pdf_and_zip.pdf"))) == {"/file": "two_files_in_one"}
    member = {"data": {"x": "y"}, "content_type": "multipart/form-data"}
    assert faults(huadong.request("POST", "/files", **member)) == {"/x": "unknown_field"}
    assert faults(huadong.post("/files", {})) == {"/file": "no_file"}


def test_a_file_beyond_the_largest_size_is_told_so_and_one_far_beyond_is_not_read(huadong):
    large = b"%PDF-".ljust(30 * 2**20 + 1, b"x")
    assert faults(send(huadong, "a.pdf", large)) == {"/file": "file_too_large"}
    refused(send(huadong, "a.pdf", bytes(32 * 2**20)), 413)


def test_the_same_key_answers_for_the_same_file_only(huadong):
    key = {"Idempotency-Key": "one"}
    first, again = send(huadong, headers=key), send(huadong, headers=key)
    assert again.headers["Idempotency-Replayed"] == "true" and kept(again) == kept(first)
    refused(send(huadong, content=a_pdf("other"), headers=key), 422)


def test_a_draft_is_removed_and_a_rival_knows_of_none(huadong, rival):
    file = kept(send(huadong))["id"]
    refused(rival.get(f"/files/{file}"), 404)
    refused(rival.request("DELETE", f"/files/{file}"), 404)
    assert kept(huadong.request("DELETE", f"/files/{file}")) == {"id": file}
    refused(huadong.get(f"/files/{file}"), 404)
