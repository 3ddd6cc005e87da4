"""The person behind a browser: from the signed cookie to the account, and which pages are whose.

The cookie holds the session's secret and, sealed, the ids of user and dealer: nobody reads or forges them. So
the database scope is set before the account is read, and recognising a visitor costs one statement in the
transaction the page needs anyway.
"""

from __future__ import annotations

from typing import cast

from flask import Flask, Request, current_app, g, redirect, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.exceptions import NotFound
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

from portal.identity.credentials import hash_secret
from portal.identity.custom_role_rules import needs_factor
from portal.identity.own_sessions import USED_TO_WITHIN, note_use
from portal.identity.queries import Person, person_of_session
from portal.identity.rules import Role
from portal.identity.stand_in import StandIn
from portal.kernel import clock
from portal.kernel.actor import Actor, require_own_hands
from portal.kernel.errors import N_, Forbidden
from portal.kernel.manifest import Audience
from portal.web.idle import is_idle, note_presence
from portal.web.logs import WITHIN
from portal.web.request import (
    SignInNeeded,
    act_as,
    close_session,
    count_stranger,
    personal_session,
    portal,
    request,
)
from portal.web.standing_in import is_standing_in, leave_standing_in, standing_in

_WHOSE = "visitor"
_BEFORE_A_FACTOR = frozenset({"account", "security"})
"""Pages that whoever has to enrol a second factor may open."""
_IN_PERSON = frozenset({"security", "account.new_password"})
"""Blueprints and pages of the own account, which nobody opens in another's name."""
_STRANGERS_MAX = 2**20  # bytes: the count of a long delivery with a signature

ROLE_LABELS = {
    Role.DEALER_BUYER: _("Buyer"),
    Role.DEALER_FINANCE: _("Finance"),
    Role.DEALER_OWNER: _("Owner"),
    Role.DEALER_SERVICE: _("Service"),
    Role.CHANNEL_MANAGER: _("Channel manager"),
    Role.ORDER_DESK: _("Order desk and warehouse"),
    Role.HQ_FINANCE: _("Headquarters finance"),
    Role.QUALITY: _("Quality"),
    Role.SERVICE_DESK: _("Service desk"),
    Role.TECHNICIAN: _("Technician"),
    Role.ADMINISTRATOR: _("Administrator"),
}


class BrowserSessions(SecureCookieSessionInterface):
    """Flask's signed cookie.

    Whoever brings none, as every program, does not pay for the checking of its signature.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the cookie, or a new one."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class Visitor(UserMixin):
    """A person who is signed in on this device. `secret` is that of the session.

    own: the person itself; person and actor: as whom it acts, which is another's where it stands in.
    has_lost: whether it stood in until now and may not any more.
    """

    def __init__(
        self, person: Person, secret: str, stand_in: StandIn | None = None, *, has_lost: bool = False
    ) -> None:
        self.own = person
        self.secret = secret
        self.stand_in = stand_in
        self.has_lost = has_lost
        self.person = stand_in.person if stand_in else person
        self.actor: Actor = stand_in.actor if stand_in else person.actor()

    def get_id(self) -> str:
        """What the cookie keeps."""
        return f"{self.secret}.{portal().sealer.seal(_WHOSE, [self.own.id, self.own.dealer_id])}"

    def was_known_as(self, reference: str) -> bool:
        """Whether a cookie, perhaps of a session that has ended, was this person's."""
        return reference.partition(".")[2] == self.get_id().partition(".")[2]

    @property
    def session_hash(self) -> str:
        """Under which the database knows the session."""
        return hash_secret(self.secret)

    @property
    def is_staff(self) -> bool:
        """Belongs to headquarters."""
        return self.person.dealer_id is None

    @property
    def display_name(self) -> str:
        """The person's name."""
        return self.person.display_name

    @property
    def company(self) -> str:
        """The dealer in the language of the page, or headquarters."""
        if self.is_staff:
            return str(_("Headquarters"))
        return self.person.company_zh if str(get_locale()).startswith("zh") else self.person.company_en

    @property
    def acts_for(self) -> str:
        """In whose name, in the language of the page; empty in its own."""
        if self.stand_in is None:
            return ""
        zh, en = self.stand_in.for_zh, self.stand_in.for_en
        return zh if str(get_locale()).startswith("zh") else en

    @property
    def role_label(self) -> str:
        """The roles in words."""
        built_in = [str(ROLE_LABELS[Role(role)]) for role in self.person.roles if role in ROLE_LABELS]
        return " / ".join([*built_in, *self.person.custom_names])


