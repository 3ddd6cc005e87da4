"""What the forms of several services share: text without marks, signatures, what an answer says."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection
from typing import Any

import orjson

from portal.notifications.channels import Answer, Later, Message, Outcome, Refused, Request, Sent

JSON = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "tonglu-notifications"}
WAIT_SECONDS = 60
"""After a service said that it is asked too often; all of them count by the minute."""
_REASON_MAX = 300
# Marks of Markdown, of links and of calling everybody, in their full-width forms: what dealers write is text.
_PLAIN = str.maketrans(
    {"<": "＜", ">": "＞", "[": "［", "]": "］", "*": "＊", "`": "‘", "#": "＃", "@": "＠", "_": "＿"}
)


def plain(text: str) -> str:
    """A text in which nothing is a mark."""
    return text.translate(_PLAIN)


def markdown(message: Message, most: int) -> str:
    """A message in Markdown, of at most so many bytes; what is cut is cut from the facts."""
    link = f"\n\n[{message.link_label}]({message.link})" if message.link else ""
    lines = [f"### {plain(message.subject)}", plain(message.sentence)]
    lines += [f"> {plain(label)}: {plain(value)}" for label, value in message.facts]
    return cut("\n\n".join(lines), most - len(link.encode())) + link


def cut(text: str, most: int) -> str:
    """At most so many bytes of a text, in whole characters."""
    encoded = text.encode()
    return text if len(encoded) <= most else encoded[: most - 3].decode(errors="ignore") + "…"


def signature(key: str, text: str) -> str:
    """HMAC-SHA256 in Base64."""
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def as_json(url: str, body: Any) -> Request:
    """A request with a JSON body."""
    return Request(url, orjson.dumps(body), JSON)


def outcome_by_code(answer: Answer, *, names: Collection[str], too_often: Collection[int]) -> Outcome:
    """What an answer means whose JSON says 0 for done, under the first of `names` that it has."""
    if answer.status == 429:
        return Later(WAIT_SECONDS)
    if not 200 <= answer.status < 300:
        return Refused(f"HTTP {answer.status}")
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return Refused("the answer is no JSON")
    code = next((said[name] for name in names if name in said), None) if isinstance(said, dict) else None
    if code == 0:
        return Sent()
    if code in too_often:
        return Later(WAIT_SECONDS)
    return Refused(f"{code}: {said}"[:_REASON_MAX])
