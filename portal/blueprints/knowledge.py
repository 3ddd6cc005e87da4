"""The knowledge base as dealers read and search it, and what is proposed while somebody types a request."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.feed.rules import blocks
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.knowledge import queries
from portal.knowledge.queries import ArticleRow
from portal.knowledge.vocabulary import KnowledgeRight
from portal.knowledge.vote import vote
from portal.service.rules import ServiceKind
from portal.service.words import KINDS
from portal.web import language
from portal.web.forms import Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Listing
from portal.web.listing.declaration import Kind as Shown
from portal.web.listing.page import show_list
from portal.web.presentation import labels
from portal.web.rendering import render_page, requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("knowledge", __name__, url_prefix="/knowledge")
blueprint.context_processor(dealer_frame)

ARTICLES = Listing(
    "knowledge",
    N_("Knowledge"),
    (
        Column("title", N_("Title"), Shown.NAME),
        Column("number", N_("Number"), Shown.CODE, shown=False, width="c-20"),
        Column("published_at", N_("Published on"), Shown.MOMENT, width="c-20"),
    ),
)
_ASKED_MAX = 500


class VoteForm(Form):
    """What a reader says: ``yes``, ``no``, or ``solved``."""

    said: str


@blueprint.get("")
@requires(KnowledgeRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """Every article, the latest first, or by what is sought the nearest first."""
    query = {"q": request.args.get("q", "").strip()[:_ASKED_MAX], "kind": _kind()}

    def fetch(cursor: str | None, limit: int) -> Page[ArticleRow]:
        if query["q"]:
            _spend()
        return queries.articles(current_session(), cursor=cursor, limit=limit, **query)

    def page_only() -> dict[str, Any]:
        return {"kind_options": [("", gettext("Any matter")), *labels(KINDS).items()]}

    return show_list(ARTICLES, fetch, "knowledge/index.html", query, page_only=page_only)


@blueprint.get("/suggestions")
@requires(KnowledgeRight.READ)
def suggestions() -> str:
    """What may answer a request that is being typed, for its form; a page of its own without script."""
    q, sku = _typed("q", "of"), _typed("sku", "by")
    _spend()
    found = queries.suggestions(current_session(), q=q, kind=_kind(), sku=sku)
    return render_page("knowledge/suggestions.html", "suggestions", found=found, q=q, kind=_kind())


@blueprint.get("/<number>")
@requires(KnowledgeRight.READ)
def show(number: str) -> str:
    """One article, and whether it helped."""
    found = queries.article(current_session(), actor=current_actor(), number=number)
    return render_template(
        "knowledge/show.html",
        article=found,
        blocks=list(blocks(text_of(found))),
        matters=labels(KINDS),
    )


@blueprint.post("/<number>/vote")
@requires(KnowledgeRight.READ)
def helped(number: str) -> Response:
    """Say whether it helped; said again, the latest word counts."""
    said = read_form(VoteForm).said
    vote(
        current_session(),
        actor=current_actor(),
        number=number,
        is_helpful=said in ("yes", "solved"),
        is_solved=said == "solved",
        at=clock.now(),
    )
    flash(gettext("Thank you. It tells us which articles to improve."), "success")
    return redirect(url_for("knowledge.show", number=number), 303)


def text_of(article: Any) -> str:
    """The text in the visitor's language, or the one there is."""
    chosen: tuple[str, str] = (article.text_zh, article.text_en)
    return (chosen[0] or chosen[1]) if language.current() == "zh" else (chosen[1] or chosen[0])


def _typed(name: str, elsewhere: str) -> str:
    """An argument, or that of the form's field which another argument names."""
    said = request.args.get(name) or request.args.get(request.args.get(elsewhere, name), "")
    return said.strip()[:_ASKED_MAX]


def _kind() -> str:
    kind = request.args.get("kind", "")
    return kind if kind in list(ServiceKind) else ""


def _spend() -> None:
    """A search, as any across the portal. Raises TooManyRequests."""
    portal().limits.spend(portal().settings.search_rate, "searches", current_actor().key)