def recognise(reference: str) -> Visitor | None:
    """The visitor of a cookie, or None if the session has ended or the account may not come in any more."""
    try:
        secret, sealed = reference.split(".")
        user_id, dealer_id = portal().sealer.open(_WHOSE, sealed)
    except ValueError:  # signed by us, but by another release
        return None
    if is_idle():
        return None
    session = personal_session(f"user:{user_id}", dealer_id)
    person = person_of_session(session, user_id=user_id, secret_hash=hash_secret(secret), at=clock.now())
    if person is None or person.dealer_id != dealer_id:
        close_session()
        return None
    act_as(person.actor())
    found = standing_in(session, person)
    g.visitor = visitor = Visitor(person, secret, found, has_lost=found is None and is_standing_in())
    if found is not None:
        act_as(found.actor)
    if person.used_at is None or clock.now() - person.used_at > USED_TO_WITHIN:
        note_use(session, secret_hash=visitor.session_hash, at=clock.now())
    return visitor


def recognised() -> Visitor | None:
    """The visitor if this request has looked; never asks the database.

    For templates, also those of errors.
    """
    return cast(Visitor | None, g.get("visitor"))


def admit() -> Response | None:
    """Before every request: count it, and let in whom the page is for.

    What is not for somebody does not exist for them.

    Raises TooManyRequests. Strangers are counted by network, the signed in by session, programs when their
    token is read.
    """
    if request.endpoint == "static" or WITHIN in request.environ:
        return None
    audience = current_app.extensions["audiences"].get(request.blueprint, Audience.SIGNED_IN)
    if audience is Audience.BEARERS or request.endpoint == "issuer.userinfo":
        if request.method == "OPTIONS":  # answered by Flask itself, which reads no token
            count_stranger()
        return None
    _count()
    note_presence()
    if audience is Audience.EVERYBODY:
        request.max_content_length = _STRANGERS_MAX
    if audience is Audience.EVERYBODY or (request.endpoint is None and request.path != "/"):
        return None
    if not current_user.is_authenticated:
        return way_to_sign_in()
    if request.path == "/" and home() != "/":
        return redirect(home())
    _require_own_name(current_user)
    if lacks_factor(current_user) and request.blueprint not in _BEFORE_A_FACTOR:
        return _way_to_a_factor()
    wrong = Audience.DEALERS if current_user.is_staff else Audience.STAFF
    if audience is wrong:
        raise NotFound()
    return None


def _require_own_name(visitor: Visitor) -> None:
    """What is done in one's own name alone is refused to who stands in; who stood in until now is told before
    it does in its own name what was begun in another's.
    """
    if visitor.stand_in is not None and (request.blueprint in _IN_PERSON or request.endpoint in _IN_PERSON):
        require_own_hands(visitor.actor)
    if visitor.has_lost:
        leave_standing_in()
        if request.method not in ("GET", "HEAD"):
            raise Forbidden(
                "stood_in",
                N_("You do not act in somebody's name any more. Nothing was done."),
                fix=N_("Go on in your own name, or begin anew."),
            )


def lacks_factor(visitor: Visitor) -> bool:
    """Whether a role, or a right, demands a second factor that the person does not have yet."""
    return not visitor.person.has_second_factor and needs_factor(
        visitor.actor.roles,
        visitor.actor.rights,
        demanding=portal().settings.second_factor_roles,
        held=portal().declared.rights,
    )


def _way_to_a_factor() -> Response:
    if request.method not in ("GET", "HEAD") or request.htmx:
        raise Forbidden("factor_needed", N_("Your role needs a second factor. Enrol one first."))
    return redirect(url_for("security.index"))


def _count() -> None:
    if current_user.is_authenticated:
        portal().limits.spend(portal().settings.page_rate, "pages", current_user.session_hash)
    else:
        count_stranger()


def home() -> str:
    """Where the visitor's work begins."""
    try:
        return url_for("backoffice.index" if current_user.is_staff else "dashboard.index")
    except BuildError:
        return url_for("account.profile")


def way_to_sign_in() -> Response:
    """A page is asked for again after the sign-in.

    What somebody sent or is working on is not thrown away for it.
    """
    if request.method not in ("GET", "HEAD") or request.htmx:
        raise SignInNeeded()
    return redirect(url_for("account.login", next=request.full_path.rstrip("?")))


login_manager = LoginManager()
login_manager.session_protection = None  # people change networks; the secret of the session protects it
login_manager.user_loader(recognise)
login_manager.unauthorized_handler(way_to_sign_in)
