"""Webhook endpoints and deliveries: resources and pages."""

from django.urls import URLPattern, path

from gateway import webhook_pages as pages
from gateway import webhook_resources as api

_ENDPOINT = "api/v1/webhook-endpoints/<int:pk>"

patterns: list[URLPattern] = [
    path("api/v1/webhook-endpoints", api.Endpoints.as_view(), name="api_webhook_endpoints"),
    path(_ENDPOINT, api.EndpointItem.as_view(), name="api_webhook_endpoint"),
    *[
        path(f"{_ENDPOINT}/{name}", view.as_view(), name=f"api_webhook_endpoint_{name}")
        for name, view in (
            ("secret", api.EndpointSecretItem),
            ("change", api.EndpointChange),
            ("remove", api.EndpointRemove),
            ("rotate", api.EndpointRotate),
            ("test", api.EndpointTest),
            ("resend", api.EndpointResend),
        )
    ],
    path("api/v1/webhook-deliveries", api.Deliveries.as_view(), name="api_webhook_deliveries"),
    path("api/v1/webhook-deliveries/<int:pk>", api.DeliveryItem.as_view(), name="api_webhook_delivery"),
    path("api/v1/webhook-deliveries/<int:pk>/resend", api.DeliveryResend.as_view(), name="api_webhook_delivery_resend"),
    path("gateway/webhooks/", pages.webhooks, name="gateway_webhooks"),
    path("gateway/webhooks/new/", pages.webhook_new, name="gateway_webhook_new"),
    path("gateway/webhooks/<int:pk>/", pages.webhook, name="gateway_webhook"),
    path("gateway/webhooks/<int:pk>/edit/", pages.webhook_edit, name="gateway_webhook_edit"),
    path("gateway/webhooks/<int:pk>/secret/", pages.webhook_secret, name="gateway_webhook_secret"),
    path("gateway/webhooks/<int:pk>/do/<slug:step>/", pages.webhook_step, name="gateway_webhook_step"),
    path("gateway/deliveries/<int:pk>/", pages.delivery, name="gateway_delivery"),
    path("gateway/deliveries/<int:pk>/resend/", pages.delivery_resend, name="gateway_delivery_resend"),
]
