"""Files on pages: taken in while a form is filled in, shown with it, handed out and taken back."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import text

from portal.files.attach import FileRow
from portal.web.file_field import sent_files
from tests import cast
from tests.files.acts import a_pdf, a_picture

ID = re.compile(r'name="file_id" value="([^"]+)"')


@pytest.fixture
def buyer(sign_in):
    return sign_in(cast.huadong.buyer)


def send(visitor, name="收据.pdf", content=None):
    content = a_pdf() if content is None else content
    return visitor.post("/files", {"files": (io.BytesIO(content), name)})


def sent(visitor, name="收据.pdf", content=None) -> str:
    answer = send(visitor, name, content)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return ID.search(answer.get_data(as_text=True))[1]


@pytest.mark.parametrize("person", [cast.huadong.service, cast.huadong.buyer, cast.quality, cast.order_desk])
def test_everybody_who_signs_in_sends_files_and_gets_them_back_as_attachments(sign_in, person):
    visitor = sign_in(person)
    answer = visitor.get(f"/files/{sent(visitor)}")
    assert answer.data == a_pdf()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer.headers["Cache-Control"]


def test_a_file_that_is_refused_is_shown_with_its_reason(buyer):
    answer = send(buyer, "<b>.pdf", b"MZ")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "这是一个程序文件。" in page and "&lt;b&gt;.pdf" in page
    assert "没有选择文件。" in buyer.post("/files").get_data(as_text=True)


def test_a_file_is_taken_back_while_it_is_a_draft(buyer, sign_in):
    file = sent(buyer)
    assert sign_in(cast.yuegang.buyer).post(f"/files/{file}/removal").status_code == 404
    assert buyer.post(f"/files/{file}/removal").status_code == 200
    assert buyer.get(f"/files/{file}").status_code == 404


def test_a_rival_is_told_that_there_is_no_file(buyer, sign_in):
    file, rival = sent(buyer), sign_in(cast.yuegang.buyer)
    assert rival.get(f"/files/{file}").status_code == rival.get(f"/files/{file}/preview").status_code == 404


def test_a_small_picture_is_shown_within_pages_only(buyer, app, owner):
    file = sent(buyer, "a.jpg", a_picture(size=(900, 900)))
    assert buyer.get(f"/files/{file}/preview").status_code == 404
    topic = "SELECT payload FROM outbox WHERE topic = 'file.preview'"
    payload = owner.scalar(text(topic))
    assert payload == {"file_id": file, "media_type": "image/jpeg"}
    app.file_store.put(f"{file}.preview", a_picture())
    answer = buyer.get(f"/files/{file}/preview")
    assert (answer.mimetype, answer.data) == ("image/jpeg", a_picture())
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_form_without_script_carries_its_files_itself(app, owner, sign_in):
    app.add_url_rule(
        "/test/form", view_func=lambda: ",".join(sent_files()), endpoint="form", methods=["POST"]
    )
    buyer = sign_in(cast.huadong.buyer)
    ahead = sent(buyer, "a.pdf")
    both = [(io.BytesIO(a_pdf("b")), "b.pdf"), (io.BytesIO(b""), "")]
    answer = buyer.post("/test/form", {"file_id": [ahead, ahead], "files": both})
    first, second = answer.get_data(as_text=True).split(",")
    assert first == ahead and buyer.get(f"/files/{second}").data == a_pdf("b")
    wrong = [(io.BytesIO(b"MZ"), "c.pdf"), (io.BytesIO(b"GIF8"), "d.gif"), (io.BytesIO(a_pdf()), "e.pdf")]
    assert buyer.post("/test/form", {"files": wrong}).status_code == 422
    assert owner.scalar(text("SELECT count(*) FROM stored_file")) == 2


def test_the_field_shows_what_was_sent_ahead_and_what_is_wrong(app):
    row = FileRow("FI2611-1", "<i>.jpg", "image/jpeg", 2049, "", "", None)
    with app.test_request_context():
        ui = app.jinja_env.globals["ui"]
        field = str(ui.file_field("Photos", files=[row], errors=["Too large."]))
        listed = str(ui.file_list([row]))
    assert 'name="file_id" value="FI2611-1" checked' in field and 'capture="environment"' in field
    assert "&lt;i&gt;.jpg" in field and "Too large." in field and "3 KB" in field
    assert 'href="/files/FI2611-1"' in listed and 'src="/files/FI2611-1/preview"' in listed


def in_pieces(visitor, base: str, name: str, content: bytes, *, size: int) -> str:
    """Send a file in pieces of a size, the first of them twice; the last answer."""
    begun = visitor.post(f"{base}/uploads", {"name": name, "size": str(len(content))})
    assert begun.status_code == 201, begun.get_data(as_text=True)
    address, offset = f"{base}/uploads/{begun.json['id']}", 0
    while True:
        for _ in range(2 if offset == 0 else 1):
            piece = {"files": (io.BytesIO(content[offset : offset + size]), "piece"), "offset": str(offset)}
            answer = visitor.post(address, piece | {"name": name, "field": "manual"})
        if answer.status_code != 200:
            return answer
        offset = answer.json["offset"]
        assert visitor.get(address).json == {"id": begun.json["id"], "offset": offset, "whole": False}


def test_a_file_comes_in_pieces_and_is_shown_like_any_other(buyer, sign_in):
    answer = in_pieces(buyer, "/files", "说明.pdf", a_pdf("x" * 900), size=300)
    [file] = re.findall(r'name="manual_id" value="([^"]+)"', answer.get_data(as_text=True))
    assert answer.status_code == 201 and buyer.get(f"/files/{file}").data == a_pdf("x" * 900)


def test_a_file_in_pieces_that_is_refused_says_why_and_is_forgotten(buyer, owner):
    answer = in_pieces(buyer, "/files", "a.pdf", b"MZ" + bytes(50), size=20)
    assert answer.status_code == 422 and "这是一个程序文件。" in answer.get_data(as_text=True)
    assert not owner.scalar(text("SELECT count(*) FROM file_upload"))
    refused = buyer.post("/files/uploads", {"name": "a.pdf", "size": str(31 * 2**20)})
    assert refused.status_code == 422 and "a.pdf" in refused.get_data(as_text=True)


def test_a_rival_is_told_that_there_is_no_upload(buyer, sign_in):
    upload = buyer.post("/files/uploads", {"name": "a.pdf", "size": "9"}).json["id"]
    rival = sign_in(cast.yuegang.buyer)
    piece = {"files": (io.BytesIO(b"x"), "piece"), "offset": "0"}
    assert rival.get(f"/files/uploads/{upload}").status_code == 404
    assert rival.post(f"/files/uploads/{upload}", piece).status_code == 404
