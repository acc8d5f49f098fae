"""The file's own tabs: what stands on it, and everything that happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from backlog import timeline
from backlog.actions.writing import AGREEMENT, FIELDS
from backlog.entry import sentences
from backlog.models import Assessment, BacklogCase
from backlog.tabs import FileTab, register_tab
from backlog.words import label_of
from dispatch.views.row_steps import reaches
from petitions.models import Petition

HISTORY = 20


@dataclass(frozen=True)
class Change:
    """One field of the file as it was before and after a change."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    """Who changed what on the file, when."""

    at: datetime
    who: str
    changes: Sequence[Change]


def versions(case: BacklogCase) -> list[Version]:
    """The newest changes of the assessment, each against what stood there before."""
    rows = list(
        Assessment.history.filter(case=case)
        .select_related("history_user")
        .order_by("-history_date", "-history_id")[: HISTORY + 1]
    )
    found = []
    for place, row in enumerate(rows[:HISTORY]):
        before = rows[place + 1] if place + 1 < len(rows) else None
        changes = [change for name in (*FIELDS, *AGREEMENT) if (change := _change(name, before, row)) is not None]
        if changes:
            found.append(Version(row.history_date, str(row.history_user or ""), changes))
    return found


def _change(name: str, before: Any, after: Any) -> Change | None:
    old, new = _shown(before, name), _shown(after, name)
    if old == new:
        return None
    return Change(label_of(name), old, new)


def _shown(row: Any, name: str) -> str:
    if row is None:
        return ""
    if name == "reasonableness":
        return str(row.get_reasonableness_display() or "")
    return str(getattr(row, name) or "")


def _overview(request: HttpRequest, case: BacklogCase, user: User) -> dict[str, Any]:
    links = list(case.links.select_related("petition__district", "petition__lead_unit"))
    seen = Petition.objects.visible_to(user).filter(pk__in=[link.petition_id for link in links])
    known = set(seen.values_list("pk", flat=True))
    assessment = Assessment.objects.filter(case=case).first() or Assessment(case=case)
    return {
        "assessment": assessment,
        "parts": [
            (label_of(name), getattr(assessment, name))
            for name in FIELDS
            if name not in {"sticking_point", "reasonableness"}
        ],
        "links": [link for link in links if link.petition_id in known],
        "hidden_links": len(links) - len(known),
        "assisting": list(case.assisting.all()),
        "hits": sentences(case.hits),
        "versions": versions(case),
        "may_write": reaches(user, case, "backlog.write") if user.may("backlog.write") else False,
    }


def _timeline(request: HttpRequest, case: BacklogCase, user: User) -> dict[str, Any]:
    given = request.GET
    source = given.get("from", "") if given.get("from", "") in timeline.Source.values else ""
    number = given.get("petition", "")
    petition = int(number) if number.isdecimal() and len(number) < 18 else None
    linked = Petition.objects.visible_to(user).filter(backlog_links__case=case).order_by("petition_date", "pk")
    return {
        "page": timeline.read(case, user, source=source, petition=petition, cursor=given.get("before", "")),
        "sources": timeline.Source,
        "source": source,
        "of_petition": petition,
        "linked": list(linked[:8]),
        "is_older_page": bool(given.get("before")),
    }


register_tab(FileTab("overview", _("File"), "backlog/case_overview.html", _overview, place=10))
register_tab(FileTab("timeline", _("Timeline"), "backlog/case_timeline.html", _timeline, place=20))
