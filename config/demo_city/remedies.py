"""What petitioners of the demo city make of their opinions: review, re-review, hearings, and the ends, by real actions.

It plays in the last weeks, on closed cases whose own history is over by then.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import Unit, User
from accounts.roles import Role
from config.demo_city.simulation import STILL_NEWS, fire_clocks
from config.demo_city.world import World
from dispatch.actions import notices
from dispatch.models import Clock
from petitions import actions, organs
from petitions.actions import hearings, reviews
from petitions.actions.hearings import Seat
from petitions.models import Hearing, Petition, ReviewRequest
from petitions.permissions import citizen
from petitions.states import Refused, State

DAY = timedelta(days=1)
Play = Callable[[Petition, User, datetime], None]

_REQUESTS = (
    ("请求撤销处理意见，重新核查施工噪声的起止时间", "处理意见认定夜间施工仅三日，与小区监控记录不符。"),
    ("请求变更处理意见，确定维修资金的使用方案", "处理意见只说明正在协商，没有答复何时开工。"),
    ("请求上一级机关复查", "对处理意见依据的文件有异议，该文件已经废止。"),
    ("请求复查并当面听取意见", "承办单位没有到现场查看。"),
)
_FACTS = "补充提交小区监控截图和业主群公告各一份。"
_ADMITTED = "申请在法定期限内提出，事实和理由明确，决定受理。"
_NOT_ADMITTED = "申请事项与处理意见无关，属于新的信访请求，请另行提出。"
_UPHELD = "经复查，原处理意见认定事实清楚，依据正确，程序合法，予以维持。"
_CHANGED = "经复查，原处理意见对维修时限的答复不明确，决定予以变更。"
_NEW = "由承办单位于三十日内组织业主大会表决维修方案，表决通过后十五日内开工。"
_REVOKED = "经复查，原处理意见对夜间施工的次数未查清，决定予以撤销，由原办理机关重新作出处理意见。"
_REUPHELD = "经复核，复查意见认定事实清楚，依据正确，予以维持。"
_STILL = "对复查意见仍不服，请求复核。"
_SUBJECT = "夜间施工的责任认定和整改期限"
_PLACE = "区社会治理中心三楼听证室"
_STATEMENT = "施工单位多次在夜间十一点以后作业，影响老人休息，请求限期整改。"
_ANSWER = "我单位已对施工单位立案并责令停止夜间作业，将每周巡查。"
_DEBATE = "双方对夜间作业的次数看法不一，现场核对了监控时间。"
_CONCLUSION = "夜间作业的事实成立，承办单位应当限期整改并公示巡查结果。"
_PUBLISHED = "经听证，夜间施工的事实成立，承办单位已责令施工单位整改，并将每周公示巡查结果。"


def ask_for_review(world: World) -> None:
    """Play it once; one transaction. Cases without two free reviewers above are left alone."""
    with transaction.atomic():
        officer = next(iter(User.objects.filter(role=Role.CITY_OFFICER, is_active=True).order_by("id")), None)
        if officer is None:
            return
        cases = _closed(world)
        for play in _PLAYS:
            petition = next(cases, None)
            if petition is None:
                return
            _play(play, petition, officer, world.until)


def _play(play: Play, petition: Petition, officer: User, until: datetime) -> None:
    """One case and what its clocks come to meanwhile. Where the calendar does not fit (a hearing's notice across the
    holidays) the case stays as it was."""
    try:
        with transaction.atomic():
            play(petition, officer, until)
            fire_clocks(Clock.objects.filter(petition=petition, state=Clock.State.RUNNING), until - 45 * DAY, until)
            notices.settle(before=until - STILL_NEWS, petitions=[petition.pk])
    except Refused:
        return


def _closed(world: World) -> Iterator[Petition]:
    """Closed cases with an opinion, quiet for forty days, that a pair of reviewers above may judge."""
    rows = Petition.objects.filter(
        state=State.CLOSED,
        is_restricted=False,
        is_anonymous=False,
        lead_unit__parent__isnull=False,
        replied_at__isnull=False,
        delivered_at=None,
        end_way="",
        updated_at__lt=world.until - 45 * DAY,
    )
    for petition in rows.select_related("lead_unit").order_by("-registered_at", "-id")[:60]:
        if len(_pair(petition)) == reviews.TEAM:
            yield petition


def _pair(petition: Petition) -> list[User]:
    found = organs.reviewers_above(petition, "review")
    nearest = [user for user in found if found and user.unit_id == found[0].unit_id]
    return nearest[: reviews.TEAM]


def _deliver(petition: Petition, officer: User, at: datetime) -> None:
    actions.deliver_opinion(petition.pk, way=actions.Delivery.BY_HAND, actor=officer, at=at)


def _request(petition: Petition, officer: User, at: datetime, number: int, *, online: bool = False) -> ReviewRequest:
    asked, facts = _REQUESTS[number % len(_REQUESTS)]
    who = citizen(petition.pk) if online else officer
    return reviews.request(petition.pk, request=asked, facts=facts, new_facts=_FACTS, actor=who, at=at)


def _admit(row: ReviewRequest, at: datetime) -> User:
    pair = organs.investigators_at(row.target_unit, row)[: reviews.TEAM]
    reviews.admit(row.petition_id, investigators=pair, reason=_ADMITTED, actor=pair[0], at=at)
    return pair[0]


def _asked_online(petition: Petition, officer: User, until: datetime) -> None:
    _deliver(petition, officer, until - 9 * DAY)
    _request(petition, officer, until - 2 * DAY, 0, online=True)


def _in_review(petition: Petition, officer: User, until: datetime) -> None:
    _deliver(petition, officer, until - 30 * DAY)
    row = _request(petition, officer, until - 20 * DAY, 1)
    _admit(row, until - 18 * DAY)


def _overdue(petition: Petition, officer: User, until: datetime) -> None:
    _deliver(petition, officer, until - 44 * DAY)
    row = _request(petition, officer, until - 38 * DAY, 2)
    _admit(row, until - 37 * DAY)


def _refused(petition: Petition, officer: User, until: datetime) -> None:
    _deliver(petition, officer, until - 20 * DAY)
    row = _request(petition, officer, until - 12 * DAY, 2)
    who = row.team[0].user
    reviews.refuse(petition.pk, reason=_NOT_ADMITTED, actor=who, at=until - 10 * DAY)


def _decided(petition: Petition, officer: User, until: datetime, outcome: str) -> None:
    _deliver(petition, officer, until - 40 * DAY)
    row = _request(petition, officer, until - 35 * DAY, 3)
    who = _admit(row, until - 34 * DAY)
    words = {"uphold": (_UPHELD, "", None), "change": (_CHANGED, _NEW, None), "revoke": (_REVOKED, "", 30)}[outcome]
    reviews.decide(
        petition.pk,
        outcome=outcome,
        opinion=words[0],
        new_opinion=words[1],
        term=words[2],
        grounds=[] if outcome == "uphold" else ["facts"],
        actor=who,
        at=until - 15 * DAY,
    )


def _changed(petition: Petition, officer: User, until: datetime) -> None:
    _decided(petition, officer, until, "change")


def _revoked(petition: Petition, officer: User, until: datetime) -> None:
    _decided(petition, officer, until, "revoke")


def _in_rereview(petition: Petition, officer: User, until: datetime) -> None:
    _decided(petition, officer, until, "uphold")
    reviews.deliver(petition.pk, way=actions.Delivery.POST, actor=officer, at=until - 12 * DAY)
    row = reviews.request(petition.pk, request=_STILL, actor=officer, at=until - 8 * DAY)
    _admit(row, until - 7 * DAY)


def _terminated(petition: Petition, officer: User, until: datetime) -> None:
    _decided(petition, officer, until, "uphold")
    reviews.deliver(petition.pk, way=actions.Delivery.BY_HAND, actor=officer, at=until - 14 * DAY)
    row = reviews.request(petition.pk, request=_STILL, actor=officer, at=until - 12 * DAY)
    who = _admit(row, until - 11 * DAY)
    reviews.decide(petition.pk, outcome="uphold", opinion=_REUPHELD, actor=who, at=until - 4 * DAY)
    reviews.deliver(petition.pk, way=actions.Delivery.BY_HAND, actor=officer, at=until - 2 * DAY)


def _seats(who: User, petition: Petition) -> list[Seat]:
    organ = organs.seat(who.unit) if who.unit is not None else None
    free = User.objects.filter(is_active=True).exclude(role=Role.REVIEWER).order_by("id")
    chair = free.filter(unit=organ).first()
    offices = Q(unit=organ) | Q(unit__parent=organ, unit__kind=Unit.Kind.PETITION_OFFICE)
    clerk = free.filter(offices).exclude(pk=chair.pk if chair else 0).first()
    if chair is None or clerk is None:
        raise Refused("Nobody is free to chair and to write.")
    return [
        Seat("chair", chair),
        Seat("panel", name="罗律师", standing="律师"),
        Seat("panel", name="朱代表", standing="区人大代表"),
        Seat("clerk", clerk),
        Seat("petitioner"),
        Seat("unit", name=f"{petition.lead_unit}分管负责人"),
    ]


def _hearing(petition: Petition, officer: User, until: datetime, *, set_at: datetime, held_at: datetime) -> Hearing:
    _deliver(petition, officer, set_at - 12 * DAY)
    row = _request(petition, officer, set_at - 6 * DAY, 3)
    who = _admit(row, set_at - 5 * DAY)
    hearings.ask(petition.pk, subject=_SUBJECT, actor=citizen(petition.pk), at=set_at - 2 * DAY)
    return hearings.hold(petition.pk, held_at=held_at, place=_PLACE, seats=_seats(who, petition), actor=who, at=set_at)


def _to_be_heard(petition: Petition, officer: User, until: datetime) -> None:
    _hearing(petition, officer, until, set_at=until - 4 * DAY, held_at=until + 12 * DAY)


def _heard(petition: Petition, officer: User, until: datetime) -> None:
    row = _hearing(petition, officer, until, set_at=until - 26 * DAY, held_at=until - 10 * DAY)
    assert row.held_at is not None and row.decided_by is not None
    who, at = row.decided_by, row.held_at
    present = {member.pk: True for member in row.members.all()}
    hearings.sit(petition.pk, attendance=present, actor=who, at=at)
    sides = {member.part: member for member in row.members.all()}
    for minutes, (phase, part, text) in enumerate(
        (("statement", "petitioner", _STATEMENT), ("answer", "unit", _ANSWER), ("debate", "clerk", _DEBATE)), start=1
    ):
        when = at + timedelta(minutes=15 * minutes)
        hearings.take_down(petition.pk, phase=phase, text=text, member=sides[part], actor=who, at=when)
    votes = {member.pk: "for" for member in row.members.filter(part__in=["chair", "panel"])}
    ended = at + timedelta(hours=2)
    hearings.conclude(petition.pk, conclusion=_CONCLUSION, votes=votes, actor=who, at=ended)
    hearings.publish(row.pk, text=_PUBLISHED, confirmed=True, actor=who, at=ended + 3 * DAY)


_PLAYS: tuple[Play, ...] = (
    _asked_online,
    _in_review,
    _overdue,
    _refused,
    _changed,
    _revoked,
    _in_rereview,
    _terminated,
    _to_be_heard,
    _heard,
)
