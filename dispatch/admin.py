"""Rules of dispatch and deadlines for the system administrator. Nothing here shows a case."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

from accounts.admin_site import ReferenceAdmin
from dispatch.models import CatalogueEntry, Day, Firing, Policy, SupervisionThreshold, SweepRun

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
class PolicyAdmin(ReadOnlyAdmin):
    """Every version of every deadline rule, to look at. They are edited at /rules/, which shows first what moves."""

    list_display = ["key", "version", "name", "length", "unit", "article", "is_current"]
    list_filter = ["subject", "profile", "is_current"]
    search_fields = ["key", "name", "name_en", "article"]


@admin.register(Day)
class DayAdmin(ReadOnlyAdmin):
    """The working calendar, to look at. It is edited at /calendar/, which shows first which deadlines move."""

    list_display = ["day", "is_work", "note", "is_confirmed", "source"]
    list_filter = ["is_confirmed", "is_work", "source"]
    search_fields = ["note"]
    date_hierarchy = "day"
    ordering = ["-day"]


@admin.register(SupervisionThreshold)
class SupervisionThresholdAdmin(SimpleHistoryAdmin, ReferenceAdmin):
    """The numbers by which findings for supervision are made; the finder reads them each time."""

    list_display = ["key", "value"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["key"]


@admin.register(SweepRun)
class SweepRunAdmin(ReadOnlyAdmin):
    """The sweeps of the last days: how much each did and how late it was."""

    list_display = ["at", "finished_at", "fired", "announced", "set_aside", "lag_seconds"]
    ordering = ["-finished_at"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the firings set aside: their composite key keeps them from having an admin of their own."""
        firings = Firing.objects.exclude(error="").order_by("-fired_at")[:ERROR_ROWS]
        return super().changelist_view(request, {"set_aside_firings": firings, **(extra_context or {})})
