"""What petitioners of the demo city do with their own access: rate by code or link, hand in more, ask for a hearing."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role
from config.demo_city.cases import Case
from config.demo_city.world import World
from petitions import actions
from petitions.actions import Judgement, hearings, recusals
from petitions.models import Petition, Rating, Recusal
from petitions.permissions import citizen
from petitions.states import State
from portal import actions as portal
from portal.models import Link

_MORE = (
    "补充两张现场照片的说明：昨天傍晚又出现了同样的情况，持续约一个小时，楼下住户都可以证明。",
    "补充说明：物业上周来看过一次，说要等配件，没有给具体时间。",
    "补充：我的电话晚上六点以后方便接听。",
)
_HEARING = "双方对事实认定分歧较大，请求举行听证，当面说明情况。"
_WAYS = (Rating.Way.CODE, Rating.Way.LINK, Rating.Way.COUNTER)


def hand_of(case: Case, data: dict[str, Any]) -> tuple[User | Actor, Judgement]:
    """Who gives a rating: of five, two are recorded by an officer, the others come from the petitioner's own hand."""
    pk = case.petition_id
    assert pk is not None
    if pk % 5 < 2:
        return case.caller, Judgement()
    worst = Rating.Score.DISSATISFIED
    reasons = {
        "unit": [Rating.Reason.UNSOLVED, Rating.Reason.SLOW][: 1 + pk % 2] if data["unit"] == worst else [],
        "office": [Rating.Reason.NOT_TOLD] if data["office"] == worst else [],
    }
    return citizen(pk), Judgement(reasons=reasons, way=_WAYS[pk % 3])


def live_online(world: World) -> None:
    """A few of the newest matters, in the last hour; one transaction."""
    with transaction.atomic():
        at = world.until - timedelta(minutes=20)
        officer = User.objects.filter(role=Role.CITY_OFFICER, is_active=True).order_by("id").first()
        rows = Petition.objects.filter(is_restricted=False, is_anonymous=False, updated_at__lt=at)
        handled = list(rows.filter(state=State.HANDLING, hearing_since=None).order_by("-registered_at", "-id")[:5])
        for petition, words in zip(handled, _MORE, strict=False):
            actions.supplement(petition.pk, text=words, actor=citizen(petition.pk), at=at)
        for petition in handled[3:4]:
            hearings.ask(petition.pk, subject=_HEARING, actor=citizen(petition.pk), at=at)
        for petition in handled[4:5]:
            recusals.ask_recusal(
                petition.pk,
                named="街道城建科负责人",
                ground=Recusal.Ground.STAKE,
                reason="其家属在被反映的工地承包工程。",
                actor=citizen(petition.pk),
                at=at,
            )
        for petition in rows.filter(state=State.REPLIED).order_by("-registered_at", "-id")[:6]:
            if officer is not None and portal.phone_of(petition):
                portal.issue(petition.pk, Link.Goal.RATE, actor=officer, at=at)
