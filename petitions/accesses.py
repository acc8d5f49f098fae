"""Reading the access log: who looked at what was masked, as far as this inspector may know of it (domain-facts §1.17).

An entry about a petition is read by who may read that petition's log, an accusation's by those named for it; an entry
about nothing in particular (an export, a number looked up) by those whose area the person belongs to.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, ExtractHour, ExtractIsoWeekDay
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AccessLog, Unit, User
from accounts.roles import Scope
from petitions.models import Involvement, Petition
from petitions.search import by_number

# So many identities in one hour are not looked at for the work in hand.
MANY = 10
OFFICE_HOURS = (8, 18)

UNUSUAL: dict[str, Promise] = {
    "many": gettext_lazy("Many identities within an hour"),
    "night": gettext_lazy("Outside office hours"),
    "foreign": gettext_lazy("Not a case of their own"),
}
FILTERS = ("q", "action", "number", "unusual", "from", "to")


def visible_to(user: User) -> QuerySet[AccessLog]:
    """The entries this person may read; none without the permission, and never one's own alone."""
    scope = user.scope_for("petitions.access_log") if user.is_authenticated else None
    rows = AccessLog.objects.all()
    if scope is None or user.unit is None:
        return rows.none()
    reached = Q(subject__in=Petition.objects.within(user, "petitions.access_log").values("pk"))
    if scope == Scope.CITY:
        return rows.filter(reached | Q(subject=None))
    district = user.unit.area.district_id or user.unit.area_id
    return rows.filter(reached | Q(subject=None, unit__area__district=district))


def filtered(user: User, data: Mapping[str, str]) -> tuple[QuerySet[AccessLog], dict[str, str]]:
    """The entries the filters of an address ask for, and the filters that were understood."""
    given = {name: str(data.get(name, "")).strip()[:60] for name in FILTERS}
    rows = visible_to(user)
    if given["q"]:
        text = given["q"]
        who = Q(user__name__icontains=text) | Q(user__username__iexact=text) | Q(unit__name__icontains=text)
        rows = rows.filter(who | Q(client__icontains=text))
    if given["action"] in AccessLog.Action.values:
        rows = rows.filter(action=given["action"])
    if given["number"]:
        meant = by_number(given["number"])
        found = Petition.objects.within(user, "petitions.access_log").filter(meant) if meant is not None else None
        rows = rows.filter(subject__in=found.values("pk")) if found is not None else rows.none()
    if given["unusual"] in UNUSUAL:
        rows = _UNUSUAL[given["unusual"]](rows)
    since, until = _day(given["from"]), _day(given["to"])
    if since:
        rows = rows.filter(at__gte=since)
    if until:
        rows = rows.filter(at__lt=until + timedelta(days=1))
    return rows, {name: value for name, value in given.items() if value}


def _day(text: str) -> datetime | None:
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(text), time.min))
    except ValueError:
        return None


def _many(rows: QuerySet[AccessLog]) -> QuerySet[AccessLog]:
    around = AccessLog.objects.filter(
        action=AccessLog.Action.REVEAL, at__gt=OuterRef("at") - timedelta(hours=1), at__lte=OuterRef("at")
    ).order_by()
    by_person = around.filter(user=OuterRef("user")).values("user").annotate(n=Count("pk")).values("n")
    by_system = around.filter(client=OuterRef("client")).exclude(client="").values("client").annotate(n=Count("pk"))
    # One of the two is asked for each row, by its own index.
    counted = Case(When(user=None, then=Subquery(by_system.values("n"))), default=Subquery(by_person))
    return rows.filter(action=AccessLog.Action.REVEAL).annotate(n=Coalesce(counted, 0)).filter(n__gte=MANY)


def _night(rows: QuerySet[AccessLog]) -> QuerySet[AccessLog]:
    starts, ends = OFFICE_HOURS
    zone = timezone.get_default_timezone()
    timed = rows.annotate(hour=ExtractHour("at", tzinfo=zone), weekday=ExtractIsoWeekDay("at", tzinfo=zone))
    return timed.filter(Q(hour__lt=starts) | Q(hour__gte=ends) | Q(weekday__gte=6))


def _foreign(rows: QuerySet[AccessLog]) -> QuerySet[AccessLog]:
    """Neither named for it, nor of the unit that registered or handles it (or one above those)."""
    handles = Unit.objects.filter(
        pk__in=Involvement.objects.filter(petition=OuterRef(OuterRef("subject"))).values("unit"),
        path__startswith=OuterRef("unit__path"),
    )
    registered = Petition.objects.filter(pk=OuterRef("subject"), register_unit__path__startswith=OuterRef("unit__path"))
    named = Involvement.objects.filter(petition=OuterRef("subject"), user=OuterRef("user"))
    own = Exists(named) | Exists(registered) | Exists(handles)
    return rows.filter(subject__isnull=False).exclude(own)


_UNUSUAL = {"many": _many, "night": _night, "foreign": _foreign}


def numbers_of(rows: list[AccessLog]) -> dict[int, str]:
    """The petitions' numbers, by key: all that is said of a case here."""
    keys = {row.subject for row in rows if row.subject is not None}
    return {p.pk: p.short_number for p in Petition.objects.filter(pk__in=keys).only("year", "serial")}


def words_of(row: AccessLog) -> str:
    """What an entry says besides person and time: the reason typed, never the name of a file or of a petitioner."""
    if row.action == AccessLog.Action.DOWNLOAD:
        name = row.detail.rsplit(".", 1)
        return _("a file (%(kind)s)") % {"kind": name[1].lower()[:8] if len(name) == 2 else "–"}
    if row.action == AccessLog.Action.SEARCH:
        return _("number with the mark %(mark)s") % {"mark": row.detail}
    return row.reason or row.detail


def newest(rows: QuerySet[AccessLog]) -> QuerySet[AccessLog]:
    """With what a line shows."""
    return rows.select_related("user", "unit").order_by(F("at").desc(), "-pk")


def sheet(rows: QuerySet[AccessLog], most: int) -> list[list[Any]]:
    """The entries as lines of a table, newest first, `most` at the most."""
    found = list(newest(rows)[:most])
    numbers = numbers_of(found)
    return [
        [
            timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M:%S"),
            row.who,
            str(row.unit or "–"),
            str(row.get_action_display()),
            numbers.get(row.subject or 0, ""),
            words_of(row),
            row.ip or "",
        ]
        for row in found
    ]
