"""The legal life in the demo city: notices, acceptance, delivery, review and re-review, through the real actions.

All of it happens in the last hours, on cases whose earlier history is over by then, so that each stays in order.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from config.demo_city.world import World
from petitions import actions
from petitions.models import Petition, Purpose
from petitions.states import State

_RECEIPT = "您反映的事项已收到并登记，将转送有权处理的单位办理，办理期限和查询方式随函告知。"
_ACCEPTED = "您的信访事项符合受理条件，现予受理，将在六十日内作出书面处理意见。"
_GROUNDS = "该事项应当通过诉讼途径解决，不属于信访受理范围。"
_REMEDY = "可依法向有管辖权的人民法院提起诉讼，如需法律援助可拨打12348。"
_ENDED = "该事项已经复核终结，现以同一事实和理由提出，不再受理。"


def live_by_law(world: World) -> None:
    """Play it once for the newest cases that fit; one transaction."""
    with transaction.atomic():
        officer = next(iter(User.objects.filter(role=Role.CITY_OFFICER, is_active=True).order_by("id")), None)
        if officer is None:
            return
        _at_the_door(world, officer)
        _after_the_reply(world, officer)


def _open(state: str, **more: object) -> Iterator[Petition]:
    rows = Petition.objects.filter(
        state=state, is_restricted=False, is_anonymous=False, purpose=Purpose.SETTLE, **more
    ).order_by("-registered_at", "-id")
    return iter(rows[:20])


def _at_the_door(world: World, officer: User) -> None:
    at, fresh, handled = world.until, _open(State.REGISTERED), _open(State.HANDLING, accepted_at=None)
    for petition in [p for p, _n in zip(handled, range(4), strict=False)]:
        actions.accept(petition.pk, text=_ACCEPTED, actor=officer, at=at)
    for number, petition in enumerate(fresh):
        if number == 0:
            actions.not_accept(petition.pk, grounds=_GROUNDS, remedy=_REMEDY, actor=officer, at=at)
        elif number == 1:
            actions.no_longer_accept(
                petition.pk, ground=actions.NoLonger.REREVIEWED, explanation=_ENDED, actor=officer, at=at
            )
        elif number < 5:
            actions.notify_receipt(petition.pk, text=_RECEIPT, actor=officer, at=at)


def _after_the_reply(world: World, officer: User) -> None:
    """Delivered opinions; what petitioners make of them tells demo_city/remedies.py."""
    quiet = world.until - timedelta(hours=6)
    closed = _open(State.CLOSED, updated_at__lt=quiet, lead_unit__isnull=False, replied_at__isnull=False)
    for _number, petition in zip(range(8), closed, strict=False):
        actions.deliver_opinion(petition.pk, way=actions.Delivery.BY_HAND, actor=officer, at=quiet + timedelta(hours=1))
