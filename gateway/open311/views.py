"""The addresses of GeoReport v2. Thin: they ask who calls, read the form, call one action, answer in XML or JSON.

The schema at /api/v1/schema/ leaves them out: another specification describes them.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import limits
from accounts.actors import Actor
from accounts.addresses import caller_address
from accounts.models import Area
from gateway import idempotency, reference
from gateway.authentication import recognise
from gateway.gates import ClientRate
from gateway.idempotency import Answer
from gateway.models import ApiClient, InboundItem
from gateway.open311 import requests, services, updates
from gateway.open311.formats import Fault, GeoJson, GeoXml, Named, fault_answer

# Requests per minute from one address without a key.
PUBLIC_RATE = 60
FORMATS: dict[str, type[BaseRenderer]] = {"xml": GeoXml, "json": GeoJson}


def form_of(request: Request) -> dict[str, str]:
    """The posted form, the last value of each name; empty for a reading request."""
    if request.method != "POST":
        return {}
    given: Any = request.data
    return {name: value for name, value in given.items() if isinstance(value, str)}


class KeyOrNobody(BaseAuthentication):
    """`api_key` in the query or the form, or the header of /api/v1. None at all is the public."""

    def authenticate(self, request: Request) -> tuple[Actor, ApiClient] | None:
        """Raises Fault: 403 for a bad api_key (GeoReport), 401 for a bad Authorization header (HTTP)."""
        header = request.headers.get("Authorization", "")
        key = request.query_params.get("api_key") or form_of(request).get("api_key", "")
        if not key and not header:
            return None
        known = recognise(request, f"Bearer {key}" if key else header)
        if known is None:
            text = _("This key is unknown, ended, or not allowed from your address.")
            raise Fault(403 if key else 401, text)
        return known


class Rate(ClientRate):
    """The client's own rate; so many a minute from one address for the public."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        if request.auth is not None:
            return super().allow_request(request, view)
        address = caller_address(request.META)
        return limits.take(f"open311:{address}", most=PUBLIC_RATE, seconds=60)


