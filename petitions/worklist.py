"""The worklist without its page: built-in views as data, sorting, deadline groups, and the words of a row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from accounts.durations import Remaining, paused, remaining
from accounts.models import Area, Unit, User
from accounts.roles import Scope
from accounts.templatetags.ui import seal, status_chip
from petitions.filters import Bounds, Due, bounds, due_q
from petitions.models import Channel, Petition, flags_of
from petitions.paging import Order
from petitions.states import STATE_TONES, State

# The nearest clock says whose turn it is (dispatch/policies.py names the keys). In handling with no clock running,
# every feedback is checked and called back: the office owes the reply.
OFFICE_CLOCKS = ("D01_route", "P_rating", "O_check", "O_callback", "O_reply", "")


def office_turn() -> Q:
    """Open petitions whose next step is the petition office's: registered and replied ones run no other clock."""
    return Q(is_open=True, next_due_key__in=OFFICE_CLOCKS)


def unit_turn() -> Q:
    """Petitions in handling whose next step is a unit's."""
    return Q(is_open=True) & ~Q(next_due_key__in=OFFICE_CLOCKS)


def to_do(user: User, at: datetime) -> Q:
    """What waits for this person's own step, among what they may see."""
    if not user.may("petitions.answer"):
        return unit_turn() if user.may("petitions.note") else Q(is_open=True)
    turn = office_turn()
    if user.scope_for("petitions.view") == Scope.CITY and user.unit is not None:
        # A city-wide reader's own desk is what came in over it, not all the districts' matters.
        turn &= Q(register_unit__in=list(Unit.objects.below(user.unit).values_list("pk", flat=True)))
    return turn


@dataclass(frozen=True)
class View:
    """A built-in view of the worklist: a name, a condition, and the order it opens in."""

    key: str
    label: Promise
    condition: Callable[[User, datetime], Q]
    tone: str = ""
    # Closed petitions have no deadline; an index by deadline holds open ones only.
    has_deadlines: bool = True
    # Without it everybody sees the tab.
    permission: str = ""
    # What has been closed is 999+ for everybody soon, which says nothing and is not asked for.
    is_counted: bool = True


VIEWS: dict[str, View] = {
    view.key: view
    for view in (
        View("todo", gettext_lazy("To do for me"), to_do),
        View(
            "dispatch",
            gettext_lazy("To dispatch"),
            lambda user, at: Q(is_open=True, state=State.REGISTERED),
            permission="petitions.answer",
        ),
        View("handling", gettext_lazy("In handling"), lambda user, at: Q(is_open=True, state=State.HANDLING)),
        View("today", gettext_lazy("Due today"), lambda user, at: due_q(Due.TODAY, at), tone="amber"),
        View("over", gettext_lazy("Overdue"), lambda user, at: due_q(Due.OVER, at), tone="red"),
        View("replied", gettext_lazy("Waiting for rating"), lambda user, at: Q(is_open=True, state=State.REPLIED)),
        View("open", gettext_lazy("All open"), lambda user, at: Q(is_open=True)),
        View(
            "closed", gettext_lazy("Closed"), lambda user, at: Q(is_open=False), has_deadlines=False, is_counted=False
        ),
        View("all", gettext_lazy("All"), lambda user, at: Q(), has_deadlines=False, is_counted=False),
    )
}
SEARCH_VIEW = "all"


def views_for(user: User) -> list[View]:
    """The tabs of this person, in order; the first is where the worklist opens."""
    return [view for view in VIEWS.values() if not view.permission or user.may(view.permission)]


SORTS: dict[str, Order] = {
    "due": Order("next_due_at"),
    "-due": Order("next_due_at", is_descending=True),
    "new": Order("registered_at", is_descending=True),
    "old": Order("registered_at"),
    "updated": Order("updated_at", is_descending=True),
    "-updated": Order("updated_at"),
}
SORT_WORDS = {
    "due": gettext_lazy("by deadline"),
    "-due": gettext_lazy("by deadline, latest first"),
    "new": gettext_lazy("newest first"),
    "old": gettext_lazy("oldest first"),
    "updated": gettext_lazy("last changed first"),
    "-updated": gettext_lazy("longest unchanged first"),
}


def sort_for(view: View, wanted: str) -> str:
    """The order to show: the wanted one where the view can serve it, otherwise the view's own."""
    if wanted in SORTS and (view.has_deadlines or not wanted.endswith("due")):
        return wanted
    return "due" if view.has_deadlines else "new"


