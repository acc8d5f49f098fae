"""Rules of dispatch and deadlines for the system administrator. Nothing here shows a case."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

from accounts.admin_site import ReferenceAdmin
from dispatch.actions.clocks import forget_cached_rules
from dispatch.actions.rules import set_day
from dispatch.models import CatalogueEntry, Day, Firing, Policy, SweepRun

ERROR_ROWS = 100


class ReadOnlyAdmin(ReferenceAdmin):
    """To look at: what the machine wrote."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(CatalogueEntry)
class CatalogueEntryAdmin(SimpleHistoryAdmin, ReferenceAdmin):
    """The dispatch catalogue. A row may be deleted: it is a rule, not a record, and its history stays."""

    list_display = ["content_class", "area", "unit"]
    list_filter = ["content_class__level", "area__kind"]
    list_select_related = ["content_class", "area", "unit"]
    search_fields = ["content_class__code", "content_class__name", "area__name", "unit__name", "unit__code"]
    autocomplete_fields = ["content_class", "area", "unit"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request)


@admin.register(Policy)
class PolicyAdmin(SimpleHistoryAdmin, ReferenceAdmin):
    """Deadline rules. What starts and stops a clock and how it counts is code's business; words are the office's.

    A length is changed by a new version, never in place: clocks that run keep the rule they started under.
    """

    list_display = ["key", "version", "name", "length", "unit", "article", "is_current"]
    list_filter = ["subject", "is_current"]
    search_fields = ["key", "name", "name_en", "article"]
    editable = ("name", "name_en", "article")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [field.name for field in Policy._meta.fields if field.name not in self.editable]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Policy, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(forget_cached_rules)


@admin.register(Day)
class DayAdmin(ReferenceAdmin):
    """The working calendar; saving a day confirms it."""

    list_display = ["day", "is_work", "note", "is_confirmed"]
    list_filter = ["is_confirmed", "is_work"]
    search_fields = ["note"]
    date_hierarchy = "day"
    ordering = ["-day"]
    readonly_fields = ["is_confirmed"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["day", "is_confirmed"] if obj else ["is_confirmed"]

    def save_model(self, request: HttpRequest, obj: Day, form: forms.ModelForm, change: bool) -> None:
        set_day(obj.day, is_work=obj.is_work, note=obj.note)


@admin.register(SweepRun)
class SweepRunAdmin(ReadOnlyAdmin):
    """The sweeps of the last days: how much each did and how late it was."""

    list_display = ["at", "finished_at", "fired", "announced", "set_aside", "lag_seconds"]
    ordering = ["-finished_at"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the firings set aside: their composite key keeps them from having an admin of their own."""
        firings = Firing.objects.exclude(error="").order_by("-fired_at")[:ERROR_ROWS]
        return super().changelist_view(request, {"set_aside_firings": firings, **(extra_context or {})})
