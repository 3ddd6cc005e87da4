"""Articles at headquarters: written by one person, published by another, withdrawn; and whom they helped."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.knowledge import text_of
from portal.feed.rules import blocks
from portal.files.attach import uploaded_files
from portal.kernel import clock
from portal.kernel.errors import N_, DomainError
from portal.kernel.paging import Page
from portal.kernel.proposal_life import ProposalAct, ProposalState, acts
from portal.knowledge.editorial import ArticleSummary, EditedArticle, edited_article, edited_articles
from portal.knowledge.publish_article import publish_article, reject_article, withdraw_article
from portal.knowledge.rules import Content
from portal.knowledge.vocabulary import KnowledgeRight
from portal.knowledge.write_article import draft_article, edit_article, recall_article, submit_article
from portal.service.words import KINDS
from portal.web.acting import Answer, acted, refused
from portal.web.file_field import sent_ahead, sent_files
from portal.web.forms import Form, OwnNumber, column_of_form, read_form, takes_columns
from portal.web.listing.declaration import Column, Listing
from portal.web.listing.declaration import Kind as Shown
from portal.web.listing.page import show_list
from portal.web.presentation import in_language, labels
from portal.web.reference_cache import categories
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("articles", __name__, url_prefix="/hq/knowledge")

STAFF = (KnowledgeRight.WRITE, KnowledgeRight.PUBLISH)
COLUMNS = ("kind", "category", "file_id")
STATES = (
    ProposalState.DRAFT,
    ProposalState.SUBMITTED,
    ProposalState.PUBLISHED,
    ProposalState.WITHDRAWN,
)
LIST = Listing(
    "articles",
    N_("Knowledge"),
    (
        Column("title", N_("Title"), Shown.NAME),
        Column("number", N_("Number"), Shown.CODE, shown=False, width="c-20"),
        Column("version_no", N_("Version"), Shown.QUANTITY, width="c-8"),
        Column(
            "state", N_("Status"), Shown.STATUS, status="knowledge article", width="c-12", css="cell-corner"
        ),
        Column("published_at", N_("Published on"), Shown.MOMENT, width="c-15"),
        Column("author", N_("Author"), shown=False, width="c-12"),
        Column("helpful", N_("Helped"), Shown.QUANTITY, width="c-8"),
        Column("unhelpful", N_("Did not help"), Shown.QUANTITY, width="c-8"),
        Column("solved", N_("Requests spared"), Shown.QUANTITY, width="c-10"),
    ),
)


class ArticleForm(Form):
    """An article as it was typed."""

    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    words: str
    revision: OwnNumber


class ActForm(Form):
    """Which version was seen, and why."""

    revision: OwnNumber
    reason: str


@blueprint.get("")
@requires(*STAFF)
@takes_columns("column")
def index() -> str | Response:
    """Every article by its newest version."""
    state = request.args.get("state", "")
    query: dict[str, Any] = {
        "q": request.args.get("q", "").strip(),
        "state": state if state in STATES else "",
    }

    def fetch(cursor: str | None, limit: int) -> Page[ArticleSummary]:
        return edited_articles(current_session(), actor=current_actor(), cursor=cursor, limit=limit, **query)

    def page_only() -> dict[str, Any]:
        states = [(str(one), status_look("knowledge article", one).label) for one in STATES]
        return {
            "state_options": [("", gettext("All statuses")), *states],
            "may_write": current_actor().may(KnowledgeRight.WRITE),
        }

    return show_list(LIST, fetch, "backoffice/articles/index.html", query, page_only=page_only)


@blueprint.get("/new")
@requires(KnowledgeRight.WRITE)
def new() -> str:
    """The form of a new article."""
    return _form(None)


@blueprint.post("")
@requires(KnowledgeRight.WRITE)
@takes_columns(*COLUMNS)
def create() -> Answer:
    """Keep a new draft."""

    def act() -> str:
        at = clock.now()
        return draft_article(
            current_session(),
            actor=current_actor(),
            content=_content(),
            files=sent_files(),
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    words = gettext("Saved as a draft. Nobody sees it yet.")
    return acted(act, shown=lambda refusal: _form(None, refusal), then=lambda number: _at(number, words))


@blueprint.get("/<number>")
@requires(*STAFF)
def show(number: str) -> str:
    """An article: its newest version, its history, and what may be done."""
    return _page(number)


@blueprint.get("/<number>/edit")
@requires(KnowledgeRight.WRITE)
def edit(number: str) -> str:
    """The form of a draft, or of the next version."""
    return _form(edited_article(current_session(), actor=current_actor(), number=number))


@blueprint.post("/<number>/edit")
@requires(KnowledgeRight.WRITE)
@takes_columns(*COLUMNS)
def save(number: str) -> Answer:
    """Keep the draft, or begin the next version."""

    def act() -> int:
        return edit_article(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=read_form(ArticleForm).revision,
            content=_content(),
            files=sent_files(),
            at=clock.now(),
        )

    def shown(refusal: DomainError) -> str:
        return _form(edited_article(current_session(), actor=current_actor(), number=number), refusal)

    return acted(act, shown=shown, then=lambda _: _at(number, gettext("Saved.")))


@blueprint.post("/<number>/submission")
@requires(KnowledgeRight.WRITE)
def submit(number: str) -> Answer:
    """Hand the draft in."""

    def act() -> int:
        return submit_article(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=read_form(ActForm).revision,
            at=clock.now(),
        )

    return _acted(number, act, gettext("Submitted. Another person publishes it."))


@blueprint.post("/<number>/recall")
@requires(KnowledgeRight.WRITE)
def recall(number: str) -> Answer:
    """Take back what was handed in."""

    def act() -> int:
        revision = read_form(ActForm).revision
        return recall_article(current_session(), actor=current_actor(), number=number, revision=revision)

    return _acted(number, act, gettext("Taken back: it is a draft again."))


@blueprint.post("/<number>/publication")
@requires(KnowledgeRight.PUBLISH)
def publish(number: str) -> Answer:
    """Let dealers read it."""

    def act() -> int:
        return publish_article(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=read_form(ActForm).revision,
            at=clock.now(),
        )

    return _acted(number, act, gettext("Published. Dealers read it now."))


@blueprint.post("/<number>/rejection")
@requires(KnowledgeRight.PUBLISH)
def reject(number: str) -> Answer:
    """Send it back to its authors."""

    def act() -> int:
        form = read_form(ActForm)
        return reject_article(
            current_session(),
            actor=current_actor(),
            number=number,
            revision=form.revision,
            reason=form.reason,
        )

    return _acted(number, act, gettext("Sent back to its authors."), "rejection")


@blueprint.post("/<number>/withdrawal")
@requires(KnowledgeRight.PUBLISH)
def withdraw(number: str) -> Answer:
    """Dealers read it no more."""

    def act() -> int:
        return withdraw_article(
            current_session(),
            actor=current_actor(),
            number=number,
            reason=read_form(ActForm).reason,
            at=clock.now(),
        )

    return _acted(number, act, gettext("Withdrawn. Dealers read it no more."), "withdrawal")


def _acted(number: str, act: Any, words: str, dialog: str = "") -> Answer:
    return acted(act, shown=lambda refusal: _page(number, refusal, dialog), then=lambda _: _at(number, words))


def _at(number: str, words: str) -> Said:
    return Said(words, url_for("articles.show", number=number))


def _content() -> Content:
    form = read_form(ArticleForm)
    return Content(
        title_zh=form.title_zh,
        title_en=form.title_en,
        text_zh=form.text_zh,
        text_en=form.text_en,
        words=form.words,
        kinds=column_of_form("kind"),
        categories=column_of_form("category"),
    )


def _form(article: EditedArticle | None, refusal: DomainError | None = None) -> str:
    """The form as the article is, or as it was typed and refused."""
    session, actor = current_session(), current_actor()
    typed = _content() if refusal else article
    sent = sent_ahead() if refusal else None
    return render_template(
        "backoffice/articles/edit.html",
        **refused(refusal),
        article=article,
        typed_article=typed,
        revision=read_form(ArticleForm).revision if refusal else article.revision if article else 0,
        matters=[(str(one), gettext(label)) for one, label in KINDS.items()],
        categories=[
            (one.code, f"{one.code} {in_language(one.name_zh, one.name_en)}") for one in categories()
        ],
        attached=[one for one in article.files if sent is None or one.id in sent] if article else [],
        files=uploaded_files(session, actor=actor, ids=sent or []),
    )


def _page(number: str, refusal: DomainError | None = None, dialog: str = "") -> str:
    actor = current_actor()
    article = edited_article(current_session(), actor=actor, number=number)
    possible = acts(article.state)
    is_author = actor.key in article.written_by
    may_write, may_publish = actor.may(KnowledgeRight.WRITE), actor.may(KnowledgeRight.PUBLISH)
    waits = ProposalAct.APPROVE in possible
    return render_template(
        "backoffice/articles/show.html",
        **refused(refusal),
        dialog=dialog,
        article=article,
        blocks=list(blocks(text_of(article))),
        matters=labels(KINDS),
        may_edit=may_write and not waits,
        may_submit=may_write and ProposalAct.SUBMIT in possible,
        may_recall=may_write and ProposalAct.RECALL in possible,
        may_decide=may_publish and waits and not is_author,
        waits_for_another=may_publish and waits and is_author,
        may_withdraw=may_publish and article.current_version is not None,
    )
