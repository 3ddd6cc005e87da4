"""What of an event is asked about later, and whether it can be kept. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.epcis.digital_link_rules import canonical_link
from portal.epcis.document_rules import Found
from portal.epcis.hash_rules import declared_as_hashed, event_hash, long_numbers
from portal.epcis.term_rules import BARE, in_full, in_web_words
from portal.kernel.errors import N_, Fault

Schema = Callable[[Mapping[str, Any], str], list[Fault]]
"""What says whether an event at a place is one of the standard's."""
TEXT_MAX = 500
"""Signs of what is found by it: an EPC, a place, an identifier."""
YEARS = range(1970, 2200)
_EPCS = ("epcList", "childEPCs")
_ALL_EPCS = (*_EPCS, "inputEPCList", "outputEPCList")
_CLASSES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it is kept. event_hash, digits and is_declaration are its key: the hash of the CBV, numbers
    longer than that looks at, and whether it declares that an event was in error.

    epcs: of the list of EPCs or children; any_epcs: wherever it names them. epc_classes: of any quantity.
    """

    event_hash: str
    digits: str
    is_declaration: bool
    event_id: str
    event_type: str
    event_time: datetime
    action: str | None
    biz_step: str | None
    disposition: str | None
    read_point: str | None
    biz_location: str | None
    epcs: tuple[str, ...]
    any_epcs: tuple[str, ...]
    epc_classes: tuple[str, ...]
    content: Mapping[str, Any]
    prefixes: Mapping[str, str]


def read_event(found: Found, schema: Schema) -> tuple[Event | None, list[Fault]]:
    """The event, or what keeps it from being captured."""
    faults = list(found.faults) or schema(found.event, found.pointer)
    if faults:
        return None, faults
    event, prefixes, pointer = found.event, found.prefixes, found.pointer
    faults = [*_unreal_moments(event, pointer), *_too_long(event, pointer)]
    event_id = str(event.get("eventID") or "")
    if not faults and event_id and not declared_as_hashed(event_id, event, prefixes):
        message = N_("The identifier says that it is the hash of the event, and is not.")
        fix = N_("Send the event as it was hashed, or without eventID.")
        faults.append(Fault(f"{pointer}/eventID", "event_id_differs", message, fix))
    return (None, faults) if faults else (_event(event, prefixes, event_id), [])


def _event(event: Mapping[str, Any], prefixes: Mapping[str, str], event_id: str) -> Event:
    hashed = event_hash(event, prefixes)
    epcs = _distinct(_listed(event, _EPCS))
    parent = [str(event["parentID"])] if event.get("parentID") else []
    return Event(
        event_hash=hashed.partition(";")[2].partition("?")[0],
        digits=long_numbers(event),
        is_declaration="errorDeclaration" in event,
        event_id=event_id or hashed,
        event_type=str(event["type"]),
        event_time=datetime.fromisoformat(event["eventTime"].upper()),
        action=event.get("action"),
        biz_step=word_in_full("bizStep", event.get("bizStep"), prefixes),
        disposition=word_in_full("disposition", event.get("disposition"), prefixes),
        read_point=_place(event.get("readPoint")),
        biz_location=_place(event.get("bizLocation")),
        epcs=epcs,
        any_epcs=_distinct([*_listed(event, _ALL_EPCS), *parent]),
        epc_classes=_distinct(
            str(one["epcClass"]) for name in _CLASSES for one in event.get(name) or () if "epcClass" in one
        ),
        content=event,
        prefixes=prefixes,
    )


def canonical(uri: str) -> str:
    """An EPC, a class or a place in the one way in which it is kept and looked for."""
    return canonical_link(uri) or uri


def word_in_full(field: str, said: str | None, prefixes: Mapping[str, str]) -> str | None:
    """A step or disposition as an address, however it is written."""
    if not said:
        return None
    value = in_full(in_web_words(said), prefixes)
    return value if ":" in value else BARE["", field] + value


def _listed(event: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    return (str(epc) for name in names for epc in event.get(name) or ())


def _distinct(uris: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(canonical(uri) for uri in uris))


def _place(said: Any) -> str | None:
    return canonical(str(said["id"])) if isinstance(said, dict) and said.get("id") else None


def _unreal_moments(event: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    """Moments that are written like one and are none, or of no time in which there were such events."""
    declared = event.get("errorDeclaration") or {}
    told = {
        "eventTime": event.get("eventTime"),
        "errorDeclaration/declarationTime": declared.get("declarationTime"),
    }
    for name, said in told.items():
        if said is None:
            continue
        try:
            is_real = datetime.fromisoformat(said.upper()).year in YEARS
        except ValueError:
            is_real = False
        if not is_real:
            message = N_("There is no such moment.")
            yield Fault(f"{pointer}/{name}", "no_moment", message, N_("Send it with its zone."))


def _too_long(event: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    found = [
        *_listed(event, (*_ALL_EPCS,)),
        *(str(event.get(name) or "") for name in ("eventID", "type", "parentID", "bizStep", "disposition")),
        *(str((event.get(name) or {}).get("id") or "") for name in ("readPoint", "bizLocation")),
        *(str(one.get("epcClass")) for name in _CLASSES for one in event.get(name) or ()),
    ]
    if any(len(one) > TEXT_MAX for one in found):
        message = N_("An identifier has more than %(max)s signs.")
        yield Fault(pointer, "too_long", message, N_("Shorten it."), {"max": TEXT_MAX})
