"""The file's own tabs: what stands on it, and everything that happened."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from backlog.models import Assessment, BacklogCase
from backlog.tabs import FileTab, register_tab
from petitions.models import Petition


def _overview(request: HttpRequest, case: BacklogCase, user: User) -> dict[str, Any]:
    links = list(case.links.select_related("petition__content_class", "petition__lead_unit", "added_by"))
    seen = set(
        Petition.objects.visible_to(user).filter(pk__in=[x.petition_id for x in links]).values_list("pk", flat=True)
    )
    return {
        "assessment": Assessment.objects.filter(case=case).first(),
        "links": [(link, link.petition_id in seen) for link in links],
        "assisting": list(case.assisting.all()),
    }


register_tab(FileTab("overview", _("File"), "backlog/case_overview.html", _overview, place=10))