# One Chinese character or a letter in a seal, its meaning beside it for who cannot see it.
SEAL_LETTERS = {
    "restricted": pgettext_lazy("seal", "C"),
    "supervised": pgettext_lazy("seal", "V"),
    "repeat": pgettext_lazy("seal", "R"),
    "group": pgettext_lazy("seal", "G"),
    "urgent": pgettext_lazy("seal", "U"),
    "anonymous": pgettext_lazy("seal", "A"),
    "suggestion": pgettext_lazy("seal", "S"),
}


def who_text(petition: Petition) -> str:
    """The masked petitioner of a list row: 周*琴, 周*琴等12人, 匿名."""
    name = petition.petitioner_label
    if not name:
        name = _("anonymous") if petition.is_anonymous else "–"
    if petition.headcount <= 1:
        return name
    return ngettext("%(name)s, %(n)d person", "%(name)s and others, %(n)d persons", petition.headcount) % {
        "name": name,
        "n": petition.headcount,
    }


def short_place(area: Area) -> str:
    """鄞州 for 鄞州区, Yinzhou for Yinzhou District: all that a narrow column needs."""
    if get_language() == "en":
        return area.label.rsplit(" ", 1)[0]
    return area.name[:-1] if len(area.name) > 2 else area.name


@dataclass(frozen=True)
class Line:
    """A petition as a row of the list, every word ready: a page draws fifty of them."""

    petition: Petition
    url: str
    deadline: Remaining | None
    seals: SafeString
    who: str
    place: str
    number: tuple[str, str]
    channel: str
    state: SafeString


def chip_of(row: Any, at: datetime) -> Remaining | None:
    """The deadline chip of a row that carries a copy of its nearest deadline, a petition or a work order.

    Paused where only resting clocks are left; None for what has ended and where nothing runs.
    """
    if not row.is_open:
        return None
    if row.deadline is None:
        return paused() if row.next_due_key else None
    return remaining(row.deadline, at, start=row.next_due_from)


class LineMaker:
    """Makes rows; each word and each chip is made once for the whole page instead of once a row."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.channels = {channel.value: str(channel.label) for channel in Channel}
        self.states = {state.value: status_chip(state.label, STATE_TONES[state]) for state in State}
        self.letters = {key: str(letter) for key, letter in SEAL_LETTERS.items()}
        self.sealed: dict[tuple[str, ...], SafeString] = {}
        self.places: dict[int, str] = {}
        self.case_url = reverse("petition", kwargs={"pk": 0})

    def line_of(self, petition: Petition) -> Line:
        """Everything a row says, made from the petition's own columns and the names it joins."""
        year, serial = petition.short_number.split("-")
        if petition.district_id not in self.places:
            self.places[petition.district_id] = short_place(petition.district)
        return Line(
            petition=petition,
            url=self.case_url.replace("0", str(petition.pk)),
            deadline=chip_of(petition, self.at),
            seals=self.seals_of(petition),
            who=who_text(petition),
            place=self.places[petition.district_id],
            number=(f"{year}-", serial),
            channel=self.channels[petition.channel],
            state=self.states[petition.state],
        )

    def seals_of(self, petition: Petition) -> SafeString:
        """The flags of a row as seals; the same flags make the same seals."""
        flags = flags_of(petition)
        kinds = tuple(f"{key} {title}" for key, title, _tone in flags)
        if kinds not in self.sealed:
            drawn = ((seal((self.letters.get(key, key[:1]), title, tone)),) for key, title, tone in flags)
            self.sealed[kinds] = format_html_join("", "{}", drawn)
        return self.sealed[kinds]


@dataclass
class Group:
    """Rows that stand together under one heading; `key` is empty where the order is not by deadline."""

    key: str
    lines: list[Line] = field(default_factory=list)
    count: str = ""

    @property
    def label(self) -> str:
        return str(Due(self.key).label) if self.key else ""


def group_key(petition: Petition, limits: Bounds) -> str:
    """The deadline group a row belongs to, of the groups `bounds` gives."""
    for key, (since, until) in limits.items():
        if (since is None or petition.next_due_at >= since) and (until is None or petition.next_due_at < until):
            return key
    return Due.NONE


def groups_of(rows: Iterable[Petition], at: datetime, *, by_deadline: bool) -> list[Group]:
    """Rows under their deadline headings, in the order they come; one group without a heading otherwise."""
    groups: list[Group] = []
    limits, maker = bounds(at), LineMaker(at)
    for petition in rows:
        key = group_key(petition, limits) if by_deadline else ""
        if not groups or groups[-1].key != key:
            groups.append(Group(key))
        groups[-1].lines.append(maker.line_of(petition))
    return groups
