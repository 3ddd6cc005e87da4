"""The pages of webhooks, the same for dealers and for headquarters but for their frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Invalid
from portal.kernel.paging import Page
from portal.web.forms import Flag, Form, OwnNumber, Stripped, read_form
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, labels
from portal.web.rendering import render_page
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, answered_once, sent_once, tell
from portal.web.status_looks import status_look
from portal.web.webhook_address import may_be_plain
from portal.webhooks import queries, rules
from portal.webhooks.queries import DeliveryRow
from portal.webhooks.replay import replay_dead, replay_delivery, send_test
from portal.webhooks.rules import DeliveryState
from portal.webhooks.subscribe import (
    Secret,
    Wanted,
    change_subscription,
    events_for,
    pause_subscription,
    remove_subscription,
    rotate_secret,
    subscribe,
)
from portal.webhooks.words import ERRORS, STOP_REASONS

DELIVERIES = Listing(
    "webhook-deliveries",
    N_("Deliveries"),
    (
        Column("message_id", N_("Message"), Kind.CODE, css="cell-wide", width="c-20"),
        Column("event", N_("Event"), Kind.CODE, width="c-18"),
        Column("subject", N_("Document"), Kind.CODE, width="c-18"),
        Column(
            "state", N_("Status"), Kind.STATUS, status="webhook delivery", width="c-12", css="cell-corner"
        ),
        Column("happened_at", N_("Happened at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("attempts", N_("Attempts"), Kind.QUANTITY, width="c-8"),
        Column("last_status", N_("Answer"), Kind.QUANTITY, width="c-8"),
        Column("next_at", N_("Next attempt"), Kind.MOMENT, width="c-15"),
    ),
    sort=str(queries.LATEST_FIRST),
)
_LOOKED_AFTER = timedelta(minutes=1)  # a page that nobody leaves does not ask for ever
SINCE = {"1": N_("since yesterday"), "7": N_("in the last 7 days"), "30": N_("in the last 30 days")}


class SubscriptionForm(Form):
    """A receiver; its events are ticked."""

    name: Stripped
    url: Stripped
    ordered: Flag
    revision: OwnNumber


class PauseForm(Form):
    """Whether it stops or goes on."""

    paused: Flag


class SinceForm(Form):
    """How many days back."""

    days: str


@dataclass(frozen=True, slots=True)
class WebhookPages:
    """blueprint: whose endpoints are linked. layout: the frame around them."""

    blueprint: str
    layout: str

    def index(self) -> str:
        """Every webhook by name."""
        found = queries.subscriptions(current_session(), actor=current_actor())
        return self._page("index", subscriptions=found, reasons=labels(STOP_REASONS))

    def new(self) -> str:
        """An empty form."""
        return self._form(None, {"name": "", "url": "", "ordered": False, "events": []})

    def create(self) -> str | Response:
        """Subscribe, and show the secret once."""
        form, events, at = read_form(SubscriptionForm), request.form.getlist("event"), clock.now()

        def act() -> Secret:
            return subscribe(
                current_session(),
                actor=current_actor(),
                wanted=Wanted(form.name, form.url, events, form.ordered),
                plain=may_be_plain(),
                today=clock.business_date(at, portal().settings.timezone),
                at=at,
            )

        try:
            return self._secret(act)
        except (Invalid, Conflict) as refusal:
            return _refused(refusal, partial(self._form, None, _typed(form, events)))

    def show(self, number: str) -> str | Response:
        """One webhook with its deliveries, the latest first."""
        session, actor = current_session(), current_actor()
        found = queries.subscription(session, actor=actor, number=number)
        said = request.args.get("status", "")
        state = said if said in list(DeliveryState) else ""
        event, q = request.args.get("event", ""), request.args.get("q", "").strip()
        sought: dict[str, Any] = {"actor": actor, "number": number, "state": state, "event": event, "q": q}
        sort = sort_of_address(DELIVERIES)

        def fetch(cursor: str | None, limit: int) -> Page[DeliveryRow]:
            return queries.deliveries(session, cursor=cursor, limit=limit, sort=sort, **sought)

        return show_list(
            DELIVERIES,
            fetch,
            "webhooks/show.html",
            {"status": state, "event": event, "q": q, "found": found, **self._frame()},
            page_only=lambda: self._around(found),
            count=lambda: queries.count_deliveries(session, **sought),
        )

    def edit(self, number: str) -> str:
        """Its form."""
        found = queries.subscription(current_session(), actor=current_actor(), number=number)
        typed = {"name": found.name, "url": found.url, "ordered": found.ordered, "events": found.events}
        return self._form(number, {**typed, "revision": found.revision})

    def change(self, number: str) -> str | Response:
        """Say it anew."""
        form, events = read_form(SubscriptionForm), request.form.getlist("event")
        try:
            change_subscription(
                current_session(),
                actor=current_actor(),
                number=number,
                revision=form.revision,
                wanted=Wanted(form.name, form.url, events, form.ordered),
                plain=may_be_plain(),
            )
        except (Invalid, Conflict) as refusal:
            return _refused(refusal, partial(self._form, number, _typed(form, events)))
        return tell(Said(gettext("The webhook has been changed."), self._address(number)))

    def pause(self, number: str) -> Response:
        """Stop, or go on."""
        paused = read_form(PauseForm).paused
        pause_subscription(current_session(), actor=current_actor(), number=number, paused=paused)
        words = gettext("It is paused.") if paused else gettext("It goes on with what has waited.")
        return tell(Said(words, self._address(number)))

    def rotation(self, number: str) -> str | Response:
        """A new secret, shown once."""
        return self._secret(
            lambda: rotate_secret(current_session(), actor=current_actor(), number=number, at=clock.now())
        )

    def removal(self, number: str) -> Response:
        """Tell it of nothing any more."""
        remove_subscription(current_session(), actor=current_actor(), number=number)
        return tell(Said(gettext("The webhook has been removed."), url_for(f"{self.blueprint}.index")))

    def test(self, number: str) -> Response:
        """Send a test, and show what is answered."""

        def act() -> Said:
            message = send_test(current_session(), actor=current_actor(), number=number, at=clock.now())
            return Said(gettext("The test is being sent."), self._address_of_message(number, message))

        try:
            return tell(sent_once(act))
        except Conflict as refusal:
            current_session().rollback()
            return tell(Said(in_full(refusal), self._address(number), "error"))

    def message(self, number: str, message_id: str) -> str:
        """What is sent, and each attempt at it."""
        session, actor = current_session(), current_actor()
        found, attempts = queries.delivery(session, actor=actor, number=number, message_id=message_id)
        subscription = queries.subscription(session, actor=actor, number=number)
        soon = found.state == DeliveryState.WAITING and found.attempts == 0
        return render_page(
            "webhooks/message.html",
            "attempts",
            **self._frame(),
            found=found,
            attempts=attempts,
            subscription=subscription,
            errors=labels(ERRORS),
            looks_again=soon and clock.now() - found.happened_at < _LOOKED_AFTER,
        )

    def replay(self, number: str, message_id: str) -> Response:
        """Send it again."""

        def act() -> Said:
            about = {"number": number, "message_id": message_id}
            replay_delivery(current_session(), actor=current_actor(), at=clock.now(), **about)
            return Said(gettext("It is sent again."), self._address_of_message(number, message_id))

        return tell(sent_once(act))

    def replay_all(self, number: str) -> Response:
        """Send again what was given up in so many days."""
        days = read_form(SinceForm).days
        at = clock.now()

        def act() -> Said:
            since = at - timedelta(days=int(days if days in SINCE else "1"))
            count = replay_dead(current_session(), actor=current_actor(), number=number, since=since, at=at)
            words = ngettext("%(num)s message is sent again.", "%(num)s messages are sent again.", count)
            return Said(words, self._address(number))

        return tell(sent_once(act))

    def _secret(self, act: Callable[[], Secret]) -> str | Response:
        """Do it once and show the secret, which is kept nowhere; a second click finds it made."""
        made: list[Secret] = []

        def acted() -> dict[str, Any]:
            made.append(act())
            return {"number": made[0].number}

        number = answered_once(acted)["number"]
        if made:
            return self._page("secret", number=number, secret=made[0].secret)
        flash(gettext("The secret was shown once; if you have not kept it, make a new one."), "info")
        return redirect(self._address(number), 303)

    def _around(self, found: queries.SubscriptionRow) -> dict[str, Any]:
        return {
            "reasons": labels(STOP_REASONS),
            "events": self._labels(),
            "since": [(days, gettext(words)) for days, words in SINCE.items()],
            "status_options": [
                (str(one), status_look("webhook delivery", one).label) for one in DeliveryState
            ],
            "event_options": [(name, name) for name in [*found.events, rules.TEST_EVENT]],
        }

    def _form(self, number: str | None, typed: dict[str, Any], refusal: DomainError | None = None) -> str:
        faults = list(refusal.faults) if refusal else []
        chosen = set(typed["events"])
        options = {**{name: name for name in typed["events"]}, **self._labels()}
        return self._page(
            "form",
            number=number,
            typed=typed,
            options=[(name, label, name in chosen) for name, label in sorted(options.items())],
            beside=lambda name: [in_full(one) for one in faults if one.pointer.split("/")[1:2] == [name]],
            refusal=in_full(refusal) if refusal and not faults else "",
        )

    def _labels(self) -> dict[str, str]:
        return {name: gettext(event.label) for name, event in events_for(current_actor()).items()}

    def _page(self, name: str, **context: Any) -> str:
        return render_template(f"webhooks/{name}.html", **self._frame(), **context)

    def _frame(self) -> dict[str, Any]:
        def to(view: str, **values: Any) -> str:
            return url_for(f"{self.blueprint}.{view}", **values)

        return {"layout": self.layout, "to": to}

    def _address(self, number: str) -> str:
        return url_for(f"{self.blueprint}.show", number=number)

    def _address_of_message(self, number: str, message_id: str) -> str:
        return url_for(f"{self.blueprint}.message", number=number, message_id=message_id)


def _typed(form: SubscriptionForm, events: list[str]) -> dict[str, Any]:
    return {**form.model_dump(), "events": events[:100]}


def _refused(refusal: DomainError, shown: Callable[[DomainError], str]) -> Response:
    current_session().rollback()
    return make_response(shown(refusal), 422 if isinstance(refusal, Invalid) else 409)
