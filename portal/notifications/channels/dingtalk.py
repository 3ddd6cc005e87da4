"""A group robot of 钉钉 (DingTalk): Markdown as JSON, moment and signature in the address."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote_plus

from portal.notifications.channels import Answer, Message, Outcome, Request, Target, forms

CONTENT_MAX = 18_000  # bytes; the whole request has 20,000
_TITLE_MAX = 200
_TOO_OFTEN = (130101, 410100)


class Dingtalk:
    """Its form."""

    def request(self, target: Target, message: Message, at: datetime) -> Request:
        """Signed where the robot has a secret: the moment in milliseconds, a line feed, the secret."""
        text = forms.markdown(message, CONTENT_MAX)
        body = {
            "msgtype": "markdown",
            "markdown": {"title": forms.cut(forms.plain(message.subject), _TITLE_MAX), "text": text},
            "at": {"isAtAll": False},
        }
        return forms.as_json(_signed(target, int(at.timestamp() * 1000)), body)

    def outcome(self, answer: Answer) -> Outcome:
        """``errcode`` 0 is done."""
        return forms.outcome_by_code(answer, names=("errcode",), too_often=_TOO_OFTEN)


def _signed(target: Target, moment: int) -> str:
    if not target.secret:
        return target.url
    sign = forms.signature(target.secret, f"{moment}\n{target.secret}")
    joint = "&" if "?" in target.url else "?"
    return f"{target.url}{joint}timestamp={moment}&sign={quote_plus(sign)}"
