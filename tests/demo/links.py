"""Follows the links of pages, as people do who have just come: each kind of page once."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from flask import Flask

from tests.web_clients import Visitor

OF_A_KIND = 1
_LINK = re.compile(r'<a\s[^>]*?href="(/[^"#]+)')
_NAMED = re.compile(r"(?<=/)(?=[^/]*[0-9A-Z])[^/]+")  # a number, a code, a key: which one it is
_NO_PAGES = ("/static/", "/logout")
Kind = tuple[str, frozenset[str]]


def come_in(app: Flask, email: str, password: str) -> Visitor:
    """Somebody with a password who signs in as people do."""
    visitor = Visitor(app)
    form = visitor.get("/login", follow_redirects=True)
    answer = visitor.post(
        form.request.full_path, {"email": email, "password": password}, follow_redirects=True
    )
    assert answer.status_code == 200 and not answer.request.path.startswith("/oauth"), email
    return visitor


def kind_of(address: str) -> Kind:
    """``/orders/SO2611-1?sort=x``: the path without what it names, and what is asked for."""
    parts = urlsplit(address)
    return _NAMED.sub("…", parts.path), frozenset(name for name, _ in parse_qsl(parts.query))


def walked(visitor: Visitor, seen: Counter[Kind]) -> Iterator[tuple[str, int]]:
    """Addresses that can be reached from home with the status of their answers.

    seen: how many pages of a kind anybody came to before; this walk adds its own, and leaves out what was
    seen often enough, and files of lists.
    """
    waiting, known = deque(["/"]), {"/"}
    while waiting:
        address = waiting.popleft()
        kind = kind_of(address)
        if seen[kind] >= OF_A_KIND and address != "/":
            continue
        seen[kind] += 1
        answer = visitor.get(address)
        yield address, answer.status_code
        if answer.location:
            found = [answer.location]
        else:
            found = _LINK.findall(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else []
        for link in map(unescape, found):
            if link in known or link.startswith(_NO_PAGES) or "export" in kind_of(link)[1]:
                continue
            known.add(link)
            waiting.append(link)
