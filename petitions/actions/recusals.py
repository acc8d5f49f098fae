"""The only code that writes recusals. The petition is locked first, then the recusal; each step is one transaction."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role, Scope
from petitions import events
from petitions.actions.moves import lock, require
from petitions.models import Involvement, Petition, Recusal
from petitions.models.recusals import OFFICE_SCOPES
from petitions.signals import recusal_moved
from petitions.states import Refused, check_move
from petitions.states.recusals import RECUSAL_MOVES, RecusalState

ALIVE = (RecusalState.ASKED, RecusalState.GRANTED)
MIN_REASON = 4


@transaction.atomic
def ask_recusal(
    petition_id: int,
    *,
    person: User | None = None,
    named: str = "",
    ground: str,
    reason: str,
    side: str = Recusal.Side.OFFICE,
    actor: User | Actor,
    at: datetime,
) -> Recusal:
    """Ask that a person keep out of a matter (Regulation on Petition Work, art. 28; domain-facts §4.2, extra rules).

    `side` is who wants it: the petitioner, the person concerned, or the office. A citizen may give a name in words
    (`named`) instead of a person; who decides says whom they mean. Raises Refused without a reason of four characters,
    without anybody named, or when the same is asked for or in force already.
    """
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.ask_recusal", who)
    if who.user is not None and person is not None and person.pk == who.user.pk:
        side = Recusal.Side.SELF
    elif who.matters:
        side = Recusal.Side.PETITIONER
    elif side == Recusal.Side.SELF:
        raise Refused(_("This speaks for another person: choose the petitioner or the office."), field="side")
    if person is None and not named.strip():
        raise Refused(_("Please say who is to keep out of the matter."), field="person")
    if len(reason.strip()) < MIN_REASON:
        raise Refused(_("Please say why: the stake or the kinship, in a sentence."), field="reason")
    _check_fresh(petition, person)
    row = Recusal.objects.create(
        petition=petition,
        person=person,
        named=named.strip()[:60],
        side=side,
        ground=Recusal.Ground(ground),
        reason=reason.strip()[:300],
        asked_by=who.user,
        asked_at=at,
        unit=person.unit if person else None,
    )
    _tell(row, "ask_recusal", who, at, reason=row.reason)
    return row


def _check_fresh(petition: Petition, person: User | None) -> None:
    if person is not None and Recusal.objects.filter(petition=petition, person=person, state__in=ALIVE).exists():
        text = _("The recusal of %(name)s in this matter is asked for or in force already.")
        raise Refused(text % {"name": person}, field="person", code="twice")


@transaction.atomic
def move(
    recusal_id: int, name: str, *, person: User | None = None, remark: str = "", actor: User | Actor, at: datetime
) -> Recusal:
    """Take one step of the recusal's table: the only place that assigns `Recusal.state`.

    `person` says whom a citizen meant who gave a name in words only, whichever way it is decided; that is the petition
    office's to say. Nobody decides on themselves; a unit's leader decides on its handlers, the petition office on
    everybody else (the head's recusal is the organ's above). Granting
    takes the person out of the matter at once: what they were named for ends, what they have in hand goes back to
    their unit (`recusal_moved`). Raises Refused with a sentence for the officer.
    """
    who = Actor.of(actor)
    petition_id = Recusal.objects.values_list("petition_id", flat=True).get(pk=recusal_id)
    petition = lock(petition_id)
    row = Recusal.objects.select_for_update(of=("self",)).select_related("person__unit").get(pk=recusal_id)
    step = check_move(RECUSAL_MOVES, name, row.state, row.get_state_display())
    require(petition, step.permission, who)
    if row.person is None:
        _say_whom(row, person, who)
        if name == "grant_recusal":
            _check_fresh(petition, row.person)
    _check_judge(row, who)
    if name != "grant_recusal" and len(remark.strip()) < MIN_REASON:
        raise Refused(_("Please say why, in a sentence."), field="remark")
    row.state = step.target or row.state
    row.decided_by, row.remark = who.user, remark.strip()[:300]
    if name == "lift_recusal":
        row.ended_at = at
    else:
        row.decided_at = at
    row.save()
    if row.state == RecusalState.GRANTED:
        Involvement.objects.filter(petition=petition, user=row.person).delete()
    _tell(row, name, who, at, reason=row.remark)
    return row


def _say_whom(row: Recusal, person: User | None, who: Actor) -> None:
    """Set the person a citizen could only name in words. Whoever the words may mean does not get to say whom."""
    is_named = who.user is not None and bool(who.user.name) and who.user.name in row.named
    if not who.is_system and (is_named or who.scope_for("petitions.decide_recusal") not in OFFICE_SCOPES):
        raise Refused(
            _("Whom the petitioner means is another person of the petition office's to say."), code="forbidden"
        )
    if person is None:
        raise Refused(_("Please say which person the petitioner means."), field="person")
    row.person, row.unit = person, person.unit


def _check_judge(row: Recusal, who: Actor) -> None:
    """Who may decide on this person besides holding the permission."""
    if who.is_system:
        return
    if who.user is not None and who.user.pk == row.person_id:
        raise Refused(_("Nobody decides on their own recusal."), code="forbidden")
    scope = who.scope_for("petitions.decide_recusal")
    person = row.person
    if scope == Scope.CITY:
        return
    assert person is not None, "whom a request means is said before it is decided"
    is_own = who.unit is not None and person.unit_id == who.unit.pk
    if scope == Scope.UNIT and is_own and person.role == Role.UNIT_HANDLER:
        return
    if scope == Scope.AREA and not is_own:
        return
    raise Refused(_("The recusal of a head or of somebody of another unit is the petition office's to decide."))


def _tell(row: Recusal, kind: str, who: Actor, at: datetime, *, reason: str) -> None:
    # The words stand on the row, for those who decide; the chain keeps their digest, so that a changed word shows.
    data = {
        "recusal": row.pk,
        "person": row.person_id,
        "name": row.person.name if row.person else row.named,
        "side": row.side,
        "ground": row.ground,
        "words": events.digest(reason),
    }
    events.record(row.petition_id, kind, actor=who, at=at, data=data)
    recusal_moved.send(Recusal, recusal=row, move=kind, actor=who, at=at)


def check_not_recused(petition_id: int, person: User, *, field: str = "") -> None:
    """Raises Refused when the person is recused in this matter: whatever it is, it goes to somebody else."""
    if Recusal.objects.in_force().filter(petition=petition_id, person=person).exists():
        text = _("%(name)s is recused in this matter. Please choose somebody else.")
        raise Refused(text % {"name": person}, field=field, code="recused")
