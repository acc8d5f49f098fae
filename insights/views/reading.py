"""Who reads, and the tabs every page of statistics has."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User


def reader(request: HttpRequest) -> User:
    """A person who may look at statistics at all; whose numbers, `visible_to` says."""
    if not isinstance(request.user, User) or not request.user.may("insights.view"):
        raise PermissionDenied
    return request.user


def tabs(current: str) -> list[dict[str, Any]]:
    """The pages of statistics as tabs."""
    pages = [
        ("insights", _("Scoreboard")),
        ("passing", _("Passing on")),
        ("outlook", _("Likely to be late")),
        ("calibration", _("Were the forecasts right?")),
        ("indicators", _("Definitions")),
    ]
    return [{"url": reverse(name), "label": label, "current": name == current, "count": None} for name, label in pages]
