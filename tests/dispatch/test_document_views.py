"""Pages of documents: tab, draft beside its paper, sign-off, templates, files, the whole file."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog, User
from accounts.roles import Role
from dispatch import file_book, papers
from dispatch.actions import jobs
from dispatch.jobs import title_of
from dispatch.models import Job
from petitions import actions, attachments
from petitions.actions import documents
from petitions.actions.registration import Signer
from petitions.documents import packing
from petitions.documents.book import parts_of
from petitions.models import Document
from petitions.retention import find_words
from petitions.states import Refused
from tests.city import VALID_ID, City, make_order, make_petition
from tests.dispatch.test_suggestions import make as suggest
from tests.dispatch.test_supervision import issue as supervise
from tests.files import picture
from tests.petitions.test_documents import MATTER, PARTY, issued, issued_opinion, opinion, pdf_text, receipt


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def as_person(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.StaffBackend")
    return client


def post(user: User, name: str, *args: Any, **data: Any) -> Any:
    return as_person(user).post(reverse(name, args=args), data)


def get(user: User, name: str, *args: Any, **data: Any) -> Any:
    return as_person(user).get(reverse(name, args=args), data)


def test_the_tab_shows_what_is_to_be_done(city: City) -> None:
    document = receipt(city)
    page = as_person(city.officer).get(reverse("petition", args=[document.petition_id]) + "?tab=documents")
    assert page.status_code == 200
    text = page.content.decode()
    assert "信访事项告知书" in text and reverse("document", args=[document.pk]) in text
    assert reverse("document_new", args=[document.petition_id]) in text


def test_a_document_is_begun_filled_in_and_submitted_on_its_page(city: City) -> None:
    document = receipt(city)
    answer = post(city.officer, "document_new", document.petition_id, kind="led_out")
    made = Document.objects.get(kind="led_out")
    assert answer.status_code == 302 and answer.url == reverse("document", args=[made.pk])
    data = {
        "version": made.version,
        "title": made.current.title,
        "body": made.current.body,
        "explanation": "请向人民法院起诉",
        "legal_basis": "《民事诉讼法》",
        "submit": "1",
    }
    answer = post(city.officer, "document", made.pk, **data)
    assert answer.url == reverse("document_act", args=[made.pk, "submit"])
    assert made.current.values["explanation"] == "请向人民法院起诉"
    made.refresh_from_db()
    post(city.officer, "document_act", made.pk, "submit", version=made.version)
    made.refresh_from_db()
    assert made.state == "in_review"


def test_what_is_missing_stands_at_its_field_and_what_was_typed_is_kept(city: City) -> None:
    made = documents.draft(receipt(city).petition_id, "led_out", actor=city.officer, at=city.at)
    data = {"version": made.version, "title": made.current.title, "body": made.current.body, "submit": "1"}
    answer = post(city.officer, "document", made.pk, **data, explanation="请起诉")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "请起诉" in text and 'id="id_legal_basis_error"' in text
    assert made.current.values["explanation"] == "请起诉"


def test_matters_are_typed_one_by_one(city: City) -> None:
    document = opinion(city)
    data = {
        "version": document.version,
        "title": document.current.title,
        "body": document.current.body,
        "review_organ": "海曙区人民政府",
        "matters-TOTAL_FORMS": "1",
        "matters-INITIAL_FORMS": "1",
        **{f"matters-0-{name}": value for name, value in MATTER.items()},
    }
    answer = post(city.handler, "document", document.pk, **data, add="1")
    assert answer.status_code == 200 and 'name="matters-1-request"' in answer.content.decode()
    answer = post(city.handler, "document", document.pk, **data)
    assert answer.status_code == 302
    assert document.current.values["matters"][0]["basis"] == MATTER["basis"]


def test_the_preview_shows_pages_to_its_maker_only(city: City) -> None:
    document = receipt(city)
    data = {"version": document.version, "title": document.current.title, "body": "{{ route }}", "route": "新途径"}
    client = as_person(city.officer)
    page = client.post(reverse("document_preview", args=[document.pk]), data)
    url = page.context["preview"]["urls"][0]
    picture = client.get(url)
    assert picture["Content-Type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    assert as_person(city.leader).get(url).status_code == 404
    assert document.versions.count() == 1


@pytest.mark.parametrize("name", ["outsider", "far_officer", "admin", "other_handler"])
def test_an_outsider_gets_404_everywhere(city: City, name: str) -> None:
    document, person = issued_opinion(city), city.people[name]
    assert get(person, "document", document.pk).status_code == 404
    assert get(person, "document_file", document.pk, "pdf").status_code == 404
    assert get(person, "document_act", document.pk, "deliver").status_code == 404
    assert get(person, "file_export", document.petition_id).status_code == 404


def test_signing_issuing_and_delivering_in_the_browser(city: City) -> None:
    document = receipt(city)
    documents.submit(document.pk, actor=city.officer, at=timezone.now())
    for move, data in (
        ("sign", {"comment": "同意"}),
        ("issue", {}),
        ("deliver", {"way": "by_hand", "receiver": "周小琴", "deliverer": "沈一鸣", "on": str(timezone.localdate())}),
    ):
        document.refresh_from_db()
        page = get(city.officer, "document_act", document.pk, move)
        assert page.status_code == 200, move
        answer = post(city.officer, "document_act", document.pk, move, version=document.version, **data)
        assert answer.status_code == 302, (move, answer.context["form"].errors)
    document.refresh_from_db()
    assert document.state == "delivered" and document.filed_at is not None
    assert get(city.officer, "document", document.pk).status_code == 200
    answer = get(city.officer, "delivery_receipt", document.pk, document.deliveries.get().pk)
    assert "送达回证" in pdf_text(answer.content)


def test_reading_a_pdf_is_logged_and_masked_for_who_may_not_see_the_identity(city: City) -> None:
    document = issued(city)
    whole = get(city.officer, "document_file", document.pk, "pdf")
    assert "周小琴" in pdf_text(whole.content)
    hidden = get(city.inspector, "document_file", document.pk, "pdf")
    assert "周小琴" not in pdf_text(hidden.content) and "脱敏件" in pdf_text(hidden.content)
    word = get(city.inspector, "document_file", document.pk, "docx")
    assert "周小琴" not in "".join(
        zipfile.ZipFile(io.BytesIO(word.content)).read("word/document.xml").decode().split("\n")
    )
    assert AccessLog.objects.filter(action="download").count() == 3


def test_approvals_hold_what_waits_for_me(city: City) -> None:
    document = opinion(city)
    documents.amend(document.pk, values={"matters": [MATTER]}, actor=city.handler, at=city.at)
    documents.submit(document.pk, actor=city.handler, at=city.at)
    url = reverse("document", args=[document.pk])
    assert url in get(city.colleague, "document_approvals").content.decode()
    assert url not in get(city.handler, "document_approvals").content.decode()
    assert url not in get(city.outside_leader, "document_approvals").content.decode()
    assert url in get(city.handler, "document_approvals", show="mine").content.decode()
    assert "处理意见书" in get(city.leader, "desk").content.decode()
    assert get(city.agent, "document_approvals").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_approvals_asks_a_fixed_number_of_times(
    city: City, count: int, django_assert_max_num_queries: Any
) -> None:
    for _i in range(count):
        documents.submit(receipt(city).pk, actor=city.officer, at=city.at)
    client = as_person(city.officer)
    client.get(reverse("document_approvals"))
    with django_assert_max_num_queries(12):
        assert len(client.get(reverse("document_approvals")).context["rows"]) == count


def test_templates_are_edited_beside_a_sample_and_restored(city: City) -> None:
    assert get(city.admin, "document_templates").status_code == 200
    page = get(city.admin, "document_template", "receipt")
    assert page.status_code == 200 and page.context["preview"]["urls"]
    bad = post(city.admin, "document_template", "receipt", base=0, title="告知书", body="{{ phone }}")
    assert bad.status_code == 422 and 'id="id_body_error"' in bad.content.decode()
    good = post(city.admin, "document_template", "receipt", base=0, title="告知书", body="新 {{ route }}", note="试")
    assert good.status_code == 302
    assert "新" in receipt(city).current.body
    post(city.admin, "template_restore", "receipt", edition="0")
    assert receipt(city).current.title == "信访事项告知书"
    assert "内容虚构" in pdf_text(get(city.admin, "template_pdf", "receipt").content)
    for person in (city.leader, city.district_officer, city.inspector):
        assert get(person, "document_templates").status_code == 403


# ---- the whole file ----


def made(city: City, document: Document, person: User | None = None) -> tuple[Job, bytes, bytes]:
    person = person or city.officer
    now = timezone.now
    job = file_book.start(document.petition, reason="上级检查调卷", actor=person, at=now())
    jobs.run_now(job.pk, now=now, seconds=60)
    job.refresh_from_db()
    assert job.state == "done" and job.refused == 0, list(job.items.values_list("message", "error"))
    args = (document.petition_id, job.pk)
    return (
        job,
        get(person, "file_download", *args, "pdf").getvalue(),
        get(person, "file_download", *args, "zip").getvalue(),
    )


def delivered_opinion(city: City) -> Document:
    document = issued_opinion(city)
    at = city.at + timedelta(days=1)
    documents.deliver(
        document.pk, way="by_hand", on=at, receiver="周小琴", deliverer="王若兰", actor=city.handler, at=at
    )
    return document


def test_the_file_is_bound_in_order_with_running_numbers(city: City) -> None:
    _job, pdf, packed = made(city, delivered_opinion(city))
    import pypdfium2

    book = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_range() for page in book]
    for number, text in enumerate(pages, start=1):
        assert f"卷内第{number}页共{len(pages)}页" in "".join(text.split()), number
    order = [next(i for i, t in enumerate(pages) if w in t) for w in ("信访卷宗", "卷内目录", "登记表", "处理意见书")]
    assert order[0] == 0 and order[1] == 1
    plain = ["".join(text.split()) for text in pages]
    first = next(i for i, t in enumerate(plain) if "信访事项处理意见书" in t and i > 2)
    index = json.loads(zipfile.ZipFile(io.BytesIO(packed)).read("index.json"))
    assert next(row["page"] for row in index["contents"] if row["title"] == "信访事项处理意见书") == first + 1
    assert "沈一鸣" in pdf_text(pdf)


def unpacked(packed: bytes, folder: Path) -> Path:
    zipfile.ZipFile(io.BytesIO(packed)).extractall(folder)
    return folder


def verify(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-B", str(folder / "verify.py")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONUTF8": "1"})


def test_the_package_verifies_offline_and_every_tampering_is_named(city: City, tmp_path: Path) -> None:
    _job, _pdf, packed = made(city, delivered_opinion(city))
    folder = unpacked(packed, tmp_path / "a")
    result = verify(folder)
    assert result.returncode == 0, result.stdout + result.stderr

    lines = (folder / "events.jsonl").read_text(encoding="utf8").splitlines()
    row = json.loads(lines[2])
    row["body"] = row["body"].replace('"actor_label":"', '"actor_label":"假')
    (folder / "events.jsonl").write_text("\n".join([*lines[:2], json.dumps(row), *lines[3:]]) + "\n", "utf8")
    result = verify(folder)
    assert result.returncode == 1 and "event 3 was changed" in result.stdout

    worded = next(i for i, line in enumerate(lines) if json.loads(line).get("text"))
    row = {**json.loads(lines[worded]), "text": "换过的话"}
    (folder / "events.jsonl").write_text("\n".join([*lines[:worded], json.dumps(row), *lines[worded + 1 :]]), "utf8")
    assert f"the words of event {worded + 1} were changed" in verify(folder).stdout
    (folder / "events.jsonl").write_text("\n".join(lines[:-1]) + "\n", "utf8")
    assert "ends too early" in verify(folder).stdout

    folder = unpacked(packed, tmp_path / "b")
    (folder / "file.pdf").write_bytes(b"x")
    assert "changed file" in verify(folder).stdout
    (folder / "file.pdf").unlink()
    (folder / "extra.txt").write_text("x")
    result = verify(folder)
    assert "missing file" in result.stdout and "not listed" in result.stdout


def test_a_masked_file_names_nobody_and_holds_no_attachments(city: City) -> None:
    _job, pdf, packed = made(city, delivered_opinion(city), city.inspector)
    assert "周小琴" not in pdf_text(pdf)
    archive = zipfile.ZipFile(io.BytesIO(packed))
    assert not [name for name in archive.namelist() if name.endswith(".docx") or name.startswith("attachments/")]
    for name in archive.namelist():
        if not name.endswith(".pdf"):
            assert "周小琴" not in archive.read(name).decode(), name


def test_a_package_holds_the_attachments_and_goes_out_in_pieces(city: City, tmp_path: Path) -> None:
    document = receipt(city)
    upload = SimpleUploadedFile("说明.txt", "车库积水".encode() * 400_000)
    attachments.store(document.petition_id, upload=upload, actor=city.officer, at=city.at)
    job, _pdf, packed = made(city, document)
    folder = unpacked(packed, tmp_path / "a")
    assert (folder / "attachments/001-说明.txt").read_bytes() == "车库积水".encode() * 400_000
    assert verify(folder).returncode == 0
    assert get(city.officer, "file_download", document.petition_id, job.pk, "zip").streaming


def test_too_much_for_one_package_is_refused_before_anything_is_made(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = receipt(city)
    upload = SimpleUploadedFile("说明.txt", "车库积水".encode())
    attachments.store(document.petition_id, upload=upload, actor=city.officer, at=city.at)
    monkeypatch.setattr(packing, "MAX_BYTES", 11)
    answer = post(city.officer, "file_export", document.petition_id, reason="上级检查")
    assert answer.status_code == 422
    assert "逐个" in answer.content.decode()
    assert not Job.objects.filter(kind=file_book.KIND).exists()
    with pytest.raises(Refused):
        packing.check_total(document.petition)


def test_a_masked_file_is_masked_in_every_part(city: City, tmp_path: Path) -> None:
    """Sheet, cover, contents, course and index hide all who signed; attachments and the words of events stay out."""
    said = f"周𠮷祥（{VALID_ID}）和林小芳请求修复电梯，电话13812345127"
    petition = make_petition(
        city, person=PARTY[0], signers=[Signer(PARTY[1])], headcount=2, summary=said, content=f"{said}，住月湖街9号"
    )
    actions.add_note(petition.pk, kind="note", text=f"{said}，已谈话", actor=city.officer, at=city.at)
    picture_of = SimpleUploadedFile("周𠮷祥身份证.png", picture(), "image/png")
    attachments.store(petition.pk, upload=picture_of, actor=city.officer, at=city.at)
    values = {"route": said, "next_step": said}
    document = documents.draft(petition.pk, "receipt", values=values, actor=city.officer, at=city.at)
    documents.amend(document.pk, title=f"告知书（{said[:3]}）", actor=city.officer, at=city.at)
    job, pdf, packed = made(city, issued(city, document), city.inspector)
    archive = zipfile.ZipFile(io.BytesIO(packed))
    texts = {name: archive.read(name).decode() for name in archive.namelist() if not name.endswith(".pdf")}
    texts |= {name: pdf_text(archive.read(name)) for name in archive.namelist() if name.endswith(".pdf")}
    texts["job"] = str(list(job.items.values_list("message", "undo")))
    for name, text in texts.items():
        for word in ("周𠮷祥", "U+20BB7", "小芳", "12345127", VALID_ID, "月湖街9号"):
            assert word not in "".join(text.split()), (name, word)
    assert "脱敏件不附" in pdf_text(pdf)
    assert verify(unpacked(packed, tmp_path / "masked")).returncode == 0
    whole = zipfile.ZipFile(io.BytesIO(made(city, document)[2]))
    assert "已谈话" in whole.read("events.jsonl").decode()


def sent(city: City, document: Document) -> Document:
    """Through both signatures to the issue, by the city officer."""
    documents.submit(document.pk, actor=city.officer, at=city.at)
    for _i in range(2):
        documents.sign(document.pk, actor=city.officer, at=city.at)
    return documents.issue(document.pk, actor=city.officer, at=city.at)


def may_read(person: User, document: Document) -> bool:
    """On its page, in the tab, in the file: the same answer everywhere."""
    page = get(person, "document", document.pk).status_code == 200
    tab = get(person, "petition", document.petition_id, tab="documents").content.decode()
    is_listed = reverse("document", args=[document.pk]) in tab
    is_part = {"type": "document", "id": document.pk} in parts_of(document.petition, person)
    assert page == is_listed == is_part
    return page


def test_a_supervision_letter_is_read_by_the_unit_supervised_and_not_by_the_others(city: City) -> None:
    order = make_order(city, assisting=[city.enforcement])
    letter = papers.letter_of(supervise(city, order=order), actor=city.officer, at=city.at)
    assert not Document.objects.visible_to(city.leader).filter(pk=letter.pk).exists()
    sent(city, letter)
    assert may_read(city.leader, letter) and may_read(city.officer, letter) and may_read(city.district_officer, letter)
    assert get(city.other_leader, "petition", order.petition_id).status_code == 200
    assert not may_read(city.other_leader, letter)
    _job, _pdf, packed = made(city, letter, city.other_leader)
    assert "督办函" not in zipfile.ZipFile(io.BytesIO(packed)).read("index.json").decode()


def test_a_suggestion_is_not_read_by_the_unit_that_handles_the_case(city: City) -> None:
    order = make_order(city)
    row = suggest(city, addressee=city.enforcement, petitions=[order.petition])
    paper = sent(city, papers.suggestion_of(row, actor=city.officer, at=city.at))
    assert may_read(city.officer, paper) and may_read(city.inspector, paper)
    for person in (city.leader, city.handler, city.dispatcher):
        assert not may_read(person, paper), person


def test_the_export_of_an_accusation_is_known_to_those_named_only(city: City) -> None:
    petition = make_petition(city, purpose="JK", respondent_unit=city.housing)
    job = file_book.start(petition, reason="上级检查调卷", actor=city.officer, at=timezone.now())
    jobs.run_now(job.pk, now=timezone.now, seconds=60)
    second = User.objects.create_user(
        "second_officer", "second@ningbo.example", None, name="钱江", role=Role.CITY_OFFICER, unit=city.city_office
    )
    assert petition.short_number in get(city.officer, "job", job.pk).content.decode()
    assert petition.number not in title_of(job)
    url = reverse("job", args=[job.pk])
    assert url in get(city.officer, "jobs", show="all").content.decode()
    listed = get(second, "jobs", show="all").content.decode()
    assert url not in listed and petition.number not in listed
    assert get(second, "job", job.pk).status_code == 404
    assert get(second, "job_result", job.pk, "csv").status_code == 404
    assert petition.short_number in get(city.officer, "job_result", job.pk, "csv").content.decode()
    logged = AccessLog.objects.filter(user=city.officer, action="export")
    assert [row.target for row in logged] == [f"petition:{petition.pk}"] * 2
    usual = make_petition(city)
    other = file_book.start(usual, reason="上级检查调卷", actor=city.officer, at=timezone.now())
    assert reverse("job", args=[other.pk]) in get(second, "jobs", show="all").content.decode()


def test_what_a_stopped_export_left_behind_is_found_and_purged(city: City) -> None:
    petition = receipt(city).petition
    job = file_book.start(petition, reason="上级检查", actor=city.officer, at=timezone.now())
    default_storage.save(f"{file_book.folder(job.pk)}/1.pdf", ContentFile(b"part"))
    assert file_book.purge_exports(at=timezone.now() + timedelta(days=30)) == 0
    jobs.cancel(job.pk, actor=city.officer, at=timezone.now())
    assert find_words([petition.pk])["exports of the file"] == 1
    assert file_book.purge_exports(at=timezone.now() + timedelta(days=2)) == 0
    assert file_book.purge_exports(at=timezone.now() + timedelta(days=30)) == 1
    assert "exports of the file" not in find_words([petition.pk])


def test_an_export_wants_a_reason_and_is_logged(city: City) -> None:
    document = receipt(city)
    assert get(city.officer, "file_export", document.petition_id).status_code == 200
    assert post(city.officer, "file_export", document.petition_id, reason="看").status_code == 422
    assert post(city.officer, "file_export", document.petition_id, reason="上级检查").status_code == 302
    assert AccessLog.objects.get(action="export").reason == "上级检查"
    assert get(city.handler, "file_export", document.petition_id).status_code == 404


def test_a_copy_is_its_makers_own_and_goes_after_three_days(city: City) -> None:
    document = receipt(city)
    job, _pdf, _zip = made(city, document)
    args = (document.petition_id, job.pk, "zip")
    assert get(city.district_officer, "file_download", *args).status_code == 404
    assert file_book.purge_exports(at=timezone.now() + timedelta(days=2)) == 0
    assert file_book.purge_exports(at=timezone.now() + timedelta(days=4)) == 2
    assert get(city.officer, "file_download", *args).status_code == 404
