"""The schema's readable page and the answer to addresses that do not exist."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.middleware import public
from gateway.problems import not_found

# Swagger UI writes style attributes and draws its icons from data: addresses; its script stays in files of our own.
VIEWER = {"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]}


class Schema(SpectacularAPIView):
    """OpenAPI 3.1 as YAML or JSON, by the Accept header."""


@method_decorator(csp_update(VIEWER), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    """Readable docs; nothing on the page comes from outside."""

    url_name = "api_schema"
    title = "Yongqing API"


class Nowhere(APIView):
    """Any other address below /api/: 404 as a problem, not as a page."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(exclude=True)
    def handle(self, request: Request, **_where: str) -> Response:
        """Raises Problem (404)."""
        raise not_found()

    get = post = put = patch = delete = options = handle


schema = public(Schema.as_view())
docs = public(Docs.as_view())
nowhere = public(Nowhere.as_view())
