"""Files that the demonstration draws itself: photos of activities, invoices and letters as PDF.

What was drawn is remembered by its hash until the store gets it, when its document is in the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from random import Random

import psycopg
from PIL import Image, ImageDraw, ImageFilter
from sqlalchemy import text

from demo.loading.acting import Acting
from portal.files.content_rules import JPEG, PDF
from portal.files.pictures import preview
from portal.files.preview_file import preview_key
from portal.files.store import FileStore
from portal.kernel.actor import Actor
from portal.kernel.numbering import new_number
from portal.kernel.paper.page import BLACK, BODY, GREY, HAIRLINE, LEFT, RIGHT, STRONG_BODY
from portal.kernel.paper.sheet import Sheet

OWNERS = ["rebate claim", "rebate_fact", "dealer_paper", "recall_answer"]
_DRAWN: dict[str, bytes] = {}
_SIZE = (1000, 750)
_FILE = text(
    """
    INSERT INTO stored_file (id, dealer_id, name, media_type, size, sha256, uploaded_by, uploaded_by_label,
                             uploaded_at)
    VALUES (:id, :dealer_id, :name, :media_type, :size, :sha256, :by, :label, :at)
    """
)
_KEPT = "SELECT id, sha256, media_type FROM stored_file WHERE owner_kind = ANY (%s) ORDER BY id"
_TITLE, _HEAD = STRONG_BODY._replace(size=18), STRONG_BODY._replace(size=11)
_PLAIN, _FAINT = BODY._replace(size=10), BODY._replace(size=8, ink=GREY)
_RED = "0.6 0.15 0.12"


def upload(acting: Acting, actor: Actor, name: str, content: bytes, at: datetime) -> str:
    """A file that a person sent and has not given to a document yet; its id."""
    sha256 = hashlib.sha256(content).hexdigest()
    _DRAWN[sha256] = content
    file_id = new_number("FI", at.date())
    acting.session.execute(
        _FILE,
        {
            "id": file_id,
            "dealer_id": actor.dealer_id,
            "name": name,
            "media_type": PDF if name.endswith(".pdf") else JPEG,
            "size": len(content),
            "sha256": sha256,
            "by": actor.key,
            "label": actor.label,
            "at": at,
        },
    )
    return file_id


def keep_evidence(connection: psycopg.Connection, store: FileStore) -> None:
    """The bytes of what was drawn, each picture with its small one."""
    for file_id, sha256, media_type in connection.execute(_KEPT, (OWNERS,)).fetchall():
        content = _DRAWN[sha256]
        store.put(file_id, content)
        if media_type == JPEG:
            store.put(preview_key(file_id), preview(content, JPEG))
    _DRAWN.clear()


def photo_of_an_activity(variant: str) -> bytes:
    """A hall with a stage, a screen and people who sit before it; the same for the same variant."""
    chance = Random(f"activity/{variant}")
    wall = chance.choice(((214, 218, 222), (222, 214, 202), (205, 216, 214)))
    picture = Image.new("RGB", _SIZE, wall)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 430, *_SIZE), fill=(112, 96, 84))
    draw.rectangle((120, 380, 880, 450), fill=(92, 66, 48))
    colour = chance.choice(((18, 72, 120), (24, 104, 92), (120, 38, 44)))
    draw.rectangle((250, 90, 750, 350), fill=colour, outline=(40, 40, 44), width=6)
    for row in range(chance.randint(3, 5)):
        length = chance.randint(180, 400)
        draw.rectangle((290, 130 + row * 44, 290 + length, 146 + row * 44), fill=(236, 240, 244))
    draw.ellipse((178, 250, 218, 290), fill=(206, 164, 132))
    draw.rectangle((172, 290, 224, 390), fill=(48, 52, 64))
    for row in range(3):
        for place in range(9 - row):
            left = 60 + place * (100 + row * 14) + chance.randint(-12, 12)
            top = 500 + row * 78
            size = 38 + row * 9
            hair = chance.choice(((34, 30, 28), (58, 44, 36), (24, 24, 28)))
            coat = chance.choice(((66, 84, 112), (120, 70, 64), (84, 92, 84), (206, 208, 212)))
            draw.ellipse((left, top, left + size, top + size), fill=hair)
            draw.rounded_rectangle(
                (left - 14, top + size - 4, left + size + 14, top + size + 76), 18, fill=coat
            )
    made = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.1)).save(made, "JPEG", quality=80)
    return made.getvalue()


def pdf_of_an_invoice(
    issuer: str, number: str, buyer: str, what: str, on: date, amount: Decimal, at: datetime
) -> bytes:
    """An invoice as a page, marked as made for the demonstration."""
    stream = BytesIO()
    sheet = Sheet(stream, title=f"发票 {number}", author=issuer, subject="演示数据", lang="zh-CN", created=at)
    sheet.text_centred((LEFT + RIGHT) / 2, 770, "电子发票（普通发票）", _TITLE._replace(ink=_RED))
    sheet.text_right(RIGHT, 742, f"发票号码：{number}", _PLAIN)
    sheet.text_right(RIGHT, 726, f"开票日期：{on:%Y年%m月%d日}", _PLAIN)
    sheet.frame(LEFT, 470, RIGHT - LEFT, 236, _RED)
    for y in (640, 610, 530):
        sheet.rule(LEFT, y, RIGHT - LEFT, _RED)
    sheet.text(LEFT + 12, 680, f"购买方：{buyer}", _PLAIN)
    sheet.text(LEFT + 12, 656, f"销售方：{issuer}", _PLAIN)
    net = (amount / Decimal("1.06")).quantize(Decimal("0.01"))
    columns = (LEFT + 12, LEFT + 280, LEFT + 380)
    for x, head in zip(columns, ("项目名称", "金额", "税率"), strict=True):
        sheet.text(x, 620, head, _FAINT)
    sheet.text_right(RIGHT - 12, 620, "税额", _FAINT)
    for x, value in zip(columns, (what, f"{net:,.2f}", "6%"), strict=True):
        sheet.text(x, 584, value, _PLAIN)
    sheet.text_right(RIGHT - 12, 584, f"{amount - net:,.2f}", _PLAIN)
    sheet.text(LEFT + 12, 495, "价税合计（小写）", _PLAIN)
    sheet.text_right(RIGHT - 12, 495, f"¥{amount:,.2f}", _HEAD)
    sheet.text(LEFT, 446, "演示数据，非真实票据", _FAINT)
    sheet.save(lambda page, pages: None)
    return stream.getvalue()


def pdf_of_a_letter(title: str, lines: Sequence[str], at: datetime) -> bytes:
    """A page of text with a title."""
    stream = BytesIO()
    sheet = Sheet(stream, title=title, author="演示", subject="演示数据", lang="zh-CN", created=at)
    sheet.text_centred((LEFT + RIGHT) / 2, 760, title, _TITLE._replace(ink=BLACK))
    sheet.rule(LEFT, 738, RIGHT - LEFT, HAIRLINE)
    for place, line in enumerate(lines):
        sheet.text(LEFT + 20, 704 - 22 * place, line, _PLAIN)
    sheet.text_right(RIGHT, 640 - 22 * len(lines), f"{at:%Y年%m月%d日}", _PLAIN)
    sheet.text(LEFT, 100, "演示数据", _FAINT)
    sheet.save(lambda page, pages: None)
    return stream.getvalue()
