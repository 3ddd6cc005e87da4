"""The letters about adverse events, to quality. Never a word of what was written about anybody."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from jobs.letters import Letter, labelled, language_of
from portal.complaints.clock_rules import Stage
from portal.complaints.event_queries import EventDetail
from portal.complaints.rules import Harm
from portal.complaints.words import HARMS, STAGES
from portal.kernel.errors import N_
from portal.kernel.formats import date_time
from portal.kernel.translations import words


def adverse_event(locale: str, *, found: EventDetail, stage: Stage | None, zone: ZoneInfo) -> Letter:
    """An adverse event was opened; or, with a stage, its time runs out."""
    language = language_of(locale)
    translated = words(language).gettext
    subject = N_("Adverse event %(number)s: a report is due")
    sentence = translated(N_("A possible adverse event was told of. Please look into it at once."))
    if stage:
        subject = N_("Adverse event %(number)s: time runs out")
        sentence = translated(N_("Its report is not submitted: %(stage)s.")) % {
            "stage": translated(STAGES[stage])
        }
    due = found.notice_due_at if found.is_group and found.notice_at is None else found.due_at
    facts = {
        N_("Complaint"): found.number,
        N_("Dealer"): found.dealer_zh if language == "zh" else found.dealer_en,
        N_("Harm"): translated(HARMS[Harm(found.harm)]),
        N_("Due at"): date_time(due or found.due_at, timezone=zone, locale=language),
    }
    return Letter(
        translated(subject) % {"number": found.number},
        sentence,
        labelled(locale, facts),
        f"/hq/adverse-events/{found.number}",
    )
