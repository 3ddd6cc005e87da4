"""Blueprints registered once a process.

Hundreds of tests make an application of their own, of the same capabilities; putting twelve hundred views in
their places takes longer than all else of making one, and ends alike each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import dataclass
from typing import Any

from config import Settings

# Of an application, by blueprint: what is done around its views. That of all views is under None, and each
# application's own.
_AROUND = (
    "before_request_funcs", "after_request_funcs", "teardown_request_funcs", "url_value_preprocessors",
    "url_default_functions", "template_context_processors", "error_handler_spec",
)  # fmt: skip
_EXEMPT = ("_exempt_blueprints", "_exempt_views")  # of the token of forms


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What an application holds once its blueprints are registered."""

    capabilities: tuple[Any, ...]
    rules: tuple[Any, ...]
    views: dict[str, Callable[..., Any]]
    blueprints: dict[str, Any]
    around: dict[str, dict[Any, Any]]
    exempt: dict[str, set[str]]
    audiences: dict[str, Any]


_outcomes: dict[Hashable, _Outcome] = {}


def create_app(settings: Settings) -> Any:
    """The portal for these settings, as `portal.app.create_app` makes it."""
    from portal import app as made_by  # here, so that tests of rules start without the web

    if made_by._register_blueprints is not _register:
        _plainly.append(made_by._register_blueprints)
        made_by._register_blueprints = _register
    return made_by.create_app(settings)


_plainly: list[Callable[[Any], None]] = []


def _register(app: Any) -> None:
    known = tuple(map(id, app.declared.capabilities))
    if known not in _outcomes:
        _plainly[0](app)
        _outcomes[known] = _outcome_of(app)
        return
    outcome = _outcomes[known]
    app.url_map.take(outcome.rules)
    app.view_functions = outcome.views | app.view_functions
    app.blueprints.update(outcome.blueprints)
    for name, by_blueprint in outcome.around.items():
        getattr(app, name).update({blueprint: copy(what) for blueprint, what in by_blueprint.items()})
    for name, exempt in outcome.exempt.items():
        getattr(app.extensions["csrf"], name).update(exempt)
    app.extensions["audiences"] = dict(outcome.audiences)


def _outcome_of(app: Any) -> _Outcome:
    return _Outcome(
        app.declared.capabilities,
        app.url_map.noted(),
        dict(app.view_functions),
        dict(app.blueprints),
        {
            name: {blueprint: copy(what) for blueprint, what in getattr(app, name).items() if blueprint}
            for name in _AROUND
        },
        {name: set(getattr(app.extensions["csrf"], name)) for name in _EXEMPT},
        dict(app.extensions["audiences"]),
    )
