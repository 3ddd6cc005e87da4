"""What people read for the kinds of a recall, in English; translated where it is shown."""

from __future__ import annotations

from collections.abc import Mapping

from portal.kernel.errors import N_
from portal.recalls.notice_rules import Question
from portal.recalls.rules import ScopeKind

LEVELS: Mapping[int, str] = {
    1: N_("Level 1 (serious harm)"),
    2: N_("Level 2 (temporary harm)"),
    3: N_("Level 3 (harm unlikely)"),
}

SCOPE_KINDS: Mapping[ScopeKind, str] = {
    ScopeKind.LOTS: N_("These lots"),
    ScopeKind.SERIALS: N_("Serial numbers from … to …"),
    ScopeKind.MADE: N_("Made from … to …"),
    ScopeKind.ALL: N_("All of the product"),
}

QUESTIONS: Mapping[Question, str] = {
    Question.NO_ARTICLE: N_("The text names no product that could be read. Choose it yourself."),
    Question.NOT_OURS: N_("A product of the text is none of ours by its number. Enter its SKU."),
    Question.NO_LOT: N_("The text names no lot of a product. Is all of it meant?"),
    Question.LOTS_OF_SEVERAL: N_(
        "The text names several products before its lots. Take out those a lot does not belong to."
    ),
    Question.WRONG_CHECK_DIGIT: N_("The check digit of a GTIN is wrong. Compare it with the label."),
    Question.RANGE_UNREADABLE: N_("A range has two ends that are not written alike. List its lots."),
    Question.HYPHEN: N_("A number with a hyphen may be one number or a range. Compare it with the text."),
}

ANSWERS: Mapping[str, str] = {
    "found": N_("Found and kept apart"),
    "used": N_("Used"),
    "passed_on": N_("Passed on"),
    "returned": N_("Sent back"),
    "destroyed": N_("Destroyed"),
}
