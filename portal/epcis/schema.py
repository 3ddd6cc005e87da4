"""Whether an event is one of EPCIS 2.0, by the standard's own schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import fastjsonschema

from portal.epcis.term_rules import EVENT_TYPES, SCHEMAS
from portal.kernel.errors import N_, Fault

_OTHER = "Extended-Event"
_SAID_MAX = 300


def schema_faults(event: Mapping[str, Any], pointer: str) -> list[Fault]:
    """What keeps an event from being valid: the first fault of its kind of event, with its place."""
    kind = event.get("type")
    valid = _validator(kind if kind in EVENT_TYPES else _OTHER)
    try:
        valid(event)
    except fastjsonschema.JsonSchemaValueException as refusal:
        place = "".join(f"/{_escaped(str(part))}" for part in refusal.path[1:])
        message = N_("This is not as EPCIS 2.0 asks: %(said)s.")
        fix = N_("Compare the event with the standard's schema.")
        said = refusal.message.replace("data.", "").replace("data ", "")[:_SAID_MAX]
        return [Fault(pointer + place, f"schema_{_rule(str(refusal.rule))}", message, fix, {"said": said})]
    return []


def _rule(name: str) -> str:
    """A rule of JSON Schema as our codes are written."""
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


@cache
def _validator(kind: str) -> Callable[[Any], Any]:
    whole = json.loads(SCHEMAS.read_bytes())
    return fastjsonschema.compile(whole | {"$ref": f"#/definitions/{kind}"}, use_default=False)
