"""Joint supervision: a team of several departments, findings, orders with clocks, a result."""

from datetime import timedelta
from typing import Any

import pytest

from backlog.actions import tasking, visits
from backlog.actions.visits import Finding, Member
from backlog.forms.visits import seen_cases
from backlog.models import SupervisionVisit, Task
from backlog.papers import visit_paper
from backlog.states import VISIT_MOVES, VisitState
from backlog.views.visits import findings_for
from dispatch.clocks import city_day
from dispatch.models import Clock, Notice
from petitions.states import Refused
from tests.backlog.cases import make_case
from tests.city import City

pytestmark = pytest.mark.django_db


def planned(city: City, **changes: Any) -> SupervisionVisit:
    """The petition office and the joint conference look at 海曙区住建局."""
    fields: dict[str, Any] = {
        "title": "安置房办证联合督导",
        "district": city.areas["330203"],
        "departments": [city.city_office, city.conference],
        "visit_on": city_day(city.at),
        "unit": city.housing,
        "leader": city.lead_official,
        "members": [Member("唐国峰", city.root, city.inspector), Member("外聘律师")],
        "actor": city.conference_officer,
        "at": city.at,
        **changes,
    }
    return visits.plan(**fields)


def finding(city: City, **changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "unit": city.housing,
        "text": "缴款协议逾期未签。",
        "order": "十日内签订缴款协议",
        "due_on": city_day(city.at) + timedelta(days=10),
        **changes,
    }
    return Finding(**fields)


def visited(city: City, visit: SupervisionVisit | None = None, *findings: Finding) -> SupervisionVisit:
    visit = visit or planned(city)
    rows = findings or (finding(city),)
    return visits.record(visit.pk, findings=rows, summary="查阅档案。", actor=city.conference_officer, at=city.at)


def test_a_visit_is_planned_with_its_team_and_the_unit_is_not_warned(city: City) -> None:
    case = make_case(city)
    visit = planned(city, cases=[case])
    assert (visit.number, visit.state) == ("甬信联督〔2026〕1号", VisitState.PLANNED)
    assert [one.name for one in visit.members.all()] == ["唐国峰", "外聘律师"]
    assert list(visit.cases.all()) == [case]
    told = set(Notice.objects.filter(kind="visit_called").values_list("recipient__username", flat=True))
    assert told == {"inspector", "lead_official"}


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("departments", {"departments": ["city_office"]}),
        ("departments", {"departments": ["city_office", "city_office"]}),
        ("departments", {"departments": ["city_office", "housing"]}),
        ("unit", {"unit": "transport"}),
        ("title", {"title": " "}),
    ],
)
def test_what_makes_no_joint_team_is_refused(city: City, field: str, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {}
    for key, value in change.items():
        given[key] = [city.units[v] for v in value] if isinstance(value, list) else city.units.get(value, value)
    with pytest.raises(Refused) as refused:
        planned(city, **given)
    assert refused.value.field == field


def test_cases_of_another_district_are_not_looked_at(city: City) -> None:
    with pytest.raises(Refused) as refused:
        planned(city, cases=[make_case(city, district=city.areas["330225"])])
    assert refused.value.field == "cases"


def test_an_order_is_a_task_with_a_clock_and_the_unit_hears_of_it(city: City) -> None:
    case = make_case(city)
    visited(city, None, finding(city, case=case), finding(city, text="台账缺页。", order="", due_on=None))
    task = Task.objects.get()
    assert (task.origin, task.unit, task.case, task.text) == ("visit", city.housing, case, "十日内签订缴款协议")
    assert Clock.objects.filter(subject="task", subject_id=task.pk, state="running").exists()
    assert Notice.objects.filter(kind="task_given", recipient=city.leader).exists()
    assert [row.tasks.count() for row in SupervisionVisit.objects.get().findings.all()] == [1, 0]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": " "}, "findings-1-text"),
        ({"due_on": None}, "findings-1-due_on"),
        ({"unit": "transport"}, "findings-1-unit"),
        ({"order": "改"}, "findings-1-order"),
    ],
)
def test_a_bad_finding_is_named_and_nothing_is_kept(city: City, change: dict[str, Any], field: str) -> None:
    change = {key: city.units.get(value, value) if key == "unit" else value for key, value in change.items()}
    with pytest.raises(Refused) as refused:
        visited(city, None, finding(city), finding(city, **change))
    assert refused.value.field == field
    assert not Task.objects.exists()
    assert SupervisionVisit.objects.get().state == VisitState.PLANNED


def test_it_does_not_close_while_orders_run_unless_somebody_says_why(city: City) -> None:
    visit = visited(city)
    who = {"actor": city.conference_officer, "at": city.at}
    with pytest.raises(Refused) as refused:
        visits.close(visit.pk, result="整改到位。", **who)
    assert (refused.value.field, refused.value.code) == ("reason", "orders_open")
    closed = visits.close(visit.pk, result="整改到位。", reason="转由市级督办", **who)
    assert closed.state == VisitState.CLOSED
    assert closed.events.last().text == "转由市级督办"
    # The order runs on.
    assert Task.objects.get().state == "open"


