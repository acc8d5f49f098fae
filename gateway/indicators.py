"""The indicators of the scoreboard for other systems: the same formulas, reach and numbers as on the pages."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.models import Area, Unit
from accounts.roles import Scope
from gateway import outputs, queries, reference
from gateway.api import ApiView
from gateway.backlog.boards import BOARD_KINDS
from gateway.models import ApiClient
from gateway.pagination import next_link, page
from gateway.schema import READ, answers
from gateway.strict import WordsField
from insights import figures as fig
from insights.board import counted_at
from insights.indicators import GROUPS, INDICATORS, Better, Indicator, Measure, Statistic
from insights.models import Tally
from insights.period import DEFAULT, Period, period_of

# In what a value is given. Shares are 0 to 1, times are days.
_MEASURES = {Measure.SHARE: "share", Measure.DAYS: "days", Measure.UNITS: "units", Measure.ROWS: "rows"}
_BETTER = [Better.HIGH.value, Better.LOW.value, "neither"]


class DistrictField(queries.AnyAreaField):
    """A district or functional area."""

    def find(self, code: str) -> Any:
        area = super().find(code)
        return area if area is not None and area.kind == Area.Kind.DISTRICT else None


class IndicatorQuery(queries.PageQuery):
    """Which figures, of which time, cut how."""

    period = serializers.RegexField(
        r"^(last12|20\d\d|20\d\d-Q[1-4]|20\d\d-(0[1-9]|1[0-2]))$",
        default=DEFAULT,
        help_text="2026-11, 2026-Q4, 2026 or last12, the last twelve months. Whole months of Asia/Shanghai.",
    )
    by = serializers.ChoiceField([("unit", "unit"), ("month", "month"), ("none", "none")], default="unit")
    indicator = WordsField(list(INDICATORS), required=False, help_text="All unless some are named.")
    group = serializers.ChoiceField([(key, key) for key in GROUPS], required=False)
    unit = queries.UnitField(required=False, help_text="Of one unit alone.")
    district = DistrictField(required=False, help_text="Of the matters, not of the unit.")


class IndicatorDefinition(serializers.Serializer):
    """What a figure is made of; docs/indicators.md has the same."""

    key = serializers.CharField()
    group = serializers.ChoiceField([(key, key) for key in GROUPS])
    name = serializers.CharField()
    numerator = serializers.CharField(allow_blank=True, help_text="What is counted or measured, in words.")
    denominator = serializers.CharField(help_text="Of which rows.")
    basis = serializers.CharField(help_text="What puts a row into a month.")
    statistic = serializers.ChoiceField([row.value for row in Statistic])
    measure = serializers.ChoiceField(
        list(_MEASURES.values()), help_text="What `value` is given in; shares are 0 to 1."
    )
    better = serializers.ChoiceField(_BETTER)
    target = serializers.FloatField(allow_null=True, help_text="A share the office has set itself.")


class IndicatorFigure(serializers.Serializer):
    key = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="Null where there is no row: no data is not zero.")
    hit = serializers.IntegerField(allow_null=True, help_text="The numerator of a share.")
    of = serializers.IntegerField(help_text="The rows it is made of.")
    is_thin = serializers.BooleanField(help_text="Fewer than ten rows: not to be ranked or judged.")


class IndicatorLine(serializers.Serializer):
    """The figures of one unit, or of one month."""

    unit = outputs.Named(allow_null=True)
    month = serializers.CharField(allow_null=True)
    figures = IndicatorFigure(many=True)


class IndicatorPage(serializers.Serializer):
    as_of = serializers.DateTimeField(allow_null=True, help_text="When the figures were last counted.")
    since = serializers.DateField()
    until = serializers.DateField(help_text="The first day of the last month.")
    indicators = IndicatorDefinition(many=True)
    total = IndicatorFigure(many=True, help_text="Everything the key may count, within the filters.")
    items = IndicatorLine(many=True)
    next = serializers.CharField(allow_null=True)


def counting(client: ApiClient) -> Actor:
    """Who counts: governments and coordinating offices their whole city or district, other units their own."""
    unit, actor = client.unit, client.actor
    scopes = {Area.Kind.CITY: Scope.CITY, Area.Kind.DISTRICT: Scope.AREA}
    reach = scopes.get(Area.Kind(unit.area.kind), Scope.UNIT) if unit.kind in BOARD_KINDS else Scope.UNIT
    return replace(actor, grants={**actor.grants, "insights.view": reach})


class Indicators(ApiView):
    """Accusations are in no figure. Figures are counted every few minutes and anew every night (`as_of`)."""

    scopes = {"GET": "reports:read"}

    @extend_schema(
        operation_id="indicators_list",
        summary="The indicators of the scoreboard by unit or month",
        parameters=[IndicatorQuery],
        responses=answers(IndicatorPage, READ),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(IndicatorQuery)
        period = period_of(asked["period"], timezone.now())
        wanted, rows = _wanted(asked), _tallies(counting(self.client), asked, period)
        items, more = _items(rows, wanted, asked, period)
        body = {
            "as_of": counted_at(),
            "since": period.first,
            "until": period.last,
            "indicators": [_definition(row) for row in wanted],
            "total": _figures(fig.sums_by(rows, wanted), wanted),
            "items": items,
            "next": more,
        }
        headers = {"Link": next_link(request.path, queries.plain(request.query_params), more)} if more else {}
        return self.answer(body, **headers)


def _wanted(asked: Mapping[str, Any]) -> list[Indicator]:
    """In the order of the pages, whatever order they were named in."""
    keys, group = asked.get("indicator", list(INDICATORS)), asked.get("group")
    return [row for key, row in INDICATORS.items() if key in keys and group in {None, row.group}]


def _tallies(actor: Actor, asked: Mapping[str, Any], period: Period) -> QuerySet[Tally]:
    rows = Tally.objects.visible_to(actor).filter(month__gte=period.first, month__lte=period.last)
    if "unit" in asked:
        rows = rows.filter(unit=asked["unit"])
    return rows.filter(district=asked["district"]) if "district" in asked else rows


def _items(
    rows: QuerySet[Tally], wanted: list[Indicator], asked: Mapping[str, Any], period: Period
) -> tuple[list[dict[str, Any]], str | None]:
    if asked["by"] == "unit":
        return _units(rows, wanted, asked)
    return (_months(rows, wanted, period) if asked["by"] == "month" else []), None


def _units(
    rows: QuerySet[Tally], wanted: list[Indicator], asked: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], str | None]:
    """Units that have anything of what is asked for, by code."""
    counted = rows.filter(indicator__in={row.tally for row in wanted})
    units = Unit.objects.filter(pk__in=counted.order_by().values("unit"))
    found = page(units, queries.BY_CODE, columns=("id", "code"), limit=asked["limit"], cursor=asked.get("cursor", ""))
    ids = [row["id"] for row in found.rows]
    sums = fig.sums_by(rows.filter(unit__in=ids), wanted, "unit")
    items = [{"unit": reference.units().brief(pk), "month": None, "figures": _figures(sums, wanted, pk)} for pk in ids]
    return items, found.next


def _months(rows: QuerySet[Tally], wanted: list[Indicator], period: Period) -> list[dict[str, Any]]:
    """Every month of the period, empty ones included."""
    sums = fig.sums_by(rows, wanted, "month")
    return [
        {"unit": None, "month": f"{month:%Y-%m}", "figures": _figures(sums, wanted, month)} for month in period.months
    ]


def _figures(sums: fig.Table, wanted: Iterable[Indicator], *group: Any) -> list[dict[str, Any]]:
    return [_figure(fig.figure_of(sums, row, group)) for row in wanted]


def _figure(figure: fig.Figure) -> dict[str, Any]:
    value, row = figure.value, figure.indicator
    if value is not None and row.measure == Measure.DAYS:
        value /= fig.DAY
    return {
        "key": row.key,
        "value": value,
        "hit": figure.sums.numerator if row.is_share else None,
        "of": figure.count,
        "is_thin": figure.is_thin and not figure.is_number,
    }


def _definition(row: Indicator) -> dict[str, Any]:
    return {
        "key": row.key,
        "group": row.group,
        "name": str(row.label),
        "numerator": str(row.over or ""),
        "denominator": str(row.under),
        "basis": str(row.basis_label),
        "statistic": row.statistic.value,
        "measure": _MEASURES[row.measure],
        "better": row.better.value or "neither",
        "target": row.target,
    }
