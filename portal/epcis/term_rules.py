"""The words of EPCIS and of its vocabulary, the CBV 2.0: which addresses they stand for, which contexts of
JSON-LD are known. Pure.

A context is never fetched: its address is one of a closed list, or the document is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from portal.kernel.errors import N_, Fault

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
CONTEXTS = frozenset(
    {
        CONTEXT,
        "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "https://gs1.github.io/EPCIS/epcis-context.jsonld",
    }
)
CBV, VOC, EPCIS = "https://ref.gs1.org/cbv/", "https://gs1.org/voc/", "https://ref.gs1.org/epcis/"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
KNOWN: Mapping[str, str] = MappingProxyType(
    {"cbv": CBV, "gs1": VOC, "epcis": EPCIS, "rdfs": RDFS, "cbvmda": "urn:epcglobal:cbv:mda:"}
)
"""Prefixes that every document may use without saying what they are."""

SCHEMAS = Path(__file__).with_name("event_schemas.json")
"""The standard's schemas of events, with the words that they allow."""
EVENT_TYPES = (
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
)
_BIZ_STEP, _DISPOSITION = f"{CBV}BizStep-", f"{CBV}Disp-"
BARE: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("", "bizStep"): _BIZ_STEP,
        ("", "disposition"): _DISPOSITION,
        ("persistentDisposition", "set"): _DISPOSITION,
        ("persistentDisposition", "unset"): _DISPOSITION,
        ("bizTransactionList", "type"): f"{CBV}BTT-",
        ("sourceList", "type"): f"{CBV}SDT-",
        ("destinationList", "type"): f"{CBV}SDT-",
        ("errorDeclaration", "reason"): f"{CBV}ER-",
        ("sensorReport", "type"): VOC,
        ("sensorReport", "exception"): VOC,
        ("sensorReport", "component"): f"{CBV}Comp-",
    }
)
"""What stands before a bare word, by the member that holds the member; "" is the event."""
_OF_URN = MappingProxyType(
    {
        "urn:epcglobal:cbv:bizstep:": _BIZ_STEP,
        "urn:epcglobal:cbv:disp:": _DISPOSITION,
        "urn:epcglobal:cbv:btt:": f"{CBV}BTT-",
        "urn:epcglobal:cbv:sdt:": f"{CBV}SDT-",
        "urn:epcglobal:cbv:er:": f"{CBV}ER-",
    }
)
_PREFIXES_MAX = 64


def in_web_words(value: str) -> str:
    """A value of the vocabulary as an address, where it was written as a URN."""
    if "urn:epcglobal:cbv:" in value:
        for urn, address in _OF_URN.items():
            value = value.replace(urn, address)
    return value


def in_full(value: str, prefixes: Mapping[str, str]) -> str:
    """A value whose prefix stands for an address, written out."""
    prefix, colon, rest = value.partition(":")
    begins = prefixes.get(prefix) if colon and not rest.startswith("//") else None
    if begins is None and colon and prefix in ("cbv", "gs1", "epcis"):
        begins = KNOWN[prefix]
    return value if begins is None else begins + rest


def bare(value: str, begins: str) -> str:
    """A word of the vocabulary without the address it begins with, as JSON-LD writes it."""
    whole = in_full(in_web_words(value.strip()), KNOWN)
    return whole.removeprefix(begins)


@cache
def sensor_words() -> frozenset[str]:
    """Words of the standard for what a sensor measures or warns of."""
    definitions = json.loads(SCHEMAS.read_bytes())["definitions"]
    named = (definitions[name] for name in ("measurementType", "sensorAlertType"))
    return frozenset(word for one in named for choice in one["anyOf"] for word in choice.get("enum", ()))


def qualified(name: str, prefixes: Mapping[str, str]) -> str:
    """The name of a member with its namespace in braces, where its prefix stands for one."""
    prefix, colon, rest = name.partition(":")
    space = (prefixes.get(prefix) or KNOWN.get(prefix)) if colon else None
    return name if space is None else f"{{{space}}}{rest}"


def prefixes_of(context: Any, pointer: str, faults: list[Fault]) -> dict[str, str]:
    """The prefixes that an ``@context`` declares; an address not known here is a fault, and not fetched."""
    found: dict[str, str] = {}
    for place, entry in _entries(context, pointer):
        if isinstance(entry, str):
            if entry not in CONTEXTS:
                faults.append(_unknown(place, entry))
        elif isinstance(entry, dict):
            for prefix, stands_for in entry.items():
                if prefix.startswith("@") or not isinstance(stands_for, str) or ":" not in stands_for:
                    faults.append(_no_prefix(f"{place}/{_escaped(prefix)}", prefix))
                else:
                    found[prefix] = stands_for
        else:
            faults.append(_no_prefix(place, str(entry)))
    if len(found) > _PREFIXES_MAX:
        message = N_("The document declares more than %(max)s prefixes.")
        faults.append(Fault(pointer, "too_many_prefixes", message, "", {"max": _PREFIXES_MAX}))
    return found


def _entries(context: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(context, list):
        yield from ((f"{pointer}/{place}", entry) for place, entry in enumerate(context))
    elif context is not None:
        yield pointer, context


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _unknown(pointer: str, address: str) -> Fault:
    message = N_("The context %(address)s is not known here, and none is fetched from the internet.")
    fix = N_("Use %(known)s, and declare prefixes of your own beside it.")
    return Fault(pointer, "unknown_context", message, fix, {"address": address[:200], "known": CONTEXT})


def _no_prefix(pointer: str, prefix: str) -> Fault:
    message = N_("%(prefix)s is no prefix with the address it stands for.")
    fix = N_('A context declares prefixes only, such as "example": "https://ns.example.com/epcis/".')
    return Fault(pointer, "not_a_prefix", message, fix, {"prefix": prefix[:200]})
