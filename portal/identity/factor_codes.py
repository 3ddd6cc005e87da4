"""A second factor beside the password: codes by the clock, codes for the day the phone is lost. Pure."""

from __future__ import annotations

import base64
import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp

from portal.identity.credentials import hash_secret

STEP_SECONDS = 30
_AROUND = (0, -1, 1)  # steps by which a phone's clock may be off
CODES = 10
_CODE = re.compile(r"[a-z2-7]{16}")
LABEL_MAX = 60


class FactorKind(StrEnum):
    """What a person has beside the password."""

    TOTP = "totp"
    PASSKEY = "passkey"


def new_totp_secret() -> str:
    """160 random bits as authenticator apps read them."""
    return pyotp.random_base32()


def totp_address(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code of an enrolment says."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=account, issuer_name=issuer)


def matching_step(secret: str, code: str, *, at: datetime) -> int | None:
    """The step of the clock for which a code is right, None for a wrong one.

    The caller keeps the step and takes none twice: a code that somebody saw typed is used up.
    """
    plain = "".join(code.split())
    if not plain.isascii() or not plain.isdigit():
        return None
    now = int(at.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    right = [now + off for off in _AROUND if secrets.compare_digest(totp.generate_otp(now + off), plain)]
    return right[0] if right else None


def new_recovery_codes() -> list[str]:
    """Each of 80 random bits, as people copy them from paper: ``abcd-efgh-ijkl-mnop``."""
    return [_grouped(base64.b32encode(secrets.token_bytes(10)).decode().lower()) for _ in range(CODES)]


def recovery_hash(code: str) -> str | None:
    """The hash under which a code is kept, however it was typed; None for what is none."""
    plain = re.sub(r"[\s-]", "", code[:100]).lower()
    return hash_secret(plain) if _CODE.fullmatch(plain) else None


def wait_after(failures: int) -> timedelta:
    """How long nobody may try again after so many wrong codes in a row: nothing, then doubling, an hour at
    most.
    """
    return timedelta(seconds=min(3600, 2 ** min(failures - 4, 12))) if failures >= 5 else timedelta()


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
