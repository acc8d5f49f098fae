"""The escalation drill: does every unit, service class and rung have a living person who can be reached?

It asks the same SQL the sweep asks (recipients.HEARD), for every unit at once instead of for clocks, so that what the
drill proves is what the sweep does; where a desk is empty it says who would really hear.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Area, Unit, User
from accounts.roles import Scope
from dispatch.actions.clocks import policies
from dispatch.models import Notice, Policy
from dispatch.policies import RUNG_LABELS
from dispatch.recipients import DESK_LABELS, HEARD, WORD_LABELS
from petitions.models import Urgency

# Who dispatched an order is known only when there is one; on paper it is the district's own petition office.
_ON_PAPER = {"dispatcher": "register_office", "asker": "register_office"}
# A unit that takes no orders is never asked for a handler.
_NEEDS_ORDERS = {"handler", "unit_leader", "owner"}
# Absences are those of the database's clock: a drill is about the present.
_NOW = "now"
# So many failed attempts in a row, and an address no longer counts as a way to reach somebody.
_DEAD_AFTER = 3

_ASKED = """
WITH asked AS MATERIALIZED (
    SELECT u.id AS ref, w.word, NULL::bigint AS handler_id, NULL::bigint AS asker_id, u.id AS unit_id,
           (SELECT o.id FROM accounts_unit o WHERE o.kind = 'petition_office'
              AND o.area_id = coalesce(a.district_id, (SELECT c.id FROM accounts_area c WHERE c.kind = 'city' LIMIT 1))
            ORDER BY o.id LIMIT 1) AS register_unit_id,
           a.district_id, NULL::bigint AS petition_id, false AS is_restricted
    FROM accounts_unit u JOIN accounts_area a ON a.id = u.area_id
    CROSS JOIN unnest(%(words)s::text[]) AS w(word)
    WHERE u.id = ANY (%(units)s) AND (u.takes_orders OR w.word <> ALL (%(order_words)s::text[]))
      -- A unit of the city itself has the district of the petition above it, which no paper knows.
      AND (a.district_id IS NOT NULL OR w.word <> 'district_office')
)"""

_SQL = f"""{_ASKED}, {HEARD}, bad AS MATERIALIZED (
    SELECT DISTINCT recipient_id AS id FROM dispatch_notice
    WHERE channel = 'email' AND delivered_at IS NULL AND digest_id IS NULL AND attempts >= %(dead)s
), wired AS MATERIALIZED (
    SELECT DISTINCT unit_id AS id FROM dispatch_notificationchannel
    WHERE is_active AND (last_error_at IS NULL OR last_success_at >= last_error_at)
), reach AS (
    SELECT h.ref, h.word, h.desk, h.is_fall, count(*) AS people,
           count(*) FILTER (WHERE w.id IS NOT NULL OR (u.email <> '' AND b.id IS NULL)) AS working
    FROM heard h JOIN accounts_user u ON u.id = h.user_id LEFT JOIN bad b ON b.id = u.id
    LEFT JOIN wired w ON w.id = u.unit_id GROUP BY h.ref, h.word, h.desk, h.is_fall
)
SELECT a.ref, a.word, coalesce(r.desk, ''), coalesce(r.is_fall, true), coalesce(r.people, 0), coalesce(r.working, 0)
FROM asked a LEFT JOIN reach r ON r.ref = a.ref AND r.word = a.word ORDER BY a.ref, a.word
"""  # noqa: S608 - of constants


@dataclass(frozen=True)
class Seat:
    """One desk of one unit: the word of the ladder, the desk that answers, and whether anybody can be reached."""

    unit_id: int
    word: str
    desk: str
    is_fall: bool
    people: int
    working: int

    @property
    def is_hole(self) -> bool:
        """Nobody sits where the ladder says; somebody above hears, or nobody at all."""
        return self.is_fall

    @property
    def is_weak(self) -> bool:
        """Somebody hears, but only who opens the inbox: no mail and no unit channel works."""
        return self.people > 0 and self.working == 0

    @property
    def label(self) -> str:
        return str(WORD_LABELS.get(self.word, self.word))

    @property
    def heard_by(self) -> str:
        """Who would really hear, in words."""
        return str(DESK_LABELS[self.desk]) if self.desk else _("nobody")


@dataclass(frozen=True)
class LadderRung:
    """A rung as the drill counts it: service class, rule, rung, and the words of the ladder."""

    urgency: str
    policy: Policy
    name: str
    words: tuple[str, ...]

    @property
    def label(self) -> str:
        return str(RUNG_LABELS.get(self.name, self.name))


@dataclass
class DistrictLine:
    """One district's result."""

    name: str
    code: str
    units: int = 0
    holes: int = 0
    weak: int = 0


