"""More material to a petition over the API: words and files by multipart, once, as the pages keep them."""

import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from gateway.idempotency import digest_of_parts
from petitions import actions
from petitions.models import Attachment, Event, Petition
from tests.city import City, make_petition
from tests.files import pdf, picture
from tests.gateway.conftest import body

WORDS = "物业今日又贴出通知，维修再延一个月。"


def send(caller: Any, pk: int, *files: tuple[str, bytes], text: str = "", key: str = "m-1", match: str = '"1"') -> Any:
    """Post a form as a vendor's program would; the test client draws no boundary of its own, so one goes by the key."""
    parts: dict[str, Any] = {"files": [SimpleUploadedFile(name, content) for name, content in files]}
    if text:
        parts["text"] = text
    headers = {**caller.headers, "Idempotency-Key": key, "If-Match": match}
    return caller.http.post(f"/api/v1/petitions/{pk}/material", parts, headers=headers)


@pytest.fixture
def petition(hotline: Any) -> int:
    return int(hotline.post("/petitions", body()).json()["id"])


def test_words_and_files_are_kept_as_on_the_pages(hotline: Any, petition: int, settings: Any) -> None:
    settings.CLAMAV = "unix:/nowhere"
    answer = send(hotline, petition, ("通知.pdf", pdf()), ("现场.png", picture()), text=WORDS)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    event = Event.objects.get(petition=petition, kind="supplement")
    assert (found["event"], found["version"], answer["ETag"], found["known"]) == (event.seq, 2, '"2"', 0)
    assert event.words.text == WORDS
    assert event.actor_label == hotline.client.name
    assert [(row["name"], row["scan"]) for row in found["files"]] == [("通知.pdf", "waiting"), ("现场.png", "waiting")]
    assert found["files"][0]["sha256"] == hashlib.sha256(pdf()).hexdigest()
    assert hotline.get(f"/petitions/{petition}").json()["version"] == 2


def test_words_alone_may_come_as_json(hotline: Any, petition: int) -> None:
    answer = hotline.post(f"/petitions/{petition}/material", {"text": WORDS}, match='"1"')
    assert (answer.status_code, answer.json()["files"]) == (200, [])
    assert hotline.post(f"/petitions/{petition}/material", {}, match='"2"').status_code == 422


def test_a_retry_with_another_boundary_adds_nothing(hotline: Any, petition: int) -> None:
    first = send(hotline, petition, ("通知.pdf", pdf()), text=WORDS)
    raw = b"".join(
        b"--other\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n"
        for head, content in (('name="text"', WORDS.encode()), ('name="files"; filename="通知.pdf"', pdf()))
    )
    headers = {**hotline.headers, "Idempotency-Key": "m-1", "If-Match": '"1"'}
    path, kind = f"/api/v1/petitions/{petition}/material", "multipart/form-data; boundary=other"
    again = hotline.http.post(path, raw + b"--other--\r\n", content_type=kind, headers=headers)
    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")
    assert again.content == first.content
    assert Event.objects.filter(petition=petition, kind="supplement").count() == 1
    other = send(hotline, petition, ("通知.pdf", pdf()), text="另一段话")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency_key_reused")


def test_the_digest_sees_every_name_and_content_and_leaves_the_files_unread() -> None:
    def parts(name: str = "a.pdf", content: bytes = b"1", text: str = "x", part: str = "files") -> str:
        upload = SimpleUploadedFile(name, content)
        found = digest_of_parts({"text": [text], part: [upload]})
        assert upload.read() == content
        return found

    assert parts() == parts()
    assert len({parts(), parts(name="b.pdf"), parts(content=b"2"), parts(text="y"), parts(part="file")}) == 5


def test_the_same_file_twice_is_kept_once(hotline: Any, petition: int) -> None:
    send(hotline, petition, ("通知.pdf", pdf()))
    again = send(hotline, petition, ("副本.pdf", pdf()), key="m-2", match='"2"').json()
    assert (again["files"], again["known"]) == ([], 1)
    assert Attachment.objects.filter(petition=petition).count() == 1


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("病毒.pdf", b"MZ\x90\0" + b"\0" * 60, "file_mismatch"),
        ("包.zip", b"PK", "file_kind"),
        ("空.pdf", b"", "file_empty"),
        ("大.txt", b"x" * 2000, "file_size"),
    ],
)
def test_a_file_that_may_not_be_kept_refuses_the_whole(
    hotline: Any, petition: int, settings: Any, name: str, content: bytes, code: str
) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1000
    answer = send(hotline, petition, ("好.txt", "好".encode()), (name, content), text=WORDS)
    assert answer.status_code == 422, answer.content
    error = answer.json()["errors"][0]
    assert (error["pointer"], error["code"]) == ("/files", code)
    assert name in error["detail"]
    assert not Event.objects.filter(petition=petition, kind="supplement").exists()


def test_more_than_the_step_takes_is_too_large_unread(hotline: Any, petition: int, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 10
    answer = send(hotline, petition, ("大.txt", b"x" * 1024 * 1100))
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too_large")


def test_what_is_no_form_is_told_so(hotline: Any, petition: int) -> None:
    headers = {**hotline.headers, "Idempotency-Key": "m-1", "If-Match": '"1"'}
    path = f"/api/v1/petitions/{petition}/material"
    answer = hotline.http.post(path, b"a=b", content_type="application/x-www-form-urlencoded", headers=headers)
    assert answer.status_code == 415
    assert "multipart/form-data, application/json" in answer.json()["detail"]
    broken = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n1\r\n--x--\r\n'
    for kind in ("multipart/form-data", "multipart/form-data; charset=hex; boundary=x"):
        answer = hotline.http.generic("POST", path, broken, kind, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed"), kind


@pytest.mark.parametrize("parts", [{"note": "x"}, {"text": ["a", "b"]}, {"files": "words"}, {}])
def test_parts_of_other_names_or_kinds_are_named(hotline: Any, petition: int, parts: dict[str, Any]) -> None:
    headers = {**hotline.headers, "Idempotency-Key": "m-1", "If-Match": '"1"'}
    answer = hotline.http.post(f"/api/v1/petitions/{petition}/material", parts, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_the_version_guards_it_as_every_step(hotline: Any, petition: int) -> None:
    assert send(hotline, petition, text=WORDS, match="").status_code == 428
    assert send(hotline, petition, text=WORDS, match='"9"').status_code == 412


def test_a_matter_that_has_ended_takes_nothing_more(hotline: Any, petition: int, city: City) -> None:
    actions.withdraw(petition, reason="撤回", actor=city.officer, at=Petition.objects.get(pk=petition).registered_at)
    answer = send(hotline, petition, text=WORDS, match="*")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/illegal_move")


def test_what_a_key_cannot_see_is_not_there(hotline: Any, caller: Any, city: City, petition: int) -> None:
    secret = make_petition(city, purpose="JK", register_unit=city.hotline)
    for pk, who in ((petition, caller(unit="transport", channel="online")), (secret.pk, hotline), (987654, hotline)):
        assert send(who, pk, ("通知.pdf", pdf()), text=WORDS, match="*").status_code == 404
    assert not Attachment.objects.exists()


def test_the_schema_tells_of_the_form(tmp_path: Any) -> None:
    call_command("spectacular", file=str(tmp_path / "s.json"), format="openapi-json")
    text = (tmp_path / "s.json").read_text()
    assert '"multipart/form-data"' in text
    assert '"format": "binary"' in text
