"""The documents of the API: schema, viewer, guide. The answer to any other address below /api/ stands last."""

from django.urls import URLPattern, path

from gateway import documentation, guide

patterns: list[URLPattern] = [
    path("developers/", guide.developers, name="developers"),
    path("api/v1/schema/", documentation.schema, name="api_schema"),
    path("api/v1/docs/", documentation.docs, name="api_docs"),
]
