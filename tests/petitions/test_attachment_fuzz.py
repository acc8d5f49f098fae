"""Nasty files: a clear answer each, nothing executed, nothing lost; and the fuzz: no answer but those two."""

import io
import random
import struct
import zipfile
import zlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from petitions import attachments, inspection
from petitions.models import Attachment
from petitions.states import Refused
from tests.city import City, make_order, make_petition
from tests.dispatch.test_views_case import enter
from tests.files import animation, office, ole, pdf, photo, picture

SCRIPT = b"<script>fetch('//evil.example')</script>"


def zip_bomb() -> bytes:
    """A document whose one part announces 600 million zeros."""
    return office("word/document.xml", more={"word/media/zeros.bin": b"\0" * 30_000_000})


def many_parts() -> bytes:
    return office("xl/workbook.xml", more={f"xl/sheet{n}.xml": b"" for n in range(inspection.PARTS + 1)})


def announced() -> bytes:
    """A tiny archive whose directory lies about 3 GB: told by what it announces, never unpacked."""
    content = bytearray(office("word/document.xml", more={"word/x.bin": b"x" * 50}))
    end = content.rindex(b"PK\x01\x02")
    struct.pack_into("<L", content, end + 24, 3_000_000_000)
    return bytes(content)


def locked_zip() -> bytes:
    content = bytearray(office("word/document.xml"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(mark)
        while start >= 0:
            content[start + offset] |= 1
            start = content.find(mark, start + 4)
    return bytes(content)


def pixel_bomb() -> bytes:
    """A PNG of 60,000 × 60,000 pixels in a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    header = struct.pack(">LLBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 7501))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A PNG with a compressed comment of 80 million characters."""
    body = b"Comment\0\0" + zlib.compress(b"a" * 80_000_000)
    chunk = struct.pack(">L", len(body)) + b"zTXt" + body + struct.pack(">L", zlib.crc32(b"zTXt" + body))
    content = picture()
    return content[:33] + chunk + content[33:]


def pdf_with_archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.exe", b"MZ")
    return pdf() + out.getvalue()


# name → (bytes, code of the refusal)
REFUSED = {
    "空.pdf": (b"", "file_empty"),
    "图.svg": (b"<svg onload='alert(1)'/>", "file_kind"),
    "图.png": (b"<svg onload='alert(1)'/>", "file_mismatch"),
    "页.html": (b"<!doctype html>" + SCRIPT, "file_kind"),
    "程序.exe": (b"MZ" + b"\0" * 80, "file_kind"),
    "程序.pdf": (b"MZ" + b"\0" * 80, "file_mismatch"),
    "脚本.js": (b"alert(1)", "file_kind"),
    "图.jpg.exe": (picture("JPEG"), "file_kind"),
    "宏.docm": (office("word/document.xml"), "file_kind"),
    "宏.docx": (office("word/document.xml", more={"word/vbaProject.bin": b"x"}), "file_macro"),
    "宏表.xlsx": (office("xl/workbook.xml", more={"xl/macrosheets/sheet1.xml": b"x"}), "file_macro"),
    "旧宏.doc": (ole("WordDocument", "_VBA_PROJECT"), "file_macro"),
    "密.pdf": (pdf(password="secret"), "file_locked"),
    "密.docx": (ole("EncryptedPackage", "EncryptionInfo"), "file_locked"),
    "密包.docx": (locked_zip(), "file_locked"),
    "炸弹.docx": (zip_bomb(), "file_bomb"),
    "万件.xlsx": (many_parts(), "file_bomb"),
    "虚报.docx": (announced(), "file_bomb"),
    "像素.png": (pixel_bomb(), "file_pixels"),
    "注释.png": (text_bomb(), "file_broken"),
    "半张.jpg": (picture("JPEG", (400, 400))[:900], "file_broken"),
    "夹带.pdf": (pdf_with_archive(), "file_mismatch"),
    "夹带.mp3": (b"ID3\x03\0\0\0\0\0" + b"\0" * 40 + office("word/document.xml"), "file_mismatch"),
    "包.zip": (office("word/document.xml"), "file_kind"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_dangerous_is_refused_with_its_name_and_what_to_do(name: str) -> None:
    content, code = REFUSED[name]
    with pytest.raises(Refused) as refusal:
        attachments.check(SimpleUploadedFile(name, content))
    assert (refusal.value.code, refusal.value.field) == (code, "files")
    assert name in str(refusal.value)


def test_a_refused_file_leaves_nothing_behind(city: City) -> None:
    petition = make_petition(city)
    uploads = [SimpleUploadedFile("好.txt", b"words"), SimpleUploadedFile("坏.svg", b"<svg/>")]
    before = petition.events.count()
    with pytest.raises(Refused):
        attachments.store_all(petition.pk, uploads, actor=city.officer, at=city.at)
    assert not Attachment.objects.exists()
    assert petition.events.count() == before


NAMES = {
    "../../etc/passwd.txt": "passwd.txt",
    "C:\\Windows\\记录.txt": "记录.txt",
    "/abs/路径.txt": "路径.txt",
    "𠮷野家.txt": "𠮷野家.txt",
    "😀👨‍👩‍👧.txt": "😀👨‍👩‍👧.txt",
    "翻转\u202etxt.exe.txt": "翻转txt.exe.txt",
    "空\u200b格.txt": "空格.txt",
    "零\x00字节.txt": "零字节.txt",
    "..txt": "..txt",
    " 空格 .txt": "空格 .txt",
    "é́.txt": "é́.txt",
    "a" * 300 + ".txt": "a" * 146 + ".txt",
    "引号\"';<b>.txt": "引号\"';<b>.txt",
}


@pytest.mark.parametrize("raw", NAMES)
def test_names_keep_every_character_that_harms_nobody(raw: str) -> None:
    assert inspection.clean_name(raw) == NAMES[raw]


def test_strange_names_come_back_from_the_download_as_they_were(city: City) -> None:
    order = make_order(city)
    for name in ("𠮷野家😀.txt", "引号\"';<b>.txt"):
        upload = SimpleUploadedFile("x", name.encode())
        row = attachments.store(order.petition_id, upload=upload, actor=city.officer, at=city.at, name=name)
        assert row.file.name == f"attachments/{order.petition_id}/{row.sha256}"
        answer = enter(city.handler).get(f"/attachments/{row.pk}/")
        assert b"".join(answer.streaming_content) == name.encode()
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        page = enter(city.handler).get(f"/petitions/{order.petition_id}/?tab=matter").content.decode()
        assert "<b>.txt" not in page


@pytest.mark.parametrize("content", [SCRIPT, b"=cmd|' /C calc'!A0", b"#!/bin/sh\nrm -rf /"])
def test_text_that_would_run_elsewhere_is_served_as_text_that_is_only_saved(city: City, content: bytes) -> None:
    order = make_order(city)
    upload = SimpleUploadedFile("说明.txt", content)
    row = attachments.store(order.petition_id, upload=upload, actor=city.officer, at=city.at)
    answer = enter(city.handler).get(f"/attachments/{row.pk}/")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert default_storage.open(row.file.name).read() == content


SEEDS = {
    "pdf": pdf(2),
    "png": picture(),
    "jpg": photo(),
    "gif": animation(),
    "webp": picture("WEBP"),
    "heic": picture("HEIF"),
    "docx": office("word/document.xml"),
    "xlsx": office("xl/workbook.xml"),
    "doc": ole("WordDocument"),
    "txt": "电梯".encode(),
    "mp3": b"ID3\x03\0\0\0\0\0" + b"\0" * 40,
}


def answer_to(name: str, content: bytes) -> None:
    """Kept, or refused with a sentence that names the file; anything else raises."""
    try:
        kept = attachments.check(SimpleUploadedFile(name, content))
    except Refused as refusal:
        assert str(refusal)
        assert refusal.field == "files"
    else:
        assert kept.content
        assert kept.content_type in inspection.TYPES.values()


# A fixed search: a failure is found again by everybody.
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(sorted(SEEDS)), seed=st.integers(0, 2**32), cuts=st.integers(1, 12))
def test_damaged_files_are_kept_or_refused_and_never_crash(kind: str, seed: int, cuts: int) -> None:
    chance = random.Random(seed)
    content = bytearray(SEEDS[kind])
    for _cut in range(cuts):
        place = chance.randrange(len(content) or 1)
        match chance.randrange(4):
            case 0:
                content[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del content[place : place + chance.randrange(1, 40)]
            case 2:
                content[place:place] = chance.randbytes(chance.randrange(1, 40))
            case _:
                content[place : place + 4] = b"\xff\xff\xff\xff"
        if not content:
            content = bytearray(b"\0")
    answer_to(f"文件.{kind}", bytes(content))


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(name=st.text(max_size=300), content=st.binary(max_size=400), kind=st.sampled_from(sorted(inspection.TYPES)))
def test_any_name_and_any_bytes_have_an_answer(name: str, content: bytes, kind: str) -> None:
    clean = inspection.clean_name(f"{name}.{kind}")
    assert 0 < len(clean) <= inspection.NAME_LENGTH
    assert "/" not in clean
    assert "\\" not in clean
    answer_to(clean, content)
    answer_to(clean, SEEDS.get(kind, b"") + content)