class GeoView(APIView):
    """Base of all: formats by the end of the address, errors in GeoReport's shape."""

    authentication_classes = [KeyOrNobody]
    permission_classes = []
    throttle_classes = [Rate]
    parser_classes = [FormParser, MultiPartParser]
    renderer_classes = [GeoXml, GeoJson]
    # Nothing describes itself over OPTIONS: the answer has no shape in GeoReport.
    http_method_names = ["get", "post", "head"]
    schema = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """The address decides; what a client accepts besides is of no concern."""
        renderer = FORMATS[self.kwargs["format"]]()
        return renderer, renderer.media_type

    def get_exception_handler(self) -> Callable[[Exception, Mapping[str, Any]], Response]:
        return fault_answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises Fault: 400 for a NUL, 404 for a jurisdiction that is not this city; none at all means this city."""
        said = (*request.query_params.values(), *form_of(request).values(), *kwargs.values())
        if any("\0" in text for text in said if isinstance(text, str)):
            raise Fault(400, _("The request contains a NUL character."))
        super().initial(request, *args, **kwargs)
        given = request.query_params.get("jurisdiction_id") or form_of(request).get("jurisdiction_id", "")
        area = reference.areas().by_code.get(given) if given else None
        if given and (area is None or area.kind != Area.Kind.CITY):
            raise Fault(404, _("Unknown jurisdiction_id: it is the code of the city, or left out."))

    def client(self, scope: str) -> ApiClient:
        """Who asks. Raises Fault (403) without a key, and for one that lacks the scope."""
        if not isinstance(self.request.auth, ApiClient):
            raise Fault(403, _("Please send your key as api_key."))
        if scope not in self.request.auth.scopes:
            raise Fault(403, _("Your key lacks the scope %(scope)s.") % {"scope": scope})
        return self.request.auth

    def reader(self) -> ApiClient | None:
        """The client that reads, or None for the public."""
        return self.client("petitions:read") if self.request.auth is not None else None


class Discovery(GeoView):
    def get(self, request: Request, format: str) -> Response:
        base = request.build_absolute_uri("/open311/v2")
        types = {"xml": "text/xml", "json": "application/json"}
        endpoint = {
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": base,
            "changeset": "2026-11-25T00:00:00Z",
            "type": "production",
            "formats": list(types.values()),
        }
        found = {
            "changeset": "2026-11-25T00:00:00Z",
            "contact": request.build_absolute_uri("/developers/"),
            "key_service": request.build_absolute_uri("/developers/"),
            "endpoints": [endpoint],
        }
        return Response(Named("discovery", "", found))


class Services(GeoView):
    def get(self, request: Request, format: str) -> Response:
        return Response(Named("services", "service", [services.service(row) for row in services.in_use()]))


class ServiceDefinition(GeoView):
    def get(self, request: Request, code: str, format: str) -> Response:
        return Response(Named("service_definition", "", services.definition(services.require(code))))


class Requests(GeoView):
    def get(self, request: Request, format: str) -> Response:
        reader = self.reader()
        found = requests.wanted(requests.readable(reader), request.query_params.dict(), timezone.now())
        return Response(Named("service_requests", "request", requests.rows_of(found, is_public=reader is None)))

    def post(self, request: Request, format: str) -> Response:
        client, at, form = self.client("petitions:write"), timezone.now(), form_of(request)
        if "Idempotency-Key" not in request.headers:
            row = requests.take(client, form, at=at)
            return Response(Named("service_requests", "request", [row]), status=201)
        # The key may be renewed between two tries, and the format changed: neither makes it another report.
        digest = idempotency.digest_of_parts({name: [text] for name, text in form.items() if name != "api_key"})
        found = idempotency.once(
            request,
            lambda: Answer(201, [requests.take(client, form, at=at)]),
            at=at,
            digest=digest,
            route="/open311/v2/requests",
        )
        rows = Named("service_requests", "request", orjson.loads(found.data))
        told = {name: value for name, value in found.headers.items() if name.startswith("Idempotency-")}
        return Response(rows, status=found.status_code, headers=told)


class OneRequest(GeoView):
    def get(self, request: Request, pk: str, format: str) -> Response:
        reader = self.reader()
        found = requests.wanted(requests.readable(reader), {"service_request_id": pk}, timezone.now())
        rows = requests.rows_of(found, is_public=reader is None) if "," not in pk else []
        if not rows:
            raise Fault(404, _("There is no request with this service_request_id that you can see."))
        return Response(Named("service_requests", "request", rows))


class Token(GeoView):
    """Most requests get their id at once; then the token is the client's own number, for whoever lost the answer."""

    def get(self, request: Request, token: str, format: str) -> Response:
        client = self.client("petitions:write")
        petition, item = requests.found_by(client, token), None
        if petition is None:
            item = requests.waiting_by(client, token)
            petition = item.petition if item else None
        if petition is None and item is None:
            raise Fault(404, _("There is no request of yours with this token."))
        if item is not None and item.state == InboundItem.State.REFUSED:
            raise Fault(404, _("The office did not take this report in: %(reason)s") % {"reason": item.reason})
        # Until somebody has placed it there is no id yet.
        row = {"service_request_id": str(petition.pk) if petition else None, "token": token}
        return Response(Named("service_requests", "request", [row]))


class Updates(GeoView):
    def get(self, request: Request, format: str) -> Response:
        found = updates.updates_of(self.client("petitions:read"), request.query_params.dict(), timezone.now())
        return Response(Named("service_request_updates", "request_update", found))

    def post(self, request: Request, format: str) -> Response:
        number = updates.add(self.client("petitions:write"), form_of(request), at=timezone.now())
        row = {"update_id": str(number), "account_id": None}
        return Response(Named("service_request_updates", "request_update", [row]), status=201)
