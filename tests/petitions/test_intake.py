"""Route, signers, splitting, hand-over, joint conference, terminated matters: what each does, refuses and keeps."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from dispatch.actions import orders
from dispatch.actions.conference import name_lead
from dispatch.models import Clock, Notice, WorkOrder
from dispatch.next_steps import options
from petitions import actions, routes
from petitions.actions import Part, Person, Signer
from petitions.actions.moves import GUARDS
from petitions.actions.representatives import band_of, representative_cap, zhejiang_cap
from petitions.attachments import store
from petitions.forms.people import clean_people
from petitions.models import Attachment, Event, HandOver, Petition, Petitioner
from petitions.permissions import citizen
from petitions.retention import find_words
from petitions.states import Refused
from tests.city import City, make_order, make_petition, replied

pytestmark = pytest.mark.django_db
Role = Petitioner.Role


def code_of(call: object, *args: object, **kwargs: object) -> str:
    with pytest.raises(Refused) as refused:
        call(*args, **kwargs)  # type: ignore[operator]
    return refused.value.code


def people(*names: str, role: str = Role.SIGNER) -> list[Signer]:
    return [Signer(Person(name=name, phone=f"1390000{n:04d}"), role) for n, name in enumerate(names, 1)]


def running(petition: Petition) -> set[str]:
    rows = Clock.objects.filter(petition=petition, order=None, state="running")
    return set(rows.values_list("policy__key", flat=True))


# ---- legal class and route ----


@pytest.mark.parametrize(
    ("purpose", "text", "code", "route"),
    [
        ("QJ", "对法院判决不服，请求再审", "", "litigation"),
        ("QJ", "公司拖欠工资，未签劳动合同，想申请劳动仲裁", "", "arbitration"),
        ("SS", "对党内处分不服", "1505", "party_appeal"),
        ("SS", "对处罚决定不服，要求行政复议", "", "reconsideration"),
        ("QJ", "请求公开征地的政府信息", "", "disclosure"),
        ("QJ", "小区电梯停运", "0303", "petition"),
        ("JK", "某干部受贿", "1501", "discipline"),
    ],
)
def test_the_route_is_proposed_from_class_and_words(purpose: str, text: str, code: str, route: str) -> None:
    proposal = routes.propose(purpose, text, code)
    assert proposal is not None and proposal.route.key == route


def test_suggestions_and_enquiries_have_no_route() -> None:
    assert routes.propose("YJ", "建议增设公交站") is None
    assert routes.propose("ZX", "如何办理") is None


def test_a_route_the_purpose_does_not_know_is_not_kept(city: City) -> None:
    assert make_petition(city, purpose="YJ", route="litigation").route == ""
    assert make_petition(city, purpose="QJ", route="litigation").route == "litigation"


def test_another_route_is_not_accepted_as_a_petition_proper(city: City) -> None:
    petition = make_petition(city, route="arbitration")
    assert code_of(actions.accept, petition.pk, text="已受理", actor=city.officer, at=city.at) == "other_route"


def test_correcting_the_purpose_moves_the_periods(city: City) -> None:
    petition = make_petition(city, purpose="QJ")
    assert "S01_suggestion" not in running(petition)
    later = city.at + timedelta(days=2)
    actions.set_route(petition.pk, purpose="YJ", route="", reason="实为建议", actor=city.officer, at=later)
    assert "S01_suggestion" in running(petition)
    actions.set_route(petition.pk, purpose="QJ", route="petition", reason="仍为求决", actor=city.officer, at=later)
    assert "S01_suggestion" not in running(petition)
    assert Event.objects.filter(petition=petition, kind="set_route").count() == 2


def test_an_ordinary_matter_becomes_an_accusation_and_closes_to_others(city: City) -> None:
    petition = make_petition(city)
    actions.set_route(petition.pk, purpose="JK", route="", reason="内容为检举", actor=city.officer, at=city.at)
    visible = Petition.objects.visible_to
    assert [u.username for u in User.objects.all() if visible(u).filter(pk=petition.pk).exists()] == ["officer"]


def test_an_accusation_is_never_opened_by_correcting_it(city: City) -> None:
    petition = make_petition(city, purpose="JK")
    fields = {"purpose": "QJ", "route": "", "reason": "不是检举", "actor": city.officer, "at": city.at}
    assert code_of(actions.set_route, petition.pk, **fields) == "restricted"


def test_a_suggestion_is_answered_with_what_becomes_of_it(city: City) -> None:
    petition = make_petition(city, purpose="YJ")
    fields = {"answer": "已纳入明年计划。", "agreed": True, "actor": city.officer, "at": city.at}
    with pytest.raises(Refused) as refused:
        actions.answer_at_once(petition.pk, **fields)
    assert refused.value.field == "adoption"
    assert actions.answer_at_once(petition.pk, adoption="adopted", **fields).adoption == "adopted"


# ---- signers ----


def test_signers_are_masked_indexed_and_counted(city: City) -> None:
    petition = make_petition(city)
    rows = actions.add_signers(petition.pk, signers=people("王强", "李敏"), actor=city.officer, at=city.at)
    petition.refresh_from_db()
    assert petition.headcount == 3
    assert all(row.name_masked != row.name and row.phone_index for row in rows)


@pytest.mark.parametrize(("headcount", "cap"), [(5, 5), (60, 5)])
def test_a_group_names_at_most_five_representatives(city: City, headcount: int, cap: int) -> None:
    assert representative_cap(headcount) == cap
    petition = make_petition(city, headcount=headcount)
    six = people(*"甲乙丙丁戊己", role=Role.REPRESENTATIVE)
    fields = {"actor": city.officer, "at": city.at}
    assert code_of(actions.add_signers, petition.pk, signers=six, **fields) == "too_many_representatives"
    assert len(actions.add_signers(petition.pk, signers=six[:5], **fields)) == 5


def test_zhejiang_is_tighter_for_small_groups() -> None:
    assert [zhejiang_cap(n) for n in (5, 10, 11)] == [3, 3, 5]
    assert [band_of(n) for n in (4, 5, 11, 50, 51, 101)] == ["", "5-10", "11-20", "21-50", "51-100", ">100"]


def test_nobody_signs_twice(city: City) -> None:
    petition = make_petition(city)
    fields = {"actor": city.officer, "at": city.at}
    actions.add_signers(petition.pk, signers=people("王强"), **fields)
    assert code_of(actions.add_signers, petition.pk, signers=people("王强"), **fields) == "twice"


def test_one_of_several_withdraws_and_the_last_one_ends_it(city: City) -> None:
    petition = make_petition(city)
    fields = {"actor": city.officer, "at": city.at}
    actions.add_signers(petition.pk, signers=people("王强", role=Role.REPRESENTATIVE), **fields)
    main = petition.petitioners.get(is_main=True)
    actions.withdraw_signer(petition.pk, petitioner_id=main.pk, reason="本人撤回", **fields)
    heir = petition.petitioners.get(is_main=True)
    petition.refresh_from_db()
    assert (heir.name, petition.is_open, petition.headcount) == ("王强", True, 1)
    last = {"petitioner_id": heir.pk, "reason": "本人撤回", **fields}
    assert code_of(actions.withdraw_signer, petition.pk, **last) == "last_signer"
    assert not actions.withdraw(petition.pk, reason="全部撤回", **fields).is_open


def test_pasted_lines_are_read_whatever_the_order_of_their_columns() -> None:
    text = "姓名,证件,电话\n*王强\t13900000001\t330203190001010013\n李敏，南门街道某路2号\n"
    first, second = clean_people(text, today=date(2026, 11, 16))
    assert (first.role, first.person.id_no, first.person.phone) == (
        Role.REPRESENTATIVE,
        "330203190001010013",
        "13900000001",
    )
    assert (second.role, second.person.address) == (Role.SIGNER, "南门街道某路2号")


def test_each_bad_line_is_named() -> None:
    with pytest.raises(ValidationError) as error:
        clean_people("王强,330203190002290010\n李敏\n,13900000001", today=date(2026, 11, 16))
    assert len(error.value.messages) == 2


# ---- splitting ----


def part(city: City, **changes: object) -> Part:
    fields: dict[str, object] = {
        "summary": "车库积水",
        "content": "地下车库每逢下雨积水。",
        "content_class": city.classes["0303"],
    }
    return Part(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_part_has_people_files_number_and_the_periods_of_its_submission(city: City) -> None:
    petition = make_petition(city)
    upload = SimpleUploadedFile("照片说明.txt", "车库积水".encode())
    file = store(petition.pk, upload=upload, actor=city.officer, at=city.at)
    later = city.at + timedelta(days=4)
    parts = [part(city, files=[file.pk]), part(city, summary="楼道堆物")]
    children = actions.split(petition.pk, parts=parts, reason="一信多事", actor=city.officer, at=later)
    assert {child.parent_id for child in children} == {petition.pk}
    assert len({petition.number, *(child.number for child in children)}) == 3
    assert [c.petitioners.count() for c in children] == [1, 1]
    assert Attachment.objects.get(petition=children[0]).sha256 == file.sha256
    first = {c.due_at for c in Clock.objects.filter(policy__key="D01_route")}
    assert len(first) == 1
    assert Event.objects.get(petition=petition, kind="split").data["count"] == 2


def test_a_submission_is_not_closed_before_its_parts_unless_said_why(city: City) -> None:
    petition = replied(city)
    Petition.objects.filter(pk=petition.pk)
    child = make_petition(city, parent=petition)
    actions.rate(petition.pk, office=3, unit=3, comment="", actor=city.officer, at=city.at)
    fields = {"remark": "", "actor": city.officer, "at": city.at}
    assert code_of(actions.close, petition.pk, **fields) == "open_parts"
    assert child.short_number
    assert actions.close(petition.pk, without_parts="另案由住建局办理", **fields).close_type == "settled"


def test_an_accusation_split_off_leaves_no_trace_on_an_ordinary_submission(city: City) -> None:
    petition = make_petition(city)
    before = list(Event.objects.filter(petition=petition)), Petition.objects.filter(pk=petition.pk).values().get()
    fields = {"reason": "另有检举内容", "actor": city.officer, "at": city.at + timedelta(days=1)}
    [child] = actions.split(petition.pk, parts=[part(city, purpose="JK")], version=petition.version, **fields)
    assert child.is_restricted and child.parent_id is None
    assert before == (
        list(Event.objects.filter(petition=petition)),
        Petition.objects.filter(pk=petition.pk).values().get(),
    )
    event = Event.objects.get(petition=child, kind="split_off")
    assert (event.words.text, event.data["petition"]) == ("另有检举内容", petition.pk)


def test_beside_an_accusation_only_the_other_parts_are_told_and_counted(city: City) -> None:
    petition = make_petition(city)
    fields = {"reason": "另有检举内容", "actor": city.officer, "at": city.at}
    told, _hidden = actions.split(petition.pk, parts=[part(city), part(city, purpose="JK")], **fields)
    event = Event.objects.get(petition=petition, kind="split")
    assert [row["petition"] for row in event.data["parts"]] == [told.pk] and event.data["count"] == 1
    assert event.text_digest == ""


def test_splitting_off_an_accusation_asks_for_the_same_as_any_split(city: City) -> None:
    petition = make_petition(city)
    fields = {"parts": [part(city, purpose="JK")], "reason": "另有检举内容", "at": city.at}
    assert code_of(actions.split, petition.pk, actor=city.far_officer, **fields) == "forbidden"
    assert code_of(actions.split, petition.pk, actor=city.officer, version=99, **fields) == "stale"
    actions.withdraw(petition.pk, reason="本人撤回", actor=city.officer, at=city.at)
    assert code_of(actions.split, petition.pk, actor=city.officer, **fields)
    assert Petition.objects.count() == 1


# ---- hand-over between offices ----


def ask(city: City, petition: Petition) -> HandOver:
    return actions.hand_over(
        petition.pk,
        to_office=city.far_office,
        area=city.areas["330225"],
        reason="问题发生地在象山县",
        actor=city.district_officer,
        at=city.at,
    )


def district_petition(city: City) -> Petition:
    return make_petition(city, register_unit=city.district_office, actor=city.district_officer)


def test_a_hand_over_keeps_the_fifteen_days_and_changes_who_owes_them(city: City) -> None:
    petition = district_petition(city)
    before = Clock.objects.get(petition=petition, policy__key="D01_route")
    assert not Petition.objects.visible_to(city.far_officer).filter(pk=petition.pk).exists()
    ask(city, petition)
    assert Petition.objects.visible_to(city.far_officer).filter(pk=petition.pk).exists()
    actions.take_over(petition.pk, actor=city.far_officer, at=city.at + timedelta(days=3))
    petition.refresh_from_db()
    after = Clock.objects.get(pk=before.pk)
    assert (petition.register_unit, petition.district) == (city.far_office, city.areas["330225"])
    assert (after.due_at, after.state, after.unit) == (before.due_at, "running", city.far_office)
    kinds = set(Notice.objects.filter(petition=petition).values_list("kind", flat=True))
    assert {"hand_over_asked", "handed_over"} <= kinds


def test_only_the_office_asked_answers(city: City) -> None:
    petition = district_petition(city)
    ask(city, petition)
    fields = {"actor": city.district_officer, "at": city.at}
    assert code_of(actions.take_over, petition.pk, **fields) == "forbidden"
    assert code_of(actions.refuse_over, petition.pk, remark="不属我县", **fields) == "forbidden"


@pytest.mark.parametrize("goes", [True, False])
def test_a_refused_hand_over_is_ruled_by_the_city_office(city: City, goes: bool) -> None:
    petition = district_petition(city)
    ask(city, petition)
    actions.refuse_over(petition.pk, remark="问题不在本县", actor=city.far_officer, at=city.at)
    ruling = {"goes": goes, "remark": "按问题发生地裁定", "at": city.at}
    assert code_of(actions.rule_over, petition.pk, actor=city.far_officer, **ruling) == "forbidden"
    row = actions.rule_over(petition.pk, actor=city.officer, **ruling)
    petition.refresh_from_db()
    wanted = city.far_office if goes else city.district_office
    assert petition.register_unit == wanted and row.state == ("ruled" if goes else "kept")
    assert Petition.objects.visible_to(city.far_officer).filter(pk=petition.pk).exists() is goes


def test_what_a_unit_has_in_hand_and_what_is_secret_are_not_handed_over(city: City) -> None:
    busy = make_order(city, petition=district_petition(city)).petition
    assert code_of(ask, city, busy) == "in_hand"
    secret = make_petition(city, purpose="JK")
    fields = {"to_office": city.far_office, "area": city.areas["330225"], "reason": "属地管理", "at": city.at}
    assert code_of(actions.hand_over, secret.pk, actor=city.officer, **fields) == "restricted"


@pytest.mark.parametrize("is_refused", [False, True])
def test_nobody_decides_what_another_office_was_asked_to_take_over(city: City, is_refused: bool) -> None:
    petition = district_petition(city)
    row = ask(city, petition)
    if is_refused:
        actions.refuse_over(petition.pk, remark="问题不在本县", actor=city.far_officer, at=city.at)
    by = {"actor": city.district_officer, "at": city.at}
    assert code_of(orders.dispatch, petition.pk, lead=city.housing, **by) == "open_hand_over"
    assert code_of(actions.answer_at_once, petition.pk, answer="已答复", agreed=True, **by) == "open_hand_over"
    assert code_of(actions.not_accept, petition.pk, grounds="无权", remedy="起诉", **by) == "open_hand_over"
    petition.refresh_from_db()
    may = options(city.district_officer, petition, [], is_rated=False)
    assert not {option.step.name for option in may} & {"dispatch", "answer_at_once", "accept"}
    if not is_refused:
        actions.drop_over(petition.pk, remark="本局自行办理", **by)
        assert orders.dispatch(petition.pk, lead=city.housing, **by)
        row.refresh_from_db()
        assert row.state == "taken_back"


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_hand_over_ends_with_the_matter(city: City, is_refused: bool) -> None:
    petition = district_petition(city)
    row = ask(city, petition)
    if is_refused:
        actions.refuse_over(petition.pk, remark="问题不在本县", actor=city.far_officer, at=city.at)
    actions.withdraw(petition.pk, reason="本人撤回", actor=city.district_officer, at=city.at)
    petition.refresh_from_db()
    row.refresh_from_db()
    assert (petition.hand_over_state, row.state) == ("", "taken_back")
    assert not Petition.objects.visible_to(city.far_officer).filter(pk=petition.pk).exists()


def test_what_a_unit_got_meanwhile_is_not_taken_over(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    petition = district_petition(city)
    ask(city, petition)
    # As a matter stood that was dispatched before the open hand-over kept it from that.
    monkeypatch.setitem(GUARDS, "dispatch", [])
    orders.dispatch(petition.pk, lead=city.housing, actor=city.district_officer, at=city.at)
    assert code_of(actions.take_over, petition.pk, actor=city.far_officer, at=city.at) == "in_hand"


# ---- joint conference ----


def test_the_conference_names_the_lead_and_nobody_dispatches_before(city: City) -> None:
    petition = make_petition(city)
    fields = {"at": city.at}
    actions.lay_before(petition.pk, kinds=["regions", "matter"], reason="两地均称无权", actor=city.officer, **fields)
    assert [n.recipient for n in Notice.objects.filter(kind="laid_before", channel="inapp")] == [
        city.conference_officer
    ]
    dispatch = {"lead": city.housing, "actor": city.officer, **fields}
    assert code_of(orders.dispatch, petition.pk, **dispatch) == "conference"
    named = {"lead": city.housing, "assisting": [city.transport], "reason": "房屋所在地主管"}
    assert code_of(name_lead, petition.pk, actor=city.officer, **named, **fields) == "forbidden"
    made = name_lead(petition.pk, actor=city.conference_officer, **named, **fields)
    assert [order.is_final for order in made] == [True, True]
    petition.refresh_from_db()
    assert petition.lead_unit == city.housing and petition.conference_since is None
    assert petition.cross_labels


# ---- what may not be taken up again ----


def test_a_terminated_matter_is_dispatched_only_on_named_new_facts(city: City) -> None:
    ended = replied(city)
    Petition.objects.filter(pk=ended.pk).update(end_way="rereviewed", ended_at=city.at)
    again = make_petition(city, repeat_of=ended, at=city.at + timedelta(days=40))
    fields = {"actor": city.officer, "at": city.at + timedelta(days=41)}
    assert code_of(orders.dispatch, again.pk, lead=city.housing, **fields) == "terminated"
    assert code_of(actions.accept, again.pk, text="受理", **fields) == "terminated"
    actions.name_new_facts(again.pk, facts="新取得的检测报告显示主板为旧件。", **fields)
    assert orders.dispatch(again.pk, lead=city.housing, **fields)[0].state == "waiting"


def test_what_a_lower_organ_has_within_its_period_is_not_taken_up_above(city: City) -> None:
    below = make_order(city, petition=district_petition(city)).petition
    actions.accept(below.pk, text="已受理", actor=city.district_officer, at=city.at)
    above = make_petition(city, repeat_of=below, at=city.at + timedelta(days=10))
    early = {"actor": city.officer, "at": city.at + timedelta(days=11)}
    assert code_of(actions.accept, above.pk, text="受理", **early) == "running_below"
    assert code_of(orders.dispatch, above.pk, lead=city.enforcement, **early) == "running_below"
    assert not WorkOrder.objects.filter(petition=above).exists()
    late = {"actor": city.officer, "at": city.at + timedelta(days=70)}
    assert orders.dispatch(above.pk, lead=city.enforcement, **late)


def test_a_citizen_may_do_none_of_this(city: City) -> None:
    petition = make_petition(city)
    fields = {"actor": citizen(petition.pk), "at": city.at}
    assert code_of(actions.set_route, petition.pk, purpose="YJ", route="", reason="更正目的", **fields) == "forbidden"
    assert code_of(actions.add_signers, petition.pk, signers=people("王强"), **fields) == "forbidden"


# ---- accusations that belong to a higher organ ----


def test_what_is_sent_up_leaves_number_date_and_organ(city: City) -> None:
    petition = make_petition(city, purpose="JK", content="某负责人收受钱款若干。", summary="举报收受钱款")
    fields = {"organ": "省纪委监委", "actor": city.officer, "at": city.at + timedelta(days=1)}
    sent = actions.send_up(petition.pk, **fields)
    assert (sent.state, sent.number) == ("led_out", petition.number)
    assert "收受" not in f"{sent.summary}{sent.content}{sent.demand}{sent.respondent}"
    assert find_words([petition.pk]) == {}
    assert Event.objects.get(petition=petition, kind="send_up").data["organ"] == "省纪委监委"
    assert "A01_accuse_accept" not in running(petition)


def test_an_enclosure_of_what_is_sent_up_goes_with_it(
    city: City, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    petition = make_petition(city, purpose="JK")
    upload = SimpleUploadedFile("凭证.txt", "收受钱款的凭证".encode())
    path = str(store(petition.pk, upload=upload, actor=city.officer, at=city.at).file.name)
    assert default_storage.exists(path)
    with django_capture_on_commit_callbacks(execute=True):
        actions.send_up(petition.pk, organ="省纪委监委", actor=city.officer, at=city.at + timedelta(days=1))
    assert not default_storage.exists(path)
    assert find_words([petition.pk]) == {}


def test_only_an_accusation_is_emptied(city: City) -> None:
    petition = make_petition(city)
    fields = {"organ": "省纪委监委", "actor": city.officer, "at": city.at}
    assert code_of(actions.send_up, petition.pk, **fields) == "no_accusation"
    petition.refresh_from_db()
    assert petition.content
