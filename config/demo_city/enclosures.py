"""Files and the archive in the demo city: drawn pictures and a paper on open cases, ended cases archived, one held."""

import io
from datetime import timedelta

import typst
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image, ImageDraw

from accounts.models import User
from accounts.roles import Role
from config.demo_city.world import World
from petitions.actions import archiving
from petitions.attachments import store_all
from petitions.models import Petition
from petitions.states import Refused, State
from petitions.watermark import FONTS

WITH_FILES, ARCHIVED = 6, 8
_PAPER = """
#set page(paper: "a5")
#set text(font: ("Noto Serif SC",), size: 11pt, fallback: false)
#align(center, text(size: 16pt)[现场查看记录])
#v(6mm)
经现场查看，信访人反映的情况属实，已拍照留存。责任单位当场作出整改安排，完成后将再次告知信访人。
#v(8mm)
#align(right)[（演示材料）]
"""


def live_with_files(world: World) -> None:
    """Play it once; one transaction."""
    with transaction.atomic():
        officer = User.objects.filter(role=Role.CITY_OFFICER, is_active=True, unit__isnull=False).order_by("id").first()
        if officer is not None:
            _enclose(world, officer)
            _archive(world, officer)


def _enclose(world: World, officer: User) -> None:
    """Two pictures and a paper on the newest open cases."""
    paper = typst.compile(_PAPER.encode(), format="pdf", font_paths=FONTS)
    rows = Petition.objects.filter(state=State.HANDLING, is_restricted=False).order_by("-registered_at", "-id")
    for number, petition in enumerate(rows[:WITH_FILES]):
        uploads = [
            SimpleUploadedFile("现场照片一.jpg", _picture(number)),
            SimpleUploadedFile("现场照片二.jpg", _picture(number + 40)),
            SimpleUploadedFile("现场查看记录.pdf", paper),
        ]
        store_all(petition.pk, uploads, actor=officer, at=world.until)


def _archive(world: World, officer: User) -> None:
    """The longest ended cases whose periods are over go into the archive; a lawsuit holds the first."""
    at, done = world.until, 0
    ended = Petition.objects.filter(is_open=False, is_restricted=False, archive_record=None)
    for petition in ended.exclude(state=State.MERGED).order_by("registered_at", "id")[:60]:
        try:
            archiving.archive(petition.pk, rule=archiving.kind_of(petition), actor=officer, at=at)
        except Refused:
            continue
        done += 1
        if done == 1:
            archiving.hold(
                petition.pk,
                reason="当事人已提起行政诉讼，案件审结前暂停销毁。",
                until=(at + timedelta(days=730)).date(),
                actor=officer,
                at=at,
            )
        if done == ARCHIVED:
            return


def _picture(seed: int) -> bytes:
    """A stairwell in flat colours: plainly drawn, so that nobody takes it for a real place."""
    image = Image.new("RGB", (1200, 900), (214 - seed % 30, 220, 226))
    draw = ImageDraw.Draw(image)
    for step in range(9):
        left, top = 120 + step * 70, 760 - step * 62
        tread = (left, top, left + 420, top + 62)
        draw.rectangle(tread, fill=(150 + step * 8, 156 + step * 6, 164), outline=(90, 98, 110))
    draw.rectangle((820, 120, 1080, 640), fill=(176, 150 + seed % 40, 120), outline=(80, 70, 60), width=6)
    draw.ellipse((1020, 360, 1044, 384), fill=(60, 60, 60))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()
