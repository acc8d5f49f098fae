"""My day: what is late, what is due, what waits for this person; every number with the address of its rows."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Area, User
from accounts.roles import Scope
from accounts.templatetags.district_map import DistrictFigure
from dispatch import console, supervision_desk
from dispatch.ledger import to_decide
from dispatch.models import WorkOrder
from dispatch.states import OrderState
from petitions.filters import Due, PetitionFilters, due_q
from petitions.models import Petition
from petitions.paging import capped_counts, capped_text
from petitions.states import State

DAYS = 14
ROWS = 8


@dataclass(frozen=True)
class Tile:
    """One number of the desk."""

    label: str
    url: str
    count: str
    icon: str
    tone: str = ""
    is_zero: bool = False


@dataclass(frozen=True)
class Counted:
    """A tile before it is counted."""

    label: str
    url: str
    icon: str
    rows: QuerySet[Any]
    tone: str = ""


def tiles(user: User, at: datetime) -> list[Tile]:
    """The numbers of this person's day, in one statement."""
    wanted = list(_order_tiles(user, at) if console.is_unit_person(user) else _petition_tiles(user, at))
    counts = capped_counts([tile.rows for tile in wanted])
    return [
        Tile(t.label, t.url, capped_text(n), t.icon, t.tone if n else "", is_zero=not n)
        for t, n in zip(wanted, counts, strict=True)
    ]


def _worklist(query: str) -> str:
    return f"{reverse('worklist')}?{query}"


def _orders(tab: str) -> str:
    return f"{reverse('unit_console')}?tab={tab}"


def _order_tiles(user: User, at: datetime) -> list[Counted]:
    mine = WorkOrder.objects.visible_to(user)
    own_turn = mine.filter(is_open=True, state__in=[OrderState.WAITING, OrderState.IN_HAND])
    late = console.UNIT_TABS[3]
    return [
        Counted(
            _("Sent back or overdue"), _orders("late"), "triangle-alert", mine.filter(late.condition(user, at)), "red"
        ),
        Counted(
            _("Due today"),
            _worklist("view=today"),
            "alarm-clock",
            Petition.objects.visible_to(user).filter(due_q(Due.TODAY, at)),
            "orange",
        ),
        Counted(_("To sign for"), _orders("to_sign"), "pen-line", own_turn.filter(state=OrderState.WAITING), "amber"),
        Counted(_("In hand"), _orders("in_hand"), "folder-open", own_turn.filter(state=OrderState.IN_HAND)),
        *_to_decide(user, mine),
        Counted(_("Mine"), _orders("mine"), "user-check", own_turn.filter(handler=user)),
        *_supervision_tiles(user, at),
    ]


def _supervision_tiles(user: User, at: datetime) -> list[Counted]:
    """What supervision waits for from this person: findings, answers to check, answers owed."""
    url = reverse("supervision_list")
    found: list[Counted] = []

    def add(label: str, where: str, icon: str, rows: QuerySet[Any], tone: str) -> None:
        found.append(Counted(label, where, icon, rows, tone))

    if user.may("dispatch.supervise"):
        rows = supervision_desk.open_findings(user, at)
        add(_("Findings to confirm"), f"{url}?tab=findings", "search-check", rows, "orange")
    if user.may("dispatch.supervise_decide"):
        add(_("Supervision answers"), f"{url}?tab=answers&mine=1", "gavel", supervision_desk.to_check(user), "amber")
    if console.is_unit_person(user) and user.may("dispatch.answer_supervision"):
        add(_("Supervision to answer"), f"{url}?tab=running&mine=1", "gavel", supervision_desk.to_answer(user), "red")
    if user.may("dispatch.answer_suggestion") and not user.may("dispatch.suggest"):
        owed = supervision_desk.suggestions_to_answer(user)
        add(_("Suggestions to answer"), reverse("suggestions"), "lightbulb", owed, "amber")
    return found


