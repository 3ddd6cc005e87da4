"""Acts on documents of events, each in a transaction of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.epcis import capture_events, queries
from portal.epcis.document_rules import events, outline
from portal.epcis.queries import CaptureRow, Wanted
from portal.epcis.rules import Behaviour, batches
from portal.epcis.schema import schema_faults
from portal.epcis.take_capture import take_capture
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from tests import cast
from tests.epcis.documents import a_document, an_event, in_pieces
from tests.roles import Dealer, Person, System


def sent(
    database: Database,
    content: bytes,
    *,
    by: Person | System = cast.huadong.buyer,
    is_xml: bool = False,
    behaviour: Behaviour = Behaviour.ROLLBACK,
) -> str:
    """A document is sent; the number of its capture."""
    with transaction(database.session_for(by.actor())) as session:
        return take_capture(
            session,
            actor=by.actor(),
            pieces=in_pieces(content, 65536),
            is_xml=is_xml,
            behaviour=behaviour,
            today=cast.TODAY,
            at=clock.now(),
        )


def captured(database: Database, number: str, dealer: Dealer = cast.huadong) -> CaptureRow:
    """A worker captures it, whatever is without faults; how it stands then."""
    actor = replace(SYSTEM, dealer_id=dealer.id, region_ids=())
    with transaction(database.dealer_session(actor)) as session:
        begun = capture_events.begin_attempt(session, actor=actor, number=number, at=clock.now())
        assert begun is not None
        pieces = []
        while (part := capture_events.part(session, capture=begun, no=len(pieces) + 1)) is not None:
            pieces.append(part)
        whole = outline(lambda: pieces, is_xml=begun.is_xml)
        position = begun.position
        for batch in batches(events(lambda: pieces, whole, is_xml=begun.is_xml), schema_faults):
            assert capture_events.keep_batch(
                session, capture=begun, batch=batch, position=position, total=whole.count, at=clock.now()
            )
            position += batch.count
        capture_events.finish_capture(session, actor=actor, capture=begun, total=whole.count, at=clock.now())
    return looked_at(database, number, by=dealer.buyer)


def looked_at(database: Database, number: str, by: Person | System = cast.huadong.buyer) -> CaptureRow:
    """A capture as somebody sees it."""
    with transaction(database.session_for(by.actor())) as session:
        return queries.capture(session, actor=by.actor(), number=number)


def found(
    database: Database, by: Person | System = cast.huadong.buyer, **wanted: Any
) -> list[dict[str, Any]]:
    """The events that somebody is answered."""
    with transaction(database.session_for(by.actor())) as session:
        page = queries.events(session, actor=by.actor(), wanted=Wanted(**wanted), limit=200)
    return [dict(one.content) for one in page.items]


def a_capture(database: Database, dealer: Dealer = cast.huadong) -> str:
    """A document of which one event was captured and one has faults."""
    content = a_document(an_event(**{"example:of": dealer.code}), an_event(action="MOVE"))
    number = sent(database, content, by=dealer.buyer, behaviour=Behaviour.PROCEED)
    captured(database, number, dealer)
    return number
