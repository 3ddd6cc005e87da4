"""The pages of API clients, the same for dealers and for headquarters but for frame and owners."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.dealers.queries import dealer_id_of
from portal.identity.change_client import change_client, end_former_secret, revoke_client, rotate_secret
from portal.identity.client_queries import LISTED_MAX, ClientRow, client_of, clients
from portal.identity.create_client import NewClient, Wanted, create_client
from portal.identity.rules import scopes_allowed
from portal.identity.words import METHODS
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid, NotFound
from portal.web.forms import Form, OwnNumber, Stripped, read_form
from portal.web.presentation import in_full, labels
from portal.web.request import current_actor, current_session, issuing_session, portal, request
from portal.web.sent_once import Said, answered_once, tell
from portal.web.webhook_address import may_be_plain

OVERLAPS = {
    "0": N_("End at once"),
    "1": N_("1 hour"),
    "24": N_("1 day"),
    "168": N_("7 days"),
    "720": N_("30 days"),
}
SECRET, KEYS, ADDRESS = "secret", "keys", "address"
OURS = "-"
"""In the filter: headquarters' own."""


class ClientForm(Form):
    """A system; its scopes are ticked. proof: how it proves itself, of which one field counts."""

    name: Stripped
    dealer: Stripped
    proof: str
    keys: Stripped
    keys_url: Stripped
    networks: str
    revision: OwnNumber


class OverlapForm(Form):
    """For how many hours both secrets are good."""

    hours: str


