"""The other ends of a petition's legal life (domain-facts §1.10): lapse, settlement, no successor, certification."""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import organs
from petitions.actions.moves import GUARDS, lock, move
from petitions.actions.reviews import right_of
from petitions.models import EndWay, Petition, Stage
from petitions.states import Refused, State


@transaction.atomic
def lapse(petition_id: int, stage: str, *, at: datetime) -> Petition | None:
    """The 30 days have run out unused (Zhejiang 2016, art. 25(2)): the clock says so, nobody acts.

    None where the right was used, or the matter went on meanwhile. The caller is the sweep.
    """
    petition = lock(petition_id)
    level = 1 if stage == Stage.REREVIEW else 0
    if petition.state not in {State.REPLIED, State.CLOSED} or petition.review_level != level or petition.end_way:
        return None
    way = EndWay.LAPSED_REREVIEW if level else EndWay.LAPSED_REVIEW
    changes = {"end_way": way, "ended_at": at}
    return move(petition_id, f"lapse_{stage}", actor=Actor.system("calendar"), at=at, changes=changes)


@transaction.atomic
def settle(
    petition_id: int,
    *,
    agreement: str,
    performed_on: date,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """A settlement was reached and performed (Zhejiang 2016, art. 25(1)): an agreement alone ends nothing.

    `performed_on`: city date. Raises Refused without the agreement's content and for a day that lies ahead.
    """
    text = _words(agreement, _("Please write what was agreed and how it was performed."), "agreement")
    if performed_on > localtime(at).date():
        raise Refused(
            _("An agreement ends the matter when it has been performed; that day lies ahead."), field="performed_on"
        )
    data = {"performed_on": performed_on.isoformat()}
    return _end(petition_id, "settle", EndWay.SETTLED, data, text, actor, at, version)


@transaction.atomic
def end_without_successor(
    petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """The petitioner died or was dissolved and nobody takes the matter over (Shandong 2015, art. 46(4))."""
    text = _words(reason, _("Please write what is known and who was asked whether they take it over."), "reason")
    return _end(petition_id, "end_without_successor", EndWay.NO_SUCCESSOR, {}, text, actor, at, version)


@transaction.atomic
def certify(
    petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """The superior petition office has checked the matter and certifies it closed (审核认定办结).

    Raises Refused for the handling unit itself, for nobody certifies their own case, and while review may be asked for.
    """
    text = _words(reason, _("Please write what was checked and why the matter is closed."), "reason")
    who, petition = Actor.of(actor), lock(petition_id)
    lead = petition.lead_unit
    own = organs.seat(who.unit) if who.unit is not None else None
    if lead is not None and own is not None and (own.pk == lead.pk or not lead.path.startswith(own.path)):
        raise Refused(
            _("A matter is certified by the petition office above the unit that handled it."), code="not_above"
        )
    until = right_of(petition).until
    if until is not None and at <= until and not petition.end_way:
        raise Refused(
            _("The petitioner may ask for review or re-review until %(day)s; certify it afterwards.")
            % {"day": f"{localtime(until):%Y-%m-%d}"},
            code="right_open",
        )
    return _end(petition_id, "certify", EndWay.CERTIFIED, {}, text, actor, at, version)


def _end(
    petition_id: int,
    name: str,
    way: EndWay,
    data: dict[str, str],
    text: str,
    actor: User | Actor,
    at: datetime,
    version: int | None,
) -> Petition:
    petition = lock(petition_id)
    changes = {
        "end_way": way,
        "ended_at": at,
        "close_type": petition.close_type or way,
        "closed_at": petition.closed_at or at,
    }
    return move(petition_id, name, actor=actor, at=at, data=data, text=text, changes=changes, version=version)


def _not_terminated(petition: Petition) -> None:
    """After re-review or certification nobody takes the matter up again; new facts are a matter of their own."""
    if petition.is_terminated or petition.review_level >= 2:
        raise Refused(
            _("The procedure has ended (art. 36). Register new facts as a petition of their own, linked to this."),
            code="final",
        )


GUARDS.setdefault("reopen", []).append(_not_terminated)


def _words(text: str, sentence: str, field: str) -> str:
    if not text.strip():
        raise Refused(sentence, field=field)
    return text.strip()
