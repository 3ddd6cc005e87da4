"""The web application, put together: settings in, WSGI application out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Blueprint, g, request
from flask_babel import get_locale
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings
from jobs.queue import BackgroundSignal, OutboxSignal
from portal.blueprints import account, company_sign_in, end_session, issuer, well_known
from portal.blueprints.api import blueprint_of
from portal.capabilities import CAPABILITIES
from portal.files.scan import scanner_at
from portal.files.store import store_at
from portal.identity.keys import KeyRing
from portal.identity.tokens import TokenMemory, TokenVerifier
from portal.kernel import valkey
from portal.kernel.db import Database
from portal.kernel.manifest import Audience, Capability
from portal.kernel.numbering import new_token
from portal.kernel.opaque import Sealer
from portal.kernel.registry import install
from portal.kernel.timed_cache import TimedCache
from portal.web import (
    compression,
    error_handlers,
    forms,
    headers,
    hosts,
    language,
    logs,
    meters,
    presentation,
    traces,
)
from portal.web.api.operations import DocumentNumber, operations_of
from portal.web.browser_session import BrowserSessions, admit, login_manager, recognised
from portal.web.health import Health
from portal.web.help import help_address
from portal.web.idle import idle_words
from portal.web.inbox import inbox_bell
from portal.web.json_provider import OrjsonProvider
from portal.web.navigation import menu, own_menu, star_here
from portal.web.rate_limits import Limits
from portal.web.reference_cache import tier_name
from portal.web.request import Portal, close_session, portal
from portal.web.scan_page import scan_address

_HERE = Path(__file__).parent
_BACKOFFICE_TEMPLATES = _HERE.parent / "backoffice" / "templates"
_REQUEST_MAX = 32 * 2**20  # a file of the largest size with the rest of its form
_FORM_MAX = 4 * 2**20
_FORM_PARTS_MAX = 5000  # a quick order of 1,000 lines with its fields
_THEMES = frozenset({"light", "dark", "auto"})


def create_app(settings: Settings, capabilities: Sequence[Capability] = CAPABILITIES) -> Portal:
    """The portal for these settings.

    Opens no connection: it starts, and says so on /readyz, while its servers are away.
    """
    logs.configure_logs(settings.log_level)
    app = Portal(__name__, template_folder=None, static_folder=str(_HERE / "static"))
    app.declared = install(capabilities)
    app.url_map.converters["document"] = DocumentNumber
    _configure(app, settings)
    _connect(app, settings)
    _prepare_templates(app, settings)
    _prepare_requests(app, settings)
    _register_blueprints(app)
    meters.count(app)
    traces.trace(app)
    issuer.init_app(app)
    account.init_app(app)
    company_sign_in.init_app(app)
    end_session.init_app(app)
    well_known.init_app(app)
    app.wsgi_app = Health(  # type: ignore[method-assign]  # Flask's way
        app.wsgi_app,
        database=app.database,
        issuer_engine=app.issuer_database.engine,
        valkey=app.valkey,
        headers=headers.plain(secure=settings.cookie_secure),
    )
    return app


def _configure(app: Portal, settings: Settings) -> None:
    """Flask's own settings."""
    app.settings = settings
    app.json = OrjsonProvider(app)
    app.session_interface = BrowserSessions()
    app.config.update(
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        SESSION_COOKIE_NAME="__Host-session" if settings.cookie_secure else "session",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        # Outlives the session in the database, so that a form sent after its end is told so and can be sent
        # again.
        PERMANENT_SESSION_LIFETIME=2 * settings.session_hours * 3600,
        MAX_CONTENT_LENGTH=_REQUEST_MAX,
        MAX_FORM_MEMORY_SIZE=_FORM_MAX,
        MAX_FORM_PARTS=_FORM_PARTS_MAX,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: nobody loses a long form to a clock
        WTF_CSRF_HEADERS=["X-CSRFToken"],
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)  # type: ignore[method-assign]  # Flask's way


