"""The open stock at the end of the simulated time: how many cases wait at which stage with which deadline.

Each row of `ROWS` is planned backwards: the moment the decisive clock must have started for its due time to fall into
the wanted bucket is found by the real deadline arithmetic, and the steps before it are counted back from there.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from config.demo_city import teamwork
from config.demo_city.cases import ROUND_THE_CLOCK, Case, Wish, invent
from config.demo_city.lives import Life, hours, minutes, outcome_for
from config.demo_city.world import World
from dispatch.actions import clocks
from dispatch.calendar import CITY_TIME
from dispatch.clocks import due_at
from dispatch.models import Policy

HOUSING, ENFORCEMENT, TRANSPORT = "330203-HOUSING", "330212-ENFORCEMENT", "330225-TRANSPORT"


@dataclass(frozen=True)
class Row:
    """So many cases at a stage whose clock runs out overdue, today, soon (within three days) or later."""

    count: int
    stage: str
    bucket: str
    wish: Wish = field(default_factory=lambda: Wish(kind="handled"))
    # The demo cast has it on its desk.
    is_cast: bool = False
    is_repeat: bool = False
    is_suspected: bool = False


def _at(unit: str, **more: object) -> Wish:
    return Wish(district=unit[:6], unit=unit, kind="handled", **more)  # type: ignore[arg-type]


_CITY = Wish(kind="handled", office="city")
_HUB = Wish(kind="handled", office="hotline")
_HAISHU = Wish(kind="handled", office="district", district="330203")

# For 800 petitions; fewer petitions have proportionally fewer, but at least one of each row.
ROWS = (
    # What the cast finds on its desk.
    Row(2, "waiting", "today", _at(HOUSING), is_cast=True),
    Row(2, "in_hand", "overdue", _at(HOUSING), is_cast=True),
    Row(2, "in_hand", "today", _at(HOUSING), is_cast=True),
    Row(3, "in_hand", "soon", _at(HOUSING), is_cast=True, is_repeat=True),
    Row(2, "in_hand", "later", _at(HOUSING), is_cast=True, is_repeat=True, is_suspected=True),
    Row(2, "bad_rated", "later", _CITY, is_cast=True),
    Row(2, "bad_called", "later", _at(HOUSING), is_cast=True),
    Row(1, "bad_mended", "later", _CITY, is_cast=True),
    Row(2, "missed", "soon", _HUB, is_cast=True),
    Row(2, "in_hand", "later", _at(HOUSING, is_group=True), is_cast=True),
    Row(1, "signed", "soon", _at(HOUSING), is_cast=True),
    Row(1, "sent_back", "soon", _at(HOUSING), is_cast=True),
    Row(1, "waiting", "overdue", _at(ENFORCEMENT), is_cast=True),
    Row(2, "in_hand", "overdue", _at(ENFORCEMENT), is_cast=True),
    Row(2, "in_hand", "soon", _at(ENFORCEMENT), is_cast=True),
    Row(1, "in_hand", "today", _at(TRANSPORT), is_cast=True),
    Row(1, "registered", "later", Wish(kind="accusation", office="city"), is_cast=True),
    Row(3, "registered", "later", _CITY, is_cast=True),
    Row(3, "registered", "later", _HUB, is_cast=True),
    Row(2, "registered", "later", _HAISHU, is_cast=True),
    Row(2, "fed_back", "soon", _CITY, is_cast=True),
    Row(1, "fed_back", "overdue", _CITY, is_cast=True),
    Row(2, "checked", "soon", _CITY, is_cast=True),
    Row(1, "checked", "today", _HUB, is_cast=True),
    Row(2, "called_back", "", _CITY, is_cast=True),
    Row(3, "rated", "later", _CITY, is_cast=True),
    Row(2, "fed_back", "soon", _HUB, is_cast=True),
    Row(2, "replied", "soon", _HAISHU, is_cast=True),
    # Whose is it: a return to decide, a consultation under way, a matter two units work on.
    Row(1, "return_asked", "soon", Wish(kind="handled", office="city", district="330203", unit=HOUSING), is_cast=True),
    Row(1, "return_asked", "soon", Wish(kind="handled", office="hotline"), is_cast=True),
    Row(1, "consulting", "later", Wish(kind="handled", office="city", district="330203", unit=HOUSING), is_cast=True),
    Row(2, "joint", "soon", _at(HOUSING), is_cast=True),
    # Urgent ones: 24 hours and 4 hours.
    Row(2, "in_hand_urgent", "today", Wish(kind="urgent", urgency="urgent")),
    Row(1, "in_hand_urgent", "overdue", Wish(kind="urgent", urgency="urgent")),
    Row(1, "in_hand_extra", "today", Wish(kind="urgent", urgency="extra_urgent")),
    # The rest of the city.
    Row(5, "in_hand", "overdue"),
    Row(1, "replied", "overdue"),
    Row(1, "registered", "overdue"),
    Row(2, "in_hand", "today"),
    Row(9, "in_hand", "soon"),
    Row(2, "in_hand", "soon", Wish(kind="suggestion")),
    Row(2, "in_hand", "soon", Wish(kind="handled", is_anonymous=True)),
    Row(9, "in_hand", "later"),
    Row(2, "in_hand", "later", Wish(kind="handled", is_group=True)),
    Row(2, "registered", "later", Wish(kind="suggestion")),
    Row(8, "replied", "later"),
    Row(3, "fed_back", "soon"),
    Row(2, "called_back", ""),
)
FULL = 800
_STEP = timedelta(minutes=20)
_KEYS = {
    "registered": "D01_route",
    "waiting": "O_sign",
    "signed": "O_contact",
    "in_hand": "O_feedback_7d",
    "sent_back": "O_feedback_7d",
    "return_asked": "O_return_decide",
    "consulting": "C_ruling",
    "joint": "O_feedback_7d",
    "in_hand_urgent": "O_feedback_24h",
    "in_hand_extra": "O_feedback_4h",
    "fed_back": "O_check",
    "checked": "O_callback",
    "replied": "P_rating",
    "rated": "P_rating",
    "bad_rated": "P_rating",
    "bad_called": "P_rating",
    "bad_mended": "P_rating",
    "missed": "O_callback",
}


def stock_cases(world: World, seed: str, petitions: int) -> list[Case]:
    """The planned stock, scaled to the number of petitions wanted."""
    share = min(1.0, petitions / FULL)
    cases = []
    for place, row in enumerate(ROWS):
        for number in range(max(1, round(row.count * share))):
            cases.append(_case(world, Random(f"{seed}/stock/{place}/{number}"), row))  # noqa: S311
    return cases


def _case(world: World, rng: Random, row: Row) -> Case:
    case = invent(world, rng, world.until, row.wish)
    if row.is_cast:
        _give_to_cast(case, world, row)
    case.is_repeat, case.is_suspected = row.is_repeat, row.is_suspected
    anchor = start_for(row.stage, row.bucket, world.until, rng)
    _PLANS[row.stage](Life(case, world, anchor))
    # What would lie ahead of the present has not happened.
    case.steps = [step for step in case.steps if step.at < world.until]
    return case


def _give_to_cast(case: Case, world: World, row: Row) -> None:
    case.leader, case.handler = world.star(case.unit.code, "leader"), world.star(case.unit.code, "handler")
    case.officer = world.star(case.register_unit.code, "officer")
    if case.replier.unit_id == case.officer.unit_id:
        case.replier = case.officer
    if case.caller.role != "hotline_agent":
        case.caller = case.officer
    elif case.registrar is case.caller:
        case.registrar = case.caller = world.star(case.register_unit.code, "agent")


def start_for(stage: str, bucket: str, until: datetime, rng: Random) -> datetime:
    """When the decisive clock of a stage must have started for its due time to fall into the bucket at `until`."""
    rule = next((policy for policy in clocks.policies() if policy.key == _KEYS.get(stage)), None)
    if rule is None:
        return until - timedelta(hours=rng.uniform(2, 20))
    # Work in office hours where there is a choice; at dawn or on a holiday there may be none.
    moments = [until - timedelta(minutes=5) - n * _STEP for n in range(72 * 40)]
    fitting = [at for at in moments if bucket_of(_due(rule, at), until) == bucket]
    awake = [at for at in fitting if 8 <= at.astimezone(CITY_TIME).hour < 18]
    if not fitting:
        return until - timedelta(hours=rng.uniform(1, 6))
    # Overdue matters are days, not weeks, past their time.
    return rng.choice((awake or fitting)[:220]) - timedelta(seconds=rng.randrange(240))


def _due(rule: Policy, at: datetime) -> datetime:
    return due_at(at, rule.length, rule.unit, clocks.calendar(), ends_on_work_day=rule.ends_on_work_day)


def bucket_of(due: datetime, now: datetime) -> str:
    """overdue, today, soon (within three days) or later, by Shanghai's days."""
    if due < now:
        return "overdue"
    days = (due.astimezone(CITY_TIME).date() - now.astimezone(CITY_TIME).date()).days
    return "today" if days == 0 else "soon" if days <= 3 else "later"


