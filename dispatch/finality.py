"""A matter raised above while it is handled, reviewed or re-reviewed below is not accepted there (art. 19; D14)."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Unit
from dispatch.models import Clock
from petitions.actions.repeats import chain_of
from petitions.models import Petition
from petitions.states import Refused

# The periods of handling, review and re-review, and of asking for them (domain-facts §1.13, D05-D09).
_PERIODS = ("D05_handle", "Z03_handle", "D06_review_req", "D07_review", "D08_rereview_req", "D09_rereview")


def seat_of(unit: Unit) -> str:
    """The place in the tree a receiving unit stands for: a petition office sits with its government."""
    return unit.parent.path if unit.kind == Unit.Kind.PETITION_OFFICE and unit.parent else unit.path


def running_below(petition: Petition, at: datetime) -> Petition | None:
    """An earlier telling of this matter that a lower organ has within its period, or None."""
    if petition.repeat_of_id is None or petition.new_facts_at is not None:
        return None
    mine = seat_of(petition.register_unit)
    others = [pk for pk in chain_of(petition.pk) if pk != petition.pk]
    rows = Petition.objects.filter(pk__in=others).select_related("register_unit__parent").order_by("-registered_at")
    for earlier in rows:
        theirs = seat_of(earlier.register_unit)
        is_below = theirs.startswith(mine) and theirs != mine
        open_periods = Clock.objects.filter(
            petition=earlier,
            order=None,
            policy__key__in=_PERIODS,
            state__in=[Clock.State.RUNNING, Clock.State.PAUSED],
            due_at__gte=at,
        )
        if is_below and open_periods.exists():
            return earlier
    return None


def require_not_running_below(petition: Petition, at: datetime) -> None:
    """Raises Refused for acceptance or dispatch of what a lower organ has within its period (art. 19)."""
    earlier = running_below(petition, at)
    if earlier is not None:
        raise Refused(
            _(
                "%(office)s has this matter as %(number)s within its legal period. The organ above does not accept it"
                " (Regulation, art. 19); tell the petitioner so."
            )
            % {"office": earlier.register_unit.short_name, "number": earlier.short_number},
            code="running_below",
        )
