"""Beilun's rule: nobody feeds back, replies or closes unspoken, and what stays unsolved is explained (§9.2 no. 13)."""

from datetime import timedelta

import pytest

from dispatch.actions import orders, talks
from dispatch.models import Explanation
from petitions import actions
from petitions.actions import Person, closing_checklist
from petitions.actions.moves import move
from petitions.models import Petition
from petitions.states import Refused
from tests.city import City, make_order, make_petition, replied

FINDINGS = "该诉求无政策依据，已当面说明。"


def attempt(city: City, order, hours: float, result: str = "unreached") -> None:
    at = city.at + timedelta(hours=hours)
    orders.record_contact(order.pk, means="phone", said="无人接听", result=result, actor=city.handler, at=at)


def feed_back(city: City, order, outcome: str = "solved", explanation: str = "", hours: float = 30):
    return orders.feed_back(
        order.pk,
        outcome=outcome,
        findings=FINDINGS,
        explanation=explanation,
        actor=city.handler,
        at=city.at + timedelta(hours=hours),
    )


def explain(city: City, order, **changes):
    fields = {
        "explained_by": "徐文博",
        "explained_at": city.at + timedelta(hours=31),
        "means": "meeting",
        "legal_basis": "物业管理条例 第三十条",
        "text": "已当面逐条说明政策依据和不予支持的理由。",
        "stance": "understands",
        "actor": city.handler,
        "at": city.at + timedelta(hours=32),
    }
    return talks.explain(order.pk, **{**fields, **changes})


def checked(city: City, outcome: str = "explained", petition: Petition | None = None):
    """An order of this outcome whose feedback is checked."""
    order = make_order(city, petition=petition)
    attempt(city, order, 1, "reached")
    feed_back(city, order, outcome, "说明了理由和政策依据。" if outcome != "solved" else "")
    return orders.check(order.pk, passes=True, actor=city.officer, at=city.at + timedelta(hours=33))


def call(city: City, order, result: str = "reached", hours: float = 34, **answers):
    given = {"solved": "no", "satisfaction": 2, **answers} if result == "reached" else {}
    at = city.at + timedelta(hours=hours)
    return orders.call_back(order.pk, result=result, answers=given, actor=city.officer, at=at)


def reply(city: City, order, hours: float = 36) -> Petition:
    at = city.at + timedelta(hours=hours)
    return actions.reply(order.petition_id, text="经核查，现将有关情况答复如下。", actor=city.officer, at=at)


def test_three_tries_at_different_hours_with_a_word_on_them_stand_for_the_talk(city: City) -> None:
    order = make_order(city)
    for hours in (1, 1.1, 1.2):
        attempt(city, order, hours)
    with pytest.raises(Refused) as refusal:
        feed_back(city, order)
    assert refusal.value.code == "no_contact"
    attempt(city, order, 5)
    attempt(city, order, 25)
    with pytest.raises(Refused) as refusal:
        feed_back(city, order)
    assert refusal.value.field == "explanation"
    assert feed_back(city, order, explanation="三次不同时段联系均无人接听，已短信告知。")[0].state == "fed_back"


def test_who_declines_to_talk_has_been_spoken_with(city: City) -> None:
    order = make_order(city)
    attempt(city, order, 1, "refused")
    assert feed_back(city, order)[0].state == "fed_back"


@pytest.mark.parametrize(
    "changes", [{"is_anonymous": True}, {"person": Person(name="周小琴")}], ids=["anonymous", "no way to reach"]
)
def test_where_nobody_can_be_reached_no_talk_is_owed_and_the_checklist_says_why(city: City, changes: dict) -> None:
    order = make_order(city, petition=make_petition(city, **changes))
    orders.sign(order.pk, actor=city.handler, at=city.at)
    feed_back(city, order, "explained", "张贴公告说明了理由。")
    orders.check(order.pk, passes=True, actor=city.officer, at=city.at + timedelta(hours=33))
    petition = reply(city, order)
    items = {item.key: item for item in closing_checklist(petition)}
    assert all(item.is_done for item in items.values())
    assert all(items[key].help for key in ("contacted", "called_back", "rated"))
    assert actions.close(petition.pk, remark="", actor=city.officer, at=city.at + timedelta(hours=40)).state == "closed"


