"""The electronic signature under a statement: valid to other readers, broken by any change, never a reason
to issue nothing.
"""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from pypdf import PdfReader

from launch.certificate import make_certificate
from portal.kernel import clock
from portal.statements.content import canonical, fingerprint
from portal.statements.papers import make_paper
from portal.statements.signing import SigningUnavailable, load_signer
from tests.statements.certificates import certificate, poppler_says, signer, validated
from tests.statements.samples import statement

NOW = clock.now()


@pytest.fixture(scope="module")
def signed():
    return make_paper(statement(12), signer(), at=NOW)


def test_the_signature_covers_the_whole_file_and_allows_no_change(signed):
    status = validated(signed.content)
    assert status.bottom_line and status.intact and status.valid
    assert status.coverage.name == "ENTIRE_FILE" and status.docmdp_ok
    assert (signed.signed_by, signed.certificate) == (signer().name, signer().certificate)


def test_another_tool_than_the_one_that_signed_finds_it_valid(signed):
    said = poppler_says(signed.content)
    if said is None:
        pytest.skip("poppler is not installed")
    assert "Signature is Valid" in said and "Total document signed" in said
    figure = signed.content.replace(b"/Title", b"/Titla", 1)
    assert "Signature is Valid" not in (poppler_says(figure) or "")


def test_a_changed_byte_breaks_the_signature(signed):
    at = len(signed.content) // 3
    other = signed.content[:at] + bytes([signed.content[at] ^ 1]) + signed.content[at + 1 :]
    assert not validated(other).bottom_line


def test_the_data_are_inside_and_are_what_a_confirmation_signs(signed):
    [[data]] = PdfReader(io.BytesIO(signed.content)).attachments.values()
    assert data == canonical(statement(12))
    said = json.loads(data)
    assert said["number"] == statement(12).number and "fingerprint" not in said
    assert len(fingerprint(statement(12))) == 64


def test_without_a_certificate_the_paper_is_unsigned_and_equal_statements_are_equal_bytes():
    first, second = (make_paper(statement(3), None, at=NOW + timedelta(days=day)) for day in (0, 9))
    assert first == second and first.signed_by == first.certificate == ""
    assert not PdfReader(io.BytesIO(first.content)).get_fields()


def test_a_certificate_that_ran_out_signs_nothing_and_the_statement_is_issued():
    late = signer().valid_to + timedelta(days=1)
    assert make_paper(statement(1), signer(), at=late).signed_by == ""


def test_a_signature_that_fails_leaves_the_paper_unsigned():
    broken = replace(signer(), reserved=8)
    made = make_paper(statement(1), broken, at=NOW)
    assert made.signed_by == "" and made.content.startswith(b"%PDF")


def test_a_key_that_others_can_read_is_not_used(tmp_path):
    files = make_certificate(tmp_path)
    os.chmod(files.key, 0o640)
    with pytest.raises(SigningUnavailable, match="chmod 600"):
        load_signer(str(files.key), str(files.certificate), "", at=NOW)


@pytest.mark.parametrize("what", ["missing", "foreign", "torn"])
def test_files_that_do_not_fit_are_refused_with_the_reason(tmp_path, what):
    files = make_certificate(tmp_path)
    key, chain = str(files.key), str(files.certificate)
    if what == "missing":
        key = str(tmp_path / "no.pem")
    elif what == "foreign":
        chain = str(certificate().certificate)
    else:
        files.certificate.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    with pytest.raises(SigningUnavailable):
        load_signer(key, chain, "", at=NOW)


def test_nothing_is_set_so_nobody_signs():
    assert load_signer("", "", "", at=NOW) is None


def test_the_demonstrations_certificate_is_its_owners_alone_and_is_kept(tmp_path):
    made = make_certificate(tmp_path / "signing")
    key = made.key.read_bytes()
    assert made.key.stat().st_mode & 0o777 == 0o600
    assert make_certificate(tmp_path / "signing").key.read_bytes() == key
