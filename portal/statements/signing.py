"""The electronic signature under a statement's PDF, and its data inside it (PAdES, ISO 32000-2).

The signature certifies the whole file: any change after it is seen by every reader of PDF. Loading this
module takes a tenth of a second and 28 MB, so only what writes papers does.
"""

from __future__ import annotations

import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

from asn1crypto import pem
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "Statement"
_SIGNATURE_BYTES = 6144  # for the signature itself; the certificates come on top


class SigningUnavailable(Exception):
    """Papers cannot be signed with what is set: why, for the log."""


@dataclass(frozen=True, slots=True)
class PaperSigner:
    """A key with its certificate. name: as the certificate has it; certificate: its SHA-256."""

    name: str
    certificate: str
    valid_from: datetime
    valid_to: datetime
    signer: signers.SimpleSigner
    reserved: int

    def is_valid(self, at: datetime) -> bool:
        """Whether what is signed now is signed within the validity of the certificate."""
        return self.valid_from <= at <= self.valid_to


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file inside the PDF."""

    filename: str
    content: bytes
    description: str
    made_at: datetime


def load_signer(key: str, certificate: str, passphrase: str, *, at: datetime) -> PaperSigner | None:
    """The signer with the key of one file and the certificates of another; None where none is named.

    Raises SigningUnavailable for files that are missing, do not fit each other or are open to others, and
    for a certificate that is not valid now.
    """
    if not key and not certificate:
        return None
    try:
        chain = _certificates(Path(certificate).read_bytes())
        found = _signer(_private(Path(key)).read_bytes(), passphrase, chain)
    except (OSError, ValueError, TypeError) as error:
        raise SigningUnavailable(f"{type(error).__name__}: {error}") from error
    if not found.is_valid(at):
        raise SigningUnavailable(f"the certificate is valid from {found.valid_from} to {found.valid_to}")
    return found


def enclosed(pdf: bytes, enclosure: Enclosure) -> bytes:
    """The PDF with a file inside it; equal input gives equal bytes."""
    writer, stream = _with(pdf, enclosure), BytesIO()
    writer.write(stream)
    return stream.getvalue()


def signed(pdf: bytes, enclosure: Enclosure, signer: PaperSigner, *, reason: str) -> bytes:
    """The PDF with a file inside it, and both under one signature that allows no change."""
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        name=signer.name,
        reason=reason,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    stream = BytesIO()
    with ThreadPoolExecutor(1) as apart:  # pyHanko begins a loop of its own, which no thread has twice
        apart.submit(
            signers.PdfSigner(meta, signer.signer).sign_pdf,
            _with(pdf, enclosure),
            output=stream,
            bytes_reserved=signer.reserved,
        ).result()
    return stream.getvalue()


class _Writer(IncrementalPdfFileWriter):
    """Writes what is added and leaves the dates of the document as they are."""

    def _update_meta(self) -> None:
        """Nothing: when it was rendered is no news, and would make equal papers differ."""


def _with(pdf: bytes, enclosure: Enclosure) -> IncrementalPdfFileWriter:
    writer = _Writer(BytesIO(pdf))
    # Its second half is random otherwise, and what was issued could not be made again byte for byte.
    mark = hashlib.sha256(pdf + enclosure.content).digest()[:16]
    writer._document_id[1] = generic.ByteStringObject(mark)
    file = embed.EmbeddedFileObject.from_file_data(
        writer,
        data=enclosure.content,
        mime_type="application/json",
        params=embed.EmbeddedFileParams(creation_date=enclosure.made_at),
    )
    spec = embed.FileSpec(
        file_spec_string=enclosure.filename,
        file_name=enclosure.filename,
        embedded_data=file,
        description=enclosure.description,
        af_relationship=generic.NameObject("/Data"),
    )
    embed.embed_file(writer, spec)
    return writer


def _private(path: Path) -> Path:
    """A file that nobody but its owner reads."""
    if stat.S_IMODE(os.stat(path).st_mode) & 0o077:
        raise ValueError(f"{path} can be read by others: chmod 600")
    return path


def _certificates(content: bytes) -> list[Certificate]:
    """The certificate and those above it, in PEM one after the other."""
    if not pem.detect(content):
        raise ValueError("the certificate is not in PEM")
    return [Certificate.load(der) for _, _, der in pem.unarmor(content, multiple=True)]


def _signer(key: bytes, passphrase: str, chain: list[Certificate]) -> PaperSigner:
    private = serialization.load_pem_private_key(key, passphrase.encode() or None)
    own = chain[0]
    if private.public_key().public_bytes(*_PUBLIC) != own.public_key.dump():
        raise ValueError("key and certificate do not fit each other")
    registry = SimpleCertificateStore()
    registry.register_multiple(chain)
    der = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner(
        signing_cert=own,
        signing_key=PrivateKeyInfo.load(der),
        cert_registry=registry,
    )
    validity = own["tbs_certificate"]["validity"]
    return PaperSigner(
        name=_name(own),
        certificate=hashlib.sha256(own.dump()).hexdigest(),
        valid_from=validity["not_before"].native,
        valid_to=validity["not_after"].native,
        signer=signer,
        reserved=2 * (_SIGNATURE_BYTES + sum(len(one.dump()) for one in chain)),
    )


def _name(certificate: Certificate) -> str:
    named = certificate.subject.native
    return str(
        named.get("common_name") or named.get("organization_name") or certificate.subject.human_friendly
    )


_PUBLIC = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
