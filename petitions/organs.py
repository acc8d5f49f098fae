"""Which organ reviews whose opinion, and who may judge there (Regulation on Petition Work, arts. 28, 35, 36)."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Unit, User
from accounts.roles import Role
from petitions.models import Event, Petition, ReviewRequest, Stage
from petitions.states import Refused

# The review body sits with the petition office of a government; its officers investigate beside the reviewers.
_INVESTIGATE = (Role.REVIEWER, Role.CITY_OFFICER, Role.DISTRICT_OFFICER)


def seat(unit: Unit) -> Unit:
    """For which organ a unit decides: a petition office sits for its government."""
    return unit.parent if unit.kind == Unit.Kind.PETITION_OFFICE and unit.parent else unit


def lines_above(unit: Unit) -> list[str]:
    """Paths of the organs above a unit, nearest first; its own for the one at the top of the city."""
    parts = unit.path.rstrip("/").split("/")
    above = ["/".join(parts[:count]) + "/" for count in range(len(parts) - 1, 0, -1)]
    return above or [unit.path]


def attacked(petition: Petition, stage: str) -> Unit:
    """The organ whose opinion is attacked. Raises Refused while no unit has given one."""
    if stage == Stage.REREVIEW:
        last = ReviewRequest.objects.filter(petition=petition, stage=Stage.REVIEW).exclude(outcome="").first()
        if last is not None:
            return seat(last.target_unit)
    if petition.lead_unit is None:
        raise Refused(_("No unit has given an opinion that could be reviewed."), field="reviewer", code="no_opinion")
    return seat(petition.lead_unit)


def reviewers_above(petition: Petition, stage: str) -> list[User]:
    """Reviewers who sit above the organ attacked and have not acted on the case, nearest first."""
    try:
        unit = attacked(petition, stage)
    except Refused:
        return []
    if stage == Stage.REREVIEW and unit.parent_id is None:
        return []
    above = lines_above(unit)
    rows = _at(above).filter(role=Role.REVIEWER).exclude(pk__in=_acted(petition, None))
    return sorted(rows, key=lambda user: (-len(seat(_unit(user)).path), user.pk))


def investigators_at(organ: Unit, request: ReviewRequest) -> list[User]:
    """Who may investigate there: its reviewers and the officers of its petition office, without whoever has acted."""
    acted = _acted(request.petition, request.asked_at)
    rows = _at([seat(organ).path]).filter(role__in=_INVESTIGATE).exclude(pk__in=acted)
    return sorted(rows, key=lambda user: (user.role != Role.REVIEWER, user.pk))


def _at(paths: Iterable[str]) -> QuerySet[User]:
    """Active people of these organs and of the petition offices that sit for them."""
    wanted = list(paths)
    seats = Q(unit__path__in=wanted) | Q(unit__kind=Unit.Kind.PETITION_OFFICE, unit__parent__path__in=wanted)
    return User.objects.filter(seats, is_active=True).select_related("unit__parent")


def check_reviewer(petition: Petition, stage: str, reviewer: User) -> None:
    """The organ one level above decides (arts. 35, 36), by somebody who has not acted on the case (art. 28).

    Raises Refused for a reviewer who does not sit above, and for one who has.
    """
    unit, below = reviewer.unit, attacked(petition, stage)
    if stage == Stage.REREVIEW and below.parent_id is None:
        raise _above_city()
    is_above = unit is not None and seat(unit).path in lines_above(below)
    if not is_above:
        raise Refused(
            _("Review belongs to the organ above %(unit)s; %(name)s does not sit there.")
            % {"unit": below, "name": reviewer},
            field="reviewer",
            code="not_above",
        )
    check_impartial(petition, [reviewer], before=None, field="reviewer")


def _above_city() -> Refused:
    return Refused(
        _("The city has reviewed it: re-review belongs to the organ above the city. Lead the petitioner there."),
        field="reviewer",
        code="above_city",
    )


def check_impartial(petition: Petition, people: Iterable[User], *, before: datetime | None, field: str) -> None:
    """Nobody judges a case they have acted on (art. 28). Raises Refused naming the first who has."""
    acted = _acted(petition, before)
    for person in people:
        if person.pk in acted:
            raise Refused(
                _("%(name)s has acted on this case and is recused; name somebody else.") % {"name": person.name},
                field=field,
                code="recused",
            )


def _acted(petition: Petition, before: datetime | None) -> set[int]:
    """Who has taken a step on the case, before a moment or ever."""
    rows = Event.objects.filter(petition=petition, actor__isnull=False)
    if before is not None:
        rows = rows.filter(at__lt=before)
    return set(rows.values_list("actor", flat=True).distinct())


def _unit(user: User) -> Unit:
    assert user.unit is not None
    return user.unit


def organ_for(petition: Petition, stage: str, reviewer: User | None) -> Unit:
    """The organ that reviews: the reviewer's, else the nearest above. Raises Refused where the city has none."""
    if reviewer is not None:
        return seat(_unit(reviewer))
    below = attacked(petition, stage)
    if stage == Stage.REREVIEW and below.parent_id is None:
        raise _above_city()
    return Unit.objects.get(path=lines_above(below)[0])
