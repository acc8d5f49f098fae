"""The administrator's site: reference data only, open to the role and to nobody else."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class ReferenceAdmin(admin.ModelAdmin):
    """Model permissions follow the permission table; other rooms' dictionaries derive from this."""

    permission = "accounts.manage"

    def _may(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.may(self.permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Units and people stay in old files: they are closed, not deleted."""
        return False


class ReferenceAdminSite(admin.AdminSite):
    """Who may enter is asked of the permission table, not of flags on the account."""

    site_header = _("Yongqing reference data")
    site_title = _("Yongqing")
    index_title = _("Areas, units and people")
    site_url = "/"
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Takes our own classes only: what other packages would show by themselves goes past the permission table."""
        if admin_class is not None and issubclass(admin_class, ReferenceAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Only those who keep the reference data; petitions are not in here for anybody."""
        return isinstance(request.user, User) and request.user.may("accounts.manage")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """django-axes names its table in its own words; ours say what an administrator does with it."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "axes":
                app["name"] = _("Sign-in")
                app["models"][0]["name"] = _("Failed sign-ins")
        return apps

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The way out is the same everywhere."""
        return LogoutView.as_view()(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Our own page knows the rules for one's own password."""
        return redirect("password_change")

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """One sign-in page for everybody; the admin's own form would go past its rules.

        Raises PermissionDenied for who is signed in already: signing in once more would not help.
        """
        if request.user.is_authenticated:
            raise PermissionDenied(_("The reference data is kept by the system administrator."))
        return redirect_to_login(request.get_full_path(), reverse("sign_in"))
