"""The issuer's signing keys: made when first needed, encrypted at rest, cached by each process.

The newest key signs; every key verifies until `_KEPT` after it was retired, so that a rotation signs nobody
out. What counts is the key that opens with the application secret, never what a row says of it: a row that
somebody planted, or one from before the secret was changed, is no key of ours.
"""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

import structlog
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import func, insert, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.identity.models import SigningKey
from portal.kernel import clock
from portal.kernel.db import Database, transaction
from portal.kernel.errors import DomainError

ALGORITHM = "ES256"  # every JOSE library reads it; EdDSA is still missing in some of the ERP world
_KEPT = timedelta(days=1)
_FRESH_SECONDS = 60.0
_HURRY_SECONDS = 2.0
_LOCK = 0x6B657973


def derived_key(secret: str, purpose: str) -> str:
    """256 bits for one purpose, derived from the application secret by HKDF, as URL-safe base64."""
    raw = HKDF(SHA256(), length=32, salt=None, info=f"tonglu {purpose}".encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(raw).decode()


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

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._cipher = Fernet(derived_key(secret, "signing keys"))
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

    def _read(self) -> _Ring:
        with transaction(self._database.system_session()) as session:
            kept = self._kept_keys(session)
            signing = _in_use(kept)
            if signing is None:
                session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
                kept = self._kept_keys(session)  # another process may have been faster
                signing = _in_use(kept) or self._make(session)
        keys = [key for key, _retired in kept]
        known = keys if signing in keys else [signing, *keys]
        public = KeySet([ECKey.import_key(key.as_dict(private=False)) for key in known])
        return _Ring(signing, public, time.monotonic())

    def _kept_keys(self, session: Session) -> list[tuple[ECKey, bool]]:
        """Every key that opens, newest first, and whether it is retired."""
        still_trusted = or_(SigningKey.retired_at.is_(None), SigningKey.retired_at > clock.now() - _KEPT)
        rows = session.scalars(select(SigningKey).where(still_trusted).order_by(SigningKey.id.desc()))
        return [(key, row.retired_at is not None) for row in rows if (key := self._opened(row)) is not None]

    def _opened(self, row: SigningKey) -> ECKey | None:
        try:
            pem = self._cipher.decrypt(row.private_encrypted.encode())
        except InvalidToken:
            return None
        key = ECKey.import_key(pem, {"use": "sig", "alg": ALGORITHM})
        key.ensure_kid()  # its thumbprint, whatever the row calls it
        return key

    def _make(self, session: Session) -> ECKey:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        session.execute(
            insert(SigningKey).values(
                kid=key.kid,
                algorithm=ALGORITHM,
                private_encrypted=self._cipher.encrypt(key.as_pem(private=True)).decode(),
            )
        )
        return key


def _in_use(kept: list[tuple[ECKey, bool]]) -> ECKey | None:
    """The newest key that is not retired."""
    return next((key for key, retired in kept if not retired), None)
