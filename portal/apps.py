"""Citizens: tracking by query code, rating, requests for review; nobody signs in, every page asks for a code."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal import panels, permissions, receivers, retention  # noqa: F401
