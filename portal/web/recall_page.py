"""The papers of a recall: what stands on each, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date as Date
from datetime import datetime
from io import BytesIO

from flask import send_file
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.dealers.queries import dealer_names
from portal.kernel import clock
from portal.kernel.errors import N_, Forbidden, NotFound
from portal.kernel.formats import date, date_time, in_zone, quantity
from portal.recalls import queries
from portal.recalls.own_queries import OwnRecall, own_recall
from portal.recalls.queries import RecallDetail, ResponseRow, ScopeRow
from portal.recalls.recall_pdf import Entry, PaperKind, RecallPaper, Section, TableKind, render
from portal.recalls.resolved import ResolvedLot, resolved_lots
from portal.recalls.rules import Effectiveness, RecallState, ScopeKind, effectiveness
from portal.recalls.words import ANSWERS, LEVELS, SCOPE_KINDS
from portal.web import language
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session, portal

MISSING = "–"
_LOTS_A_LINE = 8


def send_own_notice(number: str) -> Response:
    """The notice to the dealer that holds units of it. Raises NotFound to any other."""
    session, actor = current_session(), current_actor()
    found = own_recall(session, actor=actor, number=number)
    (own,) = dealer_names(session, [actor.own_dealer_id]).values()
    to = f"{in_language(own.name_zh, own.name_en)} ({own.code})"
    facts = (*_facts(found), ("to", to), ("your_units", quantity(found.held)))
    facts += (("decided", _moment(found.decided_at)), ("answer_by", _day(found.notices_by)))
    return _sent(PaperKind.NOTICE, number, facts, _notice(found), found.decided_at)


def send_paper(number: str, kind: PaperKind) -> Response:
    """A paper to headquarters. Raises NotFound for one that there is not yet.

    Raises Forbidden for figures to who does not see all of them.
    """
    session, actor = current_session(), current_actor()
    found = _decided(queries.recall(session, actor=actor, number=number))
    if found.decided_at is None or (kind is PaperKind.SUMMARY and found.ended_at is None):
        raise NotFound()
    facts = (*_facts(found), ("decided", _moment(found.decided_at)))
    if kind is PaperKind.NOTICE:
        facts += (("to", gettext("Every holder")), ("answer_by", _day(found.notices_by)))
        return _sent(kind, number, facts, _notice(found), found.decided_at)
    if not actor.answers_for(None):
        raise Forbidden(
            "whole_country",
            N_("A recall reaches all regions."),
            fix=N_("Somebody who answers for the whole country prints it."),
        )
    at = clock.now()
    facts += (("decided_by", found.decided_by_label or MISSING), ("as_of", _moment(at)))
    return _sent(kind, number, facts, tuple(_report(kind, found)), at, is_signed=True)


def _decided(found: RecallDetail) -> RecallDetail:
    """The recall as it was decided last, not with a wider scope that is still being prepared."""
    if not found.is_running or found.state == RecallState.RUNNING:
        return found
    version_no = found.version_no - 1
    scope = queries.scope_of(current_session(), found.id, version_no)
    return replace(found, version_no=version_no, scope=scope)


def _sent(
    kind: PaperKind,
    number: str,
    facts: tuple[Entry, ...],
    sections: tuple[Section, ...],
    created: datetime,
    *,
    is_signed: bool = False,
) -> Response:
    settings, file = portal().settings, BytesIO()
    company = (in_language(settings.company_name_zh, settings.company_name_en), "")
    created = in_zone(created, settings.timezone)
    locale = language.current()
    render(RecallPaper(locale, kind, company, number, created, facts, sections, is_signed), file)
    file.seek(0)
    name = f"{number}-{kind.replace('_', '-')}.pdf"
    return send_file(file, mimetype="application/pdf", as_attachment=True, download_name=name, max_age=0)


def _facts(found: RecallDetail | OwnRecall) -> tuple[Entry, ...]:
    facts = (
        ("number", found.number),
        ("recall_of", found.title),
        ("level", gettext(LEVELS[found.level])),
    )
    return (
        (*facts, ("drill", gettext("This is a drill: answer it, and go on as usual.")))
        if (found.is_drill)
        else facts
    )


def _notice(found: RecallDetail | OwnRecall) -> tuple[Section, ...]:
    demands = [("measures", found.demands)]
    if not found.is_drill:
        told = gettext("Pass this notice on to everybody who has got such goods from you.")
        kept = gettext("Keep what you have of them apart until it is sent back or destroyed.")
        demands += [("pass_on", told), ("handling", kept)]
    return (
        Section("goods", _goods(found.scope)),
        Section("why", (("cause", found.reason),)),
        Section("demands", tuple(demands)),
    )


def _report(kind: PaperKind, found: RecallDetail) -> Iterator[Section]:
    """The parts of a paper to the authorities."""
    session = current_session()
    lots = resolved_lots(session, recall_id=found.id, version_no=found.version_no)
    got = effectiveness(queries.held_by_all(session, found.id))
    if kind in (PaperKind.EVENT_REPORT, PaperKind.PLAN):
        yield Section("goods", _goods(found.scope))
        why = "cause" if kind is PaperKind.EVENT_REPORT else "reason"
        yield Section("why", ((why, found.reason),))
    if kind is PaperKind.PLAN:
        yield Section("plan", _plan(found))
    yield Section("figures", _figures(found, lots, got, is_begun=kind is not PaperKind.EVENT_REPORT))
    if kind in (PaperKind.EVENT_REPORT, PaperKind.PLAN):
        yield Section("lots", table=TableKind.LOTS, rows=tuple(map(_lot, lots)))
        return
    responses = queries.every_response(session, actor=current_actor(), recall_id=found.id)
    if kind is PaperKind.SUMMARY:
        ended = ("ended", _moment(found.ended_at)), ("ended_by", found.ended_by_label or MISSING)
        days = ("summary_by", _day(found.summary_by)), ("kept_until", _day(found.kept_until))
        yield Section("end", (("result", found.end_reason), *ended, *days))
        left = tuple((_holder(one), one.open_reason) for one in responses if one.open_reason)
        if left:
            yield Section("open", left)
    yield Section("holders", table=TableKind.HOLDERS, rows=tuple(map(_response, responses)))


def _plan(found: RecallDetail) -> tuple[Entry, ...]:
    """What the plan of a recall has to say, law by law (召回办法 17)."""
    at_the_nation = gettext("On the site of the national authority and in the main media.")
    at_the_province = gettext("On the site of the authority of the province.")
    return (
        ("measures", found.demands),
        ("notices_by", _day(found.notices_by)),
        ("report_by", _day(found.report_by)),
        ("publication", at_the_nation if found.level == 1 else at_the_province),
        (
            "effect",
            gettext(
                "Units found, used, sent back and destroyed by those who answered, of all that holders had."
            ),
        ),
        (
            "handling",
            gettext(
                "Blocked in every warehouse; kept apart by holders until sent back, or destroyed before a"
                " witness with a photo."
            ),
        ),
    )


def _figures(
    found: RecallDetail, lots: Sequence[ResolvedLot], got: Effectiveness, *, is_begun: bool
) -> tuple[Entry, ...]:
    told = (
        ("units_here", quantity(sum(lot.here for lot in lots))),
        ("units_held", quantity(got.of)),
        ("holders", quantity(got.holders)),
    )
    if not is_begun:
        return told
    accounted = f"{quantity(got.accounted)} / {quantity(got.of)} ({got.percent} %)"
    return (
        *told,
        ("answers", f"{quantity(got.answers)} / {quantity(got.holders)}"),
        ("accounted", accounted),
    )


def _goods(scope: Sequence[ScopeRow]) -> tuple[Entry, ...]:
    """A line for each article: its name, model, registration and what of it is meant."""
    return tuple((line.sku, "\n".join((*_named(line), *_meant(line)))) for line in scope)


def _named(line: ScopeRow) -> Iterator[str]:
    yield in_language(line.name_zh, line.name_en)
    for text in (line.specification, line.registration_no):
        if text:
            yield text


def _meant(line: ScopeRow) -> Iterator[str]:
    if line.kind == ScopeKind.LOTS:
        for first in range(0, len(line.lots), _LOTS_A_LINE):
            yield ", ".join(line.lots[first : first + _LOTS_A_LINE])
    elif line.kind == ScopeKind.SERIALS:
        yield f"{line.serial_from} – {line.serial_to}"
        if line.without:
            yield gettext("without %(serials)s", serials=", ".join(line.without))
    elif line.kind == ScopeKind.MADE:
        yield f"{_day(line.made_from)} – {_day(line.made_to)}"
    else:
        yield gettext(SCOPE_KINDS[ScopeKind.ALL])


def _lot(lot: ResolvedLot) -> tuple[str, ...]:
    name = in_language(lot.name_zh, lot.name_en)
    return (lot.sku, name, lot.lot_no, _day(lot.produced_on), _day(lot.expires_on), quantity(lot.here))


def _holder(one: ResponseRow) -> str:
    return f"{one.code} {in_language(one.name_zh, one.name_en)}"


def _response(one: ResponseRow) -> tuple[str, ...]:
    units = (quantity(getattr(one, name)) if one.answered_at else MISSING for name in ANSWERS)
    return (_holder(one), _moment(one.answered_at), quantity(one.held), *units)


def _day(day: Date | None) -> str:
    return date(day, timezone=portal().settings.timezone, locale=language.current())


def _moment(moment: datetime | None) -> str:
    return date_time(moment, timezone=portal().settings.timezone, locale=language.current())
