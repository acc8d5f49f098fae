"""Clients and keys: pages."""

from django.urls import URLPattern, path

from gateway import hub
from gateway.clients import pages

_CLIENT = "gateway/clients/<int:pk>/"

patterns: list[URLPattern] = [
    path("gateway/", hub.home, name="gateway"),
    path("gateway/clients/", pages.clients, name="gateway_clients"),
    path("gateway/clients/new/", pages.client_new, name="gateway_client_new"),
    path(_CLIENT, pages.client, name="gateway_client"),
    path(f"{_CLIENT}change/", pages.client_change, name="gateway_client_change"),
    path(f"{_CLIENT}turn/<slug:turn>/", pages.client_turn, name="gateway_client_turn"),
    path(f"{_CLIENT}keys/", pages.key_issue, name="gateway_key_issue"),
    path(f"{_CLIENT}keys/<int:key_pk>/revoke/", pages.key_revoke, name="gateway_key_revoke"),
]
