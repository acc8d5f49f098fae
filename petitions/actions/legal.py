"""The legal life of a petition up to the delivered opinion: notices, acceptance, refusal, delivery (arts. 22-35).

Each step is a row of the move table; the periods that belong to it are clocks of the room above. What comes after the
opinion stands in reviews.py, hearings.py and endings.py.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.moves import lock, move
from petitions.models import Petition, Purpose
from petitions.routes import Route
from petitions.states import Refused


class Delivery(TextChoices):
    """How a letter reached the petitioner (domain-facts §1.8)."""

    BY_HAND = "by_hand", gettext_lazy("Handed over against signature")
    POST = "post", gettext_lazy("Registered post")
    ELECTRONIC = "electronic", gettext_lazy("Electronically, receipt confirmed")
    OTHER = "other", gettext_lazy("Other")


class NoLonger(TextChoices):
    """Why a matter is no longer accepted (domain-facts §1.10)."""

    RUNNING = "running", gettext_lazy("It is being handled within its period")
    ENDED = "ended", gettext_lazy("It has already ended")
    REREVIEWED = "rereviewed", gettext_lazy("Re-review is done, same facts and reasons (Regulation, art. 36)")


def _words(text: str, sentence: str, field: str) -> str:
    if not text.strip():
        raise Refused(sentence, field=field)
    return text.strip()


def report_up(
    petition_id: int, *, to: str, text: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Record that a grave or urgent matter was reported to a higher organ (arts. 31, 46). `to`: who was told."""
    to = _words(to, _("Please write who was told."), "to")
    text = _words(text, _("Please write what was reported."), "text")
    return move(petition_id, "report_up", actor=actor, at=at, text=text, data={"to": to}, version=version)


def notify_receipt(
    petition_id: int, *, text: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Tell the petitioner of receipt, route and procedure (art. 23). Raises Refused without words or anonymous."""
    text = _words(text, _("Please write what the petitioner was told."), "text")
    with transaction.atomic():
        _reachable(lock(petition_id))
        changes = {"notified_at": at}
        return move(petition_id, "notify_receipt", actor=actor, at=at, text=text, changes=changes, version=version)


def accept(petition_id: int, *, text: str, actor: User | Actor, at: datetime, version: int | None = None) -> Petition:
    """Give notice of acceptance; starts the legal handling period (arts. 31(6), 34).

    An accusation is accepted, too, and who gave a name is told (art. 30); no handling period of the Regulation runs.
    Raises Refused for any other purpose, for a matter led into another route, and the second time.
    """
    text = _words(text, _("Please write what the petitioner was told."), "text")
    with transaction.atomic():
        petition = lock(petition_id)
        if petition.purpose not in {Purpose.SETTLE, Purpose.APPEAL, Purpose.ACCUSE}:
            raise Refused(
                _("Only requests to settle and appeals are accepted as petitions proper (Regulation, art. 31(6)).")
            )
        if petition.purpose != Purpose.ACCUSE and petition.route not in {"", Route.PETITION}:
            raise Refused(
                _("It is led into another route (%(route)s); acceptance belongs to the petition procedure, art. 31(6).")
                % {"route": petition.get_route_display()},
                code="other_route",
            )
        if petition.accepted_at is not None:
            raise Refused(_("This petition has been accepted already."), code="accepted")
        changes = {"accepted_at": at, "notified_at": petition.notified_at or at}
        return move(petition_id, "accept", actor=actor, at=at, text=text, changes=changes, version=version)


def _reachable(petition: Petition) -> None:
    if petition.is_anonymous:
        raise Refused(_("The petitioner is anonymous: there is nobody to tell (Regulation, art. 23)."))


def not_accept(
    petition_id: int, *, grounds: str, remedy: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Give notice of non-acceptance, with grounds and the way that is open (art. 23). Raises Refused without either."""
    grounds = _words(grounds, _("A refusal names its grounds; the petitioner reads them."), "grounds")
    remedy = _words(remedy, _("A refusal says which way is open instead; the petitioner reads it."), "remedy")
    changes = {"close_type": "not_accepted", "closed_at": at, "notified_at": at}
    text = f"{grounds}\n\n{remedy}"
    return move(petition_id, "not_accept", actor=actor, at=at, text=text, changes=changes, version=version)


def no_longer_accept(
    petition_id: int, *, ground: str, explanation: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Give notice that the same matter is no longer accepted (art. 36). Raises Refused without an explanation."""
    text = _words(explanation, _("A refusal names its grounds; the petitioner reads them."), "explanation")
    changes = {"close_type": "no_longer", "closed_at": at, "notified_at": at}
    data = {"ground": ground}
    return move(
        petition_id, "no_longer_accept", actor=actor, at=at, data=data, text=text, changes=changes, version=version
    )


def deliver_opinion(
    petition_id: int,
    *,
    way: str,
    remark: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
    permission: str = "",
) -> Petition:
    """Record that the written opinion has reached the petitioner; from here the 30 days for review run (art. 35).

    `permission` stands in for the move's own where the delivery of the document was asked for already.
    """
    with transaction.atomic():
        petition = lock(petition_id)
        _reachable(petition)
        if petition.delivered_at is not None:
            raise Refused(_("The delivery of this opinion is recorded already."), code="delivered")
        changes = {"delivered_at": at}
        data = {"way": way}
        return move(
            petition_id,
            "deliver_opinion",
            actor=actor,
            at=at,
            data=data,
            text=remark.strip(),
            changes=changes,
            version=version,
            permission=permission,
        )
