"""What the portal is told of a request by its web server."""

from __future__ import annotations

import pytest

from launch.web.environ import environ_of


def told(*headers: tuple[bytes, bytes], body: bytes = b"", path: bytes = b"/", query: bytes = b"") -> dict:
    """The environment of a request."""
    scope = {
        "method": "POST",
        "raw_path": path,
        "query_string": query,
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 50000),
        "headers": list(headers),
    }
    return environ_of(scope, body)


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        (b"/a%2Fb%20c", "/a/b c"),
        (b"/%E5%8C%97", "\xe5\x8c\x97"),
        (b"/%ff%00", "/\xff\x00"),
        (b"/%zz%", "/%zz%"),
    ],
)
def test_the_path_comes_as_the_bytes_that_were_meant(sent: bytes, path: str):
    assert told(path=sent)["PATH_INFO"].lstrip("/") == path.lstrip("/")


def test_a_header_with_an_underscore_does_not_pass_for_another():
    environ = told(
        (b"x_forwarded_for", b"203.0.113.9"), (b"x-forwarded-for", b"198.51.100.1"), (b"content_length", b"5")
    )
    assert environ["HTTP_X_FORWARDED_FOR"] == "198.51.100.1" and "CONTENT_LENGTH" not in environ


def test_nothing_stands_for_a_proxy_header_that_was_not_sent():
    assert not [name for name in told((b"x_real_ip", b"1"), (b"host", b"x")) if name.startswith("HTTP_X")]


def test_headers_sent_twice_are_joined():
    environ = told((b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"text/html"), (b"accept", b"*/*"))
    assert (environ["HTTP_COOKIE"], environ["HTTP_ACCEPT"]) == ("a=1; b=2", "text/html,*/*")


def test_a_body_that_came_in_chunks_has_a_length():
    environ = told((b"transfer-encoding", b"chunked"), body=b"12345")
    assert (
        environ["CONTENT_LENGTH"] == "5"
        and environ["wsgi.input"].read() == b"12345"
        and "HTTP_TRANSFER_ENCODING" not in environ
    )


def test_type_and_length_have_their_own_names():
    environ = told(
        (b"content-type", b"text/csv"), (b"content-length", b"3"), body=b"abc", query=b"q=%E4%BA%AC"
    )
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"], environ["QUERY_STRING"]) == (
        "text/csv",
        "3",
        "q=%E4%BA%AC",
    )
