"""API clients and webhook endpoints for the system administrator.

A key is shown once, where it is made (gateway/clients), and never here.
"""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReferenceAdmin
from accounts.models import User
from gateway import actions
from gateway.models import ApiClient, ApiKey, WebhookEndpoint
from gateway.scopes import ApiScope
from petitions.states import Refused


class ApiClientForm(forms.ModelForm):
    """Scopes to tick, addresses as a comma-separated list."""

    scopes = forms.MultipleChoiceField(label=_("Scopes"), choices=ApiScope.choices, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = ApiClient
        fields = ("name", "channel", "unit", "scopes", "allowed_ips", "rate_per_minute", "is_active")

    def clean_allowed_ips(self) -> list[str]:
        """Addresses and networks only."""
        given = self.cleaned_data["allowed_ips"] or []
        try:
            actions.check_networks(given)
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None
        return list(given)


@admin.register(ApiClient)
class ApiClientAdmin(ReferenceAdmin):
    form = ApiClientForm
    list_display = ["name", "channel", "unit", "is_active", "rate_per_minute"]
    list_filter = ["channel", "is_active"]
    list_select_related = ["unit"]
    search_fields = ["name"]
    autocomplete_fields = ["unit"]

    def save_model(self, request: HttpRequest, obj: ApiClient, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(ApiKey)
class ApiKeyAdmin(ReferenceAdmin):
    """Keys by their prefix: when used, when ended. They are made on the pages of clients or at the command line."""

    list_display = ["__str__", "client", "created_at", "expires_at", "revoked_at", "last_used_at"]
    list_filter = ["client"]
    list_select_related = ["client"]
    fields = ("client", "prefix", "created_at", "expires_at", "revoked_at", "last_used_at")
    readonly_fields = fields
    actions = ["revoke"]

    @admin.action(description=_("Revoke the selected keys"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """Close keys; every process follows within 30 seconds."""
        actor = request.user if isinstance(request.user, User) else None
        for key in queryset:
            actions.revoke_key(key, at=timezone.now(), actor=actor)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReferenceAdmin):
    """To look at beside its client; made, changed and removed on the page of webhooks, which keeps a record."""

    list_display = ["url", "client", "is_active", "last_success_at", "created_at"]
    list_filter = ["is_active", "client"]
    list_select_related = ["client"]
    search_fields = ["url", "client__name"]
    fields = (
        "client", "url", "kinds", "is_active", "disabled_reason", "version", "created_at", "last_success_at",
        "previous_until",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
