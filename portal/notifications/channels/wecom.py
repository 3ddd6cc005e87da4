"""A group robot of 企业微信 (WeCom): Markdown as JSON, the key in its address."""

from __future__ import annotations

from datetime import datetime

from portal.notifications.channels import Answer, Message, Outcome, Request, Target, forms

CONTENT_MAX = 4096  # bytes
_TOO_OFTEN = (45009,)


class Wecom:
    """Its form."""

    def request(self, target: Target, message: Message, at: datetime) -> Request:
        """``markdown`` is shown with its link."""
        content = forms.markdown(message, CONTENT_MAX)
        return forms.as_json(target.url, {"msgtype": "markdown", "markdown": {"content": content}})

    def outcome(self, answer: Answer) -> Outcome:
        """``errcode`` 0 is done."""
        return forms.outcome_by_code(answer, names=("errcode",), too_often=_TOO_OFTEN)
