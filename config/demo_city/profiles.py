"""How the units of the demo city work: most soundly, some fast, some slow, a few passing the buck."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from zlib import crc32

from petitions.models import Urgency


@dataclass(frozen=True)
class Profile:
    """Chances are shares of one; days and hours are (least, most, usual)."""

    sign_minutes: tuple[float, float, float]
    contact_hours: tuple[float, float, float]
    days: tuple[float, float, float]
    is_sent_back: float
    is_dissatisfied: float
    asks_return: float

    def sign_after(self, rng: Random, urgency: str) -> timedelta:
        low, high, mode = self.sign_minutes
        scale = 0.12 if urgency in {Urgency.URGENT, Urgency.EXTRA} else 1
        return timedelta(minutes=rng.triangular(low, high, mode) * scale)

    def contact_after(self, rng: Random, urgency: str) -> timedelta:
        scale = {Urgency.URGENT: 0.25, Urgency.EXTRA: 0.06}.get(Urgency(urgency), 1)
        return timedelta(hours=rng.triangular(*self.contact_hours) * scale)

    def handle_in(self, rng: Random, urgency: str) -> timedelta:
        """From the first contact to the feedback."""
        days = rng.triangular(*self.days)
        scale = {Urgency.URGENT: 0.11, Urgency.EXTRA: 0.022, Urgency.DIFFICULT: 1.25}.get(Urgency(urgency), 1)
        return timedelta(days=days * scale)


FAST = Profile((4, 60, 15), (0.3, 6, 1.5), (0.2, 3, 0.8), 0.03, 0.02, 0.01)
STEADY = Profile((8, 125, 35), (0.4, 8, 2.5), (0.3, 4.2, 1.3), 0.08, 0.05, 0.03)
SLOW = Profile((30, 260, 110), (1, 26, 7), (1.2, 7.5, 3.5), 0.16, 0.11, 0.05)
PASSING = Profile((40, 420, 150), (2, 40, 12), (1.5, 9, 4), 0.22, 0.16, 0.3)

# The demo cast's own units: one that works well enough, one that does not.
_CAST = {"330203-HOUSING": STEADY, "330212-ENFORCEMENT": SLOW, "330225-TRANSPORT": STEADY}
_MIX = (FAST,) * 28 + (STEADY,) * 48 + (SLOW,) * 17 + (PASSING,) * 7


def profile_of(unit_code: str) -> Profile:
    """A unit's way of working, always the same for the same unit."""
    return _CAST.get(unit_code) or _MIX[crc32(unit_code.encode()) % len(_MIX)]
