"""The letters about service requests: to whoever asked, and to those who serve."""

from __future__ import annotations

from jobs.letters import Letter, labelled, language_of
from portal.kernel.errors import N_
from portal.kernel.translations import words
from portal.service.escalate import Told
from portal.service.rules import RequestState, ServiceKind, Severity
from portal.service.sla_rules import Clock, Stage
from portal.service.words import CLOCKS, KINDS, SEVERITIES, STAGES

_TO_DEALER = {
    RequestState.WAITING: N_("We have a question about your request. Please answer in the portal."),
    RequestState.RESOLVED: N_("Your request is resolved. Please look at it, and tell us if it is not."),
}
_ANSWERED = N_("There is an answer to your request.")


def answered(locale: str, *, told: Told) -> Letter:
    """Headquarters wrote, asked or resolved."""
    translated = words(language_of(locale)).gettext
    sentence = _TO_DEALER.get(RequestState(told.state), _ANSWERED)
    return Letter(
        translated(N_("Service request %(number)s")) % {"number": told.number},
        translated(sentence),
        _facts(locale, told),
        f"/service-requests/{told.number}",
    )


def assigned(locale: str, *, told: Told) -> Letter:
    """A request is the reader's now."""
    return _to_staff(
        locale,
        told,
        N_("Service request %(number)s is yours"),
        N_("This request has been assigned to you."),
    )


def said(locale: str, *, told: Told) -> Letter:
    """The dealer wrote, reopened or took it back."""
    return _to_staff(
        locale,
        told,
        N_("Service request %(number)s: news of the dealer"),
        N_("The dealer has written, or has changed its request."),
    )


def escalated(locale: str, *, told: Told, clock: Clock, stage: Stage) -> Letter:
    """A clock runs out, or has."""
    translated = words(language_of(locale)).gettext
    letter = _to_staff(
        locale,
        told,
        N_("Service request %(number)s: time runs out"),
        N_("Please look at this request before its time has run out."),
    )
    text = f"{translated(CLOCKS[clock])}: {translated(STAGES[stage])}"
    return Letter(letter.subject, text, letter.facts, letter.path)


def _to_staff(locale: str, told: Told, subject: str, sentence: str) -> Letter:
    translated = words(language_of(locale)).gettext
    return Letter(
        translated(subject) % {"number": told.number},
        translated(sentence),
        _facts(locale, told, of_dealer=True),
        f"/hq/service-requests/{told.number}",
    )


def _facts(locale: str, told: Told, *, of_dealer: bool = False) -> tuple[tuple[str, str], ...]:
    language = language_of(locale)
    translated = words(language).gettext
    dealer = told.dealer_zh if language == "zh" else told.dealer_en
    facts = {
        N_("Request"): told.number,
        N_("Dealer"): dealer if of_dealer else "",
        N_("Kind"): translated(KINDS[ServiceKind(told.kind)]),
        N_("Severity"): translated(SEVERITIES[Severity(told.severity)]),
        N_("Subject"): told.subject,
    }
    return labelled(locale, facts)
