"""Tell dealers that what an entry told them of is withdrawn: the entry says so, and a new one tells them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.feed.publish_entry import publish_entry
from portal.feed.rules import TITLE_MAX, Address, Content
from portal.feed.vocabulary import FeedAction
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.translations import words

_REVOKE = text(
    """
    UPDATE feed_entry SET revoked_at = :at, pinned = false, revision = revision + 1
     WHERE subject = :subject AND state = 'published' AND revoked_at IS NULL
    RETURNING number
    """
)
_WITHDRAWN = N_("Withdrawn: %(title)s")


def revoke_entries(
    session: Session,
    *,
    actor: Actor,
    subject: str,
    content: Content,
    addresses: Iterable[Address],
    at: datetime,
    link: str = "",
    region_id: int | None = None,
) -> str:
    """Mark what was told of a document that the calling verb withdraws in this transaction, and publish an
    entry that says so, unread by everybody, for whom the document was.

    The caller has asked for the right. content: titles of the document, and what follows from its
    withdrawal. Returns the number of the new entry.
    """
    for number in session.scalars(_REVOKE, {"subject": subject, "at": at}):
        record(session, FeedAction.REVOKED, number, actor=actor, dealer_id=None, after={"subject": subject})
    told = Content(
        content.kind,
        _titled(words("zh").gettext(_WITHDRAWN), content.title_zh),
        _titled(_WITHDRAWN, content.title_en),
        content.text_zh,
        content.text_en,
    )
    return publish_entry(
        session, actor=actor, content=told, addresses=addresses, at=at, link=link, region_id=region_id
    )


def _titled(pattern: str, title: str) -> str:
    return (pattern % {"title": title})[:TITLE_MAX]
