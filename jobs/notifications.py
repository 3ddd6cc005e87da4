"""Carry out what people are told: letters, digests, text messages, posts of robots; forget what is old."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from config import Settings
from jobs import letters, resources
from jobs.letters import Letter
from jobs.mail import compose
from portal.identity import queries as identity
from portal.identity.queries import Reader
from portal.kernel import clock, mail
from portal.kernel.db import transaction
from portal.kernel.opaque import Sealer
from portal.kernel.outbox import Effect, Postponed
from portal.notifications import digests, due, inbox, robots
from portal.notifications.channels import Later, Message, Outcome, Refused
from portal.notifications.due import Due
from portal.notifications.links import DIGEST_OF_ALL, Stop, confirm_path, stop_path
from portal.notifications.readers import dealer_names, readers_of
from portal.notifications.rules import Quiet, quiet_until
from portal.notifications.sending import Way, sender
from portal.notifications.tell import tell

SWEPT_AT_ONCE = 5000

_log = structlog.get_logger("jobs.notifications")


class NotTaken(Exception):
    """A service did not take a message; the outbox tries again."""


def announced(effect: Effect) -> None:
    """A verb had people told that has no job of its own."""
    said = effect.payload
    with transaction(resources.database().system_session()) as session:
        about = {"event": said["event"], "dealer_id": effect.dealer_id}
        readers = readers_of(session, only=said["only"], but=said["but"], **about)
        tell(
            session,
            effect=effect,
            event=said["event"],
            readers=readers,
            path=said["path"],
            facts=said["facts"] | dealer_names(session, effect.dealer_id),
            at=clock.now(),
        )


def send_mail(effect: Effect) -> None:
    """A letter to one person, after the quiet hours."""
    settings = resources.settings()
    with transaction(resources.database().system_session()) as session:
        found = due.mail_due(session, effect.payload["id"])
        if found is None:
            return
        _wait(found.quiet)
        send_letter(_letter(found, settings), found.reader, ["n", found.id, found.reader.user_id], settings)
        due.set_mailed(session, [found.id], at=clock.now())


def send_sms(effect: Effect) -> None:
    """A text message to one person, after the quiet hours."""
    settings, failure = resources.settings(), None
    with transaction(resources.database().system_session()) as session:
        found = due.sms_due(session, effect.payload["id"])
        gateway = robots.gateway(session) if found is not None else None
        if found is None or gateway is None:
            return
        _wait(found.quiet)
        link = settings.base_url.rstrip("/") + found.path
        message = Message(found.said.subject, found.said.sentence, link=link, mobile=found.mobile)
        outcome = sender(gateway, _way(settings), clock.now).send(message)
        failure = _noted(session, gateway.id, outcome)
        if failure is None:
            due.set_texted(session, found.id, at=clock.now())
    if failure is not None:
        raise failure


def post_by_robot(effect: Effect) -> None:
    """What a robot tells its group: after its quiet hours, and no more than its service takes in a minute."""
    settings, at, failure = resources.settings(), clock.now(), None
    with transaction(resources.database().system_session()) as session:
        robot = robots.claimed(session, effect.payload["robot"])
        if robot is None:  # another worker posts by it
            raise Postponed(at + timedelta(seconds=2))
        post = robots.post_due(session, robot, effect.payload["source"])
        if post is None:
            return
        _wait(robots.quiet_of(robot, post.event, settings.business_timezone))
        if (free := robots.free_from(session, robot, at)) is not None:
            raise Postponed(free)
        message = robots.message_of(robot, post, settings.base_url)
        failure = _noted(session, robot.id, sender(robot, _way(settings), clock.now).send(message))
        if failure is None:
            robots.set_posted(session, robot, effect.payload["source"], at=clock.now())
    if failure is not None:
        raise failure


def announce_digests() -> None:
    """Give the digests that are due to the outbox."""
    with transaction(resources.database().system_session()) as session:
        digests.announce_digests(session, at=clock.now(), zone=resources.settings().business_timezone)


def send_digest(effect: Effect) -> None:
    """Tell a person what is unread, after the quiet hours; nothing where there is no such thing."""
    settings = resources.settings()
    with transaction(resources.database().system_session()) as session:
        found = digests.digest_due(session, user_id=effect.payload["user"], zone=settings.business_timezone)
        if found is None:
            return
        _wait(found.quiet)
        stop = stop_path(_sealer(settings), Stop(found.reader.user_id, DIGEST_OF_ALL))
        letter = letters.digest(
            found.reader.locale,
            told=found.told,
            unread=len(found.ids),
            zone=found.zone,
            unsubscribe=stop,
        )
        send_letter(letter, found.reader, ["d", effect.id, found.reader.user_id], settings)
        due.set_mailed(session, found.ids, at=clock.now())


def send_confirmation(effect: Effect) -> None:
    """Ask at an address that refused mail whether it takes some again."""
    settings = resources.settings()
    with transaction(resources.database().system_session()) as session:
        reader = identity.reader(session, user_id=effect.payload["user"])
    if reader is not None:
        path = confirm_path(_sealer(settings), reader.user_id, reader.email)
        letter = letters.confirmation(reader.locale, path=path)
        send_letter(letter, reader, ["c", effect.id, reader.user_id], settings)


def sweep() -> None:
    """Delete what people were told long ago."""
    before = clock.now() - timedelta(days=resources.settings().notifications_kept_days)
    swept = SWEPT_AT_ONCE
    while swept == SWEPT_AT_ONCE:
        with transaction(resources.database().system_session()) as session:
            swept = inbox.sweep(session, before=before, most=SWEPT_AT_ONCE)
        _log.info("notifications_swept", rows=swept)


def send_letter(letter: Letter, reader: Reader, letter_id: list[object], settings: Settings) -> None:
    """Send a letter to its reader, if there is mail."""
    if settings.mail_url:
        mail.send(settings.mail_url, compose(letter, reader, letter_id=letter_id, settings=settings))


def _letter(found: Due, settings: Settings) -> Letter:
    stop = "" if found.is_mandatory else stop_path(_sealer(settings), Stop(found.reader.user_id, found.event))
    said = found.said
    return Letter(said.subject, said.sentence, said.facts, found.path, stop, found.is_mandatory)


def _wait(quiet: Quiet | None) -> None:
    """Raises Postponed within quiet hours."""
    if (until := quiet_until(clock.now(), quiet)) is not None:
        raise Postponed(until)


def _noted(session: Session, robot_id: int, outcome: Outcome) -> Exception | None:
    """What is to be raised after an outcome was written down, if anything."""
    at = clock.now()
    if isinstance(outcome, Later):
        return Postponed(at + timedelta(seconds=outcome.seconds))
    if isinstance(outcome, Refused):
        robots.set_failed(session, robot_id, outcome.reason, at=at)
        return NotTaken(outcome.reason)
    robots.set_sent(session, robot_id, at=at)
    return None


def _way(settings: Settings) -> Way:
    return Way(_sealer(settings), settings.robot_hosts, settings.outgoing_private)


def _sealer(settings: Settings) -> Sealer:
    return Sealer(*settings.secret_keys)
