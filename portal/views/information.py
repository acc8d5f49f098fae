"""Pages without a matter: home, how to reach us, the procedure, privacy."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.models import Unit
from dispatch.actions.clocks import policies
from dispatch.deadlines import length_text
from petitions.documents.kinds import KINDS
from petitions.models import Delivery, Hearing
from petitions.paging import Order, page_of
from portal.access import open_page


@open_page
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Four entries: ask, suggest, claim, follow (domain-facts §9.2, no. 35)."""
    return render(request, "portal/home.html")


@open_page
@require_GET
def reach(request: HttpRequest) -> HttpResponse:
    """The ways to the office, as the Regulation asks to be published (art. 18)."""
    offices = Unit.objects.filter(kind=Unit.Kind.PETITION_OFFICE, is_active=True).select_related("area")
    return render(request, "portal/reach.html", {"offices": offices.order_by("path")})


@dataclass(frozen=True)
class Stage:
    """One step of the procedure; `rules` name the deadline rules it is measured by, the first in force is shown."""

    title: Promise
    text: Promise
    rules: tuple[str, ...] = ()


STAGES = (
    Stage(
        _("Taken in and given on"),
        _("Every matter gets a number and a query code, and goes to the unit that can settle it."),
        ("D01_route",),
    ),
    Stage(
        _("You are told whether it is accepted"),
        _("In writing, with the reasons; and where to turn if another way is the right one."),
        ("Z02_decide_transferred", "D03_notify_transferred"),
    ),
    Stage(
        _("It is looked into and answered in writing"),
        _("The opinion says what you asked for, what was found, what is decided and on what law."),
        ("Z03_handle", "D05_handle"),
    ),
    Stage(
        _("You rate the office and the unit"),
        _("If you are not satisfied, we call you within one day and put it right within fifteen."),
        ("R_window",),
    ),
    Stage(
        _("You may ask for review"),
        _("If you do not agree with the opinion, the organ one level above looks at it anew."),
        ("D06_review_req",),
    ),
    Stage(_("The review is decided"), _("In writing. The time runs from your request."), ("D07_review",)),
    Stage(
        _("You may ask for re-review"),
        _("One level above the organ of review. Its opinion ends the procedure."),
        ("D08_rereview_req",),
    ),
    Stage(_("The re-review is decided"), _("The days of a hearing are not counted."), ("D09_rereview",)),
)


@open_page
@require_GET
def procedure(request: HttpRequest) -> HttpResponse:
    """The steps with their legal days, read from the rules in force."""
    rules = {rule.key: rule for rule in policies()}
    steps = []
    for stage in STAGES:
        rule = next((rules[key] for key in stage.rules if key in rules), None)
        length = length_text(rule) if rule else ""
        steps.append(
            {"title": stage.title, "text": stage.text, "length": length, "source": rule.article if rule else ""}
        )
    return render(request, "portal/procedure.html", {"steps": steps})


@open_page
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about a petitioner, why, and for how long."""
    return render(request, "portal/privacy.html", {"keep_days": settings.RECEPTION_KEEP_DAYS})


PUBLISHED = Order("published_at", is_descending=True)
PAGE = 20
MOST_NOTICES = 200


@open_page
@require_GET
def hearings(request: HttpRequest) -> HttpResponse:
    """Results of hearings that were published (Regulation, art. 36): the redacted text and nothing else of the row."""
    rows = Hearing.objects.published().only("publication", "published_at")
    page = page_of(rows, PUBLISHED, cursor=request.GET.get("at", "")[:200], size=PAGE)
    return render(request, "portal/hearings.html", {"page": page})


@open_page
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """Letters delivered by public notice: kind, number, organ, dates; nothing that points to a person."""
    rows = Delivery.objects.filter(
        way=Delivery.Way.PUBLIC_NOTICE,
        returned_at=None,
        notice_until__gte=timezone.localdate(),
        document__petition__is_restricted=False,
    ).select_related("document__unit")
    # The kind's own name: a title may have been written with a person's in it.
    shown = [
        (row, KINDS[row.document.kind].label if row.document.kind in KINDS else "")
        for row in rows.order_by("-sent_at", "-pk")[:MOST_NOTICES]
    ]
    return render(request, "portal/notices.html", {"rows": shown})