def _connect(app: Portal, settings: Settings) -> None:
    """What requests share. Connections are made when first needed."""
    valkey_url = settings.redis_url.get_secret_value()
    app.valkey = valkey.connect(valkey_url, socket_connect_timeout=1, socket_timeout=1)
    app.file_store = store_at(settings.files_url)
    app.scan_upload = scanner_at(settings.virus_scanner)
    app.sealer = Sealer(*settings.secret_keys)
    signal = BackgroundSignal(OutboxSignal.at(valkey_url))
    app.database = Database(
        settings.database_url.get_secret_value(),
        pool_size=settings.database_pool_size,
        outbox_signal=signal,
        sealer=app.sealer,
        time_zone=settings.business_timezone,
        prepares=settings.database_prepares,
    )
    app.issuer_database = Database(
        _issuer_database_url(settings),
        pool_size=settings.database_pool_size,
        outbox_signal=signal,
        sealer=app.sealer,
        time_zone=settings.business_timezone,
        prepares=settings.database_prepares,
    )
    app.limits = Limits(valkey_url)
    # A connection of its own: requests that issue tokens hold all of the pool while they wait for the keys.
    app.keys = KeyRing(
        Database(_issuer_database_url(settings), pool_size=1, prepares=settings.database_prepares),
        *settings.secret_keys,
        rotated_after=timedelta(days=settings.signing_key_days),
    )
    app.tokens = TokenVerifier(
        app.keys, issuer=settings.base_url, audience=issuer.audience(settings), sealer=app.sealer
    )
    app.token_memory = TokenMemory()
    app.reference_cache = TimedCache()


def _issuer_database_url(settings: Settings) -> str:
    """The issuer's own address of the database.

    The serving role may not sign anybody in (docs/decisions/0026), so there is no going without the other.
    """
    if settings.issuer_database_url is None:
        raise ValueError(
            "set ISSUER_DATABASE_URL, the database as the role that signs people in (docs/operations.md)"
        )
    return settings.issuer_database_url.get_secret_value()


def _prepare_templates(app: Portal, settings: Settings) -> None:
    """Templates of both sides under one roof; a name that is missing is an error, not an empty page."""
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(_HERE / "templates"), FileSystemLoader(_BACKOFFICE_TEMPLATES)]
    )
    app.jinja_env.undefined = StrictUndefined
    language.init_app(app, settings)
    presentation.register(
        app, timezone=settings.timezone, currency=settings.currency, quantity_max=settings.order_quantity_max
    )
    app.jinja_env.filters["tier_name"] = tier_name
    app.jinja_env.globals["new_form_key"] = new_token
    app.jinja_env.globals["scan_address"] = scan_address
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    """What the frame around every page shows. Asks nobody: a page about a broken database is framed too."""
    visitor = recognised()
    theme = request.cookies.get("theme", "auto")
    return {
        "user": visitor,
        "nav": menu(portal().declared, visitor) if visitor else [],
        "own_menu": own_menu,
        "menu_star": star_here,
        "help_address": help_address,
        "inbox_bell": inbox_bell,
        "idle": idle_words(visitor) if visitor else None,
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
    error_handlers.init_app(app)
    app.teardown_request(close_session)
    Htmx(app)
    login_manager.init_app(app, add_context_processor=False)
    app.limits.init_app(app)
    app.before_request(
        admit
    )  # before the token: whoever is signed out is told so, not that the form is too old
    CSRFProtect(app)
    forms.init_app(app)


def _register_blueprints(app: Portal) -> None:
    """What the capabilities declare; what none of them does, does not exist."""
    audiences: dict[str, Audience] = {}
    for audience, blueprint in _blueprints(app.declared.capabilities):
        audiences[blueprint.name] = audience
        app.register_blueprint(blueprint)
        if audience is Audience.BEARERS:
            app.extensions["csrf"].exempt(
                blueprint
            )  # a token in a header is nothing a foreign page could send
    app.extensions["audiences"] = audiences


def _blueprints(capabilities: Sequence[Capability]) -> Iterator[tuple[Audience, Blueprint]]:
    for capability in capabilities:
        for audience, modules in capability.pages.items():
            for module in modules:
                yield audience, import_module(module).blueprint
    yield Audience.BEARERS, blueprint_of(operations_of(capabilities))
