"""The words for everything that can be wrong with the form of a request, whoever noticed.

Pydantic or one of our fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from portal.kernel.errors import N_, Fault

_WHOLE = (
    "not_whole",
    N_("A whole number is expected."),
    N_("Send a JSON number without decimals and without quotes."),
)
_OBJECT = ("not_an_object", N_("A JSON object is expected."), N_("Send an object in braces."))
_TEXT = ("not_text", N_("A text is expected."), N_("Send a JSON string."))
_TRUTH = ("not_true_or_false", N_("True or false is expected."), N_("Send true or false without quotes."))
_UNREADABLE = (
    "unreadable_text",
    N_("The text contains a character that cannot be stored."),
    N_("Remove it."),
)
_CHOICE = (
    "unknown_value",
    N_("This value is not known."),
    N_("Take one of the values in the documentation."),
)

# Type of a pydantic error, or code of a field's own → code, message, fix.
_WORDS: dict[str, tuple[str, str, str]] = {
    "missing": ("missing", N_("This field is required."), N_("Add the missing entry.")),
    "extra_forbidden": (
        "unknown_field",
        N_("There is no field of this name."),
        N_("Remove it, or check its spelling."),
    ),
    "string_type": _TEXT,
    "string_too_short": ("missing", N_("This field is required."), N_("Add the missing entry.")),
    "string_too_long": ("too_long", N_("At most %(max_length)s characters."), N_("Shorten it.")),
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "list_type": ("not_a_list", N_("A list is expected."), N_("Send a JSON array in brackets.")),
    "too_short": ("empty_list", N_("At least one entry is needed."), N_("Add an entry.")),
    "too_long": ("too_many", N_("At most %(max_length)s entries."), N_("Send fewer at once.")),
    "too_many_lines": ("too_many_lines", N_("At most %(max)s lines in one order."), N_("Split the order.")),
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "not_whole": _WHOLE,
    "not_a_number": (
        "not_whole",
        N_("A whole number is expected."),
        N_("Send digits alone."),
    ),
    "quantity_not_whole": (
        "quantity_not_whole",
        N_("A quantity is a whole number."),
        N_("Send a JSON number without decimals and without quotes."),
    ),
    "not_money": (
        "not_money",
        N_("An amount is a decimal string."),
        N_('Write it like "128.50", in quotes, with at most two places.'),
    ),
    "not_a_date": ("not_a_date", N_("Enter a valid date."), N_("Write it like 2026-10-31.")),
    "not_a_moment": (
        "not_a_moment",
        N_("Enter a valid time with its time zone."),
        N_("Write it like 2026-10-31T08:30:00Z."),
    ),
    "not_a_period": ("not_a_period", N_("Enter a valid month."), N_("Write it like 2026-10.")),
    "limit": (
        "limit",
        N_("A limit is a whole number from 1 to 200."),
        N_("Ask for up to 200 items and follow the cursor."),
    ),
    "string_unicode": _UNREADABLE,
    "unreadable_text": _UNREADABLE,
}
COUNTED_MAX = 10_000  # faults of form; each costs some microseconds to name
_ANYTHING_ELSE = ("malformed", N_("This entry is malformed."), N_("See the documentation for its form."))


def faults_of(error: ValidationError) -> list[Fault]:
    """One fault for everything pydantic found; a single one for more than anybody could have meant."""
    if error.error_count() > COUNTED_MAX:
        message, fix = (
            N_("More than %(max)s entries are malformed."),
            N_("See the documentation for the form of this body."),
        )
        return [Fault("", "malformed", message, fix, {"max": COUNTED_MAX})]
    return [_fault(found) for found in error.errors(include_url=False, include_input=False)]


def _fault(found: Any) -> Fault:
    code, message, fix = _WORDS.get(found["type"], _ANYTHING_ELSE)
    return Fault(pointer(found["loc"]), code, message, fix, found.get("ctx", {}))


def pointer(path: Iterable[str | int]) -> str:
    """JSON pointer (RFC 6901) of a path: ``("lines", 0, "sku")`` is ``/lines/0/sku``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
