"""The pages of people, the same for a dealer's owner and for administrators but for their frame and reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import make_response, render_template, url_for
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from portal.dealers.queries import RegionName, dealer_id_of, regions_in_scope
from portal.identity import people
from portal.identity.invite_person import Wanted, invite_person, revoke_invitation, send_again
from portal.identity.manage_person import change_roles, deactivate_person, reactivate_person
from portal.identity.own_sessions import history_of
from portal.identity.people import PersonRow
from portal.identity.second_factors import forget_factors
from portal.identity.staff_regions import dated_regions, end_region, give_region
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Forbidden, Invalid, NotFound
from portal.web.forms import Flag, Form, Stripped, column_of_form, read_form
from portal.web.presentation import in_full, in_language, in_words
from portal.web.rendering import render_page
from portal.web.request import current_actor, current_session, issuing_session, portal, request
from portal.web.role_words import role_words, roles_to_choose
from portal.web.sent_once import Said, sent_once, tell
from portal.web.staff_region_form import act_on_region, business_today, no_region, typed_region

SIDE_OF_HEADQUARTERS = "hq"
_NO_REGION = -1


class InviteForm(Form):
    """Whom to invite. side: ``hq`` or a dealer's code; a dealer's owner says none."""

    email: Stripped
    name: Stripped
    locale: str
    side: Stripped
    all_regions: Flag


class RolesForm(Form):
    """The regions of headquarters' people; roles and regions are ticked."""

    all_regions: Flag


class DeactivationForm(Form):
    """Why, and who takes over."""

    reason: Stripped
    successor: str


