"""Office time for the simulation: a step planned for the night or a holiday happens when the office opens."""

from datetime import datetime, time, timedelta
from random import Random

from dispatch.calendar import CITY_TIME, Calendar

_MORNING, _NOON, _AFTER_LUNCH, _EVENING = time(8, 30), time(12, 0), time(13, 30), time(17, 30)


def in_office(moment: datetime, rng: Random, calendar: Calendar) -> datetime:
    """The moment itself in office hours, else soon after the next opening."""
    local = moment.astimezone(CITY_TIME)
    clock = local.time()
    if calendar.is_work(local.date()):
        if _MORNING <= clock < _NOON or _AFTER_LUNCH <= clock < _EVENING:
            return moment
        if clock < _MORNING or _NOON <= clock < _AFTER_LUNCH:
            opening = _MORNING if clock < _MORNING else _AFTER_LUNCH
            return datetime.combine(local.date(), opening, CITY_TIME) + _soon(rng)
    day = local.date() + timedelta(days=1)
    while not calendar.is_work(day):
        day += timedelta(days=1)
    return datetime.combine(day, _MORNING, CITY_TIME) + _soon(rng)


def _soon(rng: Random) -> timedelta:
    return timedelta(seconds=rng.randrange(120, 5400))
