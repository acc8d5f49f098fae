"""The tab “Confidence and recusal” of the case page: who is let in, who is kept out, and why (domain-facts §1.17)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from dispatch.case_file import CaseFile
from dispatch.tabs import CaseTab, register_tab
from petitions.models import Involvement, Recusal
from petitions.states.recusals import RECUSAL_TONES, RecusalState


@dataclass(frozen=True)
class Line:
    """A recusal as the tab shows it."""

    row: Recusal
    tone: str
    may_decide: bool
    may_lift: bool


class Confidence:
    """What the tab shows of one case; two statements and one for the units complained of."""

    def __init__(self, case: CaseFile) -> None:
        self.case = case

    @property
    def may_name(self) -> bool:
        return self.case.reach("petitions.name_persons")

    @property
    def may_ask(self) -> bool:
        return self.case.reach("petitions.ask_recusal")

    @cached_property
    def recusals(self) -> list[Line]:
        may = self.case.reach("petitions.decide_recusal")
        rows = Recusal.objects.visible_to(self.case.user).filter(petition=self.case.petition)
        joined = rows.select_related("person__unit", "asked_by", "decided_by").order_by("-asked_at", "-pk")
        return [
            Line(
                row,
                RECUSAL_TONES[RecusalState(row.state)],
                may_decide=may and row.state == RecusalState.ASKED and row.person_id != self.case.user.pk,
                may_lift=may and row.state == RecusalState.GRANTED,
            )
            for row in joined
        ]

    @cached_property
    def named(self) -> list[Involvement]:
        """Persons the case was opened to by name."""
        rows = Involvement.objects.filter(petition=self.case.petition, unit__isnull=True)
        return list(rows.select_related("user__unit").order_by("since", "pk"))

    @cached_property
    def kept_out(self) -> list[Unit]:
        """The line complained of: units that never see an accusation, whoever in them is named."""
        respondent = self.case.petition.respondent_unit
        if respondent is None or not self.case.petition.is_restricted:
            return []
        return list(Unit.objects.filter(path__in=respondent.line_above()).order_by("path"))


def _context(_request: HttpRequest, case: CaseFile) -> dict[str, Any]:
    return {"confidence": Confidence(case)}


register_tab(
    CaseTab(
        "confidence",
        _("Confidence and recusal"),
        "dispatch/case_confidence.html",
        context=_context,
        is_open=lambda case: case.reach("petitions.view_recusals"),
        place=85,
    )
)
