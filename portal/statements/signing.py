"""The electronic signature under a statement's PDF, and its data inside it (PAdES, ISO 32000-2).

The signature certifies the whole file: any change after it is seen by every reader of PDF. Loading this
module takes a tenth of a second and 28 MB, so only what writes papers does.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from asn1crypto import pem
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from portal.statements.signature_forms import DIGEST, Key, SignatureForms

FIELD = "Statement"

Answer = TypeVar("Answer")


class SigningUnavailable(Exception):
    """Papers cannot be signed with what is set: why, for the log."""


@dataclass(frozen=True, slots=True)
class PaperSigner:
    """A key with its certificate. name: as the certificate has it; certificate: its SHA-256.

    reserved: digits of a paper kept free for the signature.
    """

    name: str
    certificate: str
    valid_from: datetime
    valid_to: datetime
    forms: SignatureForms
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
        md_algorithm=DIGEST,
        name=signer.name,
        reason=reason,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    stream = BytesIO()
    prepared, _, _ = _at_once(
        signers.PdfSigner(meta, signer.forms.signer()).async_digest_doc_for_signing(
            _with(pdf, enclosure), bytes_reserved=signer.reserved, output=stream
        )
    )
    prepared.fill_with_cms(stream, signer.forms.sign(prepared.document_digest))
    return stream.getvalue()


def _at_once(work: Coroutine[Any, Any, Answer]) -> Answer:
    """What comes of work that waits for nobody: nothing is asked of the network, so it needs no loop, which
    would cost a thread a paper.
    """
    try:
        work.send(None)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
    work.close()
    raise RuntimeError("signing waits for somebody")


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
    if not isinstance(private, Key):
        raise ValueError("the key is neither one of RSA nor one on an elliptic curve")
    forms = SignatureForms(private, chain)
    validity = own["tbs_certificate"]["validity"]
    return PaperSigner(
        name=_name(own),
        certificate=hashlib.sha256(own.dump()).hexdigest(),
        valid_from=validity["not_before"].native,
        valid_to=validity["not_after"].native,
        forms=forms,
        reserved=2 * forms.size,
    )


def _name(certificate: Certificate) -> str:
    named = certificate.subject.native
    return str(
        named.get("common_name") or named.get("organization_name") or certificate.subject.human_friendly
    )


_PUBLIC = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
