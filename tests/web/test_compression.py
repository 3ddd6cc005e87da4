"""Fewer bytes: what is packed, for whom, and what is not."""

from __future__ import annotations

import gzip

import brotli
import pytest
from flask import Response, jsonify

from launch.precompress import precompress

LONG = "<p>" + "对账单 statement " * 300 + "</p>"
OURS = {"Sec-Fetch-Site": "same-origin"}
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br", "br"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1, br;q=0", "gzip"),
        ("*", "br"),
    ],
)
@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_page_is_packed_as_the_browser_takes_it(page, accepted, encoding, site):
    answer = page(lambda: LONG).get("/test", headers={"Accept-Encoding": accepted, "Sec-Fetch-Site": site})
    assert answer.headers["Content-Encoding"] == encoding
    assert UNPACK[encoding](answer.data).decode() == LONG
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(LONG) / 10
    assert {"Accept-Encoding", "Sec-Fetch-Site"} <= set(answer.vary)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "SAME-ORIGIN ", None])
def test_a_page_that_another_site_may_have_asked_for_is_not(page, site):
    headers = {"Accept-Encoding": "br, gzip"} | ({} if site is None else {"Sec-Fetch-Site": site})
    answer = page(lambda: LONG).get("/test", headers=headers)
    assert "Content-Encoding" not in answer.headers
    assert answer.text == LONG


@pytest.mark.parametrize("accepted", ["identity", "zstd", "br;q=0, gzip;q=0", ""])
def test_nor_one_for_a_browser_that_takes_nothing_of_it(page, accepted):
    answer = page(lambda: LONG).get("/test", headers={"Accept-Encoding": accepted} | OURS)
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "answer", ["short", Response(b"%PDF" * 1000, mimetype="application/pdf")], ids=["short", "a PDF"]
)
def test_what_is_short_or_packed_by_nature_stays_as_it_is(page, answer):
    assert (
        "Content-Encoding"
        not in page(lambda: answer).get("/test", headers={"Accept-Encoding": "br"} | OURS).headers
    )


def test_an_answer_to_a_program_is_packed_wherever_it_comes_from(page):
    answer = page(lambda: jsonify(items=["x" * 40] * 100)).get("/test", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"items" in gzip.decompress(answer.data)


def test_a_packed_answer_is_another_form_of_the_same(page):
    def view():
        response = Response(LONG)
        response.set_etag("abc")
        return response

    client = page(view)
    assert client.get("/test", headers={"Accept-Encoding": "br"} | OURS).headers["ETag"] == 'W/"abc"'
    assert client.get("/test", headers=OURS).headers["ETag"] == '"abc"'


class TestFiles:
    FILE = "/static/css/portal.css"

    @pytest.fixture(autouse=True)
    def packed(self):
        precompress()

    @pytest.mark.parametrize("encoding", UNPACK)
    def test_a_file_is_sent_packed(self, app, encoding):
        client = app.test_client()
        plain = client.get(self.FILE)
        answer = client.get(self.FILE, headers={"Accept-Encoding": encoding})
        assert UNPACK[encoding](answer.data) == plain.data
        assert answer.headers["Content-Encoding"] == encoding
        assert answer.mimetype == plain.mimetype == "text/css"
        assert "Accept-Encoding" in answer.vary and "Accept-Encoding" in plain.vary
        assert answer.headers["ETag"] != plain.headers["ETag"]

    def test_one_without_a_packed_copy_is_sent_as_it_is(self, app):
        answer = app.test_client().get(
            "/static/vendor/tabler-1.6.1/LICENSE", headers={"Accept-Encoding": "br"}
        )
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers

    def test_a_copy_of_the_file_as_it_was_before_is_not_sent(self, app, tmp_path):
        app.static_folder = str(tmp_path)
        (tmp_path / "a.css").write_bytes(b"p { color: red }" * 100)
        precompress(tmp_path)
        changed = b"p { color: blue }" * 100
        (tmp_path / "a.css").write_bytes(changed)
        answer = app.test_client().get("/static/a.css", headers={"Accept-Encoding": "br, gzip"})
        assert (answer.data, answer.content_encoding) == (changed, None)

    @pytest.mark.parametrize(
        "path", ["/static/css/%00.css", "/static/../config.py", "/static/css/no-such.css", "/static/css"]
    )
    def test_nothing_else_is_sent(self, app, path):
        assert app.test_client().get(path, headers={"Accept-Encoding": "br"}).status_code == 404
