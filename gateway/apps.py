from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "gateway"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.context import register_badge
        from gateway import permissions  # noqa: F401
        from gateway.channels.pages import waiting
        from gateway.copies import register_copies

        register_copies()
        register_badge("gateway", waiting)
