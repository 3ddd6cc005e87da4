"""What the pages of an entry show: its form, its preview, and what was refused beside what was typed."""

from __future__ import annotations

from typing import Any

from flask import render_template

from backoffice.blueprints import notice_form
from backoffice.blueprints.notice_form import Typed
from portal.dealers.queries import regions_in_scope, tiers
from portal.feed import editorial, rules
from portal.feed import readers as who
from portal.feed.addressing import reach
from portal.feed.vocabulary import FeedRight
from portal.feed.words import KINDS
from portal.kernel import clock
from portal.kernel.errors import DomainError
from portal.web.presentation import in_full, in_language, in_words, labels
from portal.web.reference_cache import categories
from portal.web.request import current_actor, current_session, request


def page(number: str, form: Typed | None = None, refusal: DomainError | None = None) -> str:
    """The page of an entry; with a refusal, its faults beside what was typed."""
    entry = editorial.edited_entry(current_session(), actor=current_actor(), number=number, at=clock.now())
    context = editor(form or notice_form.form_of(entry), refusal)
    return render_template(
        "backoffice/notices/show.html",
        entry=entry,
        **context,
        typed_reason=request.form.get("reason", ""),
        publish_at=request.form.get("publish_at", ""),
        reach=who.reach(current_session(), entry.id),
        may_publish=entry.editable and current_actor().may(FeedRight.PUBLISH),
        may_edit=entry.editable and current_actor().may(FeedRight.EDIT),
    )


def editor(form: Typed, refusal: DomainError | None = None) -> dict[str, Any]:
    """The form with its choices and its preview."""
    faults = refusal.faults if refusal else ()
    lines = [(f"field-{fault.pointer.strip('/')}", in_words(fault)) for fault in faults]
    return {
        "form": form,
        "refusal_lines": lines or ([("editor", in_words(refusal))] if refusal else []),
        "beside": lambda pointer: [in_full(fault) for fault in faults if fault.pointer == pointer],
        **preview(form),
        **_choices(),
    }


def preview(form: Typed) -> dict[str, Any]:
    """How the text will look, and how many dealers it would reach."""
    count, unknown = reach(current_session(), actor=current_actor(), whom=notice_form.whom_of(form))
    return {
        "preview": form,
        "blocks_zh": list(rules.blocks(form.text_zh)),
        "blocks_en": list(rules.blocks(form.text_en)),
        "reached": count,
        "unknown": [in_words(fault) for fault in unknown],
    }


def _choices() -> dict[str, Any]:
    return {
        "kinds": labels(KINDS),
        "kind_options": list(labels(KINDS).items()),
        "tier_options": [
            (tier.code, in_language(tier.name_zh, tier.name_en)) for tier in tiers(current_session())
        ],
        "region_options": [
            (region.code, in_language(region.name_zh, region.name_en), region.parent_id is not None)
            for region in regions_in_scope(current_session(), current_actor())
        ],
        "category_options": [
            (category.code, f"{category.code} {in_language(category.name_zh, category.name_en)}")
            for category in categories()
        ],
    }
