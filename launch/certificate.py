"""Keys that are made here: one that seals the audit; one that signs statements where nobody has brought any.

The latter is for demonstrations, as nobody vouches for its certificate: readers of PDF say that the signature
fits and that they do not know the signer. Production brings its own (docs/operations.md).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_YEARS = timedelta(days=3 * 365)
_LEFT_MIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DemoCertificate:
    """Files of a private key, readable by its owner alone, and of its certificate."""

    key: Path
    certificate: Path


def make_certificate(folder: Path, *, name: str = "Tonglu demonstration 通路演示") -> DemoCertificate:
    """The certificate in a folder; made unless one is there that holds for a while."""
    made = DemoCertificate(folder / "signing-key.pem", folder / "signing-certificate.pem")
    if not (made.key.exists() and _holds(made.certificate)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key, certificate = _make(name)
        _write(made.key, key, 0o600)
        _write(made.certificate, certificate, 0o644)
    return made


def make_audit_key(file: Path) -> Path:
    """The key that seals the audit (Ed25519), made unless it is there."""
    if not file.exists():
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        encoded = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write(file, encoded, 0o600)
    return file


def _make(name: str) -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(True, True, *[False] * 7)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return encoded, certificate.public_bytes(serialization.Encoding.PEM)


def _holds(certificate: Path) -> bool:
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError):
        return False
    return found.not_valid_after_utc > datetime.now(UTC) + _LEFT_MIN


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole, never readable by others on the way."""
    half = path.with_name(path.name + ".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    half.replace(path)
