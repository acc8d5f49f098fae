"""Replays the year: everything in its order, the deadlines firing as they came due, the wall kept every week."""

from datetime import datetime, timedelta
from random import Random

from django.db import connection, transaction

from backlog.actions import boards
from backlog.counts import monday_of
from config.demo_city.backlog.calendar import Year
from config.demo_city.backlog.city import MEETINGS, City
from config.demo_city.backlog.course import Course
from config.demo_city.backlog.files import WHOLE, invent, raise_petitions
from config.demo_city.backlog.officials import appoint, set_up
from config.demo_city.simulation import STILL_NEWS
from config.demo_city.world import World
from dispatch.actions import announcing, notices, sweep
from dispatch.models import PendingRung

LENGTH = timedelta(days=325)
# The wall is kept of the last weeks, and of every second week before, as far back as this.
KEPT_WEEKS, EVERY_WEEK = 26, 13


@transaction.atomic
def replay(world: World, *, seed: str, cases: int = WHOLE, weeks: int = KEPT_WEEKS) -> int:
    """A year of so many backlog cases up to the world's present; how many steps were taken. All or nothing.

    `weeks`: how far back the wall is kept.
    """
    rng = Random(f"{seed}/backlog")  # noqa: S311
    year = Year(world.until - LENGTH, world.until, rng)
    command = appoint(world)
    set_up(world, command, year.begins)
    files = invent(world, command, year, seed, cases)
    for file in files:
        raise_petitions(file, world, year)
    courses = [Course(file, year, command.secretary) for file in files]
    for course in courses:
        course.begin()
    city = City(world, command, year, courses, rng)
    share = cases / WHOLE
    city.plan_meetings(max(4, round(MEETINGS * min(1.0, share * 2))))
    city.plan_receptions(max(6, round(44 * share)))
    city.plan_visits(max(2, round(8 * share)))
    year.put(year.office(year.begins + LENGTH * 0.7), city.change_office)
    _watch(year, city, weeks)
    taken = year.play()
    _fire(world.until)
    notices.settle(before=world.until - STILL_NEWS)
    return taken


def _watch(year: Year, city: City, kept: int) -> None:
    """Every morning the deadlines, every Monday the wall, every Friday of late the reports of the workgroups."""
    day = monday_of(year.begins) + timedelta(days=7)
    last = monday_of(year.until)
    while day <= year.until.date():
        year.put(year.moment(day, 8 * 60), _fire)
        weeks = (last - day).days // 7
        if day.weekday() == 0 and weeks < kept and (weeks < EVERY_WEEK or weeks % 2 == 0):
            year.put(year.moment(day, 8 * 60 + 5), _keep)
        if day.weekday() == 4 and day > last - timedelta(weeks=3):
            year.put(year.moment(day, 16 * 60 + 50), city.report_groups)
        day += timedelta(days=1)


def _keep(at: datetime) -> None:
    boards.take_snapshots(at=at)


def _fire(at: datetime) -> None:
    """Let the sweep find what has come due; a morning's findings are told in the morning."""
    if not PendingRung.objects.filter(fire_at__lte=at).exists():
        return
    with connection.cursor() as cursor:
        # The live announcer holds it for a moment at most; without it, announce() would leave ours for later.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [announcing.ANNOUNCE_LOCK])
    sweep.fire(at=at)
    sweep.announce(at=at)
