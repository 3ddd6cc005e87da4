"""Document numbers of the past: of the portal's form, and the same again for the same seed.

The portal draws its numbers at random (see `portal.kernel.numbering`). Here a document's key is scrambled
into the 40 bits of a number; as the scrambling is one-to-one, no two documents of a kind get the same number,
however many there are.
"""

from __future__ import annotations

import psycopg

from portal.kernel.numbering import ALPHABET

# Each step can be undone modulo 2^40: adding, multiplying by an odd number, xor with the number's own upper
# bits. Keys up to 2^24 keep the products below 2^63. The check character is Luhn modulo 32, counted from the
# right.
_FUNCTION = """
CREATE FUNCTION pg_temp.document_number(prefix text, day date, key bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  bits bigint := (key * 274877906999 + {salt} + ascii(prefix) * 7919 + ascii(right(prefix, 1)))
                 & 1099511627775;
  body text := '';
  digit int;
  total int := 0;
BEGIN
  bits := ((bits # (bits >> 19)) * 3266489) & 1099511627775;
  bits := ((bits # (bits >> 21)) * 2654435) & 1099511627775;
  bits := bits # (bits >> 17);
  FOR place IN 0..7 LOOP
    digit := (bits >> (5 * place)) & 31;
    body := substr('{alphabet}', digit + 1, 1) || body;
    total := total + CASE WHEN place % 2 = 0 THEN 2 * digit / 32 + 2 * digit % 32 ELSE digit END;
  END LOOP;
  RETURN prefix || to_char(day, 'YYMM') || '-' || body || substr('{alphabet}', (32 - total % 32) % 32 + 1, 1);
END $$
"""


def define_numbers(connection: psycopg.Connection, seed: int) -> None:
    """Make ``pg_temp.document_number(prefix, day, key)`` known to this connection."""
    connection.execute(_FUNCTION.format(salt=seed * 1_000_003, alphabet=ALPHABET))
