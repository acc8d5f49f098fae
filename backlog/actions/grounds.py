"""What the steps of a case rest on: the locks in their order, a document, words, a day; and who waits for whom."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role
from backlog.actions import papers
from backlog.models import BacklogCase, CaseLink
from dispatch.actions.notices import notify
from dispatch.clocks import city_day
from petitions.models import Attachment, Petition
from petitions.states import Refused

LEAST = 4


def hold(case_ids: Iterable[int], *, also: Iterable[int] = ()) -> list[BacklogCase]:
    """Lock the linked petitions of these cases and those of `also`, then the cases, each by their keys."""
    ids = sorted(set(case_ids))
    linked = CaseLink.objects.filter(case__in=ids).values_list("petition_id", flat=True)
    main = BacklogCase.objects.filter(pk__in=ids).values_list("petition_id", flat=True)
    wanted = {*linked, *main, *also}
    list(Petition.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk").only("pk"))
    rows = BacklogCase.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    return list(rows.select_related("leader", "lead_unit", "district").order_by("pk"))


def hold_one(case_id: int, *, also: Iterable[int] = ()) -> BacklogCase:
    """The same for one case. Raises BacklogCase.DoesNotExist."""
    found = hold([case_id], also=also)
    if not found:
        raise BacklogCase.DoesNotExist
    return found[0]


def keep(case: BacklogCase, uploads: Sequence[UploadedFile], *, actor: Actor, at: datetime) -> Attachment | None:
    """Keep a step's files with the main petition, whose lock the caller holds; the first is the step's document."""
    kept = papers.keep(case.pk, uploads, actor=actor, at=at)
    return kept[0] if kept else None


def words(text: str, sentence: str, field: str, *, least: int = LEAST) -> str:
    """What a person wrote, stripped. Raises Refused with the sentence when it is shorter than `least` characters."""
    if len(text.strip()) < least:
        raise Refused(sentence, field=field)
    return text.strip()


def check_day(day: date, at: datetime, *, field: str = "done_on", since: date | None = None) -> None:
    """Refuse a day of the city that lies ahead, or before `since`."""
    if day > city_day(at):
        raise Refused(_("This day lies ahead. Record it when it is done."), field=field)
    if since is not None and day < since:
        raise Refused(_("This day lies before %(day)s, when it began.") % {"day": since.isoformat()}, field=field)


def tell(people: Iterable[User | None], case: BacklogCase, kind: str, at: datetime) -> None:
    """Write the notice about a case; who is no longer active hears nothing."""
    heard = [person for person in people if person is not None and person.is_active]
    link = reverse("backlog_case", args=[case.pk])
    notify(heard, kind=kind, key=f"case:{case.pk}:{kind}:{case.version}", at=at, params={"link": link})


def district_office(case: BacklogCase) -> list[User]:
    """The petition officers of the case's district; the city's where the district has none."""
    rows = User.objects.filter(is_active=True, role=Role.DISTRICT_OFFICER)
    found = list(rows.filter(unit__area=case.district_id) | rows.filter(unit__area__district=case.district_id))
    return found or city_office()


def city_office() -> list[User]:
    """Who certifies: the officers of the joint conference, or the city's petition office where it has none."""
    rows = User.objects.filter(is_active=True)
    return list(rows.filter(role=Role.CONFERENCE_OFFICER)) or list(rows.filter(role=Role.CITY_OFFICER))
