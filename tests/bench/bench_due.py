"""What computing one due date costs, beside the naive way: walking the days one by one.

    python -m tests.bench.bench_due

Pure arithmetic on a calendar of ten years; no database. The last line is one JSON object (nanoseconds each).
"""

import json
import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from dispatch.calendar import Calendar, DayInfo
from dispatch.clocks import CALENDAR_DAY, WALL_MINUTE, WORKING_DAY, WORKING_MINUTE, Meter, city_day, end_of_day, meter
from tests.bench.scratch import say

FIRST = date(2018, 1, 1)
DAYS = 3650
STARTS = 4000
ROUNDS = 7
# The unit, the length of a typical rule, and whether the last day moves.
CASES = (
    (CALENDAR_DAY, 7, False),
    (CALENDAR_DAY, 60, True),
    (WORKING_DAY, 5, False),
    (WORKING_DAY, 60, False),
    (WORKING_MINUTE, 120, False),
    (WALL_MINUTE, 24 * 60, False),
)
# Days must stay below this on a quiet machine (nanoseconds).
LIMIT = 2000


def walk(calendar: Calendar, start: datetime, count: int) -> datetime:
    """The floor's way: one day after the other, asking each whether it is worked."""
    day = city_day(start)
    while count:
        day += timedelta(days=1)
        count -= calendar.is_work(day)
    return end_of_day(day)


def pace(work: Callable[[datetime], datetime], starts: list[datetime]) -> float:
    """Nanoseconds a call in the best of several rounds: what else the machine does can only add to it."""
    rounds = []
    for _round in range(ROUNDS):
        began = time.perf_counter_ns()
        for start in starts:
            work(start)
        rounds.append((time.perf_counter_ns() - began) / len(starts))
    return min(rounds)


def main() -> None:
    choice = random.Random(7)
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    calendar = Calendar(DayInfo(d, d.weekday() < 5 and choice.random() > 0.04) for d in days)
    begin = datetime(2018, 1, 8, tzinfo=UTC)
    starts = [begin + timedelta(minutes=choice.randrange(9 * 365 * 24 * 60)) for _n in range(STARTS)]
    found = {}
    for unit, length, moves in CASES:
        counted: Meter = meter(unit, calendar, ends_on_work_day=moves)
        nanoseconds = pace(lambda start, m=counted, n=length: m.after(start, n), starts)  # type: ignore[misc]
        found[f"{unit} {length}{' moved' if moves else ''}"] = round(nanoseconds)
        say(f"{unit:>15} {length:>5}{' moved' if moves else '':6}  {nanoseconds:>8.0f} ns")
    for length in (5, 60):
        nanoseconds = pace(lambda start, n=length: walk(calendar, start, n), starts)  # type: ignore[misc]
        found[f"walked {length}"] = round(nanoseconds)
        say(f"{'walked':>15} {length:>5}        {nanoseconds:>8.0f} ns")
    slow = [name for name, value in found.items() if "_day" in name and value > LIMIT]
    say(f"day units below {LIMIT} ns: {'no: ' + ', '.join(slow) if slow else 'yes'}")
    say(json.dumps(found))


if __name__ == "__main__":
    main()
