from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "gateway"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gateway import permissions  # noqa: F401
        from gateway.copies import register_copies

        register_copies()

        from dispatch.actions import jobs
        from gateway.actions import bulk

        jobs.register(bulk.KIND, bulk.BulkHandler())
