"""From bytes and query strings to values, with every fault that was met on the way."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, NoReturn, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from portal.kernel.errors import N_, Fault, Invalid, Unreadable
from portal.web.api.fields import LINES_MAX
from portal.web.api.operations import BODY_MAX, JSON
from portal.web.api.wording import faults_of, pointer
from portal.web.request import portal

M = TypeVar("M", bound=BaseModel)
_PIECE = 2**16


@dataclass(frozen=True)
class Reading(Generic[M]):
    """A body as it was understood: `value`, or None with the faults; `raw` is its JSON either way."""

    value: M | None
    raw: Any
    faults: tuple[Fault, ...] = ()

    @cached_property
    def pointers(self) -> frozenset[str]:
        """Where the faults are."""
        return frozenset(fault.pointer for fault in self.faults)


def read_body(model: type[M]) -> Reading[M]:
    """The body of the request.

    No body at all reads like an empty object. Raises Unreadable, and 413 and 415 of the framework.
    """
    request.max_content_length = BODY_MAX
    data = request.get_data(cache=False)
    if request.content_length is None and len(data) >= BODY_MAX:  # sent in chunks, and cut off at the limit
        raise RequestEntityTooLarge()
    if data and request.mimetype != JSON:
        raise UnsupportedMediaType()
    raw = parse(data) if data else {}
    try:
        return Reading(model.model_validate(raw, context={LINES_MAX: portal().settings.order_lines_max}), raw)
    except ValidationError as error:
        return Reading(None, raw, tuple(faults_of(error)))


def read_form_body(model: type[M], form_max: int) -> Reading[M]:
    """The body of a request that comes as a form: its fields are the members, every value a text.

    `raw` has the hash of the file beside them: another file is another request. Raises 413 of the framework.
    """
    request.max_content_length = form_max
    members = request.form.to_dict()
    content = uploaded_file()
    raw = members if content is None else members | {"file": hashlib.sha256(content).hexdigest()}
    try:
        value = model.model_validate(members, context={LINES_MAX: portal().settings.order_lines_max})
        return Reading(value, raw)
    except ValidationError as error:
        return Reading(None, raw, tuple(faults_of(error)))


def require_raw(kinds: Sequence[str], size_max: int) -> None:
    """Raise 413 or 415 of the framework for a body that is no document of these kinds, or is packed."""
    request.max_content_length = size_max
    if request.mimetype not in kinds or "Content-Encoding" in request.headers:
        raise UnsupportedMediaType()
    if (request.content_length or 0) > size_max:
        raise RequestEntityTooLarge()


def raw_pieces() -> Iterator[bytes]:
    """The body as it comes, a piece at a time."""
    while piece := request.stream.read(_PIECE):
        yield piece


def uploaded_file() -> bytes | None:
    """The content of the file that came with the form; None where there was none."""
    file = request.files.get("file")
    if file is None:
        return None
    file.stream.seek(0)
    content: bytes = file.read()
    return content


def uploaded_name() -> str:
    """What that file is called; empty where there was none."""
    file = request.files.get("file")
    return "" if file is None else file.filename or ""


def parse(data: bytes) -> Any:
    """JSON in UTF-8, as strictly as RFC 8259 allows: no NaN, and no member twice. Raises Unreadable."""
    repeated: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            repeated.extend(
                sorted(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
            )
        return found

    try:
        value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=members, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        message, fix = (
            N_("The body is not UTF-8: byte %(position)s."),
            N_("Send JSON in UTF-8, not in GBK or UTF-16."),
        )
        _refuse("not_utf8", message, fix, position=error.start)
    except json.JSONDecodeError as error:
        message, fix = (
            N_("The body is not JSON: line %(line)s, column %(column)s."),
            N_("Let a library write it."),
        )
        _refuse("not_json", message, fix, line=error.lineno, column=error.colno)
    except (ValueError, RecursionError):  # NaN, a number of thousands of digits, braces in braces in braces
        _refuse("not_json", N_("The body is no JSON that can be read."), N_("Let a library write it."))
    if repeated:
        message = N_("The member %(key)s appears twice in one object.")
        key = repeated[0][:64].encode(errors="replace").decode()  # half a surrogate pair cannot be answered
        _refuse("repeated_member", message, N_("Send every member once."), key=key)
    return value


def read_query(model: type[M]) -> M:
    """The query string. Raises Invalid with every fault: an unknown or repeated parameter is one."""
    given: dict[str, Any] = {}
    repeated = []
    for key, values in request.args.lists():
        many = _takes_many(model, key)
        given[key] = values if many else values[0]
        if len(values) > 1 and not many:
            fault = Fault(
                pointer((key,)),
                "repeated_parameter",
                N_("This parameter appears twice."),
                N_("Send it once."),
            )
            repeated.append(fault)
    try:
        value = model.model_validate(given)
    except ValidationError as error:
        raise Invalid(faults=[*repeated, *faults_of(error)]) from None
    if repeated:
        raise Invalid(faults=repeated)
    return value


def _takes_many(model: type[BaseModel], key: str) -> bool:
    return (
        key in model.model_fields and getattr(model.model_fields[key].annotation, "__origin__", None) is list
    )


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _refuse(code: str, message: str, fix: str, **params: object) -> NoReturn:
    raise Unreadable(code, message, faults=[Fault("", code, message, fix, params)], fix=fix, **params)
