"""Help: the chapters that explain the portal to whoever is signed in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.web.help import chapter as chapter_of
from portal.web.help import chapters_of, titles

blueprint = Blueprint("help", __name__, url_prefix="/help")
blueprint.context_processor(dealer_frame)


@blueprint.get("/")
def index() -> Response:
    """The guide of the visitor."""
    return redirect(url_for("help.show", chapter=chapters_of(current_user)[0]))


@blueprint.get("/<chapter>")
def show(chapter: str) -> str:
    """One chapter, with the names of the others."""
    found = chapter_of(chapter, current_user)
    return render_template("navigation/help.html", chapter=found, name=chapter, others=titles(current_user))
