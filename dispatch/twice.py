"""事不过二, "no matter more than twice": the three counters of a case and what follows when one is full (§2.3).

| counter | limit | when it is full |
|---|---|---|
| accepted returns | 1 | the next dispatch is final: that unit may not return it |
| reworks | 1 | a second one is refused; the case goes to supervision, its unit's leader and the office are told |
| raised again | from the 2nd time | marked in the lists, read by leaders, laid before supervision, backlog candidate |
"""

from dataclasses import dataclass
from time import monotonic

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.models import LoopSetting, Proposal, WorkOrder
from petitions.models import Petition

_CACHE_SECONDS = 30
_cached: list[tuple[float, LoopSetting]] = []


def limits() -> LoopSetting:
    """The limits in force; the defaults while nobody has set any. Not to be changed: `actions.loop.set_limits` does."""
    if not _cached or _cached[0][0] < monotonic():
        found = LoopSetting.objects.filter(pk=1).first() or LoopSetting(pk=1)
        _cached[:] = [(monotonic() + _CACHE_SECONDS, found)]
    return _cached[0][1]


def forget_limits() -> None:
    """Read the limits afresh: after an edit in this process, and between tests."""
    _cached.clear()


@dataclass(frozen=True)
class Counter:
    """One counter of a case. `limit` is the last count that is still allowed."""

    key: str
    label: Promise
    value: int
    limit: int
    # What the number means, and what has happened because of it ('' while nothing has).
    meaning: str
    consequence: str = ""

    @property
    def is_full(self) -> bool:
        return self.value >= self.limit

    @property
    def tone(self) -> str:
        """ "" while there is room, "amber" when the limit is reached, "red" beyond it."""
        if self.key == "recurrence":
            return "red" if self.value > self.limit else ""
        return "red" if self.value > self.limit else "amber" if self.value and self.is_full else ""

    @property
    def text(self) -> str:
        """The number as the gauge writes it."""
        if self.key == "recurrence":
            return _("time %(n)d") % {"n": self.value}
        return f"{self.value}/{self.limit}"

    @property
    def percent(self) -> int:
        """How full it is, for the gauge."""
        if self.key == "recurrence":
            return min(100, 50 * self.value) if self.value > 1 else 0
        return min(100, round(100 * self.value / self.limit)) if self.limit else 100


def returns_of(petition: Petition) -> int:
    """How often a unit's objection was accepted."""
    return WorkOrder.objects.filter(petition=petition, state="returned").count()


def is_raised_to_supervision(petition: Petition) -> bool:
    """Whether the exhausted rework of this round lies before supervision already."""
    return Proposal.objects.filter(key=rework_key(petition)).exists()


def rework_key(petition: Petition) -> str:
    """The key of the finding, one a round."""
    return f"twice:rework:{petition.pk}:{petition.round}"


def may_rework(petition: Petition) -> bool:
    """Whether the matter may still go back to its unit."""
    return petition.rework_count < limits().max_reworks


def counters(petition: Petition, returns: int | None = None) -> list[Counter]:
    """The three counters of a case, in the order of the slogan's table. `returns`: when they are counted already."""
    found = limits()
    proposals = Proposal.objects.filter(petition=petition, trigger__in=_TRIGGERS)
    raised = set(proposals.values_list("trigger", flat=True))
    return [
        _returns(returns_of(petition) if returns is None else returns, found.max_returns),
        _reworks(petition.rework_count, found.max_reworks, Proposal.Trigger.TWICE in raised),
        _recurrence(petition, found, Proposal.Trigger.REPEATED in raised),
    ]


_TRIGGERS = (Proposal.Trigger.TWICE, Proposal.Trigger.REPEATED)


def _returns(value: int, limit: int) -> Counter:
    then = _("The dispatch now is final: the unit may not return it again.") if value >= limit else ""
    meaning = _("How often a unit's objection was accepted and the matter dispatched anew.")
    return Counter("returns", gettext_lazy("Returns"), value, limit, meaning, then)


def _reworks(value: int, limit: int, is_raised: bool) -> Counter:
    then = _("A further rework is refused; the matter goes to supervision.") if value >= limit else ""
    if is_raised:
        then = _("Laid before supervision; the unit's leader and the office have been told.")
    meaning = _("How often the matter went back because it was not done or the petitioner was dissatisfied.")
    return Counter("reworks", gettext_lazy("Reworks"), value, limit, meaning, then)


def _recurrence(petition: Petition, found: LoopSetting, is_raised: bool) -> Counter:
    then = ""
    if petition.is_priority:
        then = _("Raised: leaders read it; candidate for the backlog list.")
        if is_raised:
            then = _("Raised: leaders read it, laid before supervision; candidate for the backlog list.")
    meaning = _("Which time the same person raises the same matter.")
    label = gettext_lazy("Raised")
    return Counter("recurrence", label, petition.recurrence, found.raised_from - 1, meaning, then)
