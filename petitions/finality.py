"""When a matter may not be taken up again: terminated by re-review, on the same facts and reasons (art. 36)."""

from django.utils.translation import gettext as _

from petitions.actions.moves import GUARDS
from petitions.actions.repeats import chain_of
from petitions.models import Petition
from petitions.models.petition import TERMINATING
from petitions.states import Refused


def terminated_before(petition: Petition) -> Petition | None:
    """The earlier telling of this matter that re-review ended, or None; named new facts make it a matter of its own."""
    if petition.repeat_of_id is None or petition.new_facts_at is not None:
        return None
    earlier = [pk for pk in chain_of(petition.pk) if pk != petition.pk]
    rows = Petition.objects.filter(pk__in=earlier, end_way__in=TERMINATING).order_by("-ended_at")
    return rows.first()


def require_not_terminated(petition: Petition) -> None:
    """Raises Refused for work on a terminated matter without named new facts."""
    earlier = terminated_before(petition)
    if earlier is not None:
        raise Refused(
            _(
                "Re-review has ended this matter (%(number)s). Give notice that it is no longer accepted, or name the"
                " new facts first (Regulation, art. 36)."
            )
            % {"number": earlier.short_number},
            code="terminated",
        )


for _name in ("dispatch", "accept"):
    GUARDS.setdefault(_name, []).append(require_not_terminated)
