"""Documents: drafting, sign-off, numbers, delivery."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actors import Actor
from petitions import actions, events
from petitions.actions import Person, documents
from petitions.actions.registration import Signer
from petitions.models import Delivery, Document, DocumentVersion, SignOff
from petitions.states import Refused
from tests.city import VALID_ID, City, make_order, make_petition, replied

MATTER = {
    "request": "修复电梯",
    "facts": "电梯主板损坏",
    "basis": "《特种设备安全法》第三十八条",
    "opinion": "support",
    "reason": "已更换主板。",
}


def receipt(city: City, **changes: Any) -> Document:
    """A notice of receipt of a fresh petition, complete, drafted by the city officer."""
    petition = make_petition(city)
    values = {"route": "本事项由海曙区住建局办理", "next_step": "该局将在15日内书面告知您是否受理"}
    return documents.draft(petition.pk, "receipt", values=values, actor=city.officer, at=city.at, **changes)


def issued(city: City, document: Document | None = None, days: int = 0) -> Document:
    """Submitted, signed and issued by the city officer."""
    document, at = document or receipt(city), city.at + timedelta(days=days)
    documents.submit(document.pk, actor=city.officer, at=at)
    documents.sign(document.pk, actor=city.officer, at=at)
    return documents.issue(document.pk, actor=city.officer, at=at)


def opinion(city: City) -> Document:
    """The draft of the handling opinion that the reply called for."""
    petition = replied(city)
    return Document.objects.get(petition=petition, kind="handling_opinion")


def issued_opinion(city: City) -> Document:
    document, at = opinion(city), city.at + timedelta(hours=6)
    values = {"matters": [MATTER], "review_organ": "海曙区人民政府"}
    documents.amend(document.pk, values=values, actor=city.handler, at=at)
    documents.submit(document.pk, actor=city.handler, at=at)
    documents.sign(document.pk, actor=city.colleague, at=at)
    documents.sign(document.pk, actor=city.leader, at=at)
    return documents.issue(document.pk, actor=city.handler, at=at)


def test_a_draft_begins_with_what_the_case_says(city: City) -> None:
    document = receipt(city)
    assert document.state == "draft" and document.unit == city.city_office
    assert document.current.values["petitioner"] == "周小琴"
    assert document.current.values["received_on"] == "2026年11月16日"


def test_names_are_not_readable_in_the_database(city: City) -> None:
    document = receipt(city)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT values_text, body FROM petitions_documentversion WHERE document_id = %s", [document.pk])
        assert "周小琴" not in "".join(cursor.fetchone())


def test_the_whole_way_of_a_notice(city: City) -> None:
    document = issued(city)
    assert document.number == "甬信告〔2026〕1号"
    row = documents.deliver(
        document.pk, way="by_hand", on=city.at, receiver="周小琴", deliverer="沈一鸣", actor=city.officer, at=city.at
    )
    document.refresh_from_db()
    assert document.state == "delivered" and document.delivered_at == row.delivered_at == city.at
    kinds = [e.kind for e in document.petition.events.all() if e.kind.startswith("document.")]
    assert kinds == [f"document.{m}" for m in ("draft", "submit", "sign", "issue", "deliver")]
    assert events.verify(document.petition_id) is None


def test_numbers_run_on_within_unit_series_and_year(city: City) -> None:
    assert [issued(city).number for _i in range(3)] == [f"甬信告〔2026〕{n}号" for n in (1, 2, 3)]
    acceptance = documents.draft(make_petition(city).pk, "acceptance", actor=city.officer, at=city.at)
    documents.amend(acceptance.pk, values={"accepted_on": "2026年11月16日"}, actor=city.officer, at=city.at)
    assert issued(city, acceptance).number == "甬信受〔2026〕1号"


def test_a_new_year_begins_at_one(city: City) -> None:
    issued(city)
    assert issued(city, days=60).number == "甬信告〔2027〕1号"


def test_what_is_missing_blocks_and_is_listed(city: City) -> None:
    document = documents.draft(make_petition(city).pk, "receipt", actor=city.officer, at=city.at)
    with pytest.raises(Refused) as refusal:
        documents.submit(document.pk, actor=city.officer, at=city.at)
    assert refusal.value.field == "route" and refusal.value.code == "incomplete"
    assert refusal.value.args[0].count("”") >= 2


def test_a_gap_in_the_wording_blocks(city: City) -> None:
    document = receipt(city)
    body = document.current.body + "\n【请补充】"
    documents.amend(document.pk, body=body, actor=city.officer, at=city.at)
    with pytest.raises(Refused, match="【请补充】"):
        documents.submit(document.pk, actor=city.officer, at=city.at)


def test_an_unknown_placeholder_is_refused_at_the_text(city: City) -> None:
    document = receipt(city)
    with pytest.raises(Refused, match="petitioner_phone") as refusal:
        documents.amend(document.pk, body="{{ petitioner_phone }}", actor=city.officer, at=city.at)
    assert refusal.value.field == "body"


def test_a_change_of_nothing_makes_no_version(city: City) -> None:
    document = receipt(city)
    documents.amend(document.pk, title=document.current.title, actor=city.officer, at=city.at)
    assert document.versions.count() == 1


def test_every_change_is_a_version_and_the_old_ones_stay(city: City) -> None:
    document = receipt(city)
    first = document.current
    documents.amend(document.pk, values={"route": "另一途径"}, actor=city.officer, at=city.at)
    first_again = DocumentVersion.objects.get(pk=first.pk)
    assert document.current.no == 2 and first_again.digest == first.digest
    assert first_again.values["route"] == "本事项由海曙区住建局办理"


def test_the_reply_calls_for_the_opinion_of_the_handling_unit(city: City) -> None:
    document = opinion(city)
    assert document.unit == city.housing and document.state == "draft"
    assert document.current.values["review_organ"] == "海曙区政府"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"matters": []}, "matters"),
        ({"matters": [{**MATTER, "basis": ""}]}, "matters"),
        ({"matters": [{**MATTER, "opinion": ""}]}, "matters"),
        ({"matters": [MATTER], "review_organ": ""}, "review_organ"),
    ],
)
def test_an_opinion_is_refused_while_it_lacks_what_the_law_asks(city: City, values: Any, field: str) -> None:
    document = opinion(city)
    documents.amend(document.pk, values=values, actor=city.handler, at=city.at)
    with pytest.raises(Refused) as refusal:
        documents.submit(document.pk, actor=city.handler, at=city.at)
    assert refusal.value.field == field


def test_an_opinion_without_the_remedy_paragraph_is_refused(city: City) -> None:
    document = opinion(city)
    documents.amend(document.pk, values={"matters": [MATTER]}, body="{{ matters }}", actor=city.handler, at=city.at)
    with pytest.raises(Refused) as refusal:
        documents.submit(document.pk, actor=city.handler, at=city.at)
    assert refusal.value.field == "body"


@pytest.mark.parametrize(
    ("name", "is_internal"),
    [("海曙区住建局信访科", True), ("海曙区住建局办公室", True), ("南门街道办事处", False), ("海曙区住建局", False)],
)
def test_an_internal_office_gives_no_opinion(city: City, name: str, is_internal: bool) -> None:
    from petitions.documents.opinions import _author_check

    assert bool(_author_check(name)) is is_internal


def test_drafter_and_checker_do_not_sign_their_own_opinion(city: City) -> None:
    document = opinion(city)
    documents.amend(document.pk, values={"matters": [MATTER]}, actor=city.leader, at=city.at)
    documents.submit(document.pk, actor=city.leader, at=city.at)
    with pytest.raises(Refused):
        documents.sign(document.pk, actor=city.leader, at=city.at)
    documents.sign(document.pk, actor=city.handler, at=city.at)
    with pytest.raises(Refused):
        documents.sign(document.pk, actor=city.leader, at=city.at)
    assert SignOff.objects.filter(document=document).count() == 1


def test_a_handler_may_check_but_not_sign(city: City) -> None:
    document = opinion(city)
    documents.amend(document.pk, values={"matters": [MATTER]}, actor=city.handler, at=city.at)
    documents.submit(document.pk, actor=city.handler, at=city.at)
    documents.sign(document.pk, actor=city.leader, at=city.at)
    with pytest.raises(Refused):
        documents.sign(document.pk, actor=city.colleague, at=city.at)


def test_a_major_matter_is_signed_by_the_head_where_one_is_known(city: City) -> None:
    document = receipt(city, is_major=True)
    head = type(city.officer).objects.create_user(
        "head", password="x", name="局长", role="city_officer", unit=city.city_office, is_head=True
    )
    documents.submit(document.pk, actor=city.officer, at=city.at)
    with pytest.raises(Refused, match="局长"):
        documents.sign(document.pk, actor=city.officer, at=city.at)
    assert documents.sign(document.pk, actor=head, at=city.at).state == "signed"


def test_sent_back_keeps_the_text_and_the_reason(city: City) -> None:
    document = receipt(city)
    documents.submit(document.pk, actor=city.officer, at=city.at)
    document = documents.send_back(document.pk, reason="请写明办理期限", actor=city.officer, at=city.at)
    assert document.state == "draft" and document.signed_steps == 0
    assert document.current.values["route"] == "本事项由海曙区住建局办理"
    assert document.sign_offs.get().comment == "请写明办理期限"


def test_people_of_another_unit_do_not_touch_it(city: City) -> None:
    document = opinion(city)
    for person in (city.officer, city.other_leader, city.outsider, city.inspector):
        with pytest.raises(Refused) as refusal:
            documents.amend(document.pk, title="x", actor=person, at=city.at)
        assert refusal.value.code == "forbidden"


def test_who_does_not_see_the_case_does_not_see_its_documents(city: City) -> None:
    document = opinion(city)
    assert document in Document.objects.visible_to(city.handler)
    assert document not in Document.objects.visible_to(city.outsider)
    assert not Document.objects.visible_to(city.admin).exists()


def test_a_draft_of_another_organ_is_not_read_before_it_is_issued(city: City) -> None:
    petition = make_order(city).petition
    values = {"route": "由海曙区住建局办理", "next_step": "15日内告知"}
    document = documents.draft(petition.pk, "receipt", values=values, actor=city.officer, at=city.at)
    readers = [city.officer, city.district_officer, city.inspector]
    for person in readers:
        assert document in Document.objects.visible_to(person), person
    for person in (city.leader, city.handler):
        assert document not in Document.objects.visible_to(person), person
    issued(city, document)
    for person in (*readers, city.leader, city.handler):
        assert document in Document.objects.visible_to(person), person


def test_an_accusation_goes_to_no_unit_of_the_line_complained_of(city: City) -> None:
    petition = make_petition(city, purpose="JK", respondent_unit=city.housing)
    assert petition.is_restricted
    for unit in (city.housing, city.district):
        with pytest.raises(Refused) as refusal:
            documents.draft(petition.pk, "transfer", addressee_unit=unit, actor=city.officer, at=city.at)
        assert refusal.value.field == "addressee_unit"


def test_the_review_period_runs_from_the_true_delivery(city: City) -> None:
    document = issued_opinion(city)
    handed, entered = city.at + timedelta(days=1), city.at + timedelta(days=4)
    documents.deliver(
        document.pk, way="by_hand", on=handed, receiver="周小琴", deliverer="王若兰", actor=city.handler, at=entered
    )
    document.petition.refresh_from_db()
    assert document.petition.delivered_at == handed
    from dispatch.models import Clock

    clock = Clock.objects.get(subject="petition", subject_id=document.petition_id, policy__key="D06_review_req")
    assert clock.started_at == handed


def test_posted_is_delivered_when_it_arrives(city: City) -> None:
    document = issued(city)
    documents.deliver(document.pk, way="post", on=city.at, tracking="XA12345678933", actor=city.officer, at=city.at)
    document.refresh_from_db()
    assert document.state == "issued"
    later = city.at + timedelta(days=3)
    documents.receive(document.pk, on=later, receiver="周小琴", actor=city.officer, at=later)
    document.refresh_from_db()
    assert document.state == "delivered" and document.delivered_at == later


def test_returned_post_leaves_the_way_open_for_another(city: City) -> None:
    document = issued(city)
    documents.deliver(document.pk, way="post", on=city.at, tracking="XA1", actor=city.officer, at=city.at)
    with pytest.raises(Refused) as refusal:
        documents.deliver(document.pk, way="electronic", on=city.at, actor=city.officer, at=city.at)
    assert refusal.value.code == "under_way"
    documents.send_returned(document.pk, on=city.at, reason="查无此人", actor=city.officer, at=city.at)
    until = city.at.date() + timedelta(days=30)
    documents.deliver(
        document.pk, way="notice", on=city.at, place="街道公告栏", notice_until=until, actor=city.officer, at=city.at
    )
    assert documents.end_public_notices(at=city.at + timedelta(days=30)) == 0
    assert documents.end_public_notices(at=city.at + timedelta(days=31)) == 1
    document.refresh_from_db()
    assert document.state == "delivered" and document.delivered_at > city.at + timedelta(days=30)


@pytest.mark.parametrize(
    ("way", "details", "field"),
    [
        ("by_hand", {"deliverer": "甲"}, "receiver"),
        ("refused", {"deliverer": "甲"}, "witness"),
        ("post", {}, "tracking"),
        ("notice", {"place": "公告栏"}, "notice_until"),
        ("pigeon", {}, "way"),
    ],
)
def test_each_way_needs_its_particulars(city: City, way: str, details: Any, field: str) -> None:
    document = issued(city)
    with pytest.raises(Refused) as refusal:
        documents.deliver(document.pk, way=way, on=city.at, actor=city.officer, at=city.at, **details)
    assert refusal.value.field == field


def test_nothing_is_delivered_before_it_is_issued_or_in_the_future(city: City) -> None:
    document = issued(city)
    details = {"way": "refused", "deliverer": "甲", "witness": "乙", "actor": city.officer, "at": city.at}
    for days in (-1, 1):
        with pytest.raises(Refused) as refusal:
            documents.deliver(document.pk, on=city.at + timedelta(days=days), **details)
        assert refusal.value.field == "on"


def test_the_citizen_reads_and_that_is_the_receipt(city: City) -> None:
    document = issued(city)
    assert list(Document.objects.for_citizen(document.petition)) == [document]
    read = city.at + timedelta(hours=3)
    assert documents.read_by_citizen(document.pk, at=read).state == "delivered"
    documents.read_by_citizen(document.pk, at=read + timedelta(days=1))
    row = Delivery.objects.get(document=document)
    assert row.way == "electronic" and row.delivered_at == read


def test_the_citizen_reads_no_draft_and_no_letter_to_a_unit(city: City) -> None:
    document = receipt(city)
    transfer = documents.draft(
        document.petition_id,
        "transfer",
        addressee_unit=city.housing,
        values={"reason": "属你单位职权", "materials": "信访件1份"},
        actor=city.officer,
        at=city.at,
    )
    issued(city, transfer)
    assert not Document.objects.for_citizen(document.petition).exists()
    for row in (document, transfer):
        with pytest.raises(Document.DoesNotExist):
            documents.read_by_citizen(row.pk, at=city.at)


def test_void_keeps_the_number_in_the_register(city: City) -> None:
    document = issued(city)
    document = documents.void(document.pk, reason="姓名有误", actor=city.officer, at=city.at)
    assert document.state == "void" and document.number == "甬信告〔2026〕1号"
    assert issued(city).number == "甬信告〔2026〕2号"


def test_a_stale_page_is_refused(city: City) -> None:
    document = receipt(city)
    documents.amend(document.pk, values={"route": "新的途径"}, actor=city.officer, at=city.at)
    with pytest.raises(Refused) as refusal:
        documents.submit(document.pk, actor=city.officer, at=city.at, version=1)
    assert refusal.value.code == "stale"


def test_an_anonymous_petition_calls_for_no_notice(city: City) -> None:
    petition = make_petition(city, is_anonymous=True, person=Person())
    make_order(city, petition=petition)
    assert documents.draft_for_move(petition, "accept", actor=Actor.of(city.officer), at=city.at) == []


def test_moves_call_for_their_documents(city: City) -> None:
    petition = make_petition(city)
    make_order(city, petition=petition)
    actions.accept(petition.pk, text="受理", actor=city.leader, at=city.at)
    assert Document.objects.get(petition=petition, kind="acceptance").unit == city.housing


def test_a_template_edition_is_used_by_the_next_draft_only(city: City) -> None:
    before = receipt(city)
    documents.save_template("receipt", title="告知书", body="{{ route }}新版", base=0, actor=city.admin, at=city.at)
    assert "新版" in receipt(city).current.body
    assert "新版" not in before.current.body
    with pytest.raises(Refused):
        documents.save_template("receipt", title="告知书", body="另一版", base=0, actor=city.admin, at=city.at)
    documents.restore_template("receipt", 0, actor=city.admin, at=city.at)
    assert receipt(city).current.title == "信访事项告知书"


def test_templates_are_not_everybodys(city: City) -> None:
    with pytest.raises(Refused):
        documents.save_template("receipt", title="x", body="y", actor=city.leader, at=city.at)


NASTY = "#strong[x] \\ $x^2$ {{ petitioner }} {% raw %} <b>&amp; @ref *粗* _斜_ = 标题 // 注释 `code` " + "W" * 300


def nasty(city: City, words: str) -> Document:
    document = receipt(city)
    documents.amend(document.pk, values={"route": words}, actor=city.officer, at=city.at)
    return document


def pdf_text(content: bytes) -> str:
    import pypdfium2

    pages = pypdfium2.PdfDocument(content)
    return "".join(page.get_textpage().get_text_range() for page in pages).replace("\r\n", "").replace("\n", "")


def test_no_text_is_read_as_code_or_markup(city: City) -> None:
    version = nasty(city, NASTY).current
    text = pdf_text(documents.document_pdf(version)).replace("\u200b", "")
    for part in ("#strong[x]", "$x^2$", "{{ petitioner }}", "{% raw %}", "<b>&amp;", "@ref", "*粗*", "`code`"):
        assert part.replace(" ", "") in text.replace(" ", ""), part
    # The query code is random and may hold the letter, too.
    assert text.replace(version.document.petition.query_code, "").count("W") == 300


def test_word_files_hold_the_same_text(city: City) -> None:
    import io

    from docx import Document as WordFile

    word = WordFile(io.BytesIO(documents.document_word(nasty(city, NASTY).current)))
    text = "\n".join(p.text for p in word.paragraphs)
    assert NASTY in text and "{{ number }}" not in text and "信访事项告知书" in text


def test_rare_characters_are_printed_as_their_code_and_named(city: City) -> None:
    from petitions.documents.composing import paper_of

    version = nasty(city, "信访人𠮷田😀来访").current
    paper = paper_of(version.document, version)
    assert paper.missing == ("𠮷", "😀")
    assert "〔U+20BB7〕" in pdf_text(documents.document_pdf(version))


def test_issued_files_are_kept_with_their_checksums(city: City, settings: Any, tmp_path: Any) -> None:
    import hashlib

    settings.MEDIA_ROOT = tmp_path
    document = issued(city)
    assert documents.file_pending(at=city.at) == 1 and documents.file_pending(at=city.at) == 0
    version = document.current
    content = documents.document_pdf(version)
    assert hashlib.sha256(content).hexdigest() == version.pdf_sha256 and version.pages == 1
    assert document.petition.events.get(kind="document.file").data["pdf"] == version.pdf_sha256
    assert "甬信告〔2026〕1号" in pdf_text(content)
    with version.pdf.storage.open(version.pdf.name, "wb") as file:
        file.write(content + b"x")
    with pytest.raises(Refused):
        documents.document_pdf(version)


def test_the_same_paper_is_the_same_bytes(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    version = issued(city).current
    assert documents.document_pdf(version) == documents.document_pdf(version)
    word, tomorrow = documents.document_word(version), time.time() + 86400
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    assert documents.document_word(version) == word


def test_a_masked_copy_names_nobody(city: City) -> None:
    document = issued(city)
    text = pdf_text(documents.document_pdf(document.current, is_masked=True))
    assert "周小琴" not in text and "周*琴" in text and "脱敏件" in text


PARTY = [
    Person(name="周𠮷祥", phone="13812345127", id_type="111", id_no=VALID_ID, address="南门街道某路1号"),
    Person(name="林小芳", phone="0574-87654321", address="月湖街9号"),
]


def test_a_masked_copy_hides_what_was_typed_of_anybody_who_signed(city: City) -> None:
    from petitions.documents.composing import paper_of

    petition = make_petition(city, person=PARTY[0], signers=[Signer(PARTY[1])], headcount=2)
    said = (
        f"周𠮷祥（138 1234-5127，{VALID_ID[:6]} {VALID_ID[6:]}）与林 小芳（0574 87654321）住南门街道某路1号、月湖街9号"
    )
    document = documents.draft(petition.pk, "receipt", values={"route": said}, actor=city.officer, at=city.at)
    text = pdf_text(documents.document_pdf(document.current, is_masked=True)).replace(" ", "")
    for word in ("U+20BB7", "1234-5127", "12345127", VALID_ID, "小芳", "87654321", "某路1号", "月湖街9号"):
        assert word not in text, word
    said = str(paper_of(document, document.current, is_masked=True).data)
    assert "周*祥（138****5127，330203********0013）与林*芳（057*****4321）住南＊＊＊＊＊、月＊＊＊＊＊" in said


def test_every_kind_can_be_set_with_its_sample(city: City) -> None:
    from petitions.documents.composing import sample_paper
    from petitions.documents.kinds import KINDS
    from petitions.documents.rendering import pictures_of

    for kind in KINDS.values():
        paper = sample_paper(kind, title=kind.title, body=kind.body)
        assert pictures_of(paper, ppi=20)[0].startswith(b"\x89PNG"), kind.key
        assert paper.missing == () and "【" not in str(paper.data["paragraphs"]), kind.key