@dataclass
class Result:
    """What a drill on paper found. `rungs` is unit × class × rule × rung, each of them looked through."""

    units: list[Unit]
    rungs: int
    seats: list[Seat]
    uses: Counter[str] = field(default_factory=Counter)

    @property
    def holes(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.is_hole]

    @property
    def weak(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.is_weak]

    def by_district(self) -> list[DistrictLine]:
        """Counts for each district, the city's own units last."""
        lines: dict[str, DistrictLine] = {}
        place: dict[int, DistrictLine] = {}
        for unit in self.units:
            district = unit.area.district
            code = district.code if district else ""
            line = lines.setdefault(code, DistrictLine(district.label if district else _("City level"), code))
            line.units += 1
            place[unit.pk] = line
        for seat in self.seats:
            place[seat.unit_id].holes += seat.is_hole
            place[seat.unit_id].weak += seat.is_weak
        return [lines[code] for code in sorted(lines, key=lambda c: c or "~")]


def ladder() -> list[LadderRung]:
    """Every rung of the rules in force that run on work orders, for each service class."""
    rules = [rule for rule in policies() if rule.subject == Policy.Subject.ORDER]
    return [
        LadderRung(urgency, rule, step["name"], tuple(step["to"]))
        for urgency in Urgency.values
        for rule in rules
        if not rule.urgencies or urgency in rule.urgencies
        for step in rule.ladder
    ]


def units_for(user: User, district: Area | None = None) -> list[Unit]:
    """The units this person may drill: the city's, or the own district's."""
    units = Unit.objects.filter(is_active=True).select_related("area__district").order_by("code")
    scope = user.scope_for("dispatch.drill")
    if scope is None:
        return []
    if scope != Scope.CITY:
        if user.unit is None:
            return []
        own = user.unit.area.district_id or user.unit.area_id
        units = units.filter(Q(area__district=own))
    if district is not None:
        units = units.filter(area__district=district)
    return list(units)


def look_through(units: Iterable[Unit]) -> Result:
    """The drill on paper, in one statement for any number of units."""
    chosen = list(units)
    rungs = ladder()
    uses: Counter[str] = Counter()
    for rung in rungs:
        uses.update({_ON_PAPER.get(word, word) for word in rung.words})
    words = sorted(uses)
    params: dict[str, Any] = {
        "units": [unit.pk for unit in chosen],
        "words": words,
        "order_words": sorted(_NEEDS_ORDERS),
        "at": _NOW,
        "dead": _DEAD_AFTER,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, params)
        seats = [Seat(*row) for row in cursor.fetchall()]
    takers = sum(unit.takes_orders for unit in chosen)
    return Result(chosen, takers * len(rungs), seats, uses)


@dataclass(frozen=True)
class Line:
    """One rung of one unit, with the names of those who would hear it."""

    rung: LadderRung
    seats: list[tuple[Seat, list[User]]]


def of_unit(unit: Unit) -> dict[str, list[Line]]:
    """The whole ladder of one unit by service class: who really hears each rung."""
    result = look_through([unit])
    people = people_of(unit)
    seats = {seat.word: seat for seat in result.seats}
    found: dict[str, list[Line]] = defaultdict(list)
    for rung in ladder():
        words = dict.fromkeys(_ON_PAPER.get(word, word) for word in rung.words)
        shown = [(seats[word], people.get(word, [])) for word in words if word in seats]
        found[rung.urgency].append(Line(rung, shown))
    return dict(found)


_PEOPLE_SQL = f"{_ASKED}, {HEARD} SELECT word, user_id FROM heard ORDER BY word, user_id"  # noqa: S608


def people_of(unit: Unit) -> dict[str, list[User]]:
    """The people who hear each word of this unit's ladder."""
    words = sorted({_ON_PAPER.get(word, word) for rung in ladder() for word in rung.words})
    params: dict[str, Any] = {"units": [unit.pk], "words": words, "order_words": sorted(_NEEDS_ORDERS), "at": _NOW}
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE_SQL, params)
        rows = cursor.fetchall()
    users = User.objects.select_related("unit").in_bulk({user for _word, user in rows})
    found: dict[str, list[User]] = defaultdict(list)
    for word, user in rows:
        found[word].append(users[user])
    return dict(found)


def messages_of(drill_id: int) -> list[Notice]:
    """The test messages of a drill and how far they got."""
    rows = Notice.objects.filter(kind="drill", dedupe_key=f"drill:{drill_id}")
    return list(rows.select_related("recipient__unit", "target__unit").order_by("channel", "id"))
