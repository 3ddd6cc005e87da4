"""Samples of the dealer."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template_string, request, url_for
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.web.request import current_actor, current_session
from tests.architecture.samples.verbs import ask_sample, sample

blueprint = Blueprint("samples", __name__, url_prefix="/samples")
blueprint.context_processor(dealer_frame)

_PAGE = """{% extends "base.html" %}
{% block title %}Samples{% endblock %}
{% block heading %}Samples{% endblock %}
{% block content %}
{% if one %}{{ one.number }} {{ ui.status_badge("sample", one.state) }}{% endif %}
{% endblock %}
"""


@blueprint.get("")
def index() -> str:
    """An empty form, as it were."""
    return render_template_string(_PAGE, one=None)


@blueprint.post("")
def create() -> Response:
    """Ask for one."""
    ask_sample(current_session(), actor=current_actor(), number=request.form["number"])
    return redirect(url_for("samples.show", number=request.form["number"]), 303)


@blueprint.get("/<number>")
def show(number: str) -> str:
    """One of them."""
    return render_template_string(_PAGE, one=sample(current_session(), number))
