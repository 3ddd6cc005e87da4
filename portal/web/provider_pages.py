"""The pages of company sign-in: the same for owners and for administrators but for frame and reach."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.identity.people import opened_person, person_key
from portal.identity.rules import Role
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid
from portal.providers.arrivals import reasons
from portal.providers.claim_rules import RULES_MAX, ClaimRule, ClaimTest, outcome_of, roles_to_give
from portal.providers.keep_provider import (
    CLAIMS_MAX,
    change_provider,
    create_provider,
    set_rules,
)
from portal.providers.mail_domains import as_read, is_foreign
from portal.providers.metadata import object_of
from portal.providers.queries import Provider, linked_people, provider, providers, region_codes
from portal.providers.refusals import WORDS, NotLetIn
from portal.providers.switch_provider import remove_provider, turn_off, turn_on, unlink_person
from portal.web.browser_session import ROLE_LABELS
from portal.web.company_sign_in import TRIAL, callback_of, send_out
from portal.web.forms import read_form
from portal.web.presentation import in_full, in_words
from portal.web.provider_forms import (
    BLANK_ROWS,
    ProviderForm,
    RulesForm,
    owner_of,
    rows_of_form,
    wanted_of,
)
from portal.web.request import current_actor, current_session, issuing_session, portal, request
from portal.web.sent_once import Said, sent_once, tell

_TESTS = {
    ClaimTest.IS: N_("is, or has"),
    ClaimTest.BEGINS: N_("begins with"),
    ClaimTest.ENDS: N_("ends with"),
    ClaimTest.ANY: N_("is there"),
}


@dataclass(frozen=True, slots=True)
class ProviderPages:
    """blueprint: whose endpoints are linked. layout: the frame around them."""

    blueprint: str
    layout: str

    def index(self) -> str:
        """Every provider, headquarters' own first."""
        return self._page("index", providers=providers(issuing_session(), actor=current_actor()))

    def new(self) -> str:
        """An empty form."""
        typed = {"name": "", "dealer": request.args.get("dealer", "")[:64], "issuer": "", "client_id": ""}
        return self._form(None, typed | {"domains": "", "mail_trusted": False})

    def create(self) -> str | Response:
        """Make it, switched off."""
        form = read_form(ProviderForm)

        def act() -> Said:
            handle = create_provider(
                issuing_session(),
                actor=current_actor(),
                wanted=wanted_of(form, of_dealer=bool(form.dealer) or not current_actor().is_staff),
                dealer_id=owner_of(form),
                at=clock.now(),
            )
            words = gettext("Saved. Register the portal there, then try to sign in.")
            return Said(words, self._to("show", handle=handle))

        try:
            return tell(sent_once(act))
        except (Invalid, Conflict) as refusal:
            return _refused(refusal, lambda refused: self._form(None, form.model_dump(), refused))

    def show(self, handle: str) -> str:
        """One provider: what to register there, its trial, its rules, who comes in by it."""
        session, actor = issuing_session(), current_actor()
        found = self._found(handle)
        claims = found.tried_claims
        return self._page(
            "show",
            found=found,
            callback=callback_of(handle),
            logout=f"{callback_of(handle)}/logout",
            leaving=f"{portal().settings.base_url}{url_for('account.login')}",
            starting=f"{portal().settings.base_url}{url_for('company_sign_in.begin', handle=handle)}",
            domains=[(one, as_read(one) if is_foreign(one) else "") for one in found.domains],
            claims=json.dumps(claims, indent=2, ensure_ascii=False) if claims else "",
            result=self._result(found, found.rules, claims) if claims else None,
            people=[
                (person_key(portal().sealer, one.user_id), one)
                for one in linked_people(session, actor=actor, handle=handle)
            ],
        )

    def edit(self, handle: str) -> str:
        """Its form."""
        found = self._found(handle)
        typed = {
            "name": found.name,
            "issuer": found.issuer,
            "client_id": found.client_id,
            "domains": "\n".join(found.domains),
            "mail_trusted": found.mail_trusted,
            "revision": found.revision,
        }
        return self._form(found, typed)

    def change(self, handle: str) -> str | Response:
        """Say it anew."""
        found, form = self._found(handle), read_form(ProviderForm)
        try:
            change_provider(
                issuing_session(),
                actor=current_actor(),
                handle=handle,
                revision=form.revision,
                wanted=wanted_of(form, of_dealer=found.of_dealer),
                at=clock.now(),
            )
        except (Invalid, Conflict) as refusal:
            return _refused(refusal, lambda refused: self._form(found, form.model_dump(), refused))
        return self._said(handle, gettext("The company sign-in has been changed."))

    def rules(self, handle: str) -> str:
        """What claims give, with the claims of the trial sign-in as a sample."""
        found = self._found(handle)
        claims = found.tried_claims
        sample = json.dumps(claims, indent=2, ensure_ascii=False) if claims else ""
        return self._rules(found, found.rules, sample, found.revision)

    def set_rules(self, handle: str) -> str | Response:
        """Keep the rules."""
        found, form, rules = self._found(handle), read_form(RulesForm), rows_of_form()
        try:
            set_rules(
                issuing_session(),
                actor=current_actor(),
                handle=handle,
                revision=form.revision,
                rules=rules,
                known_regions=region_codes(issuing_session()),
            )
        except (Invalid, Conflict) as refusal:
            return _refused(
                refusal, lambda refused: self._rules(found, rules, form.sample, form.revision, refused)
            )
        words = gettext("The rules have been saved. They count from each person's next sign-in.")
        return self._said(handle, words)

    def try_rules(self, handle: str) -> str | Response:
        """What the rules as they stand in the form make of the sample; nothing is kept."""
        found, form, rules = self._found(handle), read_form(RulesForm), rows_of_form()
        claims = object_of(form.sample.encode()) if len(form.sample) <= CLAIMS_MAX else None
        if claims is None:
            fault = Fault("/sample", "sample", N_("Paste claims as one JSON object."))
            refused = Invalid(faults=[fault])
            return make_response(self._rules(found, rules, form.sample, form.revision, refused), 422)
        return self._rules(found, rules, form.sample, form.revision, claims=claims)

    def trial(self, handle: str) -> Response:
        """Send the keeper to the provider for a trial."""
        try:
            return redirect(send_out(self._found(handle), purpose=TRIAL))
        except NotLetIn as refusal:
            words = f"{in_full(refusal)} ({refusal.code}: {refusal.detail})"
            return tell(Said(words, self._to("show", handle=handle), "error"))

    def switch_on(self, handle: str) -> Response:
        """People come in by it."""
        return self._act(
            handle,
            lambda: turn_on(issuing_session(), actor=current_actor(), handle=handle),
            gettext("The company sign-in is on."),
        )

    def switch_off(self, handle: str) -> Response:
        """Nobody comes in by it."""
        return self._act(
            handle,
            lambda: turn_off(issuing_session(), actor=current_actor(), handle=handle, at=clock.now()),
            gettext("The company sign-in is off. Everybody signs in with a password."),
        )

    def unlink(self, handle: str, key: str) -> Response:
        """Somebody comes in by it no more."""
        number = opened_person(issuing_session(), key)
        return self._act(
            handle,
            lambda: unlink_person(
                issuing_session(), actor=current_actor(), handle=handle, user_id=number, at=clock.now()
            ),
            gettext("The account is not linked any more."),
        )

    def remove(self, handle: str) -> Response:
        """It is gone."""
        remove_provider(issuing_session(), actor=current_actor(), handle=handle, at=clock.now())
        return tell(Said(gettext("The company sign-in has been removed."), self._to("index")))

    def _found(self, handle: str) -> Provider:
        return provider(issuing_session(), actor=current_actor(), handle=handle)

    def _act(self, handle: str, act: Callable[[], None], words: str) -> Response:
        try:
            act()
        except Conflict as refusal:
            issuing_session().rollback()
            return tell(Said(in_full(refusal), self._to("show", handle=handle), "error"))
        return self._said(handle, words)

    def _said(self, handle: str, words: str) -> Response:
        return tell(Said(words, self._to("show", handle=handle)))

    def _form(self, found: Provider | None, typed: dict[str, Any], refusal: DomainError | None = None) -> str:
        return self._page("form", found=found, typed=typed, **_shown(refusal))

    def _rules(
        self,
        found: Provider,
        rules: Sequence[ClaimRule],
        sample: str,
        revision: int,
        refusal: DomainError | None = None,
        claims: dict[str, Any] | None = None,
    ) -> str:
        blank = ClaimRule("", ClaimTest.IS)
        return self._page(
            "rules",
            found=found,
            rows=[*rules, *[blank] * BLANK_ROWS][: max(RULES_MAX, len(rules))],
            sample=sample,
            revision=revision,
            tests=[(test, gettext(words)) for test, words in _TESTS.items()],
            offered=[(role, ROLE_LABELS[Role(role)]) for role in roles_to_give(of_dealer=found.of_dealer)],
            result=self._result(found, rules, claims) if claims is not None else None,
            **_shown(refusal),
        )

    def _result(self, found: Provider, rules: Sequence[ClaimRule], claims: dict[str, Any]) -> dict[str, Any]:
        """What the rules make of claims, and everything for which somebody new would be refused."""
        known = region_codes(issuing_session())
        outcome = outcome_of(rules, claims, of_dealer=found.of_dealer, known_regions=known)
        refused = reasons(
            claims,
            outcome,
            of_dealer=found.of_dealer,
            domains=found.domains,
            trusted=found.mail_trusted,
        )
        return {
            "outcome": outcome,
            "roles": [ROLE_LABELS[Role(role)] for role in outcome.roles],
            "refused": [(str(why), " ".join(map(gettext, WORDS[why]))) for why in refused],
        }

    def _page(self, name: str, **context: Any) -> str:
        return render_template(
            f"providers/{name}.html",
            layout=self.layout,
            to=self._to,
            is_hq=current_actor().is_staff,
            role_label=lambda role: ROLE_LABELS[Role(role)],
            test_words={test: gettext(words) for test, words in _TESTS.items()},
            **context,
        )

    def _to(self, endpoint: str, **values: Any) -> str:
        return url_for(f"{self.blueprint}.{endpoint}", **values)


def _shown(refusal: DomainError | None) -> dict[str, Any]:
    faults = list(refusal.faults) if refusal else []
    return {
        "problem": in_full(refusal) if refusal and not faults else None,
        "beside": lambda *path: [in_full(one) for one in faults if _is_at(one.pointer, path)],
        "lines": [in_words(one) for one in faults],
    }


def _is_at(pointer: str, path: Sequence[object]) -> bool:
    """Whether a fault is of a field, or of one of the entries in it."""
    steps = pointer.strip("/").split("/")
    return steps[: len(path)] == [str(step) for step in path]


def _refused(refusal: DomainError, shown: Callable[[DomainError], str]) -> Response:
    issuing_session().rollback()
    current_session().rollback()
    return make_response(shown(refusal), 422 if isinstance(refusal, Invalid) else 409)
