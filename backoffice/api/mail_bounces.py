"""Reports of mail servers, passed on by whatever takes the portal's mail."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.mail_bounces import BounceBody, BouncesRead
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.notifications.suspend import note_bounces
from portal.notifications.vocabulary import NotificationRight
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "POST",
    "/hq/mail-bounces",
    tag=HEADQUARTERS,
    rights=(NotificationRight.BOUNCES,),
    body=BounceBody,
    answers=BouncesRead,
    summary=N_("Report mail that came back"),
    about=N_(
        "Where an address takes no mail at all, nothing more is sent there until its owner confirms it. "
        "The same report again changes nothing."
    ),
)
def create(body: BounceBody) -> dict[str, Any]:
    count = note_bounces(
        current_session(), actor=current_actor(), raw=body.message, sealer=portal().sealer, at=clock.now()
    )
    return {"suspended": count}
