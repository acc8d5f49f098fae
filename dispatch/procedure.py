"""The tab “Procedure” of the case page: the legal life as a chain of dated stations (domain-facts §1.7–1.10)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.case_file import CaseFile
from dispatch.tabs import CaseTab, register_tab
from petitions.actions.reviews import right_of
from petitions.models import Document, Hearing, Petition, ReviewRequest, Stage
from petitions.states import State


@dataclass
class Station:
    """One station. `at` None: not reached; `until`: the last moment of what is open here."""

    key: str
    label: str
    at: datetime | None = None
    until: datetime | None = None
    notes: list[str] = field(default_factory=list)
    url: str = ""
    tone: str = ""
    documents: list["Paper"] = field(default_factory=list)

    @property
    def is_reached(self) -> bool:
        return self.at is not None


@dataclass(frozen=True)
class Paper:
    """A document at its station."""

    row: Document
    url: str


# At which station a kind of document stands.
_STATION_OF = {
    "receipt": "notice",
    "acceptance": "accepted",
    "not_accepted": "refused",
    "no_longer_accepted": "refused",
    "handling_opinion": "opinion",
    "hearing_notice": "hearing",
    "hearing_record": "hearing",
    "review_acceptance": "review",
    "review_refusal": "review",
    "review_opinion": "review",
    "rereview_opinion": "rereview",
    "termination": "end",
}
_REFUSED = {State.NOT_ACCEPTED, State.NO_LONGER, State.LED_OUT, State.WITHDRAWN, State.MERGED}


class Procedure:
    """The chain of one petition: two statements for requests and hearings, one for the documents."""

    def __init__(self, petition: Petition, *, user: Any, may_read: bool, may_hear: bool) -> None:
        self.petition, self.user, self.may_read, self.may_hear = petition, user, may_read, may_hear

    @cached_property
    def requests(self) -> list[ReviewRequest]:
        rows = ReviewRequest.objects.filter(petition=self.petition).select_related("target_unit", "decided_by")
        return list(rows.order_by("asked_at", "id"))

    @cached_property
    def hearings(self) -> list[Hearing]:
        return list(Hearing.objects.filter(petition=self.petition).order_by("asked_at", "id"))

    @cached_property
    def stations(self) -> list[Station]:
        """Every station in the order of the law, with its documents."""
        found = [*self._first(), *self._later()]
        self._file(found)
        return found

    def _first(self) -> list[Station]:
        p = self.petition
        found = [Station("registered", _("Registered"), p.registered_at, notes=[p.register_unit.name])]
        if not p.is_anonymous or p.notified_at:
            found.append(Station("notice", _("Told of receipt, route and procedure"), p.notified_at))
        if p.state in _REFUSED:
            return [*found, Station("refused", p.get_state_display(), p.closed_at, tone="grey")]
        if p.accepted_at or p.purpose in {"QJ", "SS"}:
            found.append(Station("accepted", _("Accepted"), p.accepted_at))
        lead = [p.lead_unit.name] if p.lead_unit else []
        found.append(Station("opinion", _("Opinion or reply"), p.replied_at, notes=lead))
        found.append(Station("delivered", _("Opinion delivered"), p.delivered_at))
        return found

    def _later(self) -> list[Station]:
        found = [*map(self._review, self.requests), *map(self._hearing, self.hearings)]
        found.sort(key=lambda station: station.at.timestamp() if station.at else 0.0)
        right = right_of(self.petition)
        if right.stage and not self.petition.end_way and self.petition.delivered_at:
            label = _("Re-review may be asked for") if right.stage == Stage.REREVIEW else _("Review may be asked for")
            found.append(Station("right", label, until=right.until))
        p = self.petition
        label = p.end_label or _("End of the procedure")
        notes = [_("On the same facts and reasons it is no longer accepted (art. 36).")] if p.is_terminated else []
        found.append(Station("end", label, p.ended_at, notes=notes, tone="violet" if p.end_way else ""))
        return found

    def _review(self, row: ReviewRequest) -> Station:
        notes = [row.target_unit.name, row.get_state_display()]
        if row.outcome and self.may_read:
            notes.append(row.get_outcome_display())
        if not row.is_in_time:
            notes.append(_("asked late, excused"))
        url = reverse("review", args=[row.pk]) if self.may_read else ""
        return Station(str(row.stage), row.get_stage_display(), row.asked_at, notes=notes, url=url, tone=row.state_tone)

    def _hearing(self, row: Hearing) -> Station:
        url = reverse("hearing", args=[row.pk]) if self.may_hear else ""
        notes = [row.get_state_display()]
        return Station("hearing", _("Hearing"), row.asked_at, notes=notes, url=url, tone=row.state_tone)

    def _file(self, stations: list[Station]) -> None:
        by_key: dict[str, Station] = {}
        for station in stations:
            by_key[station.key] = station
        rows = Document.objects.visible_to(self.user).filter(petition=self.petition).exclude(state="void")
        for row in rows.order_by("pk"):
            found = by_key.get(_STATION_OF.get(row.kind, ""))
            if found is not None:
                found.documents.append(Paper(row, _document_url(row)))


def _document_url(row: Document) -> str:
    try:
        return reverse("document", args=[row.pk])
    except NoReverseMatch:
        return ""


def procedure_of(case: CaseFile) -> Procedure:
    """The chain as the reader of a case may see it."""
    may_read, may_hear = case.reach("petitions.view_reviews"), case.reach("petitions.view_hearings")
    return Procedure(case.petition, user=case.user, may_read=may_read, may_hear=may_hear)


def _context(_request: HttpRequest, case: CaseFile) -> dict[str, Any]:
    return {"procedure": procedure_of(case)}


register_tab(
    CaseTab("procedure", gettext_lazy("Procedure"), "dispatch/case_procedure.html", context=_context, place=35)
)
