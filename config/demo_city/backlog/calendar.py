"""The order of the year: a queue of steps, each at its own moment in office hours; a step may add later ones."""

import heapq
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random

from accounts.actors import Actor
from accounts.models import User
from dispatch.calendar import CITY_TIME
from dispatch.clocks import city_day
from dispatch.rulebook import calendar

Act = Callable[[datetime], None]


def hand(user: User) -> Actor:
    """A person at work in the replay: named in every event, with the rights of the system.

    Whether the person may take a step costs more than the step, and thousands are taken; that it is refused to others
    is what the tests of the room are for.
    """
    return Actor(label=user.name, user=user, unit=user.unit, is_system=True)


class Year:
    """Steps in the order of time up to the present; what lies beyond it does not happen."""

    def __init__(self, begins: datetime, until: datetime, rng: Random) -> None:
        self.begins, self.until, self.rng = begins, until, rng
        self._queue: list[tuple[datetime, int, Act]] = []
        self._count = 0
        self._days = calendar()

    def put(self, at: datetime, act: Act) -> None:
        """Have a step happen at a moment, unless it lies ahead of the present."""
        if at <= self.until:
            self._count += 1
            heapq.heappush(self._queue, (at, self._count, act))

    def after(self, at: datetime, days: float, act: Act) -> None:
        """Have a step happen so many days after a moment, in the next office hours."""
        self.put(self.office(at + timedelta(days=days)), act)

    def office(self, moment: datetime) -> datetime:
        """Office hours of that day, or of the next work day; its own minute for each step."""
        return self.moment(self.work_day(city_day(moment)), self.rng.randrange(9 * 60, 16 * 60 + 40))

    def work_day(self, day: date) -> date:
        """The day itself, or the next work day."""
        while not self._days.is_work(day):
            day += timedelta(days=1)
        return day

    @staticmethod
    def moment(day: date, minute: int) -> datetime:
        """A minute of a day of the city."""
        return datetime.combine(day, time(minute // 60, minute % 60), CITY_TIME)

    def play(self) -> int:
        """Take every step; how many there were."""
        taken = 0
        while self._queue:
            at, _number, act = heapq.heappop(self._queue)
            act(at)
            taken += 1
        return taken
