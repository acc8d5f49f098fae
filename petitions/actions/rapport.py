"""The only code that writes, shows and deletes rapport notes (性情爱好, docs/adr/0029; PIPL 6, 19, 28)."""

from calendar import monthrange
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actions import log_access
from accounts.actors import Actor
from accounts.models import AccessLog, User
from petitions import events
from petitions.actions.moves import lock, require
from petitions.models import Petition, RapportNote
from petitions.rapport import forbidden_in
from petitions.states import Refused

MAX_LENGTH = 200
KEPT_MONTHS = 6
# Petitions in one run of the task; the rest have their turn in the next.
LIMIT = 500


@transaction.atomic
def write_rapport(
    petition_id: int, *, text: str, basis: str, reason: str, actor: User, at: datetime, ip: str | None = None
) -> RapportNote:
    """Note how to talk with this person. Raises Refused without a ground, and for what such a note may not hold."""
    if not 2 <= len(text.strip()) <= MAX_LENGTH:
        raise Refused(_("A note has two to %(n)d characters.") % {"n": MAX_LENGTH}, field="text")
    if basis not in RapportNote.Basis.values:
        raise Refused(_("Please say on what ground the note is kept."), field="basis")
    if len(reason.strip()) < 4:
        raise Refused(_("Please say when the person agreed, or why the matter needs it."), field="reason")
    for field, words in (("text", text), ("reason", reason)):
        _check_words(field, words)
    petition = lock(petition_id)
    require(petition, "petitions.write_record", Actor.of(actor))
    note = RapportNote.objects.create(
        petition=petition,
        author=actor,
        text=text.strip(),
        basis=basis,
        reason=reason.strip(),
        at=at,
        expires_at=None if petition.is_open else kept_until(at),
    )
    _log(petition_id, actor, _("Note written"), at, ip)
    return note


def _check_words(field: str, text: str) -> None:
    found = forbidden_in(text)
    if found:
        word, subject = found[0]
        raise Refused(
            _(
                "“%(word)s” touches %(subject)s. Such a note may hold only what helps to talk with the person: times, "
                "tone, interests (Personal Information Protection Law, art. 28). Please write it without."
            )
            % {"word": word, "subject": subject},
            field=field,
            code="forbidden_subject",
        )


@transaction.atomic
def read_rapport(petition_id: int, *, actor: User, at: datetime, ip: str | None = None) -> list[RapportNote]:
    """The notes this person may read on this case, each reading logged; none for everybody else, city office and
    administrator included."""
    notes = list(
        RapportNote.objects.visible_to(actor).filter(petition=petition_id).select_related("author", "successor")
    )
    if notes:
        _log(petition_id, actor, _("Note read"), at, ip)
    return notes


@transaction.atomic
def drop_rapport(note_id: int, *, actor: User, at: datetime, ip: str | None = None) -> None:
    """Delete a note for good; the history says that one was deleted, not what. Raises RapportNote.DoesNotExist."""
    petition_id = RapportNote.objects.visible_to(actor).values_list("petition_id", flat=True).get(pk=note_id)
    lock(petition_id)
    RapportNote.objects.visible_to(actor).get(pk=note_id).delete()
    events.record(petition_id, "rapport_deleted", actor=Actor.of(actor), at=at, data={"count": 1})
    _log(petition_id, actor, _("Note deleted"), at, ip)


def _log(petition_id: int, user: User, what: str, at: datetime, ip: str | None) -> None:
    log_access(user=user, action=AccessLog.Action.RAPPORT, target=f"petition:{petition_id}", detail=what, ip=ip, at=at)


def hand_on_rapport(petition_id: int, *, since: User | None, to: User) -> None:
    """The case goes from one person to another: the next reads what the last one could. Part of the hand-over's step.

    Whoever had it before as successor loses it; the author keeps it for as long as the case is in their reach.
    """
    if since is not None and since.pk != to.pk:
        held = Q(author=since, successor=None) | Q(successor=since)
        RapportNote.objects.filter(held, petition=petition_id).update(successor=to)


def case_turned(petition: Petition, *, was_open: bool, at: datetime) -> None:
    """The case has ended, or is open again: when its notes go."""
    if petition.is_open == was_open:
        return
    until = None if petition.is_open else kept_until(at)
    RapportNote.objects.filter(petition=petition).update(expires_at=until)


def kept_until(ended: datetime) -> datetime:
    """Six months after the end of the case, on the same day of the month or the last one before it."""
    month = ended.month - 1 + KEPT_MONTHS
    year, month = ended.year + month // 12, month % 12 + 1
    return ended.replace(year=year, month=month, day=min(ended.day, monthrange(year, month)[1]))


def expire_rapport(*, at: datetime) -> int:
    """Delete the notes whose time is over. Returns how many; safe to run twice and side by side."""
    due = RapportNote.objects.filter(expires_at__lte=at)
    cases = sorted(set(due.values_list("petition_id", flat=True)[:LIMIT]))
    return sum(_expire(petition_id, at) for petition_id in cases)


@transaction.atomic
def _expire(petition_id: int, at: datetime) -> int:
    lock(petition_id)
    count, _each = RapportNote.objects.filter(petition=petition_id, expires_at__lte=at).delete()
    if count:
        actor = Actor.system("calendar")
        events.record(petition_id, "rapport_deleted", actor=actor, at=at, data={"count": count, "expired": True})
    return count
