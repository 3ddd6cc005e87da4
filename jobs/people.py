"""Letters that let somebody in: an invitation, another password. Links are sealed here, kept nowhere."""

from __future__ import annotations

from jobs import resources
from jobs.letters import Letter, language_of
from jobs.notifications import send_letter
from portal.identity.account_links import INVITATION, RESET, link_token
from portal.identity.people_letters import LinkLetter, invitation_letter, reset_letter
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import N_
from portal.kernel.opaque import Sealer
from portal.kernel.outbox import Effect
from portal.kernel.translations import words


def send_invitation(effect: Effect) -> None:
    """The letter to whoever was invited, unless the invitation has ended meanwhile."""
    with transaction(resources.database().system_session()) as session:
        found = invitation_letter(session, effect.payload["invitation"], at=clock.now())
    if found is not None:
        _send(found, invitation_words(found), ["i", effect.id, found.reader.user_id])


def send_reset(effect: Effect) -> None:
    """The letter with which somebody chooses another password, unless it is of no use any more."""
    with transaction(resources.database().system_session()) as session:
        found = reset_letter(session, effect.payload["reset"], at=clock.now())
    if found is not None:
        _send(found, reset_words(found), ["p", effect.id, found.reader.user_id])


def invitation_words(found: LinkLetter) -> Letter:
    """What an invitation says; its link is for nobody but its reader."""
    settings, say = resources.settings(), words(language_of(found.reader.locale)).gettext
    is_zh = language_of(found.reader.locale) == "zh"
    ours = settings.company_name_zh if is_zh else settings.company_name_en
    company = (found.company[0] if is_zh else found.company[1]) or ours
    facts = (
        (say(N_("Company")), company),
        (say(N_("Invited by")), found.invited_by),
        (say(N_("Good until")), _moment(found)),
    )
    sentence = N_("You are invited to the portal. The link opens a page where you choose your password.")
    path = f"/invitation/{_token(INVITATION, found)}"
    return Letter(say(N_("Your invitation to the portal")), say(sentence), facts, path)


def reset_words(found: LinkLetter) -> Letter:
    """What the letter to somebody says who forgot the password."""
    say = words(language_of(found.reader.locale)).gettext
    sentence = N_(
        "Somebody, probably you, asked for another password. If it was not you, do nothing: yours stays."
    )
    facts = ((say(N_("Good until")), _moment(found)),)
    path = f"/password/{_token(RESET, found)}"
    return Letter(say(N_("Choose another password")), say(sentence), facts, path)


def _token(purpose: str, found: LinkLetter) -> str:
    return link_token(Sealer(*resources.settings().secret_keys), purpose, found.nonce)


def _moment(found: LinkLetter) -> str:
    return found.expires_at.astimezone(resources.settings().timezone).strftime("%Y-%m-%d %H:%M")


def _send(found: LinkLetter, letter: Letter, letter_id: list[object]) -> None:
    send_letter(letter, found.reader, letter_id, resources.settings())
