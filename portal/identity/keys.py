"""The issuer's signing keys: made when first needed, encrypted at rest, cached by each process.

A key that has signed for long enough gets a successor, which is published for `AHEAD` before it signs:
whoever keeps our keys for a while knows it by then. The one before verifies until `_KEPT` after it was
retired, so that a rotation signs nobody out. Web processes see to it themselves, whichever comes first:
workers do not know the issuer's address of the database.

What counts is the key that opens with an application secret, never what a row says of it: a row that
somebody planted, or one from before the secret was changed, is no key of ours.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

import structlog
from cryptography.fernet import InvalidToken
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.models import SigningKey
from portal.identity.vocabulary import SIGNING_KEYS, IdentityAction
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.at_rest import cipher_for
from portal.kernel.db import Database, transaction
from portal.kernel.errors import DomainError, Unavailable

ALGORITHM = "ES256"  # every JOSE library reads it; EdDSA is still missing in some of the ERP world
AHEAD = timedelta(minutes=6)  # longer than our keys are kept by others, and than a process takes to notice
ROTATED_AFTER = timedelta(days=90)
_KEPT = timedelta(days=1)
_FRESH_SECONDS = 10.0
_HURRY_SECONDS = 2.0
_LOCK = 0x6B657973


@dataclass(frozen=True, slots=True)
class Kept:
    """A key that opens. retired_at: from when it signs no more, which may be to come."""

    id: int
    key: ECKey
    made_at: datetime
    retired_at: datetime | None

    def signs(self, at: datetime) -> bool:
        """Whether it may sign."""
        return self.retired_at is None or self.retired_at > at


@dataclass(frozen=True, slots=True)
class _Ring:
    signing: ECKey
    public: KeySet
    read_at: float


class KeyRing:
    """The keys of one process.

    Thread-safe; reads the table at most once in `_FRESH_SECONDS` while all is well.

    `database` is read by one thread at a time. No request may hold connections of its pool: they ask for keys
    meanwhile. Keys that were read once are good until they are read again, however long that fails.
    """

    def __init__(
        self, database: Database, *application_secrets: str, rotated_after: timedelta = ROTATED_AFTER
    ) -> None:
        self._database = database
        self._rotated_after = rotated_after
        self._cipher = cipher_for(application_secrets, SIGNING_KEYS.purpose)
        self._lock = Lock()
        self._ring: _Ring | None = None
        self._tried_at = 0.0

    def signing_key(self) -> ECKey:
        """The private key that signs now."""
        return self._fresh(_FRESH_SECONDS).signing

    def public_keys(self) -> KeySet:
        """Every key whose signatures are accepted."""
        return self._fresh(_FRESH_SECONDS).public

    def key_of(self, kid: object) -> ECKey | None:
        """The public key of an identifier.

        An unknown one is looked up again, but not more often than every two seconds.
        """
        for seconds, wait in ((_FRESH_SECONDS, False), (_HURRY_SECONDS, True)):
            for key in self._fresh(seconds, wait=wait).public.keys:
                if key.kid == kid and isinstance(key, ECKey):
                    return key
        return None

    def _fresh(self, seconds: float, *, wait: bool = False) -> _Ring:
        """The keys, read again when older than `seconds`.

        While another thread reads, who need not `wait` takes those at hand.
        """
        known = self._ring
        if known is None or wait:
            self._lock.acquire()
        elif not self._lock.acquire(blocking=False):
            return known
        try:
            if self._ring is None or self._is_due(self._ring, seconds):
                self._ring = self._read_again(self._ring)
            return self._ring
        finally:
            self._lock.release()

    def _is_due(self, ring: _Ring, seconds: float) -> bool:
        now = time.monotonic()
        return now - ring.read_at > seconds and now - self._tried_at > _HURRY_SECONDS

    def _read_again(self, known: _Ring | None) -> _Ring:
        """The keys of the table; those that are known while it cannot be read.

        Raises what went wrong if none are.
        """
        self._tried_at = time.monotonic()
        try:
            return self._read()
        except (SQLAlchemyError, DomainError) as error:
            if known is None:
                raise
            structlog.get_logger("portal").warning("signing_keys_not_read", reason=type(error).__name__)
            return known

    def kept(self) -> list[Kept]:
        """Every key that verifies, the newest first, as it is in the table now."""
        with transaction(self._database.system_session()) as session:
            return self._kept_keys(session)

    def rotate(self, *, ahead: timedelta = AHEAD, trusted: bool = True) -> ECKey:
        """Make a successor of the key that signs, and give it.

        ahead: after which it signs. trusted: whether what the keys before have signed is good until it runs
        out. Of two who ask at the same time one makes it, and both are given it.
        """
        with transaction(self._database.system_session()) as session:
            seen = next(iter(self._kept_keys(session)), None)
            made = self._succeed(session, seen, ahead, trusted=trusted)
        with self._lock:
            self._ring = None
        return made

    def _read(self) -> _Ring:
        with transaction(self._database.system_session()) as session:
            kept = self._kept_keys(session)
            at = clock.now()
            signing = _in_use(kept, at)
            if signing is None or self._is_old(kept, signing, at):
                self._succeed(session, kept[0] if kept else None, AHEAD if signing else timedelta(0))
                kept = self._kept_keys(session)
                signing = _in_use(kept, clock.now())
        if signing is None:
            raise Unavailable()
        public = KeySet([ECKey.import_key(one.key.as_dict(private=False)) for one in kept])
        return _Ring(signing.key, public, time.monotonic())

    def _is_old(self, kept: list[Kept], signing: Kept, at: datetime) -> bool:
        """Whether the key that signs has signed for long enough, and has no successor."""
        return kept[0] is signing and at - signing.made_at > self._rotated_after

    def _succeed(
        self, session: Session, seen: Kept | None, ahead: timedelta, *, trusted: bool = True
    ) -> ECKey:
        """A newer key than the one that was `seen` as the newest: one that another process has made since, or
        a new one.
        """
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        kept, at = self._kept_keys(session), clock.now()
        if kept and kept[0].signs(at) and (seen is None or kept[0].id != seen.id):
            return kept[0].key
        key = self._make(session, at)
        retired_at = at + ahead if trusted else at - _KEPT
        older = [
            one.id for one in kept if not trusted or one.retired_at is None or one.retired_at > retired_at
        ]
        if older:
            session.execute(update(SigningKey).where(SigningKey.id.in_(older)).values(retired_at=retired_at))
            _record(session, key, signs_from=at if not trusted else retired_at, trusted=trusted)
        return key

    def _kept_keys(self, session: Session) -> list[Kept]:
        """Every key that opens, newest first."""
        still_trusted = or_(SigningKey.retired_at.is_(None), SigningKey.retired_at > clock.now() - _KEPT)
        rows = session.execute(
            select(SigningKey.__table__).where(still_trusted).order_by(SigningKey.id.desc())
        )
        return [
            Kept(row.id, key, row.created_at, row.retired_at)
            for row in rows
            if (key := self._opened(row.private_encrypted)) is not None
        ]

    def _opened(self, private_encrypted: str) -> ECKey | None:
        try:
            pem = self._cipher.decrypt(private_encrypted.encode())
        except InvalidToken:
            return None
        key = ECKey.import_key(pem, {"use": "sig", "alg": ALGORITHM})
        key.ensure_kid()  # its thumbprint, whatever the row calls it
        return key

    def _make(self, session: Session, at: datetime) -> ECKey:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        session.execute(
            insert(SigningKey).values(
                kid=key.kid,
                algorithm=ALGORITHM,
                private_encrypted=self._cipher.encrypt(key.as_pem(private=True)).decode(),
                created_at=at,
            )
        )
        return key


def _in_use(kept: list[Kept], at: datetime) -> Kept | None:
    """The oldest key that is not retired: a successor waits until the one before it is."""
    return next((one for one in reversed(kept) if one.signs(at)), None)


def _record(session: Session, key: ECKey, *, signs_from: datetime, trusted: bool) -> None:
    record(
        session,
        IdentityAction.KEY_MADE if trusted else IdentityAction.KEY_DISTRUSTED,
        str(key.kid),
        actor=SYSTEM,
        dealer_id=None,
        after={"signs_from": signs_from.isoformat()},
    )
