"""What belongs to one matter: the petitions of a file, and the figures that follow from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Max, Min, OuterRef, Q
from django.utils.translation import gettext as _

from backlog.models import BacklogCase, CaseLink
from backlog.states import CaseState
from petitions.models import Petition, Petitioner
from petitions.states import Refused

# A file in one of these may be followed by a new one on the same petition.
OVER = Q(case__state__in=[CaseState.DECLINED, CaseState.ENDED]) | Q(
    case__state=CaseState.STRUCK_OFF, case__observed_at__isnull=False
)
LEAST_NAME = 2
LEAST_TITLE = 4
TITLE_LENGTH = 60


@dataclass(frozen=True)
class Figures:
    """What a file says of its matter, counted from its petitions."""

    since: date
    people: int
    times: int

    def changes(self) -> dict[str, object]:
        """As columns of the case."""
        return {"since": self.since, "people": self.people, "times": self.times}


def figures_of(petition_ids: Sequence[int]) -> Figures:
    """First raised: the earliest date of any telling. People: the largest number that ever raised it together, for
    the same people sign again and again and a sum would count them twice. Times: how many tellings there are; where
    some were registered before this software, the highest "raised for the nth time" that is known.
    """
    rows = Petition.objects.filter(pk__in=petition_ids)
    found = rows.aggregate(since=Min("petition_date"), people=Max("headcount"), nth=Max("recurrence"))
    times = max(len(set(petition_ids)), found["nth"] or 1)
    return Figures(found["since"], found["people"] or 1, min(times, 32_767))


def living_links(petition_ids: Iterable[int]) -> list[CaseLink]:
    """Links of these petitions to files that are not over."""
    rows = CaseLink.objects.filter(petition__in=list(petition_ids)).exclude(OVER)
    return list(rows.select_related("case").order_by("case_id"))


def is_free() -> Q:
    """Petitions that belong to no living file, as a condition."""
    return ~Q(Exists(CaseLink.objects.filter(petition_id=OuterRef("pk")).exclude(OVER)))


def refuse_unfit(petition: Petition, *, field: str = "") -> None:
    """Refuse what may not stand on a file many read. Raises Refused."""
    if petition.is_restricted:
        raise Refused(
            _("An accusation is read by named persons only; it cannot become part of a backlog file."),
            field=field,
            code="restricted",
        )
    if petition.merged_into_id is not None:
        raise Refused(
            _("This petition was merged into another one. Take the petition it was merged into."), field=field
        )


def check_title(title: str, petition_ids: Iterable[int]) -> str:
    """The title as it is kept. Raises Refused where it is too short or names a petitioner: it stands on screens."""
    title = " ".join(title.split())
    if not LEAST_TITLE <= len(title) <= TITLE_LENGTH:
        raise Refused(_("Give a title of 4 to 60 characters: place and matter, no names."), field="title")
    for name in names_of(petition_ids):
        if name in title:
            raise Refused(
                _("The title contains the name of a petitioner. It stands on the wall: name place and matter only."),
                field="title",
            )
    return title


def names_of(petition_ids: Iterable[int]) -> set[str]:
    """Names of everybody who signed these petitions."""
    rows = Petitioner.objects.filter(petition__in=list(petition_ids)).only("name")
    return {row.name.strip() for row in rows if len(row.name.strip()) >= LEAST_NAME}


def plain_title(petition: Petition) -> str:
    """A title to start from: the petition's summary with every petitioner's name taken out."""
    return without_names(petition.summary, [petition.pk])[:TITLE_LENGTH]


def without_names(title: str, petition_ids: Iterable[int]) -> str:
    """A title with the names of who signed these petitions taken out; '' where too little is left."""
    plain = title
    for name in sorted(names_of(petition_ids), key=len, reverse=True):
        plain = plain.replace(name, "")
    plain = " ".join(plain.split())
    return plain if plain == title or len(plain) >= LEAST_TITLE else ""


def petitions_of(case: BacklogCase) -> list[int]:
    """The petitions of a file."""
    return list(CaseLink.objects.filter(case=case).values_list("petition_id", flat=True))
