"""What a capability adds to the portal, said once in its ``manifest.py``.

Framework-free: a blueprint or a job is named by its module and loaded by whoever needs it, so that a worker
loads no page and a migration no job. `portal.capabilities` holds the ordered list, `portal.kernel.registry`
joins what it declares.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, NamedTuple

from sqlalchemy import TextClause
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, DomainError


class Audience(Enum):
    """Whom a blueprint's pages are for."""

    EVERYBODY = "everybody"
    BEARERS = "bearers"
    SIGNED_IN = "signed_in"
    DEALERS = "dealers"
    STAFF = "staff"


class Job(Enum):
    """What somebody is doing when they look for a menu entry: the groups of the menus, in their order."""

    TODAY = N_("Today")
    ORDERING = N_("Ordering")
    DELIVERING = N_("Orders and shipping")
    PRICING = N_("Prices")
    MONEY = N_("Finance")
    SERVICE = N_("Service")
    PARTNERS = N_("Dealers")
    OPERATION = N_("Operation")


class Look(NamedTuple):
    """How one status is shown: never by colour alone. label: English, translated where it is shown."""

    label: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One menu entry, for everybody of an audience who holds one of `rights`. endpoint: Flask's."""

    audience: Audience
    job: Job
    endpoint: str
    label: str
    icon: str
    rights: tuple[StrEnum, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the API's documentation. name: as OpenAPI's tag."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Topic:
    """An effect of the outbox.

    handler: ``module.function`` that takes a `portal.kernel.outbox.Effect`; None where webhooks alone tell of
    it. is_letter: done when there is no mail.
    """

    handler: str | None
    is_letter: bool = False


TOLD = Topic(None)
"""An effect that nothing but webhooks tell of."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """What systems may be told of by webhooks, under the name of an effect's topic.

    label: what it is called where somebody chooses it. rights: a dealer's system that may do one of them may
    be told. calls: addresses of the API below its prefix, with members of the payload in braces, at which
    a dealer and headquarters find the document; None where there is no such call. subject: the member of the
    payload that names the document; what concerns one document is told in its order. addressed: of an effect
    that belongs to no dealer, which of some dealers it is for; from the payload.
    """

    label: str
    rights: tuple[StrEnum, ...]
    calls: tuple[str | None, str | None]
    subject: str = "number"
    addressed: Callable[[Session, Mapping[str, object], Collection[int]], Iterable[int]] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that people are told of.

    label: English, as the choices name it. audience: dealers or staff. roles: who is told, and so has the
    choice. mail: before they chose, as `portal.notifications.rules.ByMail` has it. is_mandatory: nobody can
    switch it off. is_urgent: it does not wait for the end of quiet hours. Its texts are
    ``portal/notifications/texts/<language>/<event>.txt``.
    """

    label: str
    audience: Audience
    roles: frozenset[StrEnum]
    mail: str = "at_once"
    is_mandatory: bool = False
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class AtRest:
    """A column that is kept under the application secret.

    purpose: for which its key is derived. is_text: sealed by `portal.kernel.opaque`, else encrypted by
    `portal.kernel.at_rest`.
    """

    table: str
    column: str
    purpose: str
    is_text: bool = True


@dataclass(frozen=True, slots=True)
class Personal:
    """Columns that tell something of a person: what is handed out to whoever asks what is known of them.

    Secrets and their hashes are no part of it. person: the column with the account; empty where the person
    has none with us, such as who signed at the door.
    """

    table: str
    columns: tuple[str, ...]
    person: str = ""


@dataclass(frozen=True, slots=True)
class Recurring:
    """A job that recurs.

    job: ``module.function`` without arguments, which finds nothing to do when it runs twice.

    is_urgent: goes before what nobody waits for. goes_out: waits for machines of others, after everything
    that does not. patience: how long it may run. A run that nobody took up by the next is left out.
    """

    job: str
    every: timedelta
    is_urgent: bool = False
    goes_out: bool = False
    patience: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work of one kind that waits for whoever looks, as the overview lists it.

    label: with params, in English, as a heading of the number: ``Orders to pick``. endpoint and values:
    where it is done. amount: what it is worth, where that says more than the number. is_urgent: somebody is
    held up by it, or will soon be.
    """

    label: str
    count: int
    endpoint: str
    values: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    amount: Decimal | None = None
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Work whose number is asked for together with that of all others, in one statement.

    waiting: without its number. asked: SELECT of one number, which may name ``:actor`` (an `Actor.key`),
    ``:user_id`` (0 of a program), ``:dealer_id``, ``:at``, ``:today`` and ``:most``: one more than counts.
    """

    waiting: Waiting
    asked: TextClause


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found. endpoint and values: of its page.

    number: as people write it. names: in Chinese and English, of what has some. status: kind and state.
    """

    endpoint: str
    values: Mapping[str, str]
    number: str
    names: tuple[str, str] | None = None
    status: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Finder:
    """How documents of one kind are found, for everybody of an audience who holds one of `rights`.

    label: English, the heading above them. find: from what somebody typed, two characters or more, and how
    many to give at most; the nearest first, in the scope of the session, by one statement at most.
    """

    audience: Audience
    label: str
    icon: str
    rights: tuple[StrEnum, ...]
    find: Callable[[Session, Actor, str, int], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class DocumentAct:
    """What a capability lets people do with a document that others show: a button beside it.

    of: kind of entry of the journal, such as ``invoice``; ``account`` for all that is open together.
    endpoint, argument: of its page, and which of its arguments is the document's number; none for an account.
    rights: who holds one of them is offered it. is_offered: whether it is there at all with these
    settings.
    """

    audience: Audience
    of: str
    endpoint: str
    label: str
    icon: str
    rights: tuple[StrEnum, ...]
    argument: str = ""
    is_offered: Callable[[Any], bool] = lambda _settings: True


UNREAD_MAX = 99
"""How far an inbox counts what is unread; one more stands for any number beyond."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """What somebody has not read yet.

    unread: counted no further than one beyond `UNREAD_MAX`. endpoint: of the page on which it is read.
    """

    unread: int
    endpoint: str


@dataclass(frozen=True, slots=True)
class FileOwner:
    """Documents of one kind that have files.

    require_reader: raises NotFound or Forbidden unless the actor may read the document of this number, in the
    scope of the session. is_shared: its files are for every dealer that may read it, as those of a product;
    else for one dealer and for headquarters. require_file_reader: the same of a file by its id, where not
    every reader of the document reads all of its files.
    """

    require_reader: Callable[[Session, Actor, str], None]
    is_shared: bool = False
    require_file_reader: Callable[[Session, Actor, str], None] | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """One capability's additions.

    models: module of its tables. pages: modules with a ``blueprint`` by audience. resources: modules of API
    calls, which enter themselves into the table of `portal.web.api.operations` when they are loaded. rights:
    each with the roles that hold it. statuses: looks by kind and state. actions: its part of the audit's
    vocabulary. refusals: constraint name or private SQLSTATE → what it means. owned: word before a number in
    an address → kind of what lies there, which belongs to one dealer. lists: names of the lists that it
    shows, under which people keep views of them. work: what waits for an actor at a moment, which is on a
    business day; in the scope of the session, and bounded in what it reads; a `Tally` where it is one number.
    inbox: what an actor has not read, None for who gets nothing; one statement, which every page of the actor
    pays for.
    finders: what the search across the portal finds of it. file_owners: kinds of documents to which files are
    attached, and who may read them. emits: what webhooks tell of, by topic of the outbox. tells: what people
    are told of, by the event's name. help: names of documents in ``docs/`` that explain it, by whom they are
    for. document_acts: buttons beside documents that other pages list. at_rest: what it keeps under the
    application secret. personal: what it keeps of people.
    """

    name: str
    models: str | None = None
    pages: Mapping[Audience, tuple[str, ...]] = field(default_factory=dict)
    resources: tuple[str, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    menu: tuple[MenuEntry, ...] = ()
    rights: Mapping[StrEnum, frozenset[StrEnum]] = field(default_factory=dict)
    statuses: Mapping[str, Mapping[str, Look]] = field(default_factory=dict)
    actions: type[StrEnum] | None = None
    topics: Mapping[str, Topic] = field(default_factory=dict)
    schedule: tuple[Recurring, ...] = ()
    refusals: Mapping[str, DomainError] = field(default_factory=dict)
    owned: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    work: Callable[[Session, Actor, datetime, date], Iterable[Waiting | Tally]] | None = None
    inbox: Callable[[Session, Actor, datetime], Inbox | None] | None = None
    finders: tuple[Finder, ...] = ()
    file_owners: Mapping[str, FileOwner] = field(default_factory=dict)
    emits: Mapping[str, Emitted] = field(default_factory=dict)
    help: Mapping[Audience, tuple[str, ...]] = field(default_factory=dict)
    at_rest: tuple[AtRest, ...] = ()
    personal: tuple[Personal, ...] = ()
    document_acts: tuple[DocumentAct, ...] = ()
    tells: Mapping[str, Event] = field(default_factory=dict)
