"""A group robot of 飞书 (Feishu): a post as JSON, moment and signature in the body."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.notifications.channels import Answer, Message, Outcome, Request, Target, forms

TEXT_MAX = 18_000  # bytes; the whole request has 20,000
_TITLE_MAX = 300
_TOO_OFTEN = (9499, 11232)


class Feishu:
    """Its form."""

    def request(self, target: Target, message: Message, at: datetime) -> Request:
        """Signed where the robot has a secret: the key is the moment in seconds, a line feed, the secret."""
        facts = "\n".join(f"{label}: {value}" for label, value in message.facts)
        lines = [[_text(forms.cut(one, TEXT_MAX // 2))] for one in (message.sentence, facts) if one]
        if message.link:
            lines.append([{"tag": "a", "text": message.link_label, "href": message.link}])
        post = {"title": forms.cut(message.subject, _TITLE_MAX), "content": lines}
        body = {"msg_type": "post", "content": {"post": {"zh_cn": post}}}
        return forms.as_json(target.url, _signature(target, int(at.timestamp())) | body)

    def outcome(self, answer: Answer) -> Outcome:
        """``code`` 0 is done; older robots call it ``StatusCode``."""
        return forms.outcome_by_code(answer, names=("code", "StatusCode"), too_often=_TOO_OFTEN)


def _text(text: str) -> dict[str, str]:
    return {"tag": "text", "text": text}


def _signature(target: Target, moment: int) -> dict[str, Any]:
    if not target.secret:
        return {}
    return {"timestamp": str(moment), "sign": forms.signature(f"{moment}\n{target.secret}", "")}
