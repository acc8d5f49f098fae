"""Files of a case: what is kept, what is refused, who may open them."""

import hashlib
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AccessLog
from petitions import attachments
from petitions.events import verify
from petitions.models import Attachment
from petitions.states import Refused
from tests.city import City, make_order, make_petition
from tests.dispatch.test_views_case import enter
from tests.files import animation, office, ole, pdf, photo, picture

GOOD = {
    "答复.pdf": pdf(),
    "坏.pdf": b"%PDF-1.7\n1 0 obj\n",
    "仅限打印.pdf": pdf(owner="secret"),
    "现场.png": picture(),
    "现场.jpg": picture("JPEG"),
    "现场.JPEG": photo(),
    "动图.gif": animation(),
    "照片.webp": picture("WEBP"),
    "照片.heic": picture("HEIF"),
    "说明.docx": office("word/document.xml"),
    "清单.xlsx": office("xl/workbook.xml"),
    "汇报.pptx": office("ppt/presentation.xml"),
    "旧文.doc": ole("WordDocument"),
    "旧表.xls": ole("Workbook"),
    "旧稿.ppt": ole("PowerPoint Document"),
    "记录.txt": "电梯停运两个月".encode(),
    "名单.csv": "姓名,电话\n".encode("utf-8-sig"),
    "录音.mp3": b"ID3\x03\0\0\0\0\0" + b"\0" * 40,
    "录音.m4a": b"\0\0\0\x18ftypM4A \0\0\0\0isommp42" + b"\0" * 40,
    "录音.wav": b"RIFF\x10\0\0\0WAVEfmt " + b"\0" * 40,
    "录像.mp4": b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0" * 40,
}
BAD = {
    "病毒.exe": b"MZ\x90\0" + b"\0" * 60,
    "病毒.pdf": b"MZ\x90\0" + b"\0" * 60,
    "网页.pdf": b"<!doctype html><script>",
    "网页.html": b"<!doctype html>",
    "图.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "包.zip": office("word/document.xml"),
    "表.docx": office("xl/workbook.xml"),
    "宏.docx": office("word/document.xml", more={"word/vbaProject.bin": b"x"}),
    "断.docx": b"PK\x03\x04 broken",
    "文.xls": ole("WordDocument"),
    "乱.txt": b"\xff\xfe\x00binary",
    "国标.csv": "姓名".encode("gbk"),
    "空.pdf": b"",
    "无后缀": b"%PDF-1.7",
}


@pytest.mark.parametrize("name", GOOD)
def test_what_offices_send_is_kept(city: City, name: str) -> None:
    petition = make_petition(city)
    row = attachments.store(petition.pk, upload=SimpleUploadedFile(name, GOOD[name]), actor=city.officer, at=city.at)
    assert row.name == name
    assert row.content_type in attachments.TYPES.values()
    kept = default_storage.open(row.file.name).read()
    # Pictures are drawn anew; everything else is kept byte for byte.
    assert (kept == GOOD[name]) or row.is_picture
    assert row.sha256 == hashlib.sha256(kept).hexdigest()
    assert row.file.name == f"attachments/{petition.pk}/{row.sha256}"


@pytest.mark.parametrize("name", BAD)
def test_what_is_empty_disguised_or_of_another_kind_is_refused(city: City, name: str) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused) as refusal:
        attachments.store(petition.pk, upload=SimpleUploadedFile(name, BAD[name]), actor=city.officer, at=city.at)
    assert name in str(refusal.value)
    assert refusal.value.field == "files"
    assert not Attachment.objects.exists()