def _by_day(life: Life, moment: datetime) -> datetime:
    """The moment, or the last hours of work before it."""
    local = moment.astimezone(CITY_TIME)
    if 8 <= local.hour < 18 or life.case.matter.is_urgent:
        return moment
    day = local if local.hour >= 18 else local - timedelta(days=1)
    return day.replace(hour=life.case.rng.randrange(9, 17))


def _opened(life: Life) -> None:
    """Registered some hours before the moment that counts, dispatched at it."""
    anchor, case = life.at, life.case
    life.at = anchor - (minutes(case, 3, 12) if case.matter.is_urgent else hours(case, 0.4, 9))
    if case.channel not in ROUND_THE_CLOCK:
        life.at = _by_day(life, life.at)
    life.register()
    life.at = anchor
    life.dispatch()


def _registered(life: Life) -> None:
    life.register()


def _waiting(life: Life) -> None:
    _opened(life)


def _signed(life: Life) -> None:
    _opened(life)
    life.at += minutes(life.case, 5, 40)
    life.sign()


def _in_hand(life: Life) -> None:
    _opened(life)
    # Dispatched an hour ago is taken up within the hour.
    room = min(1.0, (life.world.until - life.at).total_seconds() / 3600 / 9)
    pace = 0.05 if life.case.matter.is_urgent else 1
    life.at += hours(life.case, 0.1, 1.2) * room * pace
    life.sign()
    life.at += hours(life.case, 0.4, 6) * room * pace
    life.contact()