def test_it_closes_when_all_orders_are_done(city: City) -> None:
    visit = visited(city)
    who = {"actor": city.conference_officer, "at": city.at}
    tasking.confirm(Task.objects.get().pk, result="协议已签。", **who)
    assert visits.close(visit.pk, result="整改到位。", **who).closed_at == city.at


def _take(city: City, name: str, visit: SupervisionVisit, who: Any) -> None:
    given: dict[str, Any] = {"actor": who, "at": city.at}
    if name == "prepare":
        given |= {"title": "另一次督导", "departments": [city.city_office, city.conference]}
        given |= {"visit_on": city_day(city.at)}
    elif name == "record":
        given["findings"] = [finding(city)]
    elif name == "close":
        given |= {"result": "整改到位。", "reason": "转由市级督办"}
    else:
        given["reason"] = "与检查冲突"
    getattr(visits, name)(visit.pk, **given)


def _in_state(city: City, state: str) -> SupervisionVisit:
    visit = planned(city)
    if state in {VisitState.VISITED, VisitState.CLOSED}:
        visited(city, visit)
    if state == VisitState.CLOSED:
        _take(city, "close", visit, city.officer)
    if state == VisitState.CALLED_OFF:
        _take(city, "call_off", visit, city.officer)
    return visit


@pytest.mark.parametrize("name", VISIT_MOVES)
@pytest.mark.parametrize("state", VisitState.values)
def test_each_move_is_taken_from_its_states_only(city: City, name: str, state: str) -> None:
    visit = _in_state(city, state)
    is_legal = state in VISIT_MOVES[name].sources
    if is_legal:
        _take(city, name, visit, city.district_officer)
    else:
        with pytest.raises(Refused):
            _take(city, name, visit, city.district_officer)
    expected = (VISIT_MOVES[name].target or state) if is_legal else state
    assert SupervisionVisit.objects.get().state == expected


@pytest.mark.parametrize("name", VISIT_MOVES)
@pytest.mark.parametrize("who", ["far_officer", "lead_official", "leader", "inspector", "handler", "outsider"])
def test_nobody_else_moves_it(city: City, name: str, who: str) -> None:
    visit = _in_state(city, next(iter(VISIT_MOVES[name].sources)))
    with pytest.raises(Refused) as refused:
        _take(city, name, visit, city.people[who])
    assert refused.value.code == "forbidden"


def test_who_sees_it(city: City) -> None:
    visit = visited(city)

    def sees(who: str) -> bool:
        return SupervisionVisit.objects.visible_to(city.people[who]).filter(pk=visit.pk).exists()

    readers = {name for name in city.people if sees(name)}
    assert readers == {
        "officer",
        "conference_officer",
        "district_officer",
        "inspector",
        "lead_official",
        "leader",
    }


def test_the_team_reads_it_from_the_start_and_the_unit_visited_only_with_the_findings(city: City) -> None:
    visit = planned(city, departments=[city.enforcement, city.conference])

    def sees(who: str) -> bool:
        return SupervisionVisit.objects.visible_to(city.people[who]).filter(pk=visit.pk).exists()

    assert (sees("other_leader"), sees("leader")) == (True, False)
    visited(city, visit)
    assert (sees("other_leader"), sees("leader")) == (True, True)


def test_a_case_the_officer_is_kept_out_of_is_not_named_and_stays_on_the_visit(city: City) -> None:
    hidden, open_one = make_case(city), make_case(city)
    visit = planned(city, cases=[hidden, open_one])
    hidden.petition.is_restricted = True
    hidden.petition.save()
    assert list(seen_cases(visit, city.district_officer)) == [open_one]
    _take(city, "prepare", visit, city.district_officer)
    assert list(visit.cases.all()) == [hidden]


def test_findings_on_a_case_are_seen_with_the_case_only(city: City) -> None:
    case = make_case(city, lead_unit=city.enforcement)
    visit = visited(city, planned(city), finding(city), finding(city, case=case, unit=city.enforcement))
    assert len(findings_for(visit, city.officer)[0]) == 2
    assert [one.case for one in findings_for(visit, city.leader)[0]] == [None]


def test_the_feedback_holds_team_findings_orders_and_result(city: City) -> None:
    visit = visited(city)
    visit = visits.close(visit.pk, result="整改到位。", reason="转由市级督办", actor=city.officer, at=city.at)
    paper = visit_paper(visit, *findings_for(visit, city.officer))
    text = "\n".join(row["text"] for row in paper.data["paragraphs"])
    assert paper.data["to"] == "海曙区住建局"
    assert "督导单位：市联席办、市信访局" in text or "督导单位：市信访局、市联席办" in text
    assert "1．海曙区住建局：缴款协议逾期未签。" in text
    assert "整改要求：十日内签订缴款协议（海曙区住建局，2026年11月26日前完成）" in text
    assert "三、督导结果\n整改到位。" in text
