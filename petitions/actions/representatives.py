"""How many may speak for a group (Regulation on Petition Work, art. 20; Zhejiang regulation, art. 15)."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from petitions.states import Refused

# Several persons with one matter elect at most five (art. 20).
NATIONAL_CAP = 5
# Tighter caps by head-count; the room that keeps the legal profile adds its own.
CAPS: list[Callable[[int], int]] = []


def zhejiang_cap(headcount: int) -> int:
    """Up to ten persons three representatives, more than ten five (Zhejiang regulation, art. 15)."""
    return 3 if headcount <= 10 else 5


def representative_cap(headcount: int) -> int:
    """The most representatives a group of this size may have."""
    return min([NATIONAL_CAP, *(cap(headcount) for cap in CAPS)])


def check_representatives(headcount: int, delegates: int) -> None:
    """Raises Refused where a group names more representatives than it may."""
    cap = representative_cap(headcount)
    if delegates > cap:
        raise Refused(
            _(
                "A group of %(persons)d names at most %(cap)d representatives (Regulation, art. 20). Enter the"
                " others as joint signers."
            )
            % {"persons": headcount, "cap": cap},
            field="rows",
            code="too_many_representatives",
        )


# Head-count bands of the statistics (domain-facts §1.4): the lower end of each, and its words.
BANDS: tuple[tuple[int, int | None], ...] = ((5, 10), (11, 20), (21, 50), (51, 100), (101, None))


def band_of(headcount: int) -> str:
    """The band a group counts in, for example "5-10"; empty below five."""
    for low, high in BANDS:
        if headcount >= low and (high is None or headcount <= high):
            return f"{low}-{high}" if high else f">{low - 1}"
    return ""
