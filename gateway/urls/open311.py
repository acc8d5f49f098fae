"""The façade of Open311 GeoReport v2. The end of an address names the format."""

from django.urls import URLPattern, re_path

from gateway.open311 import views

_END = r"\.(?P<format>xml|json)$"

patterns: list[URLPattern] = [
    re_path(rf"^open311/(?:v2/)?discovery{_END}", views.Discovery.as_view(), name="open311_discovery"),
    re_path(rf"^open311/v2/services{_END}", views.Services.as_view(), name="open311_services"),
    re_path(rf"^open311/v2/services/(?P<code>\w+){_END}", views.ServiceDefinition.as_view(), name="open311_service"),
    re_path(rf"^open311/v2/requests{_END}", views.Requests.as_view(), name="open311_requests"),
    re_path(rf"^open311/v2/requests/(?P<pk>\d+){_END}", views.OneRequest.as_view(), name="open311_request"),
    re_path(rf"^open311/v2/tokens/(?P<token>[^/]+){_END}", views.Token.as_view(), name="open311_token"),
    re_path(rf"^open311/v2/servicerequestupdates{_END}", views.Updates.as_view(), name="open311_updates"),
]