@dataclass(frozen=True, slots=True)
class PeoplePages:
    """blueprint: whose endpoints are linked. layout: the frame around them."""

    blueprint: str
    layout: str

    def index(self) -> str:
        """People by name, and who was invited."""
        session, actor = issuing_session(), current_actor()
        q, side = request.args.get("q", "").strip()[:100], request.args.get("side", "").strip()[:40]
        cursor = request.args.get("cursor")
        return render_page(
            "people/index.html",
            "results",
            page_only=lambda: {"invitations": people.invitations(session, actor=actor, at=clock.now())},
            page=people.people(session, actor=actor, q=q, side=side, cursor=cursor),
            q=q,
            side=side,
            **self._frame(),
        )

    def new(self) -> str:
        """An empty form."""
        side = request.args.get("side", "").strip()[:40]
        return self._invite_form(
            {"email": "", "name": "", "locale": str(get_locale())[:2], "side": side, "roles": ()}
        )

    def invite(self) -> str | Response:
        """Send an invitation."""
        form, roles = read_form(InviteForm), column_of_form("role")
        codes, known = column_of_form("region"), self._regions()

        def act() -> Said:
            _spend()
            invite_person(
                issuing_session(),
                actor=current_actor(),
                wanted=Wanted(
                    form.email,
                    form.name,
                    roles,
                    self._dealer_of(form.side),
                    _ids_of(codes, known),
                    form.all_regions,
                    form.locale if form.locale in portal().settings.locales else "zh",
                ),
                known_regions=[region.id for region in known],
                hours=portal().settings.invitation_hours,
                at=clock.now(),
            )
            return Said(gettext("The invitation is being sent."), self._to("index"))

        try:
            return tell(sent_once(act))
        except (Invalid, Conflict) as refusal:
            issuing_session().rollback()
            current_session().rollback()
            typed = form.model_dump() | {"roles": roles, "regions": codes}
            return make_response(self._invite_form(typed, refusal), _status(refusal))

    def send_again(self, key: str) -> Response:
        """Another letter with another link."""
        _spend()
        hours = portal().settings.invitation_hours
        return self._invitation_act(
            key, gettext("The invitation is being sent again."), send_again, hours=hours
        )

    def revoke(self, key: str) -> Response:
        """The link is good for nothing."""
        return self._invitation_act(key, gettext("The invitation has been revoked."), revoke_invitation)

    def show(self, key: str) -> str:
        """One person."""
        return self._person_page(self._found(key))

    def roles(self, key: str) -> str | Response:
        """Say anew what somebody is."""
        found, form = self._found(key), read_form(RolesForm)
        roles, codes, known = column_of_form("role"), column_of_form("region"), self._regions()

        def act() -> None:
            change_roles(
                issuing_session(),
                actor=current_actor(),
                user_id=found.id,
                roles=roles,
                region_ids=_ids_of(codes, known),
                all_regions=form.all_regions,
                known_regions=[region.id for region in known],
            )

        typed = {"roles": roles, "regions": codes, "all_regions": form.all_regions}
        return self._person_act(found, act, gettext("Saved. It counts from the next page on."), typed)

    def deactivation(self, key: str) -> str | Response:
        """Let somebody in no more."""
        found, form = self._found(key), read_form(DeactivationForm)

        def act() -> None:
            session = issuing_session()
            deactivate_person(
                session,
                actor=current_actor(),
                user_id=found.id,
                reason=form.reason,
                successor_id=people.opened_person(session, form.successor) if form.successor else None,
                at=clock.now(),
            )

        words = gettext("%(name)s cannot sign in any more and has been signed out.", name=found.name)
        return self._person_act(found, act, words, {"reason": form.reason, "successor": form.successor})

    def reactivation(self, key: str) -> str | Response:
        """Let somebody in again."""
        found = self._found(key)

        def act() -> None:
            reactivate_person(issuing_session(), actor=current_actor(), user_id=found.id)

        return self._person_act(found, act, gettext("%(name)s can sign in again.", name=found.name), {})

    def give_region(self, key: str) -> str | Response:
        """Let somebody answer for a region from a day on."""
        return self._region_act(key, give_region)

    def end_region(self, key: str) -> str | Response:
        """Let somebody answer for a region no more from a day on."""
        return self._region_act(key, end_region)

    def _region_act(self, key: str, verb: Callable[..., None]) -> str | Response:
        found = self._found(key)
        typed = {"dated": typed_region()}
        words = gettext("Saved. It counts from its day on.")
        return self._person_act(found, lambda: act_on_region(verb, found.id), words, typed)

    def without_factors(self, key: str) -> str | Response:
        """The password suffices again for somebody who lost the second factor."""
        found = self._found(key)

        def act() -> None:
            forget_factors(issuing_session(), actor=current_actor(), user_id=found.id, at=clock.now())

        words = gettext("%(name)s signs in by the password alone, and has been signed out.", name=found.name)
        return self._person_act(found, act, words, {})

    def _invitation_act(self, key: str, words: str, verb: Callable[..., None], **more: Any) -> Response:
        session = issuing_session()
        number = people.opened_invitation(session, key)
        try:
            verb(session, actor=current_actor(), invitation_id=number, at=clock.now(), **more)
        except Conflict as refusal:
            session.rollback()
            return tell(Said(in_full(refusal), self._to("index"), "error"))
        return tell(Said(words, self._to("index")))

    def _person_act(
        self, found: PersonRow, act: Callable[[], None], words: str, typed: dict[str, Any]
    ) -> str | Response:
        try:
            act()
        except (Invalid, Conflict, Forbidden) as refusal:
            issuing_session().rollback()
            return make_response(self._person_page(found, refusal, typed), _status(refusal))
        if found.id == current_actor().user_id and found.disabled_at is None and "reason" in typed:
            return tell(Said("", url_for("account.login")))
        return tell(Said(words, self._to("show", person=found.key)))

    def _found(self, key: str) -> PersonRow:
        session = issuing_session()
        return people.person_row(session, actor=current_actor(), user_id=people.opened_person(session, key))

    def _person_page(
        self, found: PersonRow, refusal: DomainError | None = None, typed: dict[str, Any] | None = None
    ) -> str:
        session, actor = issuing_session(), current_actor()
        kept = {
            "roles": found.roles,
            "regions": [region.code for region in self._regions() if region.id in found.region_ids],
            "all_regions": found.all_regions,
            "reason": "",
            "successor": "",
            "dated": no_region(),
        }
        colleagues = people.colleagues_of(session, actor=actor, leaver=found)
        return render_template(
            "people/show.html",
            found=found,
            typed=kept | (typed or {}),
            successors=[(one.key, one.name) for one in colleagues],
            dated=dated_regions(session, user_id=found.id) if found.dealer_id is None else [],
            today=business_today(),
            history=history_of(session, actor=actor, user_id=found.id) if actor.is_staff else [],
            **self._frame([(found.dealer_id is not None, found.dealer_id)]),
            **_refusal(refusal),
        )

    def _invite_form(self, typed: dict[str, Any], refusal: DomainError | None = None) -> str:
        kept = {"regions": (), "all_regions": False} | typed
        actor = current_actor()
        sides = [(False, None), (True, None)] if actor.is_staff else [(True, actor.dealer_id)]
        return render_template("people/invite.html", typed=kept, **self._frame(sides), **_refusal(refusal))

    def _frame(self, sides: Sequence[tuple[bool, int | None]] = ()) -> dict[str, Any]:
        """sides: whose roles are offered, each as whether it is a dealer's and, if known, which one's."""
        session, is_staff = issuing_session(), current_actor().is_staff
        return {
            "layout": self.layout,
            "to": self._to,
            "own_roles": url_for("hq_roles.index" if is_staff else "custom_roles.index"),
            "is_hq": is_staff,
            "role_words": role_words,
            "role_groups": [
                (of_dealer, roles_to_choose(session, of_dealer=of_dealer, dealer_id=dealer_id))
                for of_dealer, dealer_id in sides
            ],
            "region_options": [
                (region.code, in_language(region.name_zh, region.name_en)) for region in self._regions()
            ],
        }

    def _regions(self) -> list[RegionName]:
        actor = current_actor()
        return regions_in_scope(current_session(), actor) if actor.is_staff else []

    def _dealer_of(self, side: str) -> int | None:
        """The dealer somebody is invited to: of an owner its own, whatever the form says."""
        actor = current_actor()
        if not actor.is_staff:
            return actor.dealer_id
        if side == SIDE_OF_HEADQUARTERS:
            return None
        try:
            return dealer_id_of(current_session(), side)
        except NotFound:
            raise Invalid(
                faults=[Fault("/side", "dealer", N_("There is no dealer with this code."))]
            ) from None

    def _to(self, endpoint: str, **values: Any) -> str:
        return url_for(f"{self.blueprint}.{endpoint}", **values)


def _ids_of(codes: Sequence[str], regions: Sequence[RegionName]) -> tuple[int, ...]:
    """Ids of regions by their codes, which the form has; -1, which none has, for what is none."""
    known = {region.code: region.id for region in regions}
    return tuple(known.get(code, _NO_REGION) for code in codes)


def _spend() -> None:
    portal().limits.spend(portal().settings.invitation_rate, "invitations", current_actor().key)


def _status(refusal: DomainError) -> int:
    return {Invalid: 422, Conflict: 409}.get(type(refusal), 403)


def _refusal(refusal: DomainError | None) -> dict[str, Any]:
    faults = refusal.faults if refusal else ()
    return {
        "problem": in_full(refusal) if refusal and not faults else None,
        "refusal_lines": [(f"field-{fault.pointer.strip('/')}", in_words(fault)) for fault in faults],
        "beside": lambda name: [in_full(fault) for fault in faults if fault.pointer == f"/{name}"],
    }