def test_a_file_beyond_the_limit_is_refused_with_the_limit(city: City, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1024
    petition = make_petition(city)
    with pytest.raises(Refused, match=r"1\.0"):
        upload = SimpleUploadedFile("大.txt", b"a" * 1025)
        attachments.store(petition.pk, upload=upload, actor=city.officer, at=city.at)
    upload = SimpleUploadedFile("刚好.txt", b"a" * 1024)
    assert attachments.store(petition.pk, upload=upload, actor=city.officer, at=city.at).size == 1024


def test_the_event_binds_name_size_and_digest(city: City) -> None:
    petition = make_petition(city)
    row = attachments.store(
        petition.pk, upload=SimpleUploadedFile("记录.txt", "内容".encode()), actor=city.officer, at=city.at
    )
    event = petition.events.get(kind="attach")
    assert (event.words.text, event.data["size"], event.data["sha256"]) == ("记录.txt", 6, row.sha256)
    # The name is somebody's words: not in what can never be removed.
    assert "记录" not in bytes(event.body).decode()
    assert row.event == event
    assert verify(petition.pk) is None


def test_the_same_bytes_are_kept_once_and_the_person_is_told(city: City) -> None:
    petition = make_petition(city)
    uploads = [SimpleUploadedFile(name, "一样".encode()) for name in ("一.txt", "二.txt")]
    remarks = attachments.store_all(petition.pk, uploads, actor=city.officer, at=city.at)
    assert Attachment.objects.count() == 1
    assert len(remarks) == 1
    assert "二.txt" in remarks[0]
    # Another petition keeps its own.
    other = make_petition(city)
    uploads[0].seek(0)
    attachments.store(other.pk, upload=uploads[0], actor=city.officer, at=city.at)
    assert Attachment.objects.count() == 2


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("../../etc/记录.txt", "记录.txt"),
        ("C:\\Users\\沈\\照片.png", "照片.png"),
        ("换\n行.txt", "换行.txt"),
        ("", "file"),
        ("长" * 200 + ".pdf", "长" * 146 + ".pdf"),
    ],
)
def test_names_lose_paths_and_excess(raw: str, clean: str) -> None:
    assert attachments.clean_name(raw) == clean


def test_who_may_not_write_may_not_attach(city: City) -> None:
    petition = make_petition(city)
    for user in (city.outsider, city.inspector, city.admin):
        with pytest.raises(Refused):
            attachments.store(petition.pk, upload=SimpleUploadedFile("一.txt", b"x"), actor=user, at=city.at)


def test_an_agent_hands_in_the_enclosures_of_an_accusation_they_took_but_not_of_others(city: City) -> None:
    own = make_petition(city, actor=city.agent, purpose="JK")
    other = make_petition(city, purpose="JK")
    attachments.store(own.pk, upload=SimpleUploadedFile("一.txt", b"x"), actor=city.agent, at=city.at)
    with pytest.raises(Refused):
        attachments.store(other.pk, upload=SimpleUploadedFile("一.txt", b"x"), actor=city.agent, at=city.at)


def keep(city: City, name: str = "现场 照片.png") -> Attachment:
    order = make_order(city)
    upload = SimpleUploadedFile(name, GOOD["现场.png"])
    return attachments.store(order.petition_id, upload=upload, actor=city.officer, at=city.at)


def test_a_download_is_inert_named_and_logged(city: City) -> None:
    row = keep(city)
    response = enter(city.handler).get(f"/attachments/{row.pk}/")
    assert b"".join(response.streaming_content) == default_storage.open(row.file.name).read()
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith("sandbox")
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=utf-8''%E7%8E%B0%E5%9C%BA%20%E7%85%A7%E7%89%87.png" in disposition
    entry = AccessLog.objects.get(action="download")
    assert (entry.user, entry.target, entry.detail) == (city.handler, f"petition:{row.petition_id}", row.name)


def test_a_file_out_of_scope_is_404_and_unlogged(city: City) -> None:
    row = keep(city)
    assert enter(city.outsider).get(f"/attachments/{row.pk}/").status_code == 404
    assert Client().get(f"/attachments/{row.pk}/").status_code == 302
    assert not AccessLog.objects.exists()


def test_a_file_lost_from_the_storage_is_404(city: City) -> None:
    row = keep(city)
    default_storage.delete(row.file.name)
    assert enter(city.handler).get(f"/attachments/{row.pk}/").status_code == 404
