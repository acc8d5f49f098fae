"""Reference resources: units, areas, categories. Open to every valid key."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Area, Unit
from gateway import outputs, queries, representations
from gateway.api import ApiView, listed
from gateway.schema import READ, answers, page_schema
from petitions.models import ContentClass


class Units(ApiView):
    @extend_schema(
        operation_id="units_list",
        summary="The units in the loop",
        parameters=[queries.UnitQuery],
        responses=answers(page_schema(outputs.UnitRow), READ),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(queries.UnitQuery)
        rows = Unit.objects.filter(is_active=True, **queries.given(asked, {"kind": "kind__in", "area": "area"}))
        if "takes_orders" in asked:
            rows = rows.filter(takes_orders=asked["takes_orders"])
        columns, shape = representations.UNIT_COLUMNS, representations.unit
        return listed(request, rows, queries.BY_CODE, asked, columns=columns, shape=shape, row_type=outputs.UnitRow)


class Areas(ApiView):
    @extend_schema(
        operation_id="areas_list",
        summary="City, districts, functional areas and towns",
        parameters=[queries.AreaQuery],
        responses=answers(page_schema(outputs.AreaRow), READ),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(queries.AreaQuery)
        rows = Area.objects.filter(**queries.given(asked, {"kind": "kind__in", "district": "district"}))
        columns, shape = representations.AREA_COLUMNS, representations.area
        return listed(request, rows, queries.BY_CODE, asked, columns=columns, shape=shape, row_type=outputs.AreaRow)


class Categories(ApiView):
    @extend_schema(
        operation_id="categories_list",
        summary="Content classes",
        parameters=[queries.PageQuery],
        responses=answers(page_schema(outputs.CategoryRow), READ),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(queries.PageQuery)
        rows = ContentClass.objects.filter(is_active=True)
        columns, shape = representations.CATEGORY_COLUMNS, representations.category
        return listed(request, rows, queries.BY_CODE, asked, columns=columns, shape=shape, row_type=outputs.CategoryRow)
