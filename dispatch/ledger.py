"""Reads of the ledger of pauses and extensions: what waits for a decision, and what the case page lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from dispatch.models import Clock, Extension, Pause, Policy, WorkOrder
from dispatch.states import OrderState
from dispatch.timeline import rule_name
from petitions.models import Attachment, Petition

# The step that decides an extension, by the permission its rule names.
DECIDED_BY = {"dispatch.extend": "decide_extension", "dispatch.extend_legal": "decide_legal_extension"}
DECISIONS = frozenset({"decide_pause", *DECIDED_BY.values()})
_PERMISSIONS = ("dispatch.decide_pause", *DECIDED_BY)


def undecided(user: User, orders: Iterable[WorkOrder]) -> dict[int, set[str]]:
    """The deciding steps that have something to decide, by order; no query where this person decides nothing."""
    ids = [order.pk for order in orders if order.is_open]
    if not ids or not any(user.may(permission) for permission in _PERMISSIONS):
        return {}
    found: dict[int, set[str]] = {}
    for order_id in Pause.objects.filter(order__in=ids, state=Pause.State.ASKED).values_list("order_id", flat=True):
        found.setdefault(order_id or 0, set()).add("decide_pause")
    asked = Extension.objects.filter(order__in=ids, state=Extension.State.ASKED)
    for order_id, permission in asked.values_list("order_id", "clock__policy__extend_permission"):
        if permission in DECIDED_BY:
            found.setdefault(order_id or 0, set()).add(DECIDED_BY[permission])
    return found


def to_decide(user: User) -> Q:
    """Open work orders with a request this person's role decides; to be used on orders within their reach."""
    found = Q(pk__in=[])
    if user.may("dispatch.decide_pause"):
        found |= Q(Exists(Pause.objects.filter(order=OuterRef("pk"), state=Pause.State.ASKED)))
    for permission in DECIDED_BY:
        if user.may(permission):
            asked = Extension.objects.filter(order=OuterRef("pk"), state=Extension.State.ASKED)
            found |= Q(Exists(asked.filter(clock__policy__extend_permission=permission)))
    return Q(is_open=True, state=OrderState.IN_HAND) & found


def amount_text(amount: int, policy: Policy) -> str:
    """`5 working days`, `24 hours`, `90 minutes`."""
    n = {"n": amount}
    if policy.unit == Policy.Unit.CALENDAR_DAY:
        return ngettext("%(n)d calendar day", "%(n)d calendar days", amount) % n
    if policy.unit == Policy.Unit.WORKING_DAY:
        return ngettext("%(n)d working day", "%(n)d working days", amount) % n
    if policy.unit == Policy.Unit.WORKING_MINUTE:
        return ngettext("%(n)d working minute", "%(n)d working minutes", amount) % n
    if amount % 60 == 0:
        return ngettext("%(n)d hour", "%(n)d hours", amount // 60) % {"n": amount // 60}
    return ngettext("%(n)d minute", "%(n)d minutes", amount) % n


@dataclass(frozen=True)
class LedgerRow:
    """One line of the ledger on the case page; words only, times where the template writes them."""

    entry: Pause | Extension
    icon: str
    title: str
    source: str
    unit: str
    since: datetime | None
    until: datetime | None
    is_agreed_end: bool
    tone: str
    state: str
    files: Sequence[Attachment]
    told: str = ""


_TONES = {"asked": "amber", "running": "brand", "granted": "green", "refused": "red"}


def rows_of(petition: Petition) -> list[LedgerRow]:
    """Pauses and extensions of a case, newest first; three queries however many there are."""
    joined = ("order__unit", "asked_by", "decided_by", "event")
    pauses = Pause.objects.filter(petition=petition).select_related(*joined, "ended_by")
    extensions = Extension.objects.filter(petition=petition).select_related(*joined, "clock__policy")
    entries: list[Pause | Extension] = [*pauses, *extensions]
    entries.sort(key=lambda entry: entry.asked_at, reverse=True)
    files: dict[int, list[Attachment]] = {}
    events = [entry.event_id for entry in entries if entry.event_id]
    for file in Attachment.objects.filter(event__in=events) if events else []:
        files.setdefault(file.event_id or 0, []).append(file)
    return [_row(entry, files.get(entry.event_id or 0, [])) for entry in entries]


def _row(entry: Pause | Extension, files: Sequence[Attachment]) -> LedgerRow:
    is_pause = isinstance(entry, Pause)
    unit = str(entry.order.unit) if entry.order else _("Petition")
    tone = _TONES.get(entry.state, "grey")
    if isinstance(entry, Pause):
        title, source = str(entry.get_ground_display()), entry.source
        since, until = entry.paused_at, entry.ended_at or entry.until
        told = ""
    else:
        more = amount_text(entry.amount, entry.clock.policy)
        title = _("%(rule)s, %(amount)s more") % {"rule": rule_name(entry.clock.policy), "amount": more}
        source = entry.clock.policy.article
        since, until = entry.old_due_at, entry.new_due_at
        told = str(entry.get_told_how_display()) if entry.told_how else ""
    return LedgerRow(
        entry=entry,
        icon="circle-pause" if is_pause else "calendar-plus",
        title=title,
        source=source,
        unit=unit,
        since=since,
        until=until,
        is_agreed_end=isinstance(entry, Pause) and entry.ended_at is None and entry.until is not None,
        tone=tone,
        state=str(entry.get_state_display()),
        files=files,
        told=told,
    )


def running_pause(order: WorkOrder) -> Pause | None:
    """The pause an order is in."""
    return Pause.objects.filter(order=order, state=Pause.State.RUNNING).first()


def asked_pause(order: WorkOrder) -> Pause | None:
    """The request that waits for a decision, with what the deciding form shows."""
    rows = Pause.objects.filter(order=order, state=Pause.State.ASKED)
    return rows.select_related("asked_by", "event").prefetch_related("event__attachments").first()


def asked_extensions(order: WorkOrder, permission: str) -> list[Extension]:
    """The requests that wait for whoever holds the permission."""
    rows = Extension.objects.filter(order=order, state=Extension.State.ASKED)
    rows = rows.filter(clock__policy__extend_permission=permission)
    return list(rows.select_related("asked_by", "event", "clock__policy").prefetch_related("event__attachments"))


def running_clocks(order: WorkOrder) -> list[Clock]:
    """The clocks of an order that run now, for the forms that stop or move them."""
    rows = Clock.objects.filter(order=order, state=Clock.State.RUNNING).select_related("policy")
    return list(rows.order_by("due_at"))