@dataclass(frozen=True, slots=True)
class ClientPages:
    """blueprint: whose endpoints are linked. layout: the frame around them."""

    blueprint: str
    layout: str

    def index(self) -> str:
        """Every client, headquarters' own first, those that are good before the others."""
        q, dealer = request.args.get("q", "").strip()[:100], request.args.get("dealer", "").strip()[:64]
        found = clients(
            current_session(),
            actor=current_actor(),
            dealer=None if not dealer else "" if dealer == OURS else dealer,
            q=q,
        )
        is_cut = len(found) == LISTED_MAX
        return self._page("index", clients=found, q=q, dealer=dealer, is_cut=is_cut)

    def new(self) -> str:
        """An empty form."""
        typed = {"name": "", "dealer": request.args.get("dealer", "")[:64], "proof": SECRET, "scopes": []}
        return self._form(None, {**typed, "keys": "", "keys_url": "", "networks": ""})

    def create(self) -> str | Response:
        """Make it, and show the secret once."""
        form, scopes = read_form(ClientForm), request.form.getlist("scope")

        def act() -> NewClient:
            return create_client(
                issuing_session(),
                actor=current_actor(),
                wanted=_wanted(form, scopes),
                dealer_id=_owner(form),
                at=clock.now(),
            )

        try:
            return self._secret(act)
        except (Invalid, Conflict) as refusal:
            return _refused(refusal, lambda refused: self._form(None, _typed(form, scopes), refused))

    def show(self, client_id: str) -> str:
        """One client."""
        found = self._found(client_id)
        overlaps = [(hours, gettext(words)) for hours, words in OVERLAPS.items()]
        keys = json.dumps(found.keys, indent=2) if found.keys else ""
        return self._page("show", found=found, overlaps=overlaps, keys=keys, methods=labels(METHODS))

    def edit(self, client_id: str) -> str:
        """Its form."""
        found = self._found(client_id)
        if found.disabled_at:
            raise NotFound()
        typed = {
            "name": found.name,
            "scopes": found.scopes,
            "proof": SECRET if found.has_secret else KEYS if found.keys else ADDRESS,
            "keys": json.dumps(found.keys, indent=2) if found.keys else "",
            "keys_url": found.keys_url or "",
            "networks": "\n".join(found.networks),
            "revision": found.revision,
        }
        return self._form(found, typed)

    def change(self, client_id: str) -> str | Response:
        """Say it anew."""
        found, form, scopes = self._found(client_id), read_form(ClientForm), request.form.getlist("scope")
        try:
            change_client(
                issuing_session(),
                actor=current_actor(),
                client_id=client_id,
                revision=form.revision,
                wanted=_wanted(form, scopes),
            )
        except (Invalid, Conflict) as refusal:
            return _refused(refusal, lambda refused: self._form(found, _typed(form, scopes), refused))
        return tell(Said(gettext("The API client has been changed."), self._address(client_id)))

    def rotation(self, client_id: str) -> str | Response:
        """Another secret, shown once."""
        hours = read_form(OverlapForm).hours
        overlap = timedelta(hours=int(hours if hours in OVERLAPS else "24"))
        try:
            return self._secret(
                lambda: rotate_secret(
                    issuing_session(),
                    actor=current_actor(),
                    client_id=client_id,
                    overlap=overlap,
                    at=clock.now(),
                )
            )
        except Conflict as refusal:
            current_session().rollback()
            return tell(Said(in_full(refusal), self._address(client_id), "error"))

    def end_former(self, client_id: str) -> Response:
        """The secret before is good no more."""
        end_former_secret(issuing_session(), actor=current_actor(), client_id=client_id)
        return tell(Said(gettext("The former secret has ended."), self._address(client_id)))

    def revocation(self, client_id: str) -> Response:
        """It comes in no more."""
        revoke_client(issuing_session(), actor=current_actor(), client_id=client_id, at=clock.now())
        return tell(Said(gettext("The API client has been revoked."), url_for(f"{self.blueprint}.index")))

    def _found(self, client_id: str) -> ClientRow:
        return client_of(current_session(), actor=current_actor(), client_id=client_id)

    def _secret(self, act: Callable[[], NewClient]) -> str | Response:
        """Do it once and show the secret, which is kept nowhere; a second click finds it made."""
        made: list[NewClient] = []

        def acted() -> dict[str, Any]:
            made.append(act())
            return {"client_id": made[0].client_id}

        client_id = answered_once(acted)["client_id"]
        if made and made[0].client_secret:
            return self._page("secret", client_id=client_id, secret=made[0].client_secret, token=_token())
        if made:
            return tell(Said(gettext("The API client has been created."), self._address(client_id)))
        flash(gettext("The secret was shown once; if you have not kept it, make a new one."), "info")
        return redirect(self._address(client_id), 303)

    def _form(
        self, found: ClientRow | None, typed: dict[str, Any], refusal: DomainError | None = None
    ) -> str:
        faults = list(refusal.faults) if refusal else []
        return self._page(
            "form",
            found=found,
            typed=typed,
            scopes=self._scopes(found, typed),
            beside=lambda name: [in_full(one) for one in faults if one.pointer.split("/")[1:2] == [name]],
            refusal=in_full(refusal) if refusal and not faults else "",
        )

    def _scopes(
        self, found: ClientRow | None, typed: dict[str, Any]
    ) -> list[tuple[str, list[tuple[str, bool]]]]:
        """Those that may be given, each with whether it is, under whose system has them."""
        rights, chosen = portal().declared.every_right, set(typed["scopes"])
        sides = [(N_("Dealer"), True), (N_("Headquarters"), False)]
        if found is not None or not current_actor().is_staff:
            of_dealer = found.dealer is not None if found is not None else True
            sides = [side for side in sides if side[1] is of_dealer]
        return [
            (
                gettext(label) if len(sides) > 1 else "",
                [(one, one in chosen) for one in sorted(scopes_allowed(rights, of_dealer=of_dealer))],
            )
            for label, of_dealer in sides
        ]

    def _page(self, name: str, **context: Any) -> str:
        return render_template(f"api_clients/{name}.html", **self._frame(), **context)

    def _frame(self) -> dict[str, Any]:
        def to(view: str, **values: Any) -> str:
            return url_for(f"{self.blueprint}.{view}", **values)

        return {"layout": self.layout, "to": to, "at": clock.now(), "is_desk": current_actor().is_staff}

    def _address(self, client_id: str) -> str:
        return url_for(f"{self.blueprint}.show", client_id=client_id)


def _token() -> str:
    return f"{portal().settings.base_url}/oauth/token"


def _owner(form: ClientForm) -> int | None:
    actor = current_actor()
    if not actor.is_staff or not form.dealer:
        return actor.dealer_id
    try:
        return dealer_id_of(current_session(), form.dealer)
    except NotFound:
        raise Invalid(faults=[Fault("/dealer", "unknown_dealer", N_("There is no such dealer."))]) from None


def _wanted(form: ClientForm, scopes: list[str]) -> Wanted:
    return Wanted(
        form.name,
        scopes,
        form.networks.replace(",", " ").replace("，", " ").split(),
        form.keys if form.proof == KEYS else "",
        form.keys_url if form.proof == ADDRESS else "",
        may_be_plain(),
    )


def _typed(form: ClientForm, scopes: list[str]) -> dict[str, Any]:
    """A private key that somebody entered by mistake is not sent back."""
    keys = "" if '"d"' in form.keys or "PRIVATE" in form.keys else form.keys[:20_000]
    return {**form.model_dump(), "keys": keys, "scopes": scopes[:200]}


def _refused(refusal: DomainError, shown: Callable[[DomainError], str]) -> Response:
    issuing_session().rollback()
    current_session().rollback()
    return make_response(shown(refusal), 422 if isinstance(refusal, Invalid) else 409)
