from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.urls import reverse_lazy

        from accounts.widgets import register_holder
        from dispatch import (  # noqa: F401
            badges,
            batch,
            confidence,
            documents_tab,
            file_book,
            keeping,
            papers,
            permissions,
            procedure,
            rating_state,
            receivers,
            review_desk,
        )
        from dispatch.actions import recompute  # noqa: F401
        from dispatch.views import checklists, records  # noqa: F401
        from petitions.attachments import take_held

        register_holder(url=reverse_lazy("file_hold"), take=take_held)

        from dispatch.retention import register_copies

        register_copies()
