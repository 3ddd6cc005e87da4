"""kuaidi100's answers: of a query, and as it pushes them. Pure.

Its ``status`` is the call's; the parcel's ``state`` belongs to the latest event alone. Times are Beijing's.
"""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.tracking.answers.parcel import (
    BEIJING,
    ParcelTold,
    json_object,
    moment,
    objects,
    parcel,
    refusal,
    unreadable,
)
from portal.tracking.rules import Event, EventCode
from portal.tracking.states import Service, code_of_state
from portal.tracking.texts import code_of_text


def read_kuaidi100(content: bytes) -> tuple[ParcelTold, ...]:
    """One parcel. Raises Invalid."""
    answer = json_object(content)
    answer = answer.get("lastResult", answer)
    if not isinstance(answer, dict):
        raise unreadable()
    if answer.get("result") is False:
        raise refusal(N_("The carrier answers: %(words)s"), words=str(answer.get("message", ""))[:200])
    if "data" not in answer:
        raise unreadable()
    items = objects(answer["data"])
    told = [(moment(item.get("time"), BEIJING), place, item) for place, item in enumerate(items)]
    # Newest first or oldest first, as the service pleases; the state is the latest event's.
    latest = max(told, key=lambda one: (one[0], _stage(str(one[2].get("context", "")))), default=None)
    events = []
    for at, place, item in told:
        text = str(item.get("context", ""))
        raw = str(item.get("statusCode") or "")
        if not raw and latest is not None and place == latest[1]:
            raw = str(answer.get("state") or "")
        code = code_of_state(Service.KUAIDI100, raw, text) if raw else code_of_text(text)
        if code is not None:
            events.append(Event(at, code, str(item.get("location") or _place_in(text)), text, raw))
    return (parcel([answer.get("nu")], events),)


def _stage(text: str) -> int:
    return list(EventCode).index(code_of_text(text))


def _place_in(text: str) -> str:
    """The first place that stands in 【】."""
    _, _, rest = text.partition("【")
    return rest.partition("】")[0]
