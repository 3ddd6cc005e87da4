"""The postal service's answers in XML. Pure.

They name no number: whoever asked knows it. Times are Beijing's.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from portal.kernel.errors import N_
from portal.tracking.answers.parcel import BEIJING, ParcelTold, moment, parcel, refusal, unreadable
from portal.tracking.rules import Event
from portal.tracking.texts import code_of_text

_POSTCODE = re.compile(r"\b\d{6,8}$")


def read_ems(content: bytes) -> tuple[ParcelTold, ...]:
    """One parcel. Raises Invalid."""
    if content.strip() == b"null":
        return (parcel([], []),)
    # A document type may define entities without end, and UTF-16 would hide it; no answer has either.
    if b"<!" in content or b"\x00" in content:
        raise unreadable()
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError:
        raise unreadable() from None
    if root.tag == "response":
        words = f"{root.findtext('code', '')} {root.findtext('description', '')}".strip()
        raise refusal(N_("The carrier answers: %(words)s"), words=words[:200])
    if root.tag != "traces":
        raise unreadable()
    return (parcel([], [_event(trace) for trace in root.findall("trace")]),)


def _event(trace: ElementTree.Element) -> Event:
    remark = trace.findtext("remark", "").strip()
    place = _POSTCODE.sub("", trace.findtext("acceptAddress", "").strip()).strip()
    return Event(
        moment(trace.findtext("acceptTime"), BEIJING), code_of_text(remark), place, remark, remark[:64]
    )
