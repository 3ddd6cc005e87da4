"""Faults as a person reads them: where, which, what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from portal.kernel.errors import Fault


def said(fault: Fault) -> str:
    """``/lines/0/sku unknown_sku: There is no product X. Check the SKU.``"""
    words = [text % fault.params if fault.params else text for text in (fault.message, fault.fix) if text]
    return f"{fault.pointer} {fault.code}: {' '.join(words)}"


def all_said(faults: Iterable[Fault]) -> list[str]:
    """What each says, in their order."""
    return [said(fault) for fault in faults]
