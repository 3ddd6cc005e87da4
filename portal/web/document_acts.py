"""What capabilities let the visitor do with a document that a page lists: buttons beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

from portal.kernel.manifest import Audience, DocumentAct
from portal.web.request import current_actor, portal


@dataclass(frozen=True, slots=True)
class Offered:
    """A button."""

    label: str
    icon: str
    href: str


def document_acts(of: str, number: str = "") -> list[Offered]:
    """What the visitor may do with a document of a kind, or with all of an account."""
    actor = current_actor()
    audience = Audience.STAFF if actor.is_staff else Audience.DEALERS
    declared = (act for one in portal().declared.capabilities for act in one.document_acts)
    return [
        Offered(gettext(act.label), act.icon, _address(act, number))
        for act in declared
        if act.audience is audience
        and act.of == of
        and any(actor.may(right) for right in act.rights)
        and act.is_offered(portal().settings)
    ]


def _address(act: DocumentAct, number: str) -> str:
    arguments: dict[str, Any] = {act.argument: number} if act.argument else {}
    return url_for(act.endpoint, **arguments)
