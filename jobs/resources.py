"""What the jobs of one process share: settings, database, Valkey. Made at first use."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import structlog
from redis import Redis

import portal.capabilities  # noqa: F401 - an insert needs to know every table it refers to
from config import Settings
from jobs.queue import OutboxSignal, connect
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import Database
from portal.kernel.opaque import Sealer
from portal.statements.company import Issuer
from portal.statements.signing import PaperSigner, SigningUnavailable, load_signer
from portal.statements.verification import Verifier

_log = structlog.get_logger("jobs.resources")


@cache
def settings() -> Settings:
    """Settings of this process."""
    return Settings()


@cache
def valkey() -> Redis:
    """Connection to the queues."""
    return connect(settings().redis_url.get_secret_value())


@cache
def database() -> Database:
    """The database. A job is one thread: two connections suffice, for a claim and for the work under it."""
    return Database(
        settings().database_url.get_secret_value(),
        pool_size=2,
        outbox_signal=OutboxSignal(valkey()),
        time_zone=settings().business_timezone,
        prepares=settings().database_prepares,
    )


@cache
def issuer() -> Issuer:
    """The company on statements, and where they are verified."""
    verify = Verifier(settings().base_url, Sealer(*settings().secret_keys))
    return replace(Issuer.of(settings()), verify=verify)


@cache
def signer() -> PaperSigner | None:
    """Who signs papers; None without a certificate that can be used: then they are unsigned, and say so."""
    chosen = settings()
    try:
        return load_signer(
            chosen.signing_key,
            chosen.signing_certificate,
            chosen.signing_passphrase.get_secret_value(),
            at=clock.now(),
        )
    except SigningUnavailable as error:
        _log.error("papers_unsigned", reason=str(error))
        return None


def acting_for(dealer_id: int) -> Actor:
    """The portal itself, within one dealer."""
    return replace(SYSTEM, dealer_id=dealer_id, region_ids=())


def warm_up() -> None:
    """Ask the database for its ways and give the connection back, so that forked children need not.

    What signs papers is loaded once for all of them.
    """
    signer()
    with database().engine.connect():
        pass
    database().dispose()
