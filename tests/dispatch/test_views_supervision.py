"""The supervision pages as their users see them: findings, orders, answers, suggestions; and who sees nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.actions import findings, suggestions, supervision
from dispatch.desk import tiles
from dispatch.models import Proposal, SupervisionOrder, WorkOrder
from petitions.models import Petition
from tests.city import City, make_order, make_petition
from tests.dispatch.test_suggestions import REASONS, WORDS
from tests.dispatch.test_suggestions import make as make_suggestion
from tests.dispatch.test_supervision import TEXT, accusation, issue
from tests.dispatch.test_views_case import enter

HTMX = {"HX-Request": "true", "HX-Target": "dlg"}


@pytest.fixture
def lately(city: City) -> City:
    """The city a while ago, so that steps taken now come after those that were set up."""
    city.at = timezone.now() - timedelta(hours=8)
    return city


def late_finding(city: City) -> Proposal:
    """An order a fortnight old, found overdue."""
    order = make_order(city, at=timezone.now() - timedelta(days=14))
    findings.find(at=timezone.now())
    return Proposal.objects.get(order=order)


# ---- the list ----


def test_a_finding_is_explained_and_linked_and_offers_the_three_decisions(lately: City) -> None:
    row = late_finding(lately)
    page = enter(lately.officer).get("/supervision/?tab=findings").content.decode()
    assert "超期" in page
    assert f"/petitions/{row.petition_id}/" in page
    assert f"/supervision/new/?finding={row.pk}" in page
    assert f"/supervision/findings/{row.pk}/do/set_aside/" in page
    reader_only = enter(lately.conference_officer).get("/supervision/?tab=findings").content.decode()
    assert row.unit.short_name in reader_only
    assert "set_aside" not in reader_only


def test_confirming_opens_a_filled_form_and_issues_the_order(lately: City) -> None:
    row = late_finding(lately)
    client = enter(lately.officer)
    url = f"/supervision/new/?finding={row.pk}"
    form = client.get(url).context["form"]
    text = form["text"].value()
    assert row.order.number in text
    assert "5个工作日" in text
    response = client.post(url, {"unit": row.unit_id, "level": "order", "trigger": "overdue", "text": text})
    made = SupervisionOrder.objects.get()
    assert response.url == f"/supervision/{made.pk}/"
    assert (made.order, made.proposal, made.trigger) == (row.order, row, "overdue")
    assert client.get("/supervision/?tab=findings").context["findings"] == []
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("htmx", [False, True])
def test_setting_aside_and_putting_off_take_the_finding_from_the_list(lately: City, htmx: bool) -> None:
    row = late_finding(lately)
    client, headers = enter(lately.officer), HTMX if htmx else {}
    url = f"/supervision/findings/{row.pk}/do"
    assert client.get(f"{url}/set_aside/", headers=headers).status_code == 200
    assert client.post(f"{url}/set_aside/", {"reason": ""}, headers=headers).status_code == 422
    done = client.post(f"{url}/snooze/", {"days": "3"}, headers=headers)
    assert done.status_code == (200 if htmx else 302)
    assert client.get("/supervision/?tab=findings").context["findings"] == []
    row.refresh_from_db()
    assert row.snoozed_until > timezone.now()
    client.post(f"{url}/set_aside/", {"reason": "已电话核实"}, headers=headers)
    row.refresh_from_db()
    assert row.remark == "已电话核实"


def test_tabs_hold_what_they_say_by_deadline(lately: City) -> None:
    waiting, answered, ended = issue(lately), issue(lately, level="letter"), issue(lately)
    supervision.answer(answered.pk, text=TEXT, actor=lately.leader, at=lately.at)
    supervision.lift(ended.pk, reason="系统计时有误予以撤销", actor=lately.officer, at=lately.at)
    soon = issue(lately, level="letter")
    client = enter(lately.officer)

    def shown(tab: str) -> list[int]:
        return [row.pk for row, *_rest in client.get(f"/supervision/?tab={tab}").context["rows"]]

    # Three working days come before five.
    assert shown("running") == [soon.pk, waiting.pk]
    assert shown("answers") == [answered.pk]
    assert shown("ended") == [ended.pk]
    counts = {t["url"].split("=")[-1]: t["count"] for t in client.get("/supervision/").context["tabs"][:3]}
    assert counts == {"findings": "0", "running": "2", "answers": "1"}


def test_a_unit_sees_its_own_orders_and_no_findings(lately: City) -> None:
    late_finding(lately)
    own = issue(lately)
    other = issue(lately, order=make_order(lately, lead=lately.enforcement), unit=lately.enforcement)
    response = enter(lately.leader).get("/supervision/")
    assert [row.pk for row, *_rest in response.context["rows"]] == [own.pk]
    assert all("findings" not in tab["url"] for tab in response.context["tabs"])
    assert enter(lately.leader).get("/supervision/?tab=findings").context["tab"].key != "findings"
    assert enter(lately.leader).get(f"/supervision/{other.pk}/").status_code == 404
    assert enter(lately.outside_leader).get(f"/supervision/{own.pk}/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_for_three(
    lately: City, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _i in range(rows):
        issue(lately)
        late_finding(lately)
    client = enter(lately.officer)
    client.get("/supervision/?tab=running")
    with django_assert_max_num_queries(12):
        client.get("/supervision/?tab=running")
    with django_assert_max_num_queries(15):
        client.get("/supervision/?tab=findings")


def test_pages_go_on_by_key(lately: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch.views.supervision.SIZE", 2)
    made = {issue(lately).pk for _i in range(3)}
    client = enter(lately.officer)
    first = client.get("/supervision/?tab=running").context
    second = client.get(f"/supervision/?tab=running&cursor={first['page'].next}").context
    assert {row.pk for row, *_rest in [*first["rows"], *second["rows"]]} == made


# ---- one order ----


def test_the_unit_answers_and_the_office_accepts_on_the_page(lately: City) -> None:
    row = issue(lately)
    unit, office = enter(lately.leader), enter(lately.officer)
    page = unit.get(f"/supervision/{row.pk}/").content.decode()
    assert TEXT in page
    assert f"/supervision/{row.pk}/do/answer/" in page
    assert f"/supervision/{row.pk}/do/lift/" not in page
    sent = unit.post(f"/supervision/{row.pk}/do/answer/", {"text": "已完成整改并回访信访人。", "version": row.version})
    assert sent.status_code == 302
    # A stale page is refused, keeps its words, and can be sent again.
    refused = office.post(f"/supervision/{row.pk}/do/accept/", {"result": "经核实属实", "version": row.version})
    assert refused.status_code == 422
    assert "经核实属实" in refused.content.decode()
    version = refused.context["form"].data["version"]
    assert (
        office.post(f"/supervision/{row.pk}/do/accept/", {"result": "经核实属实", "version": version}).status_code
        == 302
    )
    row.refresh_from_db()
    assert row.state == "ended"
    stopped = office.get(f"/supervision/{row.pk}/do/accept/")
    assert stopped.status_code == 422


def test_the_level_chosen_brings_its_fields(lately: City) -> None:
    row = issue(lately, level="letter")
    client = enter(lately.officer)
    url = f"/supervision/{row.pk}/do/raise/"
    assert 'name="talk_at"' in client.get(url, {"level": "interview"}).content.decode()
    assert 'name="circular_text"' in client.post(url, {"level": "circular", "find": "level"}).content.decode()
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    reason = "催办函逾期未答复，群众反映强烈"
    assert client.post(url, {"level": "listed", "reason": reason}).status_code == 422
    assert client.post(url, {"level": "listed", "reason": reason, "listed_until": until}).status_code == 302
    row.refresh_from_db()
    assert (row.level, str(row.listed_until)) == ("listed", until)
    # A district's office has no level above the order.
    own = issue(lately, actor=lately.district_officer)
    assert "/do/raise/" not in enter(lately.district_officer).get(f"/supervision/{own.pk}/").content.decode()


def test_a_reader_of_a_circular_reads_the_circular_only(lately: City) -> None:
    words = "某单位办理超期且未说明情况，现予通报。"
    row = issue(lately, level="circular", circular_text=words, scope=[lately.transport])
    client = enter(lately.outside_leader)
    page = client.get(f"/supervision/{row.pk}/").content.decode()
    assert words in page
    assert TEXT not in page
    assert row.petition.summary not in page
    assert TEXT not in client.get(f"/supervision/{row.pk}/print/").content.decode()
    listed = client.get("/supervision/?tab=running").content.decode()
    assert row.petition.summary not in listed
    client.post(f"/supervision/{row.pk}/read/")
    assert row.readings.get(unit=lately.transport).read_by == lately.outside_leader


def test_an_order_at_large_is_issued_by_searching_the_unit(lately: City) -> None:
    client = enter(lately.officer)
    found = client.get("/supervision/units/", {"unit_text": "综合执法"}).content.decode()
    assert "海曙区综合执法局" in found
    data = {"level": "letter", "trigger": "other", "text": TEXT, "unit_text": "330203-ENFORCEMENT"}
    assert client.post("/supervision/new/", data).status_code == 302
    made = SupervisionOrder.objects.get()
    assert (made.unit, made.petition) == (lately.enforcement, None)
    # A district's office finds its own district's units only.
    far = enter(lately.far_officer).get("/supervision/units/", {"unit_text": "综合执法"}).content.decode()
    assert "海曙区综合执法局" not in far
    assert client.post("/supervision/new/", {**data, "unit_text": "不存在"}).status_code == 422


@pytest.mark.parametrize("who", ["leader", "handler", "dispatcher", "agent", "reviewer", "admin"])
def test_who_does_not_supervise_issues_nothing(lately: City, who: str) -> None:
    assert enter(lately.people[who]).get("/supervision/new/").status_code == 403
    assert enter(lately.people[who]).get("/suggestions/new/").status_code == 403


def test_class_a_is_out_of_sight_for_the_unnamed(lately: City) -> None:
    order = make_order(lately, petition=accusation(lately), lead=lately.housing)
    row = issue(lately, order=order)
    for who in ("district_officer", "inspector", "conference_officer", "other_leader", "dispatcher"):
        client = enter(lately.people[who])
        assert client.get(f"/supervision/{row.pk}/").status_code == 404, who
        assert client.get(f"/supervision/{row.pk}/print/").status_code == 404, who
        assert client.get(f"/supervision/new/?petition={order.petition_id}").status_code in {403, 404}, who
        assert row.number not in client.get("/supervision/?tab=running").content.decode(), who


# ---- on the case, the desk, the worklist ----


def test_the_case_shows_the_standing_supervision_and_the_worklist_a_flag(lately: City) -> None:
    row = issue(lately)
    page = enter(lately.officer).get(f"/petitions/{row.petition_id}/").content.decode()
    assert row.number in page
    assert "发出督办单" in page
    assert f"/supervision/new/?petition={row.petition_id}" in page
    make_petition(lately)
    filtered = enter(lately.officer).get("/petitions/?view=open&supervised=1")
    assert [p.pk for p in filtered.context["desk"].page.rows] == [row.petition_id]
    assert Petition.objects.get(pk=row.petition_id).supervision_level == "order"
    supervision.lift(row.pk, reason="系统计时有误予以撤销", actor=lately.officer, at=lately.at)
    assert Petition.objects.get(pk=row.petition_id).supervision_level == ""


def test_an_assisting_unit_sees_that_there_is_supervision_but_not_what_it_says(lately: City) -> None:
    order = make_order(lately, assisting=[lately.enforcement])
    row = issue(lately, order=order)
    page = enter(lately.other_leader).get(f"/petitions/{row.petition_id}/").content.decode()
    assert TEXT not in page
    assert enter(lately.other_leader).get(f"/supervision/{row.pk}/").status_code == 404


def test_the_desk_counts_what_waits(lately: City) -> None:
    late_finding(lately)
    answered = issue(lately)
    supervision.answer(answered.pk, text=TEXT, actor=lately.leader, at=lately.at)
    issue(lately)

    def count(user: Any, url: str) -> str:
        return next(tile.count for tile in tiles(user, timezone.now()) if tile.url == url)

    assert count(lately.officer, "/supervision/?tab=findings") == "1"
    assert count(lately.officer, "/supervision/?tab=answers&mine=1") == "1"
    assert count(lately.leader, "/supervision/?tab=running&mine=1") == "1"


def test_a_reminder_takes_one_click_and_its_answer_a_note(lately: City) -> None:
    order = make_order(lately, at=lately.at)
    url = f"/orders/{order.pk}/do"
    office, unit = enter(lately.dispatcher), enter(lately.leader)
    assert f"{url}/remind/" in office.get(f"/petitions/{order.petition_id}/").content.decode()
    assert f"{url}/answer_reminder/" not in unit.get(f"/petitions/{order.petition_id}/").content.decode()
    assert office.post(f"{url}/remind/", {"version": order.version}).status_code == 302
    order = WorkOrder.objects.get(pk=order.pk)
    assert order.reminder_count == 1
    again = office.post(f"{url}/remind/", {"version": order.version})
    assert again.status_code == 422
    assert f"{url}/answer_reminder/" in unit.get(f"/petitions/{order.petition_id}/").content.decode()
    note = {"version": order.version, "text": "已联系物业，明日到场"}
    assert unit.post(f"{url}/answer_reminder/", note).status_code == 302
    page = office.get(f"/petitions/{order.petition_id}/?tab=orders").content.decode()
    assert "已联系物业，明日到场" in page


def test_a_notice_of_supervision_opens_the_supervision(lately: City) -> None:
    row = issue(lately, petition_id=None, order_id=None)
    notice = lately.leader.notices.get(kind="supervised", channel="inapp")
    client = enter(lately.leader)
    assert row.number in client.get("/notices/?show=all").content.decode()
    assert client.get(f"/notices/{notice.pk}/").url == f"/supervision/{row.pk}/"


# ---- suggestions ----


def test_a_suggestion_is_made_answered_and_followed_on_its_pages(lately: City) -> None:
    petition = make_petition(lately)
    office, unit = enter(lately.officer), enter(lately.leader)
    data = {"kind": "improve_work", "addressee_text": "330203-HOUSING", "numbers": petition.short_number, **WORDS}
    response = office.post("/suggestions/new/", data)
    assert response.status_code == 302
    url = response.url
    assert WORDS["issue"] in unit.get("/suggestions/").content.decode()
    assert petition.summary in office.get(url).content.decode()
    # The addressee has nothing to do with the petition and does not see it.
    assert petition.summary not in unit.get(url).content.decode()
    answer = {"verdict": "partly", "reasons": REASONS, "version": 1}
    assert unit.post(f"{url}do/answer/", answer).status_code == 302
    assert office.post(f"{url}do/follow_up/", {"text": "办法已印发施行", "version": 2}).status_code == 302
    page = office.get(url).content.decode()
    assert "部分采纳" in page
    assert "办法已印发施行" in page
    summary = office.get("/suggestions/?show=answered").context
    assert (summary["answered"], summary["adopted"], summary["rate"]) == (1, 1, 1.0)


def test_the_kind_narrows_whom_the_search_finds(lately: City) -> None:
    client = enter(lately.officer)
    found = client.get("/suggestions/units/", {"kind": "improve_policy", "addressee_text": "海曙区"}).content.decode()
    assert "海曙区政府" in found
    assert "海曙区住建局" not in found
    data = {"kind": "improve_policy", "addressee_text": "330203-HOUSING", "numbers": "", **WORDS}
    assert client.post("/suggestions/new/", data).status_code == 422
    wrong = {"kind": "improve_work", "addressee_text": "330203-HOUSING", "numbers": "26-999999", **WORDS}
    assert client.post("/suggestions/new/", wrong).status_code == 422


def test_an_unanswered_suggestion_past_its_day_is_shown_as_such(lately: City) -> None:
    row = make_suggestion(lately, at=timezone.now() - timedelta(days=40))
    page = enter(lately.officer).get("/suggestions/").content.decode()
    assert "未反馈" in page
    assert enter(lately.outside_leader).get(f"/suggestions/{row.pk}/").status_code == 404
    assert enter(lately.outside_leader).get(f"/suggestions/{row.pk}/print/").status_code == 404
    assert enter(lately.outside_leader).post(f"/suggestions/{row.pk}/do/answer/", {}).status_code == 404


def test_liability_is_suggested_out_of_a_supervision(lately: City) -> None:
    row = issue(lately)
    client = enter(lately.officer)
    page = client.get(f"/suggestions/new/?supervision={row.pk}&kind=pursue_liability")
    form = page.context["form"]
    assert (form["kind"].value(), form["numbers"].value()) == ("pursue_liability", row.petition.short_number)
    data = {"kind": "pursue_liability", "addressee_text": "330203-GOV", "numbers": "", **WORDS}
    made = client.post(f"/suggestions/new/?supervision={row.pk}", data)
    assert made.status_code == 302
    assert row.suggestions.get().addressee == lately.district
    suggestions.answer(
        row.suggestions.get().pk, verdict="adopted", reasons=REASONS, actor=lately.lead_official, at=timezone.now()
    )


@pytest.mark.parametrize("who", ["officer", "leader", "lead_official", "inspector", "conference_officer"])
def test_every_page_draws_and_prints(lately: City, who: str) -> None:
    row = issue(
        lately, level="interview", talk_at=timezone.now() + timedelta(days=1), talk_place="302室", talk_attendees="局长"
    )
    suggestion = make_suggestion(lately)
    client: Client = enter(lately.people[who])
    for url in (
        "/supervision/",
        "/supervision/?tab=ended",
        f"/supervision/{row.pk}/",
        f"/supervision/{row.pk}/print/",
        "/suggestions/",
        f"/suggestions/{suggestion.pk}/",
        f"/suggestions/{suggestion.pk}/print/",
    ):
        assert client.get(url).status_code == 200, url
