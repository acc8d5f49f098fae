"""Pauses and extensions in the open stock of the demo city, asked and decided through the real actions."""

from datetime import timedelta
from itertools import cycle

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from config.demo_city.world import World
from dispatch.actions import ledger, orders
from dispatch.clocks import city_day
from dispatch.models import Extension, WorkOrder
from petitions.attachments import store_all
from petitions.states import Refused

# So many orders get an entry; enough to see every kind in every state, few enough to stay quick.
ENTRIES = 15
_PAUSES = (
    ("expert", "委托市特种设备检验院检测，报告预计一周内出具，此前无法确定维修方案。", "检测委托书.txt"),
    ("organ", "处理结果须以规划部门的核查结论为依据，已去函，待复函后继续办理。", "协查函.txt"),
    ("asked", "信访人书面要求待其外出返回后再上门处理。", "信访人意见.txt"),
)
_REASONS = ("维修配件需从外地调运，合同已签，预计三日内到货。", "涉及三个部门联合踏勘，时间已定，须踏勘后答复。")
_TOLD = "因配件调运需时，办理期限延长三日，届时上门处理。"


def fill(world: World) -> None:
    """Ask and decide on the newest work in hand, as of the end of the simulated time."""
    at = world.until
    rows = WorkOrder.objects.filter(state="in_hand", petition__is_restricted=False, next_due_at__gt=at)
    rows = rows.select_related("unit", "handler", "dispatched_by").order_by("-dispatched_at", "-id")
    kinds = cycle(("pause", "extension", "asked", "refused"))
    grounds, reasons = cycle(_PAUSES), cycle(_REASONS)
    done = 0
    for order in rows[: ENTRIES * 4]:
        if done == ENTRIES:
            return
        unit = order.handler or next(iter(orders.staff(order.unit)), None)
        office = order.dispatched_by
        if unit is None or office is None or office.role not in {Role.CITY_OFFICER, Role.DISPATCHER}:
            continue
        try:
            with transaction.atomic():
                _enter(order, next(kinds), unit, office, next(grounds), next(reasons), world)
        except Refused:
            # Nothing of this order can rest or grow any more.
            continue
        done += 1


def _enter(
    order: WorkOrder, kind: str, unit: User, office: User, ground: tuple[str, str, str], reason: str, world: World
) -> None:
    at = world.until
    if kind == "extension":
        clock = next(iter(ledger.extendable(order, at)), None)
        if clock is None or clock.policy.extend_permission != "dispatch.extend":
            raise Refused("")
        amount = min(3, clock.policy.extend_max)
        ledger.ask_extension(order.pk, clock=clock, amount=amount, reason=reason, actor=unit, at=at)
        if order.pk % 2 and not order.petition.is_anonymous:
            entry = Extension.objects.get(clock=clock, state=Extension.State.ASKED)
            ledger.extend(order.pk, extension=entry, told_how="phone", told=_TOLD, actor=office, at=at)
        return
    name, words, document = ground
    until = city_day(at + timedelta(days=7))
    _order, event = ledger.ask_pause(order.pk, ground=name, reason=words, until=until, actor=unit, at=at)
    file = SimpleUploadedFile(document, words.encode())
    store_all(order.petition_id, [file], actor=unit, at=at, event=event)
    if kind == "pause":
        ledger.grant_pause(order.pk, remark="同意，事由消除后立即恢复办理。", actor=office, at=at)
    elif kind == "refused":
        ledger.refuse_pause(order.pk, remark="可先行处理其他诉求，不同意中止。", actor=office, at=at)