def test_a_reply_waits_for_the_callback(city: City) -> None:
    order = checked(city, "solved")
    with pytest.raises(Refused) as refusal:
        reply(city, order)
    assert refusal.value.code == "not_called_back"
    call(city, order, "refused")
    assert reply(city, order).state == "replied"


def test_a_reply_to_what_stays_unsolved_waits_for_its_explanation(city: City) -> None:
    order = checked(city)
    call(city, order)
    with pytest.raises(Refused) as refusal:
        reply(city, order)
    assert refusal.value.code == "not_explained"
    explain(city, order)
    assert Explanation.objects.get().stance == "understands"
    assert reply(city, order).state == "replied"


@pytest.mark.parametrize(
    ("field", "value"),
    [("legal_basis", " "), ("text", "说了"), ("explained_by", ""), ("explained_at", timedelta(days=9))],
)
def test_an_explanation_names_who_when_and_on_which_basis(city: City, field: str, value) -> None:
    order = checked(city)
    value = city.at + value if isinstance(value, timedelta) else value
    with pytest.raises(Refused) as refusal:
        explain(city, order, **{field: value})
    assert refusal.value.field == field


@pytest.mark.parametrize("name", ["outsider", "inspector", "agent", "far_officer", "other_handler"])
def test_others_may_not_record_an_explanation(city: City, name: str) -> None:
    order = checked(city)
    with pytest.raises(Refused) as refusal:
        explain(city, order, actor=city.people[name])
    assert refusal.value.code == "forbidden"


def test_what_stays_unsolved_is_verified_before_closing(city: City) -> None:
    order = checked(city)
    call(city, order)
    explain(city, order)
    petition, at = reply(city, order), city.at + timedelta(hours=40)
    actions.rate(petition.pk, office=2, unit=2, comment="", actor=city.officer, at=at)
    with pytest.raises(Refused) as refusal:
        actions.close(petition.pk, remark="", actor=city.officer, at=at)
    assert refusal.value.code == "incomplete"
    talks.verify(petition.pk, means="phone", said="确认已当面说明。", actor=city.officer, at=at)
    order.refresh_from_db()
    assert order.state == "done"
    assert order.ended_at < at
    assert actions.close(petition.pk, remark="", actor=city.officer, at=at).state == "closed"


def test_a_rework_is_verified_before_closing_and_a_class_may_be_excused(city: City) -> None:
    petition = replied(city)
    actions.rework(petition.pk, reason="电梯又停了", actor=city.officer, at=city.at + timedelta(days=1))
    petition = replied(city, order=petition.orders.get(is_open=True), at=city.at + timedelta(days=1))
    keys = {item.key for item in closing_checklist(petition)}
    assert "verified" in keys
    talks.set_talk_rule(city.classes["03"], actor=city.officer, at=city.at, verify_rework=False)
    assert "verified" not in {item.key for item in closing_checklist(Petition.objects.get(pk=petition.pk))}
    with pytest.raises(Refused):
        talks.set_talk_rule(None, actor=city.dispatcher, at=city.at, callback=False)


def test_a_class_may_need_no_callback(city: City) -> None:
    talks.set_talk_rule(city.classes["0303"], actor=city.officer, at=city.at, callback=False)
    order = checked(city, "solved")
    assert not order.petition.call_tasks.exists()
    assert reply(city, order).state == "replied"


