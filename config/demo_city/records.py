"""The record books of the demo city: talks, visits and meetings on open cases, promises, next steps, ticked steps.

Made through the real actions on the newest open cases, those of the demo cast first, each entry after all that has
happened to its case, so that every chain stays in order.
"""

from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from accounts.demo import cast
from accounts.models import User
from config.demo_city.world import World
from dispatch.models import WorkOrder
from petitions import actions
from petitions.actions import Entry
from petitions.models import CareCheck, Channel, Petition, RapportNote, RecordEntry
from petitions.states import State

CASES = 40
_TYPE = RecordEntry.Type
_VISITS = (
    ("现场查看，反映情况基本属实，已拍照取证。", "涉及单位对责任划分意见不一。"),
    ("与信访人一同到现场核对，问题已有部分缓解。", "整改经费尚未落实。"),
    ("走访周边住户六户，其中四户反映同样问题。", "历史资料不全，需调档核实。"),
)
_CALLS = ("电话告知办理进度，信访人表示理解。", "电话核对诉求，信访人补充了时间和地点。", "电话约定上门时间。")
_PROMISES = ("一周内给出书面整改方案", "月底前完成现场整改", "三个工作日内电话答复进展")
_NEXT = ("约物业、社区开协调会", "调取原始审批材料", "复核整改现场", "与信访人电话沟通")
_LINES = ("工作人员已到现场查看，正在制定整改方案。", "相关单位已会商，整改正在推进。")
_RAPPORT = ("说话慢一些更顺畅，上午联系较合适。", "喜欢聊种花，先听后说效果好。")
_CARE = (CareCheck.Offer.TEA, CareCheck.Offer.SEAT, CareCheck.Offer.BLOOD_PRESSURE)


def keep_books(world: World) -> None:
    """Write the books; one transaction."""
    names = [member.username for member in cast()]
    orders = WorkOrder.objects.filter(
        is_open=True, handler__isnull=False, petition__state=State.HANDLING, petition__is_restricted=False
    ).select_related("petition__content_class", "handler")
    mine = list(orders.filter(handler__username__in=names).order_by("-dispatched_at", "-id")[: CASES // 2])
    others = orders.exclude(handler__username__in=names).order_by("-dispatched_at", "-id")[: CASES - len(mine)]
    with transaction.atomic():
        done: set[int] = set()
        for order in [*mine, *others]:
            if order.petition_id not in done and order.handler is not None:
                done.add(order.petition_id)
                _book(order.petition, order.handler, world)


def _book(petition: Petition, handler: User, world: World) -> None:
    last = petition.events.order_by("-seq").values_list("at", flat=True).first() or petition.registered_at
    room = min(world.until - last, timedelta(days=3))
    if room < timedelta(hours=2):
        return
    random, began = Random(f"book:{petition.pk}"), world.until - room  # noqa: S311 - an invented city
    at = began + room / 4
    if petition.channel == Channel.VISIT:
        talk = Entry(_TYPE.RECEPTION, at, place="来访接待室", progress="当面听取诉求并核对材料。", care=_CARE)
        actions.write_record(petition.pk, entry=talk, actor=handler, at=at)
    actions.write_record(petition.pk, entry=_visit(random, at + room / 4, world), actor=handler, at=at + room / 4)
    call = Entry(_TYPE.PHONE, at + room / 2, progress=random.choice(_CALLS))
    actions.write_record(petition.pk, entry=call, actor=handler, at=at + room / 2)
    if petition.pk % 3 == 0:
        _note(petition, handler, random, at + room / 2)
    actions.tick(petition.pk, number=15, words="办理方案已审定", actor=handler, at=at + room / 2)


def _visit(random: Random, at: datetime, world: World) -> Entry:
    facts, sticking = random.choice(_VISITS)
    today = timezone.localdate(world.until)
    is_promised = random.random() < 0.6
    return Entry(
        _TYPE.VISIT,
        at,
        place="现场",
        facts_found=facts,
        sticking_point=sticking,
        promise=random.choice(_PROMISES) if is_promised else "",
        promise_due=today + timedelta(days=random.randint(1, 9)) if is_promised else None,
        next_step=random.choice(_NEXT),
        next_on=today + timedelta(days=random.randint(-1, 5)),
        public_line=random.choice(_LINES) if random.random() < 0.5 else "",
    )


def _note(petition: Petition, handler: User, random: Random, at: datetime) -> None:
    actions.write_rapport(
        petition.pk,
        text=random.choice(_RAPPORT),
        basis=RapportNote.Basis.CONSENT,
        reason="接谈时本人口头同意",
        actor=handler,
        at=at,
    )
