"""A gateway for text messages by HTTP: a JSON body after the gateway's own pattern, signed by HMAC-SHA256.

In the pattern, texts hold ``{mobile}`` and ``{text}``. The header ``X-Tonglu-Signature`` is ``t=`` the moment
in seconds, and ``v1=`` the hexadecimal HMAC of that moment, a full stop, and the body.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any

import orjson

from portal.kernel.errors import N_, Fault
from portal.notifications.channels import (
    Answer,
    Later,
    Message,
    Outcome,
    Refused,
    Request,
    Sent,
    Target,
    forms,
)

TEXT_MAX = 300
"""Characters: beyond, a message is paid four times and more."""
_DONE = (None, 0, "0", 200, "200", "OK", "ok", "success")


class Sms:
    """Its form."""

    def request(self, target: Target, message: Message, at: datetime) -> Request:
        """The pattern, filled."""
        text = f"{message.subject} {message.link}".strip()[:TEXT_MAX]
        filled = _filled(orjson.loads(target.body), {"{mobile}": message.mobile, "{text}": text})
        body = orjson.dumps(filled)
        moment = int(at.timestamp())
        signed = hmac.new(target.secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        return Request(target.url, body, forms.JSON | {"X-Tonglu-Signature": f"t={moment},v1={signed}"})

    def outcome(self, answer: Answer) -> Outcome:
        """Any 2xx is done, unless its JSON has a ``code`` or ``errcode`` that is no usual word for that."""
        if answer.status == 429:
            return Later(forms.WAIT_SECONDS)
        if not 200 <= answer.status < 300:
            return Refused(f"HTTP {answer.status}")
        try:
            said = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            return Sent()
        if not isinstance(said, dict):
            return Sent()
        code = said.get("errcode", said.get("code"))
        return Sent() if code in _DONE else Refused(f"{code}: {said}"[:300])


def body_faults(pointer: str, body: str) -> list[Fault]:
    """What is wrong with a pattern."""
    fix = N_('Write it like {"mobile": "{mobile}", "content": "{text}"}.')
    try:
        pattern = orjson.loads(body)
    except orjson.JSONDecodeError:
        return [Fault(pointer, "json", N_("This is no JSON."), fix)]
    said = orjson.dumps(pattern).decode()
    if not isinstance(pattern, dict) or "{mobile}" not in said or "{text}" not in said:
        return [Fault(pointer, "pattern", N_("The number or the text has no place in it."), fix)]
    return []


def _filled(pattern: Any, values: dict[str, str]) -> Any:
    """The pattern with values in its texts: put in after it was read, so that no value is more than text."""
    if isinstance(pattern, str):
        for name, value in values.items():
            pattern = pattern.replace(name, value)
        return pattern
    if isinstance(pattern, list):
        return [_filled(one, values) for one in pattern]
    if isinstance(pattern, dict):
        return {key: _filled(one, values) for key, one in pattern.items()}
    return pattern