def _return_asked(life: Life) -> None:
    """The unit asks at the moment that counts; the hub has not decided."""
    anchor, case = life.at, life.case
    life.at = _by_day(life, anchor - hours(case, 1, 4))
    _opened(life)
    life.at += minutes(case, 4, 20)
    life.sign()
    life.at = anchor
    life.do("ask_return", who=case.leader, reason="R3", right=None, text=case.teller.phrase("not_us"))


def _consulting(life: Life) -> None:
    """Called at the moment that counts; the neighbour has answered, the cast's unit has not."""
    anchor, case = life.at, life.case
    life.at = _by_day(life, anchor - hours(case, 1, 20))
    life.register()
    life.at = anchor
    other = life.world.units[case.town.code]
    teamwork.ask(life, other)
    life.at = anchor + (life.world.until - anchor) * 0.5
    who = life.world.post(other.code, "leader", case.rng)
    life.do("opine", who=who, stance="assist", text=case.teller.phrase("opinion_assist"))


def _joint(life: Life) -> None:
    """The cast's unit leads, the town assists and has not fed back."""
    _in_hand(life)
    other = life.world.units[life.case.town.code]
    if other.code != life.case.unit.code:
        life.at += minutes(life.case, 5, 30)
        life.do("assist", units=[other], text=life.case.teller.phrase("assist"))


def _fed(life: Life, at: datetime) -> None:
    """A life up to the feedback at `at`."""
    life.at = _by_day(life, at - hours(life.case, 30, 110))
    _in_hand(life)
    life.at = at
    life.feed_back(outcome_for(life.case, 3))


def _sent_back(life: Life) -> None:
    anchor, until, case = life.at, life.world.until, life.case
    _in_hand(life)
    life.at = anchor + (until - anchor) * 0.6
    life.feed_back("partly")
    life.at = until - hours(case, 1, 5)
    life.do("check", passes=False, text=case.teller.phrase("send_back"))


def _fed_back(life: Life) -> None:
    _fed(life, life.at)


def _checked(life: Life) -> None:
    anchor = life.at
    _fed(life, anchor - hours(life.case, 1, 8))
    life.at = anchor
    life.check()


def _called_back(life: Life) -> None:
    anchor = life.at
    _fed(life, anchor - hours(life.case, 12, 40))
    life.at = anchor - hours(life.case, 3, 9)
    life.check()
    life.at = anchor
    life.call_back(3)


def _replied(life: Life) -> None:
    anchor, case = life.at, life.case
    _fed(life, _by_day(life, anchor - hours(case, 50, 80)))
    life.at = _by_day(life, anchor - hours(case, 20, 30))
    life.check()
    life.at = anchor - hours(case, 0.5, 6)
    life.call_back(3)
    life.at = anchor
    life.reply()


def _rated(life: Life) -> None:
    _replied(life)
    life.at = life.at + (life.world.until - life.at) * 0.5
    life.rate(3)


def _missed(life: Life) -> None:
    """Called once without an answer; the next try is due in another part of the day."""
    _checked(life)
    life.at += (life.world.until - life.at) * 0.5
    life.do("miss_call", text=life.case.teller.phrase("miss_call"))


def _bad_rated(life: Life) -> None:
    _replied(life)
    life.at += (life.world.until - life.at) * 0.7
    life.rate(1)


def _bad_called(life: Life) -> None:
    _bad_rated(life)
    life.at += (life.world.until - life.at) * 0.4
    life.do("bad_called", text=life.case.teller.phrase("said_1"))


def _bad_mended(life: Life) -> None:
    _bad_called(life)
    life.at += (life.world.until - life.at) * 0.5
    life.do("put_right", text=life.case.teller.phrase("put_right"))


_PLANS = {
    "missed": _missed,
    "bad_rated": _bad_rated,
    "bad_called": _bad_called,
    "bad_mended": _bad_mended,
    "registered": _registered,
    "waiting": _waiting,
    "signed": _signed,
    "in_hand": _in_hand,
    "in_hand_urgent": _in_hand,
    "in_hand_extra": _in_hand,
    "return_asked": _return_asked,
    "consulting": _consulting,
    "joint": _joint,
    "sent_back": _sent_back,
    "fed_back": _fed_back,
    "checked": _checked,
    "called_back": _called_back,
    "replied": _replied,
    "rated": _rated,
}
