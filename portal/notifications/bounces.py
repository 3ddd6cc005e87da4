"""What a mail server says of a letter that it could not deliver (RFC 3464). Pure."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage, Message

MESSAGE_MAX = 256 * 1024
"""Characters of a bounce; a mail server quotes the head of the letter, not its attachments."""
REASON_MAX = 300
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
_ID = re.compile(r"<([A-Za-z0-9_-]{8,300})@[^<>@\s]+>")
# No such mailbox or host, moved away, a mailbox that is closed. A full one, or one that refuses a letter for
# what it says, may take the next.
_GONE = re.compile(r"5\.(1\.[0-9]+|2\.1|4\.4|0\.0)")


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient of a report. letter: what was sealed into the Message-ID of the letter, '' for none.

    address: as the report has it, in lower case; status: of RFC 3463.
    """

    letter: str
    address: str
    action: str
    status: str
    reason: str

    @property
    def is_final(self) -> bool:
        """Whether the address takes no mail, and not this one letter only, or not now."""
        return self.action == "failed" and _GONE.fullmatch(self.status) is not None


def read_report(raw: str) -> list[Bounce]:
    """The recipients of a report, none for what is no report. Raises nothing, whatever it is given."""
    message = email.message_from_string(raw[:MESSAGE_MAX], policy=email.policy.compat32)
    parts = [part for part in message.walk() if not part.is_multipart() or part is not message]
    letter = next((found for part in parts if (found := _letter(part))), "")
    reports = [part for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    blocks = [block for report in reports for block in _blocks(report)]
    return [_bounce(letter, block) for block in blocks if block.get("Final-Recipient")]


def _blocks(report: Message) -> list[Message]:
    """The groups of fields of a report: the parser makes each a message of its own."""
    payload = report.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _bounce(letter: str, block: Message) -> Bounce:
    status = _STATUS.search(_field(block, "Status"))
    return Bounce(
        letter,
        _typed(_field(block, "Final-Recipient")).strip("<>").lower()[:254],
        _field(block, "Action").lower(),
        status[0] if status else "",
        _typed(_field(block, "Diagnostic-Code"))[:REASON_MAX],
    )


def _letter(part: Message) -> str:
    """The letter's name from its quoted head, whole or alone."""
    kind = part.get_content_type()
    if kind == "text/rfc822-headers":
        payload = part.get_payload()
        quoted = email.message_from_string(payload if isinstance(payload, str) else "")
    elif kind == "message/rfc822":
        inner = part.get_payload()
        if not (isinstance(inner, list) and inner and isinstance(inner[0], Message)):
            return ""
        quoted = inner[0]
    else:
        return ""
    found = _ID.search(_field(quoted, "Message-ID"))
    return found[1] if found else ""


def _field(block: Message | EmailMessage, name: str) -> str:
    return " ".join(str(block.get(name, "")).split())


def _typed(value: str) -> str:
    """What follows the type of an address or a diagnosis, ``rfc822; somebody@example.com``."""
    kind, semicolon, rest = value.partition(";")
    return rest.strip() if semicolon else kind.strip()
