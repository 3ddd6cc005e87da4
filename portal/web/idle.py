"""Who does nothing for a while is signed out.

When somebody was last there stands in the signed cookie, written anew once a minute at most: no row is
written for it, and an old copy of a cookie is worth nothing. What a page asks for by itself is no sign of
life, so requests by htmx do not count; `js/idle.js` says when somebody types, warns before the end, and keeps
what was typed for the same person.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import session
from flask_login import current_user

from portal.web.request import portal, request

if TYPE_CHECKING:
    from portal.web.browser_session import Visitor

_SEEN = "seen"
_NOTED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Idle:
    """What the page has to know. seconds: 0 for never. visitor: the same text for the same person."""

    seconds: int
    warning: int
    visitor: str


def idle_words(visitor: Visitor) -> Idle:
    """For the page of somebody who is signed in."""
    settings = portal().settings
    seconds = settings.idle_minutes * 60
    mark = portal().sealer.seal("drafts", [visitor.person.id])
    return Idle(seconds, min(settings.idle_warning_minutes * 60, seconds // 2), mark)


def is_idle() -> bool:
    """Whether the visitor of the cookie was away for too long. A page that warned them was a minute ahead."""
    idle, seen = portal().settings.idle_minutes * 60, session.get(_SEEN)
    return bool(idle and seen is not None and time.time() - seen > idle + _NOTED_SECONDS)


def note_presence() -> None:
    """A page was asked for by somebody who is signed in."""
    if request.htmx or not current_user.is_authenticated:
        return
    if time.time() - session.get(_SEEN, 0) >= _NOTED_SECONDS:
        be_present()


def be_present() -> None:
    """The visitor is there."""
    session[_SEEN] = int(time.time())
