"""The OpenAPI 3.1 document, from the table of operations and the pydantic models. Made once a language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from portal.kernel.errors import N_
from portal.kernel.registry import Registry
from portal.web.api.keys import KEY
from portal.web.api.operations import FILE, FORM, JSON, XML, Operation, chapters, operations_of
from portal.web.api.problem import Problem

VERSION = "1.0.0"
_REF = "#/components/schemas/{model}"
_PROBLEM = "application/problem+json"
_ANY_MEDIA = "*/*"
_TOLD = frozenset({"summary", "description", "title"})
_THINGS = frozenset(
    {"activity", "credit", "dealer", "device", "invoice", "invoices", "order", "programme", "shipment"}
)

_ABOUT = N_(
    "Everything a dealer or headquarters does by hand, a system does here: the same rules, prices and stock. "
    "Money is a decimal string with two places and includes VAT, a quantity an integer, "
    "a moment RFC 3339 in UTC, a date ISO 8601. "
    "A refusal is application/problem+json with every fault at once. "
    "What is out of scope is answered with 404."
)
_REFUSALS: dict[int, str] = {
    304: N_("Nothing has changed since the ETag in If-None-Match."),
    400: N_("The body is no JSON in UTF-8."),
    401: N_("No access token, or one that is no longer valid."),
    403: N_("The token lacks the scope, or the actor may not do this."),
    404: N_("It does not exist, or you have no access to it."),
    406: N_("The header Accept allows no form that is offered."),
    409: N_("The status does not allow it: reload."),
    413: N_("The body is larger than 1 MB, or 32 MB with a file."),
    415: N_("The body is sent as something other than JSON."),
    422: N_("Understood but not valid: every fault is listed."),
    429: N_("Over the limit. Retry-After says how long to wait."),
    503: N_("Briefly unavailable, nothing was saved. Repeat it."),
}
_PARAMETERS = {
    "upload_id": N_("Id of an upload in pieces."),
    "number": N_("Number of the document."),
    "consent_key": N_("Id of a consent."),
    "n": N_("Place of a booking in its file, from 1."),
    "client_id": N_("Identifier of a client."),
    "key": N_("Id of a notification, as its list gives it."),
    "name": N_("Name of the template."),
    "event": N_("Id of an event of Stripe."),
    "sku": N_("The SKU: our number of the product."),
    "dealer": N_("Code of a dealer."),
    "person": N_("Id of a person, as the list gives it."),
    "policy_id": N_("Id of a version of a policy."),
    "promotion": N_("Number or id of a promotion."),
    "programme": N_("Number or id of a rebate programme."),
    "simulation_no": N_("Place of a simulation, as the answer to asking for it says."),
    "amendment_number": N_("Number or id of an amendment."),
    "fact": N_("Number of a fact about a dealer."),
    "chain_kind": N_("A kind of claim."),
    "period": N_("A month: 2026-10."),
    "code": N_("Code of a fault, as a refusal names it."),
    "role_code": N_("Code of a role of the side's own making."),
    "role": N_("Role of who releases: order_desk or hq_finance."),
    "hold": N_("Kind of hold: credit, overdue, compliance, terms, price, stock or manual."),
    "supplier": N_("Code of a supplier."),
    "year": N_("A year: 2027."),
    "visit_no": N_("Place of a visit among those of the repair."),
    "place": N_("Place of the file, as the entry lists it."),
    "epc": N_("An EPC as URN or GS1 Digital Link, percent-encoded."),
    "message_id": N_("Id of a message, as its header webhook-id says."),
    "lot": N_("Number of the lot."),
    "serial": N_("Serial number of the unit."),
    "file_id": N_("Id of a file, as its upload was answered."),
}
_FILE_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": N_("The file, with its name.")}
    },
}


class _Schema(GenerateJsonSchema):
    """Without the titles pydantic makes of names: they say nothing new."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False


def document(declared: Registry, base_url: str, translate: Callable[[str], str]) -> dict[str, Any]:
    """The whole document of what the capabilities offer, with its texts in one language."""
    operations = operations_of(declared.capabilities)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.address, {})[operation.method.lower()] = _operation(operation)
    whole = {
        "openapi": "3.1.0",
        "info": {"title": N_("Tonglu API"), "version": VERSION, "description": _ABOUT},
        "servers": [{"url": base_url}],
        "tags": [
            {"name": chapter.name, "description": chapter.title}
            for chapter in chapters(declared.capabilities)
        ],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "responses": {_name(status): _refusal(status) for status in _REFUSALS},
            "securitySchemes": _security_schemes(declared, base_url),
        },
    }
    return cast(dict[str, Any], _translated(whole, translate))


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    models = {
        model
        for operation in operations
        for model in (_json_body(operation), operation.answers, operation.accepted)
        if model
    } | {Problem}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "validation") for model in ordered], ref_template=_REF, schema_generator=_Schema
    )
    return {_public(name): _untitled(schema) for name, schema in sorted(definitions["$defs"].items())}


def _json_body(operation: Operation) -> type[BaseModel] | None:
    """What may be sent as JSON: nothing where the file is all there is."""
    body = operation.body
    return None if body is None or (operation.takes_file and not body.model_fields) else body


def _untitled(schema: dict[str, Any]) -> dict[str, Any]:
    """A model's own title is its name already."""
    return {key: value for key, value in schema.items() if key != "title"}


def _public(name: str) -> str:
    """``ProductShape`` is called so only in here, where there is a `Product` too."""
    return name.removesuffix("Shape")


