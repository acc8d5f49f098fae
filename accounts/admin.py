"""Areas, units and people for the system administrator (domain-facts §4.2: users, dictionaries, calendar)."""

from typing import Any

from axes.models import AccessAttempt
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReferenceAdmin
from accounts.models import Area, Unit, User
from accounts.roles import Role


@admin.register(Area)
class AreaAdmin(ReferenceAdmin):
    list_display = ["code", "name", "kind", "parent", "is_delegated"]
    list_filter = ["kind", "is_delegated"]
    list_select_related = ["parent"]
    search_fields = ["code", "name", "name_en"]
    autocomplete_fields = ["parent", "district"]


@admin.register(Unit)
class UnitAdmin(ReferenceAdmin):
    list_display = ["code", "name", "kind", "area", "takes_orders", "is_active"]
    list_filter = ["kind", "is_active", "takes_orders"]
    list_select_related = ["area"]
    search_fields = ["code", "name", "short_name"]
    autocomplete_fields = ["area", "parent"]
    # The path carries visibility; it follows the parent when a unit is made and is not edited by hand.
    exclude = ["path"]

    def save_model(self, request: HttpRequest, obj: Unit, form: forms.ModelForm, change: bool) -> None:
        """A new unit hangs below its parent; an existing one keeps its place in the tree."""
        if not change:
            obj.path = f"{obj.parent.path if obj.parent else ''}{obj.code}/"
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request: HttpRequest, obj: Unit | None = None) -> list[str]:
        return ["code", "parent"] if obj else []


class UserAddForm(AdminUserCreationForm):
    """A new account: the first password is the administrator's, so the person must change it."""

    class Meta:
        model = User
        fields = ("username", "name", "role", "unit")


_DATES = ["last_login", "date_joined"]


@admin.register(User)
class UserAdmin(ReferenceAdmin, DjangoUserAdmin):
    add_form = UserAddForm
    list_display = ["username", "name", "role", "unit", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    list_select_related = ["unit"]
    search_fields = ["username", "name", "unit__name"]
    autocomplete_fields = ["unit"]
    filter_horizontal = ()
    ordering = ["username"]
    readonly_fields = _DATES
    fieldsets = [
        (None, {"fields": ["username", "password", "name", "role", "unit", "title", "phone", "email"]}),
        (
            _("Account"),
            {"fields": ["is_active", "must_change_password", "is_head", "handles_accusations", "language", *_DATES]},
        ),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "name", "role", "unit", "usable_password", "password1", "password2"]}),
    ]

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        """The admin flag follows the role, and a password somebody else chose is only for the first sign-in."""
        obj.is_staff = obj.role == Role.SYSTEM_ADMIN
        if not change:
            obj.must_change_password = True
        super().save_model(request, obj, form, change)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302 and id != str(request.user.pk):
            User.objects.filter(pk=id).update(must_change_password=True)
        return response


@admin.register(AccessAttempt)
class SignInFailureAdmin(ReferenceAdmin):
    """Failed sign-ins; deleting a row lets the person try again before the quarter of an hour is over."""

    list_display = ["attempt_time", "username", "ip_address", "failures_since_start"]
    search_fields = ["username", "ip_address"]
    readonly_fields = [field.name for field in AccessAttempt._meta.fields]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)
