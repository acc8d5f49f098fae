"""Webhook endpoints and deliveries: resources and pages."""

from django.urls import URLPattern, path

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
        )
    ],
    path("api/v1/webhook-deliveries", api.Deliveries.as_view(), name="api_webhook_deliveries"),
    path("api/v1/webhook-deliveries/<int:pk>", api.DeliveryItem.as_view(), name="api_webhook_delivery"),
    path("api/v1/webhook-deliveries/<int:pk>/resend", api.DeliveryResend.as_view(), name="api_webhook_delivery_resend"),
]
