"""The pages of rules and calendar: who may read and edit them, what they say, what they refuse."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.roles import Role
from dispatch.actions import changes, jobs
from dispatch.models import Clock, Day, OfficeHours, Policy, RuleChange
from tests.city import City, make_order
from tests.dispatch.test_views_case import enter

FEEDBACK = "O_feedback_7d"
PAGES = ["/rules/", f"/rules/{FEEDBACK}/", "/rules/changes/", "/calendar/"]
EDITS = [f"/rules/{FEEDBACK}/edit/", "/rules/profile/", "/calendar/days/", "/calendar/hours/", "/calendar/notice/2027/"]


@pytest.fixture
def lately(city: City) -> City:
    city.at = timezone.now() - timedelta(hours=2)
    return city


@pytest.mark.parametrize(
    "who", ["officer", "dispatcher", "agent", "leader", "handler", "reviewer", "inspector", "admin"]
)
def test_everybody_in_the_house_may_read_the_rules(city: City, who: str) -> None:
    client = enter(city.people[who])
    for page in PAGES:
        assert client.get(page).status_code == 200, page


@pytest.mark.parametrize("page", EDITS)
def test_only_the_city_office_and_the_administrator_edit(city: City, page: str) -> None:
    for user in city.people.values():
        expected = 200 if user.role in {Role.CITY_OFFICER, Role.SYSTEM_ADMIN} else 403
        assert enter(user).get(page).status_code == expected, user.role


def test_a_stranger_is_sent_to_sign_in(client: Any, city: City) -> None:
    for page in [*PAGES, *EDITS]:
        assert client.get(page).status_code == 302


def test_a_rule_that_is_not_there_is_404(city: City) -> None:
    client = enter(city.officer)
    for page in ("/rules/NOTHING/", "/rules/NOTHING/edit/", "/rules/changes/99/"):
        assert client.get(page).status_code == 404


def test_the_list_says_in_words_what_starts_a_rule_how_long_and_who_hears_when(city: City) -> None:
    client = enter(city.officer)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get("/rules/?of=petition").content.decode()
    assert "Registration and routing" in page and "15 calendar days, ends on a working day" in page
    assert "after 70 % of the time" in page and "Registering office" in page
    assert "other profile" in page


def typed(rule: Policy, **changed: Any) -> dict[str, Any]:
    data = {
        "length": rule.length,
        "extend_max": rule.extend_max,
        "name": rule.name,
        "name_en": rule.name_en,
        "article": rule.article,
        "reason": "试行缩短",
        "rung-TOTAL_FORMS": 2,
        "rung-INITIAL_FORMS": 0,
        "rung-0-when": "share",
        "rung-0-number": 70,
        "rung-0-to": ["handler"],
        "rung-1-when": "due",
        "rung-1-to": ["handler", "unit_leader"],
    }
    return {**data, **changed}


def test_an_edit_is_typed_previewed_confirmed_and_carried_over(lately: City) -> None:
    order = make_order(lately, at=lately.at)
    rule = Policy.objects.get(key=FEEDBACK, is_current=True)
    client = enter(lately.officer)
    assert client.get(f"/rules/{FEEDBACK}/edit/").status_code == 200
    response = client.post(f"/rules/{FEEDBACK}/edit/", typed(rule, length=5))
    change = RuleChange.objects.get()
    assert response.url == f"/rules/changes/{change.pk}/"
    page = client.get(response.url)
    assert page.context["figures"]["moved"] == 1
    assert [line.number for line in page.context["lines"]] == [order.number]
    assert client.post(f"/rules/changes/{change.pk}/decide/", {"do": "apply"}).status_code == 302
    jobs.drain(now=timezone.now)
    new = Clock.objects.get(order=order, policy__key=FEEDBACK).policy
    assert (new.version, new.length, len(new.ladder)) == (2, 5, 2)
    after = client.get(response.url)
    assert after.context["job"].percent == 100 and after.context["moved"] == 1
    history = client.get(f"/rules/{FEEDBACK}/").content.decode()
    assert "v2" in history and "试行缩短" in history


def test_what_is_wrong_in_the_form_is_said_and_nothing_is_prepared(city: City) -> None:
    rule = Policy.objects.get(key=FEEDBACK, is_current=True)
    client = enter(city.officer)
    for wrong in (
        {"length": 0},
        {"reason": ""},
        {"length": 7, "rung-0-number": ""},
        {"rung-0-number": 120},
        {"rung-0-to": [], "rung-1-to": []},
    ):
        response = client.post(f"/rules/{FEEDBACK}/edit/", typed(rule, **wrong))
        assert response.status_code == 422, wrong
    assert not RuleChange.objects.exists()


def test_a_unit_sees_its_own_moved_deadlines_and_no_others(lately: City) -> None:
    mine = make_order(lately, at=lately.at)
    make_order(lately, at=lately.at, lead=lately.enforcement)
    change = changes.prepare_policy(FEEDBACK, {"length": 5}, reason="x", actor=lately.officer, at=lately.at)
    page = enter(lately.leader).get(f"/rules/changes/{change.pk}/")
    assert {line.number for line in page.context["lines"]} == {mine.number, ""}
    changes.apply(change.pk, actor=lately.officer, at=lately.at)
    jobs.drain(now=timezone.now)
    page = enter(lately.leader).get(f"/rules/changes/{change.pk}/")
    assert {line.number for line in page.context["lines"]} == {mine.number, ""}
    assert "综合执法" not in page.content.decode()


def test_a_system_administrator_sees_counts_and_no_case(lately: City) -> None:
    order = make_order(lately, at=lately.at)
    change = changes.prepare_policy(FEEDBACK, {"length": 5}, reason="x", actor=lately.admin, at=lately.at)
    page = enter(lately.admin).get(f"/rules/changes/{change.pk}/")
    assert page.context["figures"]["moved"] == 1
    assert order.number not in page.content.decode()


def test_moved_deadlines_are_paged_by_key(lately: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch.views.rules.SIZE", 2)
    for _i in range(3):
        make_order(lately, at=lately.at)
    change = changes.prepare_policy(FEEDBACK, {"length": 5}, reason="x", actor=lately.officer, at=lately.at)
    client = enter(lately.officer)
    first = client.get(f"/rules/changes/{change.pk}/")
    second = client.get(f"/rules/changes/{change.pk}/?after={first.context['next_after']}")
    shown = [line.number for page in (first, second) for line in page.context["lines"]]
    assert len(shown) == len(set(shown)) == 3 and second.context["next_after"] is None
    assert client.get(f"/rules/changes/{change.pk}/?after=nonsense&show=late").context["lines"] == []


def test_three_moved_deadlines_cost_as_many_queries_as_one(lately: City, django_assert_num_queries: Any) -> None:
    make_order(lately, at=lately.at)
    change = changes.prepare_policy(FEEDBACK, {"length": 5}, reason="x", actor=lately.officer, at=lately.at)
    client = enter(lately.officer)
    client.get(f"/rules/changes/{change.pk}/")
    with django_assert_num_queries(13):
        client.get(f"/rules/changes/{change.pk}/")
    make_order(lately, at=lately.at)
    make_order(lately, at=lately.at)
    with django_assert_num_queries(13):
        client.get(f"/rules/changes/{change.pk}/")


def test_a_refusal_is_a_message_and_no_crash(lately: City) -> None:
    change = changes.prepare_policy("D01_route", {"length": 9}, reason="x", actor=lately.officer, at=lately.at)
    client = enter(lately.officer)
    page = client.post(f"/rules/changes/{change.pk}/decide/", {"do": "apply"}, follow=True)
    assert page.status_code == 200 and Policy.objects.get(key="D01_route", is_current=True).length == 15
    assert client.post(f"/rules/changes/{change.pk}/decide/", {"do": "nonsense"}).status_code == 404


def test_the_profile_is_switched_by_two_people(lately: City) -> None:
    enter(lately.admin).post("/rules/profile/", {"profile": "zhejiang", "reason": "省里要求"})
    change = RuleChange.objects.get()
    enter(lately.admin).post(f"/rules/changes/{change.pk}/decide/", {"do": "apply"})
    change.refresh_from_db()
    assert change.is_applied is None
    enter(lately.officer).post(f"/rules/changes/{change.pk}/decide/", {"do": "apply"})
    page = enter(lately.leader).get("/rules/").content.decode()
    assert "浙江" in page


# ---- calendar ----


def test_the_year_shows_every_day_and_marks_what_is_special(city: City) -> None:
    page = enter(city.officer).get("/calendar/?year=2026")
    cells = [c for m in page.context["months"] for week in m["weeks"] for c in week if c]
    assert len(cells) == 365
    css = {cell.day.isoformat(): cell.css for cell in cells}
    assert "is-holiday" in css["2026-10-01"] and "is-makeup" in css["2026-10-10"] and css["2026-11-16"] == "is-work"
    provisional = enter(city.officer).get("/calendar/?year=2027")
    assert provisional.context["is_provisional"] and not page.context["is_provisional"]
    assert enter(city.officer).get("/calendar/?year=1850").status_code == 200


def test_a_reader_finds_no_edit_links(city: City) -> None:
    page = enter(city.leader).get("/calendar/?year=2026").content.decode()
    assert "/calendar/days/" not in page and "/calendar/hours/" not in page


def test_a_span_of_days_is_edited_through_the_form(lately: City) -> None:
    client = enter(lately.admin)
    assert client.get("/calendar/days/?day=2026-12-01").context["form"].initial["is_work"] == "no"
    wanted = {"first": "2026-12-01", "last": "2026-12-03", "is_work": "no", "note": "临时放假", "reason": "大雪"}
    response = client.post("/calendar/days/", wanted)
    change = RuleChange.objects.get()
    assert response.url == f"/rules/changes/{change.pk}/"
    client.post(f"/rules/changes/{change.pk}/decide/", {"do": "apply"})
    assert Day.objects.filter(note="临时放假", is_work=False, source="edit").count() == 3
    assert "is-edited" in client.get("/calendar/?year=2026").content.decode()


def test_hours_are_typed_in_words_and_refused_in_words(city: City) -> None:
    client = enter(city.officer)
    hours = {f"day{n}": "8:30–12:00，14:00至17:30" for n in range(7)}
    for wrong in ("9-12", "9:00–8:00", "", "8:00–12:00, 11:00–17:00", "8:00–12:70", "8:00–12:00 abc"):
        response = client.post("/calendar/hours/", {**hours, "day2": wrong, "reason": "夏令时"})
        assert response.status_code == 422, wrong
    client.post("/calendar/hours/", {**hours, "reason": "夏令时"})
    change = RuleChange.objects.get()
    client.post(f"/rules/changes/{change.pk}/decide/", {"do": "apply"})
    assert OfficeHours.objects.get(weekday=0).spans == [[510, 720], [840, 1050]]


def test_a_notice_is_typed_line_by_line(lately: City) -> None:
    client = enter(lately.officer)
    assert client.get("/calendar/notice/2027/").status_code == 200
    wrong = client.post("/calendar/notice/2027/", {"off": "春节", "reason": "x"})
    assert wrong.status_code == 422
    notice = "2027-01-01 至 2027-01-03 元旦\n2027年2月5日—2027年2月11日 春节"
    client.post("/calendar/notice/2027/", {"off": notice, "make_up": "2027-02-20", "reason": "国办发明电〔2026〕1号"})
    change = RuleChange.objects.get()
    assert len(change.values["days"]) == 365
    client.post(f"/rules/changes/{change.pk}/decide/", {"do": "apply"})
    assert list(Day.objects.filter(day__year=2027, note="春节").values_list("is_work", flat=True)) == [False] * 7
    assert Day.objects.get(day="2027-02-20").is_work
    assert not enter(lately.officer).get("/calendar/?year=2027").context["is_provisional"]


def test_a_year_the_release_knows_is_offered_to_take_over(city: City) -> None:
    Day.objects.filter(day__year=2026).update(is_confirmed=False, source="guess")
    client = enter(city.officer)
    assert client.get("/calendar/?year=2026").context["is_published"]
    client.post("/calendar/notice/2026/", {"reason": "国办通知"})
    assert RuleChange.objects.get().values["source"] == "package"
    assert client.get("/calendar/notice/2026/?typed=1").status_code == 200
