"""The document of the API, as JSON for programs and as pages for people.

All are public: they tell nothing of anybody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Blueprint, render_template, request
from flask_babel import get_locale, gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.kernel.errors import NotFound
from portal.web.api.openapi import document
from portal.web.api.operations import JSON, PREFIX
from portal.web.request import portal

blueprint = Blueprint("api_docs", __name__, url_prefix=PREFIX)

T = TypeVar("T")

_MEMORY = "api.documents"


@dataclass(frozen=True, slots=True)
class Member:
    """A row of the description of an object. `depth` is how far it is nested."""

    name: str
    kind: str
    required: bool
    description: str
    depth: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the page shows it."""

    id: str
    method: str
    address: str
    summary: str
    description: str
    scopes: tuple[str, ...]
    parameters: tuple[dict[str, Any], ...]
    sent: tuple[Member, ...]
    example: str
    status: str
    answered: tuple[Member, ...]
    refusals: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Calls that belong together."""

    id: str
    title: str
    calls: tuple[Call, ...]


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """OpenAPI 3.1, in the language of Accept-Language."""
    response = portal().json.response(_document())
    response.headers["ETag"] = f'W/"{hashlib.blake2b(response.get_data(), digest_size=12).hexdigest()}"'
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response.make_conditional(request)


@blueprint.get("/docs")
def page() -> str:
    """How to begin, and every call by chapter."""
    return render_template("api/docs.html", **_frame())


@blueprint.get("/docs/<chapter>")
def chapter(chapter: str) -> str:
    """Every call of a chapter with what it takes and answers: all at once are too long to be read by machine.

    Raises NotFound.
    """
    frame = _frame()
    found = next((one for one in frame["chapters"] if one.id == chapter), None)
    if found is None:
        raise NotFound()
    calls = _kept(f"calls {found.id}", lambda: Markup(render_template("api/calls.html", chapter=found)))
    return render_template("api/chapter.html", here=found, calls=calls, **frame)


def _frame() -> dict[str, Any]:
    whole = _document()
    chapters = _kept("chapters", lambda: list(_chapters(whole)))
    return {"info": whole["info"], "server": whole["servers"][0]["url"], "chapters": chapters}


def _document() -> dict[str, Any]:
    return _kept("document", lambda: document(portal().declared, portal().settings.base_url, gettext))


def _kept(what: str, make: Callable[[], T]) -> T:
    """Made once a process and language: it changes with the release only."""
    memory: dict[tuple[str, str], Any] = portal().extensions.setdefault(_MEMORY, {})
    key = what, str(get_locale())
    if key not in memory:
        memory[key] = make()
    return cast(T, memory[key])


def _chapters(whole: dict[str, Any]) -> Iterator[Chapter]:
    calls = [
        (told["tags"][0], _call(whole, method, address, told))
        for address, methods in whole["paths"].items()
        for method, told in methods.items()
    ]
    for tag in whole["tags"]:
        yield Chapter(
            tag["name"], tag["description"], tuple(call for name, call in calls if name == tag["name"])
        )


def _call(whole: dict[str, Any], method: str, address: str, told: dict[str, Any]) -> Call:
    body = told.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
    (status, good), *others = told["responses"].items()
    answer = good["content"].get(JSON, {}).get("schema")
    return Call(
        id=told["operationId"],
        method=method.upper(),
        address=address,
        summary=told["summary"],
        description=told["description"],
        scopes=tuple(scope for need in told["security"] for scope in need["oauth"]),
        parameters=tuple(told["parameters"]),
        sent=tuple(_members(whole, body)) if body else (),
        example=_example(whole, body) if body else "",
        status=status,
        answered=tuple(_members(whole, answer)) if answer else (),
        refusals=tuple((code, _resolved(whole, refusal)["description"]) for code, refusal in others),
    )


def _members(whole: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Iterator[Member]:
    """The members of an object, each followed by those of the objects in it."""
    schema = _object(whole, schema)
    required = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        resolved = _resolved(whole, member)
        about = member.get("description", "") or (resolved.get("description", "") if "$ref" in member else "")
        yield Member(name, _kind(whole, member), name in required, about, depth)
        yield from _members(whole, member, depth + 1)


def _object(whole: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The object behind a reference, a list or a choice with null; an empty one for a plain value."""
    schema = _resolved(whole, schema)
    if "anyOf" in schema:
        schema = _resolved(whole, next(kind for kind in schema["anyOf"] if kind.get("type") != "null"))
    if schema.get("type") == "array":
        return _object(whole, schema["items"])
    return schema


def _resolved(whole: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    _, _, section, name = schema["$ref"].split("/")
    return cast(dict[str, Any], whole["components"][section][name])


def _kind(whole: dict[str, Any], schema: dict[str, Any]) -> str:
    """A type in the words of JSON Schema: ``string (date)``, ``array of object``, ``integer or null``."""
    if "anyOf" in schema:
        return " or ".join(_kind(whole, kind) for kind in schema["anyOf"])
    schema = _resolved(whole, schema)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"array of {_kind(whole, schema['items'])}"
    kind = str(schema.get("type", "any"))
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _example(whole: dict[str, Any], schema: dict[str, Any]) -> str:
    resolved = _resolved(whole, schema)
    if "examples" in resolved:
        return json.dumps(resolved["examples"][0], ensure_ascii=False, indent=2)
    return ""
