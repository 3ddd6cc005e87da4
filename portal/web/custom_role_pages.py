"""The pages of roles that a side composes itself, the same for both but for their frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.identity.custom_role_queries import OwnRole, own_role, own_roles
from portal.identity.custom_role_rules import rights_to_give, roles_to_be_told_as
from portal.identity.custom_roles import change_role, compose_role, delete_role
from portal.kernel import clock
from portal.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from portal.kernel.registry import registry
from portal.web.browser_session import ROLE_LABELS
from portal.web.forms import Form, OwnNumber, Stripped, column_of_form, read_form
from portal.web.presentation import in_full, in_words
from portal.web.request import current_actor, current_session, issuing_session
from portal.web.rights_matrix import matrix, roles_of
from portal.web.sent_once import Said, sent_once, tell


class RoleForm(Form):
    """What a role is called; rights and letters are ticked. revision: as it was read."""

    name: Stripped
    revision: OwnNumber


@dataclass(frozen=True, slots=True)
class CustomRolePages:
    """blueprint: whose endpoints are linked. people: that of the people. layout: the frame around them."""

    blueprint: str
    people: str
    layout: str

    def index(self) -> str:
        """Those of the own side, and which rights every role of it has."""
        of_dealer = not current_actor().is_staff
        composed = own_roles(issuing_session(), actor=current_actor())
        return render_template(
            "custom_roles/index.html",
            composed=composed,
            rows=matrix(of_dealer=of_dealer),
            built_in=roles_of(of_dealer=of_dealer),
            role_labels=ROLE_LABELS,
            **self._frame(),
        )

    def new(self) -> str:
        """An empty form."""
        return self._form(None, {"name": "", "rights": [], "told_as": []})

    def create(self) -> str | Response:
        """Compose one."""
        typed = _typed(read_form(RoleForm))

        def act() -> Said:
            code = compose_role(issuing_session(), actor=current_actor(), **typed, at=clock.now())
            words = gettext("The role has been made. Give it to people on their pages.")
            return Said(words, self._to("show", role_code=code))

        try:
            return tell(sent_once(act))
        except (Invalid, Conflict, Forbidden) as refusal:
            return self._refused(None, typed, refusal)

    def show(self, code: str) -> str:
        """One of them, to be changed."""
        found = self._found(code)
        return self._form(found, _kept(found))

    def change(self, code: str) -> str | Response:
        """Say it anew."""
        found, form = self._found(code), read_form(RoleForm)
        typed = _typed(form)
        try:
            change_role(
                issuing_session(),
                actor=current_actor(),
                code=code,
                **typed,
                revision=form.revision,
            )
        except (Invalid, Conflict, Forbidden) as refusal:
            return self._refused(found, typed, refusal)
        words = gettext("Saved. It counts for everybody who has the role, from their next page on.")
        return tell(Said(words, self._to("show", role_code=code)))

    def deletion(self, code: str) -> str | Response:
        """Give it up."""
        found = self._found(code)
        try:
            delete_role(issuing_session(), actor=current_actor(), code=code)
        except (Conflict, Forbidden) as refusal:
            return self._refused(found, _kept(found), refusal)
        return tell(Said(gettext("The role has been deleted."), self._to("index")))

    def _found(self, code: str) -> OwnRole:
        return own_role(issuing_session(), actor=current_actor(), code=code)

    def _refused(self, found: OwnRole | None, typed: dict[str, Any], refusal: DomainError) -> Response:
        issuing_session().rollback()
        current_session().rollback()
        status = {Invalid: 422, Conflict: 409}.get(type(refusal), 403)
        return make_response(self._form(found, typed, refusal), status)

    def _form(self, found: OwnRole | None, typed: dict[str, Any], refusal: DomainError | None = None) -> str:
        """Offered are the rights that somebody has who composes, and those that the role has already."""
        actor, held, of_dealer = current_actor(), registry().rights, not current_actor().is_staff
        offered = rights_to_give(held, of_dealer=of_dealer) & actor.rights
        letters = roles_to_be_told_as(held, actor.rights, of_dealer=of_dealer)
        shown = offered.union(found.rights if found else ())
        faults = refusal.faults if refusal else ()
        return render_template(
            "custom_roles/form.html",
            found=found,
            typed=typed,
            rows=[row for row in matrix(of_dealer=of_dealer) if row.right in shown],
            letters=[(role, label) for role, label in ROLE_LABELS.items() if role in letters],
            problem=in_full(refusal) if refusal and not faults else None,
            refusal_lines=[(f"field-{fault.pointer.strip('/')}", in_words(fault)) for fault in faults],
            beside=lambda name: [in_full(fault) for fault in faults if fault.pointer == f"/{name}"],
            **self._frame(),
        )

    def _frame(self) -> dict[str, Any]:
        return {"layout": self.layout, "to": self._to, "people": url_for(f"{self.people}.index")}

    def _to(self, endpoint: str, **values: Any) -> str:
        return url_for(f"{self.blueprint}.{endpoint}", **values)


def _typed(form: RoleForm) -> dict[str, Any]:
    return {"name": form.name, "rights": column_of_form("right"), "told_as": column_of_form("told_as")}


def _kept(found: OwnRole) -> dict[str, Any]:
    return {"name": found.name, "rights": found.rights, "told_as": found.told_as}
