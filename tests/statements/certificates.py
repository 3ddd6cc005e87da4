"""A certificate to sign with, made once a process."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from io import BytesIO
from pathlib import Path

from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from launch.certificate import DemoCertificate, make_certificate
from portal.kernel import clock
from portal.statements.signing import PaperSigner, load_signer


@cache
def certificate() -> DemoCertificate:
    """Files of a key and a certificate."""
    return make_certificate(Path(tempfile.mkdtemp(prefix="tonglu-signing-")))


@cache
def signer() -> PaperSigner:
    """Whoever has them."""
    files = certificate()
    made = load_signer(str(files.key), str(files.certificate), "", at=clock.now())
    assert made is not None
    return made


def validated(pdf: bytes, root: Certificate | None = None) -> PdfSignatureStatus:
    """What pyHanko's validator says of the one signature of a PDF, with our certificate as the root."""
    [signature] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    roots = [root or signer().forms.signer().signing_cert]
    with ThreadPoolExecutor(1) as apart:  # a browser of an earlier test has a loop in this thread
        about = signature, ValidationContext(trust_roots=roots)
        return apart.submit(validate_pdf_signature, *about).result()


def poppler_says(pdf: bytes) -> str | None:
    """What `pdfsig` of poppler says of a PDF; None where it is not installed."""
    program = shutil.which("pdfsig")
    if program is None:
        return None
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return subprocess.run([program, file.name], capture_output=True, text=True, check=False).stdout
