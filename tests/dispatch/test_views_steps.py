"""Each step taken through its page, with and without htmx; what is refused keeps its words."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from dispatch.actions import consultations, orders, returns
from dispatch.assignments import Assignment
from dispatch.models import WorkOrder
from dispatch.steps import ORDER_STEPS, PETITION_STEPS, permission_of
from dispatch.steps.ledger import LEDGER_STEPS
from petitions.actions import involve
from petitions.models import Petition
from petitions.states import MOVES
from tests.city import City, make_order, make_petition
from tests.city import fed_back as make_fed_back
from tests.city import replied as make_replied
from tests.dispatch.test_views_case import enter
from tests.files import picture

HTMX = {"HX-Request": "true", "HX-Target": "dlg"}


@pytest.fixture
def lately(city: City) -> City:
    """The city an hour ago, so that steps taken now come after those that were set up."""
    city.at = timezone.now() - timedelta(hours=8)
    return city


def take(user: Any, url: str, *, version: int | None = None, htmx: bool = False, **data: Any) -> Any:
    sent = {**data, **({"version": version} if version is not None else {})}
    return enter(user).post(url, sent, headers=HTMX if htmx else {})


def test_every_step_has_a_move_or_a_permission_of_its_own() -> None:
    for step in PETITION_STEPS.values():
        assert permission_of(step, MOVES)
        assert all(move in MOVES for move in step.moves)


@pytest.mark.parametrize("htmx", [False, True])
def test_dispatch_gives_the_petition_to_the_unit(lately: City, htmx: bool) -> None:
    petition = make_petition(lately)
    url = f"/petitions/{petition.pk}/do/dispatch/"
    data = {
        "lead": lately.housing.pk,
        "assisting": [lately.enforcement.pk],
        "urgency": "urgent",
        "instruction": "请速办",
    }
    response = take(lately.dispatcher, url, version=petition.version, htmx=htmx, **data)
    where = response.headers["HX-Redirect"] if htmx else response.url
    assert where == f"/petitions/{petition.pk}/"
    petition.refresh_from_db()
    assert (petition.state, petition.lead_unit, petition.urgency) == ("handling", lately.housing, "urgent")
    assert [o.unit.code for o in petition.orders.order_by("seq")] == ["330203-HOUSING", "330203-ENFORCEMENT"]


def test_the_dispatch_form_proposes_the_unit_and_shows_due_dates(lately: City) -> None:
    petition = make_petition(lately)
    response = enter(lately.officer).get(f"/petitions/{petition.pk}/do/dispatch/")
    page = response.content.decode()
    assert f'value="{lately.housing.pk}" checked' in page
    assert "城乡建设" in page  # the reason: the catalogue's class
    assert "7日反馈" in page
    urgent = enter(lately.officer).get("/petitions/due/?urgency=extra_urgent").content.decode()
    assert "4小时反馈" in urgent


def test_units_are_searched_by_name_and_code_and_what_is_chosen_stays(lately: City) -> None:
    petition = make_petition(lately)
    url = f"/petitions/{petition.pk}/units/"
    found = enter(lately.officer).get(url, {"picker": "lead", "lead": lately.housing.pk, "lead_text": "综合执法"})
    page = found.content.decode()
    assert "海曙区综合执法局" in page
    assert f'value="{lately.housing.pk}" checked' in page
    many = {"picker": "assisting", "assisting": [lately.town.pk], "assisting_text": "330203-ENF"}
    page = enter(lately.officer).get(url, many).content.decode()
    assert f'value="{lately.town.pk}" checked' in page
    assert "海曙区综合执法局" in page


def test_without_script_the_search_button_shows_units_and_keeps_the_form(lately: City) -> None:
    petition = make_petition(lately)
    url = f"/petitions/{petition.pk}/do/dispatch/"
    response = take(lately.officer, url, find="lead", lead_text="执法", urgency="urgent", instruction="先看现场")
    page = response.content.decode()
    assert response.status_code == 200
    assert "海曙区综合执法局" in page
    assert "先看现场" in page
    petition.refresh_from_db()
    assert petition.state == "registered"


def test_without_a_choice_an_exact_name_is_enough(lately: City) -> None:
    petition = make_petition(lately)
    url = f"/petitions/{petition.pk}/do/dispatch/"
    assert take(lately.officer, url, lead_text="不存在的单位", urgency="normal").status_code == 422
    assert take(lately.officer, url, lead_text="330203-ENFORCEMENT", urgency="normal").status_code == 302
    petition.refresh_from_db()
    assert petition.lead_unit == lately.enforcement


def test_a_stale_form_is_refused_and_keeps_its_words(lately: City) -> None:
    petition = make_petition(lately)
    seen = petition.version
    make_order(lately, petition=petition)
    orders.recall(petition.orders.get().pk, reason="改派", actor=lately.officer, at=lately.at)
    url = f"/petitions/{petition.pk}/do/withdraw/"
    refused = take(lately.officer, url, version=seen, reason="信访人来电撤回")
    assert refused.status_code == 422
    assert "信访人来电撤回" in refused.content.decode()
    petition.refresh_from_db()
    assert petition.state == "handling"
    # The form now carries the version as it is: whoever has looked again can repeat the step.
    again = take(lately.officer, url, version=refused.context["form"].data["version"], reason="信访人来电撤回")
    assert again.status_code == 302


def test_the_unit_signs_speaks_and_feeds_back_with_evidence(lately: City) -> None:
    order = make_order(lately, at=lately.at)
    base = f"/orders/{order.pk}/do"
    assert take(lately.handler, f"{base}/sign/", version=order.version).status_code == 302
    said = {"means": "phone", "result": "reached", "said": "已通话，约明日到场。"}
    assert take(lately.handler, f"{base}/contact/", **said).status_code == 302
    words = {
        "outcome": "solved",
        "is_true": "on",
        "findings": "电梯主板已更换，恢复运行。",
        "legal_basis": "特种设备安全法",
    }
    photo = SimpleUploadedFile("现场.png", picture())
    assert take(lately.handler, f"{base}/feed_back/", evidence=photo, **words).status_code == 302
    order.refresh_from_db()
    assert order.state == "fed_back"
    file = order.petition.attachments.get()
    assert (file.name, file.event.kind) == ("现场.png", "order.feed_back")
    page = enter(lately.officer).get(f"/petitions/{order.petition_id}/?tab=orders").content.decode()
    assert "现场.png" in page


def test_a_bad_file_takes_the_feedback_back_as_well(lately: City) -> None:
    order = make_order(lately, at=lately.at)
    orders.record_contact(order.pk, means="phone", said="已通话", actor=lately.handler, at=lately.at)
    bad = SimpleUploadedFile("证据.pdf", b"MZ not a pdf")
    words = {"outcome": "solved", "findings": "电梯主板已更换，恢复运行。"}
    response = take(lately.handler, f"/orders/{order.pk}/do/feed_back/", evidence=bad, **words)
    assert response.status_code == 422
    assert "电梯主板已更换，恢复运行。" in response.content.decode()
    order.refresh_from_db()
    assert order.state == "in_hand"


def test_what_the_action_refuses_stands_at_its_field(lately: City) -> None:
    order = make_order(lately, at=lately.at)
    orders.record_contact(order.pk, means="phone", said="已通话", actor=lately.handler, at=lately.at)
    words = {"outcome": "unsolved", "findings": "现场无法立即解决，需更换整机。"}
    response = take(lately.handler, f"/orders/{order.pk}/do/feed_back/", htmx=True, **words)
    assert response.status_code == 422
    assert "explanation" in response.context["form"].errors
    assert "<html" not in response.content.decode()
    assert "需更换整机" in response.content.decode()


def test_the_office_sends_back_then_passes_calls_and_replies(lately: City) -> None:
    order = make_fed_back(lately, at=lately.at)
    base = f"/orders/{order.pk}/do"
    nothing = take(lately.officer, f"{base}/check/", decision="send_back", remark="")
    assert "remark" in nothing.context["form"].errors
    assert take(lately.officer, f"{base}/check/", decision="send_back", remark="缺少维修记录").status_code == 302
    again = {"outcome": "solved", "findings": "已补充维修记录，电梯运行正常。"}
    assert take(lately.handler, f"{base}/feed_back/", **again).status_code == 302
    assert take(lately.officer, f"{base}/check/", decision="pass").status_code == 302
    incomplete = take(lately.officer, f"{base}/call_back/", result="reached")
    assert {"solved", "level"} <= set(incomplete.context["form"].errors)
    call = {"result": "reached", "was_contacted": "yes", "solved": "yes", "level": "5", "said": "满意"}
    assert take(lately.officer, f"{base}/call_back/", **call).status_code == 302
    form = enter(lately.officer).get(f"/petitions/{order.petition_id}/do/reply/")
    assert "已补充维修记录" in form.content.decode()
    text = form.context["form"]["text"].value()
    preview = take(lately.officer, f"/petitions/{order.petition_id}/do/reply/", text=text)
    assert (preview.status_code, preview.context["is_preview"]) == (200, True)
    assert Petition.objects.get(pk=order.petition_id).state == "handling"
    back = take(lately.officer, f"/petitions/{order.petition_id}/do/reply/", text=text, edit="1")
    assert "<textarea" in back.content.decode()
    assert (
        take(lately.officer, f"/petitions/{order.petition_id}/do/reply/", text=text, confirmed="1").status_code == 302
    )
    assert Petition.objects.get(pk=order.petition_id).state == "replied"


def test_a_letter_with_unfilled_places_is_not_sent(lately: City) -> None:
    order = make_fed_back(lately, at=lately.at)
    orders.check(order.pk, passes=True, actor=lately.officer, at=lately.at + timedelta(hours=3))
    url = f"/petitions/{order.petition_id}/do/reply/"
    for text in (
        "您好，【信访人姓名】的来信已收悉。",
        "经查，____已整改完毕，特此答复。",
        "经与××公司联系，问题已解决。",
    ):
        response = take(lately.officer, url, text=text, confirmed="1")
        assert response.status_code == 422, text


def test_rating_then_closing_and_what_is_missing_is_named(lately: City) -> None:
    petition = make_replied(lately, at=lately.at)
    url = f"/petitions/{petition.pk}/do"
    early = take(lately.officer, f"{url}/close/", remark="")
    assert early.status_code == 422
    page = enter(lately.officer).get(f"{url}/rate/")
    assert page.context["form"]["unit"].value() == 3  # from the callback
    assert take(lately.officer, f"{url}/rate/", office="3", unit="2", comment="还行").status_code == 302
    assert take(lately.officer, f"{url}/close/", remark="办结").status_code == 302
    petition.refresh_from_db()
    assert petition.state == "closed"
    assert take(lately.officer, f"{url}/reopen/", reason="出现新的事实").status_code == 302
    petition.refresh_from_db()
    assert petition.state == "handling"


def test_rework_gives_the_unit_a_fresh_order(lately: City) -> None:
    petition = make_replied(lately, at=lately.at)
    url = f"/petitions/{petition.pk}/do/rework/"
    assert take(lately.officer, url, reason="电梯又停运，信访人不满意").status_code == 302
    petition.refresh_from_db()
    assert (petition.state, petition.rework_count, petition.orders.filter(is_open=True).count()) == ("handling", 1, 1)


@pytest.mark.parametrize(
    ("name", "data", "state"),
    [
        ("answer_at_once", {"answer": "可到街道服务大厅办理。", "agreed": "on"}, "closed"),
        ("lead_out", {"route": "arbitration", "explanation": "已告知可申请劳动仲裁。"}, "led_out"),
        ("withdraw", {"reason": "信访人书面撤回"}, "withdrawn"),
    ],
)
def test_short_ways_out(lately: City, name: str, data: dict[str, str], state: str) -> None:
    petition = make_petition(lately)
    assert take(lately.officer, f"/petitions/{petition.pk}/do/{name}/", **data).status_code == 302
    petition.refresh_from_db()
    assert petition.state == state
    assert enter(lately.officer).get(f"/petitions/{petition.pk}/").status_code == 200


def test_a_duplicate_is_merged_by_its_number(lately: City) -> None:
    first, second = make_petition(lately), make_petition(lately)
    url = f"/petitions/{second.pk}/do/merge/"
    assert take(lately.officer, url, into="99-999999", reason="重复").status_code == 422
    assert take(lately.officer, url, into=first.short_number, reason="同一事项").status_code == 302
    second.refresh_from_db()
    assert (second.state, second.merged_into) == ("merged", first)


def test_a_named_person_sees_what_others_do_not(lately: City) -> None:
    petition = make_petition(lately, purpose="JK")
    assert enter(lately.lead_official).get(f"/petitions/{petition.pk}/").status_code == 404
    url = f"/petitions/{petition.pk}/do/name_person/"
    assert take(lately.officer, url, person="lead_official", reason="分管领导").status_code == 302
    assert enter(lately.lead_official).get(f"/petitions/{petition.pk}/").status_code == 200
    assert take(lately.officer, url, person="admin", reason="系统管理").status_code == 422


def test_the_leader_assigns_within_the_unit(lately: City) -> None:
    order = make_order(lately, at=lately.at)
    url = f"/orders/{order.pk}/do/assign/"
    page = enter(lately.leader).get(url).content.decode()
    assert "王若兰" in page
    assert "胡静宜" not in page
    assert take(lately.leader, url, handler=lately.other_handler.pk).status_code == 422
    assert take(lately.leader, url, handler=lately.handler.pk).status_code == 302
    order.refresh_from_db()
    assert order.handler == lately.handler
    assert take(lately.handler, url, handler=lately.handler.pk).status_code == 403


def test_a_recall_goes_on_to_the_dispatch_form(lately: City) -> None:
    order = make_order(lately, at=lately.at)
    response = take(lately.officer, f"/orders/{order.pk}/do/recall/", reason="应由综合执法局办理")
    assert response.url == f"/petitions/{order.petition_id}/do/dispatch/"
    assert enter(lately.officer).get(response.url).status_code == 200
    assert enter(lately.handler).get(f"/petitions/{order.petition_id}/").status_code == 404


def test_a_step_that_is_not_possible_says_why(lately: City) -> None:
    petition = make_petition(lately)
    response = enter(lately.officer).get(f"/petitions/{petition.pk}/do/close/")
    assert response.status_code == 422
    assert response.context["stop"]
    dialog = enter(lately.officer).get(f"/petitions/{petition.pk}/do/close/", headers=HTMX).content.decode()
    assert "<html" not in dialog


def test_unknown_steps_are_404_and_foreign_roles_403(lately: City) -> None:
    order = make_order(lately, at=lately.at)
    assert enter(lately.officer).get(f"/petitions/{order.petition_id}/do/destroy/").status_code == 404
    assert enter(lately.officer).get(f"/orders/{order.pk}/do/destroy/").status_code == 404
    assert enter(lately.officer).post(f"/orders/{order.pk}/do/sign/").status_code == 403
    assert (
        enter(lately.handler).post(f"/petitions/{order.petition_id}/do/withdraw/", {"reason": "x"}).status_code == 403
    )


@pytest.mark.parametrize("name", sorted(PETITION_STEPS))
def test_petition_forms_open_as_page_and_as_fragment(lately: City, name: str) -> None:
    petition = make_replied(lately, at=lately.at) if name in {"rate", "close", "rework"} else make_petition(lately)
    reviewing = {"decide_review", "admit_review", "refuse_review"}
    user = lately.reviewer if name in reviewing else lately.leader if name == "opine" else lately.officer
    if name == "name_lead":
        user = lately.conference_officer
    if name == "opine":
        units = [lately.housing]
        consultations.call(petition.pk, units=units, question="由谁承办", actor=lately.officer, at=lately.at)
    if user is lately.reviewer:
        involve(petition.pk, user=user, at=lately.at)
    url, client = f"/petitions/{petition.pk}/do/{name}/", enter(user)
    page, fragment = client.get(url).content.decode(), client.get(url, headers=HTMX).content.decode()
    assert "<html" in page
    assert "<html" not in fragment


@pytest.mark.parametrize("name", sorted(set(ORDER_STEPS) - {"delegate", "check_below"}))
def test_order_forms_open_as_page_and_as_fragment(lately: City, name: str) -> None:
    order = make_fed_back(lately, at=lately.at) if name in {"check", "call_back"} else make_order(lately, at=lately.at)
    if name == "call_back":
        orders.check(order.pk, passes=True, actor=lately.officer, at=lately.at + timedelta(hours=3))
    if name == "report_closing":
        order = make_order(lately, at=lately.at, assignment=Assignment(30))
    if name in {"feed_back", "explain", "report_closing"} or name in LEDGER_STEPS:
        orders.sign(order.pk, actor=lately.handler, at=lately.at)
    if name == "resume":
        orders.move(order.pk, "pause", actor=lately.officer, at=lately.at)
    if name == "decide_return":
        words = "该事项不属于我局职责，请改派。"
        returns.ask_return(order.pk, reason="R3", words=words, actor=lately.leader, at=lately.at)
    of_unit = {
        "sign",
        "ask_return",
        "assign",
        "contact",
        "feed_back",
        "report_closing",
        "explain",
        "answer_reminder",
        "ask_pause",
        "ask_extension",
        "decide_legal_extension",
    }
    user = lately.leader if name in of_unit else lately.officer
    url, client = f"/orders/{order.pk}/do/{name}/", enter(user)
    assert client.get(url).status_code == 200
    assert "<html" not in client.get(url, headers=HTMX).content.decode()


PRIMARY = [
    ("registered", "dispatcher", "dispatch"),
    ("waiting", "handler", "sign"),
    ("waiting", "officer", None),
    ("fed_back", "officer", "check"),
    ("fed_back", "handler", None),
    ("replied", "officer", "rate"),
]


@pytest.mark.parametrize(("stage", "who", "step"), PRIMARY)
def test_the_primary_action_is_what_this_person_should_do_next(
    lately: City, stage: str, who: str, step: str | None
) -> None:
    make = {"registered": make_petition, "waiting": make_order, "fed_back": make_fed_back, "replied": make_replied}
    made = make[stage](lately, at=lately.at)
    petition = made.petition if isinstance(made, WorkOrder) else made
    case = enter(lately.people[who]).get(f"/petitions/{petition.pk}/").context["case"]
    assert (case.primary.step.name if case.primary else None) == step


def test_a_post_without_the_token_is_refused(lately: City) -> None:
    petition = make_petition(lately)
    client = Client(enforce_csrf_checks=True)
    client.force_login(lately.officer, backend="accounts.backends.StaffBackend")
    assert client.post(f"/petitions/{petition.pk}/do/withdraw/", {"reason": "撤回"}).status_code == 403
