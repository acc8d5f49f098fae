"""A backlog case on its way, through the real actions: taken up, commanded, renewed, applied, certified, struck off."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from backlog.actions import acceptance, command, moves, renewals, watching
from backlog.actions.acceptance import Application
from backlog.models import Assessment, BacklogCase, Milestone
from backlog.states import CaseState
from dispatch.clocks import city_day
from tests.backlog.cases import make_case
from tests.city import PASSWORD, City

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
NOTE = "已与信访人谈妥补偿范围，剩余两户未签，请继续推进。"


def paper(name: str = "谈话记录.pdf") -> SimpleUploadedFile:
    """A small PDF of its own."""
    return SimpleUploadedFile(name, PDF + name.encode(), content_type="application/pdf")


def second_official(city: City, username: str = "successor", name: str = "林志远") -> User:
    """Another leading official of 海曙区."""
    return User.objects.create_user(
        username,
        f"{username}@ningbo.example",
        PASSWORD,
        name=name,
        role="lead_official",
        unit=city.units["district"],
    )


def listed(city: City, *, at: datetime | None = None, **given: Any) -> BacklogCase:
    """Nominated as a row, taken up by the office: its clock of progress runs."""
    at = at or city.at
    case = make_case(city, CaseState.NOMINATED, at=at, **given)
    return moves.move(case.pk, "accept", actor=city.officer, at=at, changes={"listed_at": at})


def led(city: City, case: BacklogCase | None = None, *, at: datetime | None = None) -> BacklogCase:
    """With a lead official."""
    case = case or listed(city, at=at)
    return command.lead(case.pk, official=city.lead_official, actor=city.district_officer, at=at or city.at)


def fill(case: BacklogCase) -> Assessment:
    """Everything the file must say."""
    row, _created = Assessment.objects.update_or_create(
        case=case,
        defaults={
            "demands": "要求办理安置房不动产权证。",
            "facts": "开发商欠缴土地出让金，规划核实未完成。",
            "legal_position": "依据国有土地上房屋征收与补偿条例。",
            "sticking_point": "土地出让金欠缴。",
            "reasonableness": "reasonable",
            "plan": "由区住建局牵头，财政垫缴后追偿，分三批办证。",
            "agreement": "分批办证协议。",
            "agreed_on": date(2026, 11, 1),
            "performed_on": date(2026, 11, 10),
            "outcome": "三百户已全部办证。",
        },
    )
    return row


def plan(case: BacklogCase, at: datetime) -> Milestone:
    """One milestone, reached."""
    day = city_day(at)
    return Milestone.objects.create(case=case, name="首批办证", planned_on=day, first_planned_on=day, actual_on=day)


def renewed(city: City, case: BacklogCase | None = None, *, stages: int = 5, at: datetime | None = None) -> BacklogCase:
    """With so many renewals of this round done."""
    at = at or city.at
    case = case or led(city, at=at)
    fill(case)
    if not case.milestones.exists():
        plan(case, at)
    for stage in range(1, stages + 1):
        renewals.renew(
            case.pk,
            stage=stage,
            done_on=city_day(at),
            text="与信访人当面长谈两小时，逐项核对诉求，记录如下，双方签字确认，约定每月回访一次。",
            actor=city.leader,
            at=at,
        )
    return BacklogCase.objects.get(pk=case.pk)


def application(**changes: Any) -> Application:
    """A complete checklist."""
    fields: dict[str, Any] = {
        "facts_clear": "规划核实意见书、办证清单。",
        "basis": "agreement",
        "basis_evidence": "协议及履行凭证，十一月十日。",
        "help": "not_due",
        "help_evidence": "家庭无生活困难。",
        "informed_on": date(2026, 11, 12),
        "rating": 5,
        "way": "policy",
    }
    return Application(**{**fields, **changes})


def applied(city: City, case: BacklogCase | None = None, *, at: datetime | None = None) -> BacklogCase:
    at = at or city.at
    case = case or renewed(city, at=at)
    acceptance.apply(
        case.pk, application=application(), text="三百户全部办证，信访人书面认可。", actor=city.leader, at=at
    )
    return BacklogCase.objects.get(pk=case.pk)


def signed(city: City, case: BacklogCase | None = None, *, at: datetime | None = None) -> BacklogCase:
    at = at or city.at
    case = case or applied(city, at=at)
    acceptance.sign(case.pk, actor=case.leader or city.lead_official, at=at)
    return BacklogCase.objects.get(pk=case.pk)


def checked(city: City, case: BacklogCase | None = None, *, at: datetime | None = None) -> BacklogCase:
    at = at or city.at
    case = case or signed(city, at=at)
    acceptance.check(
        case.pk,
        called="confirmed",
        said="信访人表示满意。",
        rating=5,
        text="案卷齐全，凭证与清单一致。",
        actor=city.district_officer,
        at=at,
    )
    return BacklogCase.objects.get(pk=case.pk)


def certified(city: City, case: BacklogCase | None = None, *, at: datetime | None = None) -> BacklogCase:
    at = at or city.at
    case = case or checked(city, at=at)
    acceptance.certify(
        case.pk, sample="visit", way="policy", text="实地走访两户，均已拿到权证。", actor=city.conference_officer, at=at
    )
    return BacklogCase.objects.get(pk=case.pk)


def struck_off(city: City, case: BacklogCase | None = None, *, at: datetime | None = None) -> BacklogCase:
    at = at or city.at
    case = case or certified(city, at=at)
    return watching.strike_off(case.pk, actor=city.conference_officer, at=at)


def later(city: City, days: int) -> datetime:
    """So many days after the city's moment."""
    return city.at + timedelta(days=days)
