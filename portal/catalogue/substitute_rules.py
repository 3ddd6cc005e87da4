"""Which products may be named as substitutes of another, or as what belongs to it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from portal.kernel.errors import N_, Fault

SUBSTITUTES_MAX = 20
RELATED_MAX = 50


def substitute_faults(sku: str, wanted: Sequence[str], known: Collection[str]) -> list[Fault]:
    """What is wrong with `wanted` as the substitutes of `sku`, at ``/substitutes/<place>``.

    known: SKUs that there are, whether sold or not: what is sold again is offered again.
    """
    if len(wanted) > SUBSTITUTES_MAX:
        message = N_("At most %(max)s substitutes of a product.")
        fix, params = N_("Name the best ones."), {"max": SUBSTITUTES_MAX}
        return [Fault("/substitutes", "too_many_substitutes", message, fix, params)]
    return _each("/substitutes", sku, wanted, known, N_("A product is no substitute of itself."))


def related_faults(sku: str, wanted: Sequence[str], known: Collection[str]) -> list[Fault]:
    """What is wrong with `wanted` as accessories or spare parts of `sku`, at ``/related/<place>``."""
    if len(wanted) > RELATED_MAX:
        message = N_("At most %(max)s accessories or spare parts of a product.")
        fix, params = N_("Name those that are asked for."), {"max": RELATED_MAX}
        return [Fault("/related", "too_many_related", message, fix, params)]
    return _each("/related", sku, wanted, known, N_("A product does not belong to itself."))


def _each(
    pointer_of_all: str, sku: str, wanted: Sequence[str], known: Collection[str], itself: str
) -> list[Fault]:
    faults = []
    for place, one in enumerate(wanted):
        pointer = f"{pointer_of_all}/{place}"
        if one == sku:
            faults.append(Fault(pointer, "same_product", itself, N_("Name another product.")))
        elif one in wanted[:place]:
            message, fix = N_("%(sku)s appears twice."), N_("Name it once, in the place it is to have.")
            faults.append(Fault(pointer, "named_twice", message, fix, {"sku": one}))
        elif one not in known:
            message, fix = N_("There is no product %(sku)s."), N_("Check the SKU or search the catalogue.")
            faults.append(Fault(pointer, "unknown_sku", message, fix, {"sku": one[:40]}))
    return faults
