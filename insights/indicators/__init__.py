"""The indicators of the scoreboard as data (docs/indicators.md is generated from here)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from insights.indicators.base import Better, Indicator, Measure, Statistic, Subject
from insights.indicators.intake import INTAKE
from insights.indicators.outcomes import CYCLES, OUTCOMES
from insights.indicators.quality import QUALITY
from insights.indicators.returns import RETURNS
from insights.indicators.routing import ROUTING
from insights.indicators.timeliness import TIMELINESS
from insights.indicators.voice import VOICE

__all__ = ["GROUPS", "INDICATORS", "TALLIED", "Better", "Indicator", "Measure", "Statistic", "Subject", "grouped"]

GROUPS: dict[str, Promise] = {
    "intake": _("What comes in"),
    "routing": _("Taking up and passing on"),
    "timeliness": _("Deadlines and time"),
    "quality": pgettext_lazy("indicators", "Quality of the work"),
    "voice": _("What petitioners say"),
}
_ROWS = (*INTAKE, *ROUTING, *RETURNS, *TIMELINESS, *CYCLES, *QUALITY, *OUTCOMES, *VOICE)
INDICATORS: dict[str, Indicator] = {row.key: row for row in _ROWS}
# Those with counts of their own.
TALLIED = [row for row in INDICATORS.values() if not row.counts]


def grouped(group: str) -> list[Indicator]:
    """The indicators of one group, in the order of the table."""
    return [row for row in INDICATORS.values() if row.group == group]
