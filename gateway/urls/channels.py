"""Channel adapters: what sources post, the triage queue, mappings and health."""

from django.urls import URLPattern, path

from gateway.channels import line_pages, pages, views

patterns: list[URLPattern] = [
    path("api/v1/inbound/<slug:channel>", views.Inbound.as_view(), name="api_inbound"),
    path("api/v1/inbound/<slug:channel>/<str:source_ref>", views.InboundOne.as_view(), name="api_inbound_one"),
    path(
        "api/v1/inbound/<slug:channel>/<str:source_ref>/status",
        views.InboundOneStatus.as_view(),
        name="api_inbound_status",
    ),
    path("gateway/triage/", pages.triage, name="gateway_triage"),
    path("gateway/triage/<int:pk>/", pages.triage_item, name="gateway_triage_item"),
    path("gateway/triage/<int:pk>/refuse/", pages.triage_refuse, name="gateway_triage_refuse"),
    path("gateway/channels/", pages.channels, name="gateway_channels"),
    path("gateway/channels/<slug:channel>/", pages.channel, name="gateway_channel"),
    path("gateway/lines/", line_pages.lines, name="gateway_lines"),
    path("gateway/lines/new/", line_pages.line, name="gateway_line_new"),
    path("gateway/lines/units/", line_pages.line_units, name="gateway_line_units"),
    path("gateway/lines/confirm/", line_pages.lines_confirm, name="gateway_lines_confirm"),
    path("gateway/lines/<int:pk>/", line_pages.line, name="gateway_line"),
    path("gateway/lines/<int:pk>/use/", line_pages.line_use, name="gateway_line_use"),
]
