"""The feed: entries, addresses and handouts; who of the first dealers has read and acknowledged them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import psycopg
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from demo.loading.keys import key, region_keys
from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.world.feed import FEED, Entry
from demo.world.network import DEALERS
from portal.feed import fragments
from portal.kernel.numbering import check_character

_ENTRY = (
    "id",
    "number",
    "kind",
    "title_zh",
    "title_en",
    "text_zh",
    "text_en",
    "link",
    "region_id",
    "state",
    "must_acknowledge",
    "pinned",
    "valid_from",
    "valid_until",
    "created_at",
    "created_by",
    "created_by_label",
    "shown_from",
    "published_by",
    "published_by_label",
)
_ADDRESS = ("entry_id", "place", "dealer_id", "region_id", "tier", "category_code", "shown_from", "demands")
_FILE = ("entry_id", "place", "name", "media_type", "size", "sha256", "content")
_EDITOR = """
SELECT 'user:' || id, display_name FROM user_account
 WHERE roles = '{channel_manager}' AND all_regions ORDER BY id LIMIT 1
"""
# Three of four have read what is older than two weeks, each some hours or days after it was published.
_READINGS = f"""
INSERT INTO feed_reading (dealer_id, entry_id, reader, reader_label, read_at)
SELECT u.dealer_id, e.id, 'user:' || u.id, u.display_name,
       e.shown_from + make_interval(mins => 20 + CAST((u.id * 7919 + e.id * 104729) %% 5000 AS int))
  FROM feed_entry e
  JOIN LATERAL (SELECT DISTINCT d.id FROM feed_address a, {fragments.DEALERS}
                 WHERE a.entry_id = e.id AND a.party = ANY ({fragments.PARTIES})) d ON true
  JOIN user_account u ON u.dealer_id = d.id AND u.dealer_id <= %(dealers)s
 WHERE e.shown_from < %(until)s AND (u.id * 31 + e.id * 17) %% 4 > 0
"""
# Everybody who has to, but for what waits: a dealer that has not is refused every order.
_ACKNOWLEDGEMENTS = f"""
INSERT INTO feed_acknowledgement (dealer_id, entry_id, reader, reader_label, acknowledged_at)
SELECT d.id, e.id, 'user:' || u.id, u.display_name,
       e.shown_from + make_interval(mins => 5 + CAST((d.id * 7919 + e.id) % 2000 AS int))
  FROM feed_entry e
  CROSS JOIN {fragments.DEALERS}
  JOIN LATERAL (SELECT id, display_name FROM user_account
                 WHERE dealer_id = d.id AND 'dealer_buyer' = ANY (roles) ORDER BY id LIMIT 1) u ON true
 WHERE e.must_acknowledge
   AND EXISTS (SELECT FROM feed_address a
                WHERE a.entry_id = e.id AND a.dealer_id IS NULL
                  AND a.party = ANY ({fragments.PARTIES}))
"""


def load_feed(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Entries as they were published, then who has read them."""
    editor = connection.execute(_EDITOR).fetchone()
    assert editor is not None
    put(connection, "feed_entry", _ENTRY, _entries(scenario, editor))
    put(connection, "feed_address", _ADDRESS, _addresses(scenario))
    put(connection, "feed_attachment", _FILE, _files(scenario))
    read_until = scenario.now - timedelta(days=14)
    connection.execute(_READINGS, {"dealers": DEALERS, "until": read_until})
    connection.execute(_ACKNOWLEDGEMENTS)


def _entries(scenario: Scenario, editor: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for index, entry in enumerate(scenario[FEED]):
        body = f"{index:08d}"
        yield (
            key(index),
            f"NT{entry.shown_from:%y%m}-{body}{check_character(body)}",
            entry.kind,
            entry.title_zh,
            entry.title_en,
            entry.text_zh,
            entry.text_en,
            entry.link,
            None,
            "published",
            entry.must_acknowledge,
            entry.pinned,
            None,
            entry.valid_until,
            entry.shown_from - timedelta(hours=3),
            *editor,
            entry.shown_from,
            *editor,
        )


def _addresses(scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    regions = region_keys()
    for index, entry in enumerate(scenario[FEED]):
        yield (
            key(index),
            1,
            None if entry.dealer is None else key(entry.dealer),
            regions[entry.region] if entry.region else None,
            entry.tier,
            entry.line,
            entry.shown_from,
            entry.must_acknowledge,
        )


def _files(scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    for index, entry in enumerate(scenario[FEED]):
        if entry.handout:
            content = _handout(entry)
            digest = hashlib.sha256(content).hexdigest()
            yield key(index), 1, f"{entry.title_zh}.pdf", "application/pdf", len(content), digest, content


def _handout(entry: Entry) -> bytes:
    """A page that is the same every time it is made."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=True)
    canvas.setTitle(entry.handout)
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(72, 760, entry.handout)
    canvas.setFont("Helvetica", 11)
    for place, line in enumerate(entry.text_en.split("\n")):
        canvas.drawString(72, 720 - 18 * place, line[:90])
    canvas.drawString(72, 80, "Demonstration material, not for use.")
    canvas.save()
    return file.getvalue()


PART = Part("feed", world=FEED, load=load_feed)
