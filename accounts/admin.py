"""Areas, units and people for the system administrator (domain-facts §4.2: users, dictionaries, calendar)."""

from typing import Any

from axes.models import AccessAttempt
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address_of
from accounts.admin_site import ReferenceAdmin
from accounts.models import Area, SignInEvent, SignInRule, Unit, User
from accounts.roles import Role
from accounts.second_factor import actions as second_factor
from accounts.single_sign_on.actions import untie


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
    readonly_fields = [*_DATES, "provider_subject"]
    actions = ["reset_second_factor", "untie_provider"]
    fieldsets = [
        (None, {"fields": ["username", "password", "name", "role", "unit", "title", "phone", "email"]}),
        (
            _("Account"),
            {
                "fields": [
                    "is_active",
                    "must_change_password",
                    "is_head",
                    "handles_accusations",
                    "language",
                    *_DATES,
                    "provider_subject",
                ]
            },
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

    @admin.action(description=_("Reset the second factor: the telephone is lost"))
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """The person sets up a new one at the next sign-in; who did it stays in the log of sign-ins."""
        by, at, ip = request.user, timezone.now(), address_of(request)
        assert isinstance(by, User)
        done = sum(second_factor.reset(user, by=by, at=at, ip=ip) for user in queryset)
        messages.success(request, now("Second factors reset: %(count)d.") % {"count": done})

    @admin.action(description=_("Untie from the account at the provider"))
    def untie_provider(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """The next sign-in with this user name ties the account anew."""
        by, at, ip = request.user, timezone.now(), address_of(request)
        assert isinstance(by, User)
        done = sum(untie(user, by=by, at=at, ip=ip) for user in queryset)
        messages.success(request, now("Accounts untied: %(count)d.") % {"count": done})

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


@admin.register(SignInRule)
class SignInRuleAdmin(ReferenceAdmin):
    """Which claim of the provider makes somebody what; the first rule that fits decides."""

    list_display = ["position", "claim", "value", "role", "unit", "is_active"]
    list_display_links = ["claim"]
    list_filter = ["role", "is_active"]
    list_select_related = ["unit"]
    search_fields = ["claim", "value"]
    autocomplete_fields = ["unit"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No old file points at a rule."""
        return self._may(request)


@admin.register(SignInEvent)
class SignInEventAdmin(ReferenceAdmin):
    """What changed in how somebody signs in; to read only."""

    list_display = ["at", "kind", "user", "by", "detail", "ip"]
    list_filter = ["kind"]
    list_select_related = ["user", "by"]
    search_fields = ["user__username", "user__name", "detail"]
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:  # type: ignore[override]
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