def complete(city: City) -> Petition:
    """A reworked, explained, rated and verified petition: every point of the checklist is done."""
    petition = replied(city)
    actions.rework(petition.pk, reason="电梯又停了", actor=city.officer, at=city.at)
    order = petition.orders.get(is_open=True)
    attempt(city, order, 1, "reached")
    feed_back(city, order, "explained", "说明了理由和政策依据。")
    orders.check(order.pk, passes=True, actor=city.officer, at=city.at + timedelta(hours=33))
    call(city, order)
    explain(city, order)
    petition, at = reply(city, order), city.at + timedelta(hours=40)
    actions.rate(petition.pk, office=2, unit=2, comment="", actor=city.officer, at=at)
    talks.verify(petition.pk, means="phone", said="确认已当面说明。", actor=city.officer, at=at)
    return petition


LACKS = {
    "fed_back": lambda p: p.orders.filter(seq=2).update(fed_back_at=None),
    "checked": lambda p: p.orders.filter(seq=2).update(state="fed_back"),
    "contacted": lambda p: [order.contacts.filter(stage="handling").delete() for order in p.orders.all()],
    "explained": lambda p: Explanation.objects.all().delete(),
    "called_back": lambda p: p.orders.update(called_back_at=None),
    "verified": lambda p: [order.contacts.filter(stage="verification").delete() for order in p.orders.all()],
    "replied": lambda p: Petition.objects.filter(pk=p.pk).update(replied_at=None),
    "rated": lambda p: p.ratings.filter(round=1).delete(),
}


@pytest.mark.parametrize("key", sorted(LACKS))
def test_closing_is_refused_naming_what_is_missing_whichever_way_it_is_asked_for(city: City, key: str) -> None:
    petition, at = complete(city), city.at + timedelta(hours=50)
    assert not [item for item in closing_checklist(petition) if not item.is_done]
    LACKS[key](petition)
    missing = {item.key: item for item in closing_checklist(Petition.objects.get(pk=petition.pk)) if not item.is_done}
    assert key in missing
    assert missing[key].help
    for close in (
        lambda: actions.close(petition.pk, remark="", actor=city.officer, at=at),
        lambda: move(petition.pk, "close", actor=city.officer, at=at),
    ):
        with pytest.raises(Refused) as refusal:
            close()
        assert refusal.value.code == "incomplete"
        assert str(missing[key].label) in str(refusal.value)
    assert Petition.objects.get(pk=petition.pk).state == "replied"


def test_with_everything_done_it_closes(city: City) -> None:
    petition = complete(city)
    at = city.at + timedelta(hours=50)
    assert actions.close(petition.pk, remark="", actor=city.officer, at=at).state == "closed"


def test_an_open_point_links_to_its_step(city: City) -> None:
    from dispatch.case_file import CaseFile

    order = checked(city, "solved")
    rows = {item.key: url for item, url in CaseFile(city.officer, order.petition, city.at).checklist_rows}
    assert rows["called_back"] == f"/orders/{order.pk}/do/call_back/"
    assert rows["contacted"] == ""


def test_the_rules_of_talks_are_set_on_the_page_of_limits(city: City) -> None:
    from django.test import Client

    from dispatch.models import TalkRule

    client = Client()
    client.force_login(city.officer, backend="accounts.backends.StaffBackend")
    sent = {
        "content_class": city.classes["0303"].pk,
        "handling": "on",
        "verify_rework": "on",
        "script": "您好，{name}。",
    }
    assert client.post("/limits/talks/", sent).status_code == 302
    rule = TalkRule.objects.get()
    assert (rule.callback, rule.handling, rule.verify_unsolved) == (False, True, False)
    assert client.post("/limits/talks/", {**sent, "callback": "on"}).status_code == 302
    assert TalkRule.objects.get().callback
    assert TalkRule.history.first().history_user == city.officer
    assert "您好" in client.get("/limits/").content.decode()
    assert client.post(f"/limits/talks/{rule.pk}/drop/").status_code == 302
    assert not TalkRule.objects.exists()
    client.force_login(city.dispatcher, backend="accounts.backends.StaffBackend")
    assert client.post("/limits/talks/", sent).status_code == 403
