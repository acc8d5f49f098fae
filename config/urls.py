"""Addresses of the whole project. Errors use Django's own handlers with templates/403.html, 404.html and 500.html."""

from django.contrib import admin
from django.urls import include, path

from config.health import healthz
from config.metrics.views import metrics

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("accounts.urls")),
    path("", include("petitions.urls")),
    path("", include("dispatch.urls")),
    path("", include("backlog.urls")),
    path("", include("insights.urls")),
    path("", include("gateway.urls")),
    path("", include("portal.urls")),
]
