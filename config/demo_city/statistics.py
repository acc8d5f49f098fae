"""Has the statistics of the invented city counted at once, instead of at the next beat."""

from datetime import datetime

from insights.actions import outlooks, tallies


def count_everything(until: datetime) -> None:
    """Tallies, forecasts of what runs, and what would have been forecast of the past from what was known then."""
    tallies.recount(at=until)
    outlooks.refresh(at=until)
    outlooks.replay(at=until)
