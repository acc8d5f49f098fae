from django.apps import AppConfig


class PetitionsConfig(AppConfig):
    name = "petitions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from petitions import finality, permissions, receivers, suspicions  # noqa: F401
        from petitions.copies import register_copies
        from petitions.documents import catalogue  # noqa: F401

        register_copies()
