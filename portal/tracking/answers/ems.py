"""The postal service's answers in XML. Pure.

They name no number: whoever asked knows it. Times are Beijing's.
"""

from __future__ import annotations

import re

from portal.kernel.errors import N_
from portal.kernel.outside_xml import Node, NotRead, read_xml
from portal.tracking.answers.parcel import BEIJING, ParcelTold, moment, parcel, refusal, unreadable
from portal.tracking.rules import Event
from portal.tracking.texts import code_of_text

SIZE_MAX = 2_000_000  # bytes
_POSTCODE = re.compile(r"\b\d{6,8}$")


def read_ems(content: bytes) -> tuple[ParcelTold, ...]:
    """One parcel. Raises Invalid."""
    if content.strip() == b"null":
        return (parcel([], []),)
    try:
        root = read_xml(content, size_max=SIZE_MAX)
    except NotRead as trouble:
        raise refusal(trouble.message, **trouble.params) from trouble
    if root.name == "response":
        words = f"{root.said('code')} {root.said('description')}".strip()
        raise refusal(N_("The carrier answers: %(words)s"), words=words[:200])
    if root.name != "traces":
        raise unreadable()
    return (parcel([], [_event(trace) for trace in root.all("trace")]),)


def _event(trace: Node) -> Event:
    remark = trace.said("remark")
    place = _POSTCODE.sub("", trace.said("acceptAddress")).strip()
    return Event(moment(trace.said("acceptTime"), BEIJING), code_of_text(remark), place, remark, remark[:64])
