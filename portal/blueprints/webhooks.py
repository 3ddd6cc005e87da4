"""Webhooks of the dealer: its systems are told of what happens."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.web.forms import takes_columns
from portal.web.rendering import requires
from portal.web.webhook_pages import WebhookPages
from portal.webhooks.vocabulary import WebhookRight

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")
blueprint.context_processor(dealer_frame)

PAGES = WebhookPages("webhooks", "base.html")


@blueprint.get("")
@requires(WebhookRight.WRITE)
def index() -> str:
    """Every webhook by name."""
    return PAGES.index()


@blueprint.get("/new")
@requires(WebhookRight.WRITE)
def new() -> str:
    """An empty form."""
    return PAGES.new()


@blueprint.post("")
@requires(WebhookRight.WRITE)
@takes_columns("event")
def create() -> str | Response:
    """Subscribe."""
    return PAGES.create()


@blueprint.get("/<number>")
@requires(WebhookRight.WRITE)
@takes_columns("column")
def show(number: str) -> str | Response:
    """One webhook with its deliveries."""
    return PAGES.show(number)


@blueprint.get("/<number>/edit")
@requires(WebhookRight.WRITE)
def edit(number: str) -> str:
    """Its form."""
    return PAGES.edit(number)


@blueprint.post("/<number>")
@requires(WebhookRight.WRITE)
@takes_columns("event")
def change(number: str) -> str | Response:
    """Say it anew."""
    return PAGES.change(number)


@blueprint.post("/<number>/pause")
@requires(WebhookRight.WRITE)
def pause(number: str) -> Response:
    """Stop, or go on."""
    return PAGES.pause(number)


@blueprint.post("/<number>/rotation")
@requires(WebhookRight.WRITE)
def rotation(number: str) -> str | Response:
    """A new secret."""
    return PAGES.rotation(number)


@blueprint.post("/<number>/removal")
@requires(WebhookRight.WRITE)
def removal(number: str) -> Response:
    """Tell it of nothing any more."""
    return PAGES.removal(number)


@blueprint.post("/<number>/test")
@requires(WebhookRight.WRITE)
def test(number: str) -> Response:
    """Send a test."""
    return PAGES.test(number)


@blueprint.post("/<number>/replay")
@requires(WebhookRight.WRITE)
def replay_all(number: str) -> Response:
    """Send again what was given up."""
    return PAGES.replay_all(number)


@blueprint.get("/<number>/messages/<message_id>")
@requires(WebhookRight.WRITE)
def message(number: str, message_id: str) -> str:
    """What is sent, and each attempt at it."""
    return PAGES.message(number, message_id)


@blueprint.post("/<number>/messages/<message_id>/replay")
@requires(WebhookRight.WRITE)
def replay(number: str, message_id: str) -> Response:
    """Send a message again."""
    return PAGES.replay(number, message_id)
