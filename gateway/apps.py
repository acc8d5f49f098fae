from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "gateway"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.context import register_badge
        from dispatch.actions import jobs
        from dispatch.catalogue import register_hint
        from gateway import permissions  # noqa: F401
        from gateway.actions import bulk, datasets
        from gateway.channels.health import waiting
        from gateway.channels.lines import unit_of_line
        from gateway.channels.statuses import tell
        from gateway.copies import register_copies
        from gateway.rotation import register_rotation
        from gateway.webhooks import register_word

        register_copies()
        register_rotation()
        register_badge("gateway", waiting)
        register_hint(unit_of_line)
        register_word("status", tell)
        jobs.register(bulk.KIND, bulk.BulkHandler())
        jobs.register(datasets.KIND, datasets.DatasetHandler())