def _petition_tiles(user: User, at: datetime) -> list[Counted]:
    seen = Petition.objects.visible_to(user)
    orders = WorkOrder.objects.visible_to(user) if user.may("dispatch.view") else WorkOrder.objects.none()
    found = [
        Counted(_("Overdue"), _worklist("view=over"), "triangle-alert", seen.filter(due_q(Due.OVER, at)), "red"),
        Counted(_("Due today"), _worklist("view=today"), "alarm-clock", seen.filter(due_q(Due.TODAY, at)), "orange"),
    ]
    if user.may("dispatch.dispatch"):
        todo = seen.filter(is_open=True, state=State.REGISTERED)
        found.append(Counted(_("To dispatch"), _worklist("view=dispatch"), "share-2", todo, "amber"))
    if user.may("petitions.amend"):
        suspected = PetitionFilters({"suspected": "1"}, who=user, at=at).apply(seen.filter(is_open=True))
        found.append(Counted(_("Suspected repeats"), _worklist("view=open&suspected=1"), "copy-check", suspected))
    if user.may("dispatch.check"):
        waiting = orders.filter(is_open=True, state=OrderState.FED_BACK)
        found.append(Counted(_("To check"), _orders("to_check"), "clipboard-check", waiting, "amber"))
    found += _to_decide(user, orders)
    if user.may("dispatch.call_back"):
        waiting = orders.filter(is_open=True, state=OrderState.CHECKED)
        found.append(Counted(_("To call back"), _orders("to_call"), "phone-call", waiting))
    replied = seen.filter(is_open=True, state=State.REPLIED)
    found += _supervision_tiles(user, at)
    found.append(Counted(_("To rate and close"), _worklist("view=replied"), "star", replied))
    return found


def _to_decide(user: User, orders: QuerySet[WorkOrder]) -> list[Counted]:
    """Requests to pause or extend that wait for this person's role."""
    if not any(user.may(name) for name in ("dispatch.decide_pause", "dispatch.extend", "dispatch.extend_legal")):
        return []
    waiting = orders.filter(to_decide(user))
    return [Counted(_("Pauses and more time"), _orders("decide"), "circle-pause", waiting, "amber")]


def urgent_petitions(user: User, at: datetime) -> list[Petition]:
    """The open petitions this person sees whose deadline comes first."""
    rows = Petition.objects.visible_to(user).filter(is_open=True, next_due_at__lt=at + timedelta(days=3650))
    return list(rows.for_lists().order_by("next_due_at", "id")[:ROWS])


def urgent_orders(user: User) -> list[WorkOrder]:
    """The same for a unit: the orders that wait for it."""
    rows = WorkOrder.objects.visible_to(user).filter(is_open=True, state__in=[OrderState.WAITING, OrderState.IN_HAND])
    return list(rows.select_related("petition__area", "unit", "handler").order_by("next_due_at", "id")[:ROWS])


def districts(user: User, at: datetime) -> list[DistrictFigure]:
    """Open and overdue petitions of each district, for those who look at the whole city; empty for the others."""
    if user.scope_for("petitions.view") != Scope.CITY:
        return []
    rows = Petition.objects.visible_to(user).filter(is_open=True).order_by().values_list("district")
    counted = rows.annotate(n=Count("pk"), late=Count("pk", filter=Q(next_due_at__lt=at)))
    found = {district: (n, late) for district, n, late in counted}
    return [
        DistrictFigure(
            area.code, area.label, *found.get(area.pk, (0, 0)), url=_worklist(f"view=open&district={area.code}")
        )
        for area in Area.objects.filter(kind=Area.Kind.DISTRICT).order_by("code")
    ]


@dataclass(frozen=True)
class Flow:
    """What came in and went out in the last fourteen days, today last."""

    incoming: list[int]
    outgoing: list[int]

    @property
    def total_in(self) -> int:
        return sum(self.incoming)

    @property
    def total_out(self) -> int:
        return sum(self.outgoing)


def flow(user: User, at: datetime) -> Flow:
    """Petitions in scope, by local day of registration and of closing."""
    first = timezone.localdate(at) - timedelta(days=DAYS - 1)
    since = timezone.make_aware(datetime.combine(first, time.min))
    seen = Petition.objects.visible_to(user)
    return Flow(
        _by_day(seen.filter(registered_at__gte=since), "registered_at", first),
        _by_day(seen.filter(closed_at__gte=since), "closed_at", first),
    )


def _by_day(rows: QuerySet[Petition], column: str, first: Any) -> list[int]:
    counted = rows.order_by().annotate(day=TruncDate(column)).values_list("day").annotate(n=Count("pk"))
    numbers = dict(counted)
    return [numbers.get(first + timedelta(days=i), 0) for i in range(DAYS)]
