"""Webhooks of headquarters: its systems are told of what happens at the dealers."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.web.forms import takes_columns
from portal.web.rendering import requires
from portal.web.webhook_pages import WebhookPages
from portal.webhooks.vocabulary import WebhookRight

blueprint = Blueprint("webhooks_desk", __name__, url_prefix="/hq/webhooks")

PAGES = WebhookPages("webhooks_desk", "backoffice/base.html")


@blueprint.get("")
@requires(WebhookRight.HEADQUARTERS)
def index() -> str:
    """Every webhook by name."""
    return PAGES.index()


@blueprint.get("/new")
@requires(WebhookRight.HEADQUARTERS)
def new() -> str:
    """An empty form."""
    return PAGES.new()


@blueprint.post("")
@requires(WebhookRight.HEADQUARTERS)
@takes_columns("event")
def create() -> str | Response:
    """Subscribe."""
    return PAGES.create()


@blueprint.get("/<number>")
@requires(WebhookRight.HEADQUARTERS)
@takes_columns("column")
def show(number: str) -> str | Response:
    """One webhook with its deliveries."""
    return PAGES.show(number)


@blueprint.get("/<number>/edit")
@requires(WebhookRight.HEADQUARTERS)
def edit(number: str) -> str:
    """Its form."""
    return PAGES.edit(number)


@blueprint.post("/<number>")
@requires(WebhookRight.HEADQUARTERS)
@takes_columns("event")
def change(number: str) -> str | Response:
    """Say it anew."""
    return PAGES.change(number)


@blueprint.post("/<number>/pause")
@requires(WebhookRight.HEADQUARTERS)
def pause(number: str) -> Response:
    """Stop, or go on."""
    return PAGES.pause(number)


@blueprint.post("/<number>/rotation")
@requires(WebhookRight.HEADQUARTERS)
def rotation(number: str) -> str | Response:
    """A new secret."""
    return PAGES.rotation(number)


@blueprint.post("/<number>/removal")
@requires(WebhookRight.HEADQUARTERS)
def removal(number: str) -> Response:
    """Tell it of nothing any more."""
    return PAGES.removal(number)


@blueprint.post("/<number>/test")
@requires(WebhookRight.HEADQUARTERS)
def test(number: str) -> Response:
    """Send a test."""
    return PAGES.test(number)


@blueprint.post("/<number>/replay")
@requires(WebhookRight.HEADQUARTERS)
def replay_all(number: str) -> Response:
    """Send again what was given up."""
    return PAGES.replay_all(number)


@blueprint.get("/<number>/messages/<message_id>")
@requires(WebhookRight.HEADQUARTERS)
def message(number: str, message_id: str) -> str:
    """What is sent, and each attempt at it."""
    return PAGES.message(number, message_id)


@blueprint.post("/<number>/messages/<message_id>/replay")
@requires(WebhookRight.HEADQUARTERS)
def replay(number: str, message_id: str) -> Response:
    """Send a message again."""
    return PAGES.replay(number, message_id)
