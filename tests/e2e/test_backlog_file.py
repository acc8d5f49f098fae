"""The backlog file in a real browser: every page passes axe and fits a desk and a phone."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backlog.actions import nominate, writing
from backlog.models import BacklogCase
from backlog.reference.entry import load_entry_rules
from tests.backlog.cases import force, make_case
from tests.city import City, make_order, make_petition
from tests.e2e.looking import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def busy(city: City) -> City:
    """A nominated case, one at work with everything on its file, and a few more."""
    city.at = timezone.now() - timedelta(days=40)
    load_entry_rules(at=city.at)
    petition = make_order(
        city, petition=make_petition(city, petition_date=date(2023, 5, 6), headcount=12, affected_count=40)
    ).petition
    case = nominate.nominate(
        petition.pk,
        title="南门街道老旧小区电梯停运及维修资金分摊争议",
        reason="业委会与物业多次协商未果，维修资金分摊标准争议已三年，经复查后仍反复信访。",
        actor=city.officer,
        at=city.at,
    )
    case = nominate.accept(
        case.pk,
        title=case.title,
        district=city.areas["330203"],
        lead_unit=city.housing,
        target_on=date(2027, 6, 30),
        force=force(),
        assisting=[city.enforcement, city.town],
        actor=city.district_officer,
        at=city.at + timedelta(hours=2),
    )
    other = make_petition(city, petition_date=date(2024, 9, 1), summary="再次反映电梯停运，要求追究物业责任")
    writing.link(case.pk, petition=other, actor=city.district_officer, at=city.at + timedelta(days=1))
    writing.assess(
        case.pk,
        values={
            "sticking_point": "维修资金按户还是按面积分摊，三单元业主不同意续筹，资金缺口 18.6 万元。",
            "reasonableness": "partly",
            "demands": "一、尽快恢复电梯运行；二、维修资金按面积分摊；三、追究物业失职责任。",
            "facts": "电梯主板老化，2023 年 5 月停运至今。维修资金余额 4.2 万元，报价 22.8 万元。物业未做年检。",
            "legal_position": "《民法典》第二百八十三条：费用分摊无约定的，按专有部分面积所占比例确定。",
            "plan": "由街道牵头召开业主大会，按面积分摊续筹；物业承担 3 万元；缺口由改造资金支持。",
        },
        actor=city.leader,
        at=city.at + timedelta(days=2),
    )
    writing.progress(
        case.pk,
        text="已召开两次业主协商会，三单元 26 户中 19 户同意按面积分摊；下周三再次走访其余 7 户。",
        actor=city.leader,
        at=city.at + timedelta(days=31),
    )
    city.__dict__["case"] = BacklogCase.objects.get(pk=case.pk)
    city.__dict__["nominated"] = nominate.nominate(
        make_petition(city, petition_date=date(2024, 1, 3)).pk,
        title="某村征地补偿款分配争议",
        reason="村民小组分配方案争议两年，多次协商未果。",
        actor=city.officer,
        at=city.at + timedelta(days=30),
    )
    for n, state in enumerate(("working", "applied", "rebounded", "certified", "struck_off")):
        make_case(
            city, state, title=f"安置房办证问题（{n + 1} 号地块）", force=force(), rebounds=int(state == "rebounded")
        )
    city.__dict__["plain"] = make_petition(city, petition_date=date(2023, 9, 9))
    return city


@pytest.mark.parametrize("size", ["page", "phone"])
def test_every_page_of_the_file_is_accessible_and_fits(
    busy: City, live_server: Any, request: pytest.FixtureRequest, signed_in: Callable[[Any, Any], Any], size: str
) -> None:
    page, wrong = request.getfixturevalue(size), []
    case, nominated, plain = (busy.__dict__[name].pk for name in ("case", "nominated", "plain"))
    screens = [
        ("officer", "/backlog/"),
        ("officer", "/backlog/?view=accept"),
        ("officer", "/backlog/?view=all&overdue=1&district=330203"),
        ("officer", "/backlog/?view=all&q=nothing"),
        ("officer", f"/backlog/{case}/"),
        ("leader", f"/backlog/{case}/?tab=timeline"),
        ("district_officer", f"/backlog/{nominated}/"),
        ("district_officer", f"/backlog/{nominated}/do/accept/"),
        ("district_officer", f"/backlog/{nominated}/do/decline/"),
        ("leader", f"/backlog/{case}/do/assess/"),
        ("leader", f"/backlog/{case}/do/progress/"),
        ("leader", f"/backlog/{case}/do/agree/"),
        ("officer", f"/backlog/{case}/do/link/"),
        ("officer", f"/backlog/{case}/do/unlink/"),
        ("officer", f"/backlog/nominate/{plain}/"),
        ("conference_officer", "/backlog/criteria/"),
        ("officer", f"/petitions/{plain}/"),
    ]
    for who, path in screens:
        page.context.clear_cookies()
        signed_in(page, busy.people[who])
        wrong += faults_of(page, live_server.url + path, who=who)
    assert not wrong, "\n".join(wrong)
