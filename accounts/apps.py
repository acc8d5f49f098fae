from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and units")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import permissions, receivers  # noqa: F401 - registers the table, listens to sign-ins

        # django.contrib.admin is ready after this app and takes its site from here.
        apps.get_app_config("admin").default_site = "accounts.admin_site.ReferenceAdminSite"  # type: ignore[attr-defined]
