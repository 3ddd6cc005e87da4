"""Pages made for one test, served by the real application."""

from __future__ import annotations

import pytest
from flask import Blueprint

from portal.kernel.manifest import Audience


@pytest.fixture
def page(app):
    """``page(view)``: serve a view for everybody at /test and, as the API would, at /api/test."""

    def serve(view, audience=Audience.EVERYBODY, **options):
        blueprint = Blueprint("test", __name__)
        for path in ("/test", "/api/test"):
            blueprint.add_url_rule(
                path, view_func=view, endpoint=path.strip("/").replace("/", "_"), methods=["GET", "POST"]
            )
        app.register_blueprint(blueprint, **options)
        app.extensions["audiences"]["test"] = audience
        app.extensions["csrf"].exempt(blueprint)
        return app.test_client()

    return serve
