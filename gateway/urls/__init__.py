"""Addresses of this room. The API's have no slash at the end; pages for people have one."""

from django.urls import URLPattern, re_path

from gateway import documentation
from gateway.urls import bulk, channels, clients, datasets, guide, open311, resources, webhooks

urlpatterns: list[URLPattern] = [
    *resources.patterns,
    *webhooks.patterns,
    *channels.patterns,
    *bulk.patterns,
    *datasets.patterns,
    *open311.patterns,
    *clients.patterns,
    *guide.patterns,
    # `path` would leave out addresses with a line break in them.
    re_path(r"^api/(?P<rest>[\s\S]+)$", documentation.nowhere),
]
