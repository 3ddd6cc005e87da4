"""Which products may be named as substitutes of another. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from portal.kernel.errors import N_, Fault

SUBSTITUTES_MAX = 20


def substitute_faults(sku: str, wanted: Sequence[str], known: Collection[str]) -> list[Fault]:
    """What is wrong with `wanted` as the substitutes of `sku`, at ``/substitutes/<place>``.

    known: SKUs that there are, whether sold or not: what is sold again is offered again.
    """
    if len(wanted) > SUBSTITUTES_MAX:
        message = N_("At most %(max)s substitutes of a product.")
        fix, params = N_("Name the best ones."), {"max": SUBSTITUTES_MAX}
        return [Fault("/substitutes", "too_many_substitutes", message, fix, params)]
    faults = []
    for place, one in enumerate(wanted):
        pointer = f"/substitutes/{place}"
        if one == sku:
            message, fix = N_("A product is no substitute of itself."), N_("Name another product.")
            faults.append(Fault(pointer, "same_product", message, fix))
        elif one in wanted[:place]:
            message, fix = N_("%(sku)s appears twice."), N_("Name it once, in the place it is to have.")
            faults.append(Fault(pointer, "named_twice", message, fix, {"sku": one}))
        elif one not in known:
            message, fix = N_("There is no product %(sku)s."), N_("Check the SKU or search the catalogue.")
            faults.append(Fault(pointer, "unknown_sku", message, fix, {"sku": one[:40]}))
    return faults
