from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dispatch import badges, batch, confidence, intake, permissions, receivers  # noqa: F401
        from dispatch.actions import recompute  # noqa: F401
