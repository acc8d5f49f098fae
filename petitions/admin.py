"""The dictionary of content classes. Petitions are not in the admin for anybody (domain-facts §4.2, last line)."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.admin_site import ReferenceAdmin
from petitions.models import ContentClass


@admin.register(ContentClass)
class ContentClassAdmin(ReferenceAdmin):
    list_display = ["code", "name", "name_en", "parent", "hotline_label", "is_active"]
    list_filter = ["level", "is_active"]
    list_select_related = ["parent"]
    search_fields = ["code", "name", "name_en", "hotline_label"]
    autocomplete_fields = ["parent"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """A class in use keeps its place: old petitions and the catalogue hang on it."""
        return ["code", "parent", "level"] if obj else []