def _operation(operation: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag.name],
        "summary": operation.summary,
        "description": operation.about,
        "security": [{"oauth": [right]} for right in operation.rights] or [{"oauth": []}],
        "parameters": list(_parameters(operation)),
        "responses": _responses(operation),
    }
    if operation.body is not None:
        required = any(field.is_required() for field in operation.body.model_fields.values())
        body = _json_body(operation)
        content: dict[str, Any] = {} if body is None else {JSON: {"schema": _ref(body)}}
        if operation.takes_file:
            content[FORM] = {"schema": _FILE_FORM}
        told["requestBody"] = {"required": required, "content": content}
    if operation.raw:
        content = {kind: {"schema": _document(kind)} for kind in operation.raw}
        told["requestBody"] = {"required": True, "content": content}
    return told


def _document(kind: str) -> dict[str, str]:
    """The shape of a body that is a document of somebody else's standard."""
    return {"type": "string" if kind == XML else "object"}


def _parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for name in operation.parameters:
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": _PARAMETERS[name],
            "schema": {"type": "string"},
        }
    if operation.query is not None:
        yield from _query_parameters(operation.query)
    if operation.creates:
        words = N_(
            "1 to 255 printable characters. "
            "The same key with the same body is answered with the first answer again."
        )
        schema = {"type": "string", "minLength": 1, "maxLength": 255}
        yield {"name": KEY, "in": "header", "description": words, "schema": schema}


def _query_parameters(query: type[BaseModel]) -> Iterator[dict[str, Any]]:
    schema = query.model_json_schema(schema_generator=_Schema)
    required = schema.get("required", ())
    for name, member in schema["properties"].items():
        words = {"description": member.pop("description")} if "description" in member else {}
        yield {"name": name, "in": "query", "required": name in required, **words, "schema": _given(member)}


def _given(member: dict[str, Any]) -> dict[str, Any]:
    """A parameter is sent or left out, never null."""
    kinds = [kind for kind in member.get("anyOf", ()) if kind.get("type") != "null"]
    return kinds[0] if len(kinds) == 1 else member


def _responses(operation: Operation) -> dict[str, Any]:
    good: dict[str, Any] = {"description": operation.summary, "headers": _headers(operation)}
    if operation.answers is not None:
        good["content"] = {kind: {"schema": _ref(operation.answers)} for kind in (JSON, *operation.also)}
    else:
        media = _ANY_MEDIA if operation.media == FILE else operation.media  # a file names its own
        good["content"] = {media: {"schema": {"type": "string", "format": "binary"}}}
    refused = {
        str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in _refusals(operation)
    }
    told = {str(operation.status): good}
    if operation.accepted is not None:
        words = N_("Taken, and not carried out yet.")
        told["202"] = {"description": words, "content": {JSON: {"schema": _ref(operation.accepted)}}}
    return told | refused


def _headers(operation: Operation) -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    if operation.method == "GET":
        return {"ETag": {"description": N_("Send it back in If-None-Match."), **text}}
    told: dict[str, Any] = {}
    if operation.located:
        told["Location"] = {"description": N_("Where to read what was made."), **text}
    if operation.creates:
        told["Idempotency-Replayed"] = {
            "description": N_("`true` on an answer that was given before."),
            **text,
        }
    return told


def _refusals(operation: Operation) -> list[int]:
    found = {401, 403, 406, 429, 503}
    found |= {304} if operation.method == "GET" else set()
    found |= {404} if operation.parameters or operation.personal or _names_something(operation) else set()
    found |= {409} if operation.conflicts else set()
    sends = bool(operation.body or operation.raw)
    found |= {422} if operation.query or sends or operation.checks else set()
    found |= {400, 413, 415} if sends else set()
    return sorted(found)


def _names_something(operation: Operation) -> bool:
    """Whether what is sent names a thing that may not be there."""
    sent = [model for model in (operation.body, operation.query) if model is not None]
    return any(not _THINGS.isdisjoint(model.model_fields) for model in sent)


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")


def _refusal(status: int) -> dict[str, Any]:
    if status == 304:
        return {"description": _REFUSALS[status]}
    told: dict[str, Any] = {
        "description": _REFUSALS[status],
        "content": {_PROBLEM: {"schema": _ref(Problem)}},
    }
    if status in (429, 503):
        told["headers"] = {"Retry-After": {"description": N_("Seconds."), "schema": {"type": "integer"}}}
    return told


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def _security_schemes(declared: Registry, base_url: str) -> dict[str, Any]:
    scopes = dict.fromkeys(sorted(declared.every_right), "")
    flow = {"tokenUrl": f"{base_url}/oauth/token", "scopes": scopes}
    words = N_(
        "Client credentials of the system, sent to the issuer; "
        "the token goes into the header Authorization: Bearer …"
    )
    return {"oauth": {"type": "oauth2", "description": words, "flows": {"clientCredentials": flow}}}


def _translated(part: Any, translate: Callable[[str], str]) -> Any:
    """Every text that people read, in their language; names, codes and examples as they are."""
    if isinstance(part, list):
        return [_translated(item, translate) for item in part]
    if not isinstance(part, dict):
        return part
    return {key: _translated_member(key, value, translate) for key, value in part.items()}


def _translated_member(key: str, value: Any, translate: Callable[[str], str]) -> Any:
    if not isinstance(value, str):
        return _translated(value, translate)
    if key == "$ref":
        return _public(value)
    return translate(value) if key in _TOLD and value else value
