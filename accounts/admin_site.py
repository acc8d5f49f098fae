"""The administrator's site: reference data only, open to the role and to nobody else."""

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class ReferenceAdminSite(admin.AdminSite):
    """Who may enter is asked of the permission table, not of flags on the account."""

    site_header = _("Yongqing reference data")
    site_title = _("Yongqing")
    index_title = _("Areas, units and people")
    site_url = "/"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Only those who keep the reference data; petitions are not in here for anybody."""
        return isinstance(request.user, User) and request.user.may("accounts.manage")

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """One sign-in page for everybody; the admin's own form would go past its rules."""
        return redirect_to_login(request.get_full_path(), reverse("sign_in"))
