"""JSON as the API speaks it: money as decimal strings with two places, moments in RFC 3339 UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
from flask import Response
from flask.json.provider import JSONProvider
from flask_babel.speaklater import LazyString

from portal.kernel.money import as_text


class OrjsonProvider(JSONProvider):
    """`jsonify` and `get_json` by orjson."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """As text."""
        return self._bytes(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Raises ValueError for anything but JSON; NaN and Infinity are not JSON."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """A response with the JSON of its argument."""
        body = self._bytes(self._prepare_response_obj(args, kwargs))
        return Response(body, mimetype="application/json")

    def _bytes(self, value: Any) -> bytes:
        return orjson.dumps(value, default=_encoded, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _encoded(value: Any) -> Any:
    match value:
        case Decimal():
            return as_text(value)
        case datetime():
            return moment_text(value)
        case date():
            return value.isoformat()
        case set() | frozenset():
            return sorted(value)
        case LazyString():
            return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def moment_text(moment: datetime) -> str:
    """``2026-11-21T08:30:00Z``. Raises ValueError for a moment without zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
