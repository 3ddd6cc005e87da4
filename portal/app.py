"""The web application, put together: settings in, WSGI application out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, g, request
from flask_babel import get_locale
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix

from backoffice.blueprints import checks, closing, corrections, dealers, desk, ledger, overview, policies
import portal.tables  # noqa: F401 - an insert needs to know every table it refers to
from config import Settings
from jobs.queue import Nudge, NudgeAside
from portal import compression, faults, forms, headers, hosts, language, logs, presentation
from portal.blueprints import account, api, cart, catalogue, dashboard, issuer, orders, statements
from portal.blueprints.api import docs as api_docs
from portal.blueprints.api.operations import DocumentNumber
from portal.db import Database
from portal.health import Health
from portal.identity.keys import KeyRing
from portal.identity.tokens import TokenMemory, TokenVerifier
from portal.limits import Limits
from portal.navigation import menu
from portal.opaque import Sealer
from portal.request import Portal, close_session
from portal.visitors import Audience, BrowserSessions, admit, login_manager, recognised
from portal.wire import OrjsonProvider

# Every blueprint and whom it is for. What is not in here does not exist.
BLUEPRINTS: dict[Audience, tuple[Blueprint, ...]] = {
    Audience.EVERYBODY: (issuer.blueprint, account.blueprint, api_docs.blueprint),
    Audience.BEARERS: (api.blueprint,),
    Audience.DEALERS: (dashboard.blueprint, catalogue.blueprint, cart.blueprint, orders.blueprint, statements.blueprint),
    Audience.STAFF: (
        overview.blueprint, desk.blueprint, policies.blueprint, closing.blueprint, dealers.blueprint, ledger.blueprint,
        corrections.blueprint, checks.blueprint,
    ),
}

_HERE = Path(__file__).parent
_BACKOFFICE_TEMPLATES = _HERE.parent / "backoffice" / "templates"
_REQUEST_MAX = 16 * 2**20
_FORM_MAX = 4 * 2**20
_FORM_PARTS_MAX = 5000  # a quick order of 1,000 lines with its fields
_THEMES = frozenset({"light", "dark", "auto"})


def create_app(settings: Settings) -> Portal:
    """The portal for these settings. Opens no connection: it starts, and says so on /readyz, while its servers are away."""
    logs.configure_logs(settings.log_level)
    app = Portal(__name__, template_folder=None, static_folder=str(_HERE / "static"))
    app.url_map.converters["document"] = DocumentNumber
    _configure(app, settings)
    _connect(app, settings)
    _prepare_templates(app, settings)
    _prepare_requests(app, settings)
    _register_blueprints(app)
    issuer.init_app(app)
    account.init_app(app)
    app.wsgi_app = Health(  # type: ignore[method-assign]
        app.wsgi_app, engine=app.database.engine, issuer_engine=app.issuer_database.engine, valkey=app.valkey,
        headers=headers.plain(secure=settings.cookie_secure),
    )  # fmt: skip
    return app


def _configure(app: Portal, settings: Settings) -> None:
    """Flask's own settings."""
    app.settings = settings
    app.json = OrjsonProvider(app)
    app.session_interface = BrowserSessions()
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SESSION_COOKIE_NAME="__Host-session" if settings.cookie_secure else "session",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        # Outlives the session in the database, so that a form sent after its end is told so and can be sent again.
        PERMANENT_SESSION_LIFETIME=2 * settings.session_hours * 3600,
        MAX_CONTENT_LENGTH=_REQUEST_MAX,
        MAX_FORM_MEMORY_SIZE=_FORM_MAX,
        MAX_FORM_PARTS=_FORM_PARTS_MAX,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: nobody loses a long form to a clock
        WTF_CSRF_HEADERS=["X-CSRFToken"],
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)


def _connect(app: Portal, settings: Settings) -> None:
    """What requests share. Connections are made when first needed."""
    valkey_url = settings.redis_url.get_secret_value()
    app.valkey = Redis.from_url(valkey_url, socket_connect_timeout=1, socket_timeout=1)
    app.sealer = Sealer(settings.secret_key.get_secret_value())
    app.database = Database(
        settings.database_url.get_secret_value(), pool_size=settings.database_pool_size, nudge=NudgeAside(Nudge.at(valkey_url)), sealer=app.sealer
    )
    app.issuer_database = Database(_issuer_database_url(settings), pool_size=settings.database_pool_size)
    app.limits = Limits(valkey_url)
    # A connection of its own: requests that issue tokens hold all of the pool while they wait for the keys.
    app.keys = KeyRing(Database(_issuer_database_url(settings), pool_size=1), settings.secret_key.get_secret_value())
    app.tokens = TokenVerifier(app.keys, issuer=settings.base_url, audience=issuer.audience(settings), sealer=app.sealer)
    app.token_memory = TokenMemory()


def _issuer_database_url(settings: Settings) -> str:
    """The serving role may not sign anybody in (docs/decisions/0026), so there is no going without the other."""
    if settings.issuer_database_url is None:
        raise ValueError("set ISSUER_DATABASE_URL, the database as the role that signs people in (docs/operations.md)")
    return settings.issuer_database_url.get_secret_value()


def _prepare_templates(app: Portal, settings: Settings) -> None:
    """Templates of both sides under one roof; a name that is missing is an error, not an empty page."""
    app.jinja_loader = ChoiceLoader([FileSystemLoader(_HERE / "templates"), FileSystemLoader(_BACKOFFICE_TEMPLATES)])
    app.jinja_env.undefined = StrictUndefined
    language.init_app(app, settings)
    presentation.register(app, timezone=settings.timezone, currency=settings.currency, quantity_max=settings.order_quantity_max)
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    """What the frame around every page shows. Asks nobody: a page about a broken database is framed too."""
    visitor = recognised()
    theme = request.cookies.get("theme", "auto")
    return {
        "user": visitor,
        "nav": menu(visitor) if visitor else [],
        "locale": str(get_locale()),
        "theme": theme if theme in _THEMES else "auto",
        "request_id": g.get("request_id"),
    }


def _prepare_requests(app: Portal, settings: Settings) -> None:
    """What happens around every view, in this order."""
    compression.init_app(app)
    logs.init_app(app, behind_proxy=settings.trusted_proxies > 0)
    hosts.init_app(app, settings)
    headers.init_app(app, secure=settings.cookie_secure)
    faults.init_app(app)
    app.teardown_request(close_session)
    Htmx(app)
    login_manager.init_app(app, add_context_processor=False)
    app.limits.init_app(app)
    app.before_request(admit)  # before the token: whoever is signed out is told so, not that the form is too old
    CSRFProtect(app)
    forms.init_app(app)


def _register_blueprints(app: Portal) -> None:
    app.extensions["audiences"] = {
        blueprint.name: audience for audience, blueprints in BLUEPRINTS.items() for blueprint in blueprints
    }
    csrf = app.extensions["csrf"]
    for audience, blueprints in BLUEPRINTS.items():
        for blueprint in blueprints:
            app.register_blueprint(blueprint)
            if audience is Audience.BEARERS:
                csrf.exempt(blueprint)  # a token in a header is nothing a foreign page could send
