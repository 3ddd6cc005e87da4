"""The bell in the frame: what the capabilities have for whoever looks and has not been read."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for

from portal.kernel import clock
from portal.kernel.manifest import UNREAD_MAX
from portal.web.browser_session import recognised
from portal.web.request import current_actor, current_session, portal


class Bell(NamedTuple):
    """How much is unread, as far as one beyond `UNREAD_MAX`, and the address where it is read."""

    unread: int
    address: str


def inbox_bell() -> Bell | None:
    """The visitor's bell; None where nothing could ever ring it.

    Costs a statement for every capability with an inbox. It is asked by the frame around a whole page only: a
    part of a page has no bell, and a page that says that the database is away must not ask it.
    """
    sources = [one.inbox for one in portal().declared.capabilities if one.inbox is not None]
    if not sources or recognised() is None:
        return None
    session, actor, at = current_session(), current_actor(), clock.now()
    inboxes = [found for inbox in sources if (found := inbox(session, actor, at)) is not None]
    if not inboxes:
        return None
    first = next((one for one in inboxes if one.unread), inboxes[0])
    unread = min(sum(one.unread for one in inboxes), UNREAD_MAX + 1)
    return Bell(unread, url_for(first.endpoint))
