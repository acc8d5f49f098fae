"""What the lists can be asked: the filters of the worklist, the same in a query string and in a `_search` body."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.models import Area, Unit
from dispatch.querysets import WorkOrderQuerySet
from dispatch.rating_state import RatingState, any_standing
from dispatch.states import OrderState
from gateway import reference
from gateway.models import ApiClient
from gateway.pagination import DEFAULT_LIMIT, MAX_LIMIT, Order, Walk
from gateway.strict import Errors, LookupField, StrictSerializer, WordsField, complain
from petitions.models import Channel, Petition, Urgency
from petitions.querysets import PetitionQuerySet, Way
from petitions.search import by_person, search
from petitions.states import State

NEWEST = Order("new", ("registered_at", "id"), descending=True)
CHANGES = Order("changes", ("updated_at", "id"))
NEWEST_ORDERS = Order("orders", ("dispatched_at", "id"), descending=True)
BY_CODE = Order("code", ("code",))
BY_SEQ = Order("seq", ("seq",))

# A change becomes readable when its transaction commits, but is dated when it began: a reader who has passed 10:00:05
# would never see what began at 10:00:03 and committed at 10:00:07. So the feed ends where nothing can appear any more.
# No writer lives longer than a minute: gunicorn ends a request after 60 s, Celery a task after 50 s; the rest is for
# clocks of several machines that differ.
FEED_MARGIN = timedelta(seconds=70)


class AnyAreaField(LookupField):
    def find(self, code: str) -> Any:
        return reference.areas().by_code.get(code)

    def hint(self) -> str:
        return _("Give a code from GET /api/v1/areas.")


class AnyCategoryField(LookupField):
    def find(self, code: str) -> Any:
        return reference.classes().by_code.get(code)

    def hint(self) -> str:
        return _("Give a code from GET /api/v1/categories.")


class UnitField(LookupField):
    def find(self, code: str) -> Any:
        return reference.units().by_code.get(code)

    def hint(self) -> str:
        return _("Give a code from GET /api/v1/units.")


class PageQuery(StrictSerializer):
    """Paging, common to all lists."""

    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT)
    cursor = serializers.CharField(max_length=300, required=False, help_text="`next` of the page before, unchanged.")


class ThinQuery(PageQuery):
    fields_ = serializers.CharField(max_length=500, required=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        """`fields` is an attribute of every serializer, so the parameter is declared under another name."""
        found = super().get_fields()
        found["fields"] = found.pop("fields_")
        return found


class PetitionQuery(ThinQuery):
    """Filters of petitions; all given ones must hold."""

    state = WordsField(State.values, required=False)
    open = serializers.BooleanField(required=False)
    district = AnyAreaField(required=False)
    area = AnyAreaField(required=False)
    channel = WordsField(Channel.values, required=False)
    category = AnyCategoryField(required=False, help_text="A class of level 1 includes those below it.")
    urgency = WordsField(Urgency.values, required=False)
    source_ref = serializers.CharField(max_length=64, required=False, help_text="Your own number, in your own channel.")
    registered_after = serializers.DateTimeField(required=False)
    registered_before = serializers.DateTimeField(required=False)
    due_before = serializers.DateTimeField(required=False, help_text="A deadline runs out before this time.")
    updated_after = serializers.DateTimeField(required=False, help_text="Turns the list into the change feed.")
    rating = WordsField(RatingState.values, required=False, help_text="How the petitioner's rating stands now.")
    count = serializers.ChoiceField([("estimate", "estimate")], required=False)

    def compare(self, values: dict[str, Any], errors: Errors) -> None:
        if values.get("updated_after") and values.get("count"):
            complain(errors, "count", _("The change feed has no end to count; leave “count” out."), "not_here")


class PetitionSearch(PetitionQuery):
    """The same filters in a body, and those that must not stand in an address: words, names, numbers."""

    q = serializers.CharField(max_length=200, required=False, help_text="Words in the texts, or a number.")
    person = serializers.CharField(
        max_length=100, required=False, help_text="A whole phone or identity number; asks petitions:write."
    )


class OrderQuery(ThinQuery):
    """Filters of work orders."""

    state = WordsField(OrderState.values, required=False)
    open = serializers.BooleanField(required=False)
    unit = UnitField(required=False)
    petition = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    urgency = WordsField(Urgency.values, required=False)
    dispatched_after = serializers.DateTimeField(required=False)
    dispatched_before = serializers.DateTimeField(required=False)
    due_before = serializers.DateTimeField(required=False)


class UnitQuery(PageQuery):
    kind = WordsField(Unit.Kind.values, required=False)
    area = AnyAreaField(required=False)
    takes_orders = serializers.BooleanField(required=False)


class AreaQuery(PageQuery):
    kind = WordsField(Area.Kind.values, required=False)
    district = AnyAreaField(required=False)


def plain(params: QueryDict) -> dict[str, str]:
    """A query string as a flat object; the last of repeated parameters counts."""
    return {name: str(params[name]) for name in params}


# Filter → lookup of PetitionQuerySet; what needs more than a lookup stands in `petitions`.
_PETITION_LOOKUPS = {
    "state": "state__in",
    "open": "is_open",
    "district": "district",
    "area": "area",
    "channel": "channel__in",
    "urgency": "urgency__in",
}
# Stretches of the time the lists are ordered by.
_RANGES = {
    "registered_after": "registered_at__gt",
    "registered_before": "registered_at__lt",
    "updated_after": "updated_at__gt",
}
_NAMING = {"source_ref", "q", "person"}
# Matters of a unit, by measurement at a million petitions (docs/performance.md): up to FEW the set is the shortest way,
# up to HANDLED a table of what it handles, above that each row by itself. Then the rows of the first stretch, and the
# most that are walked before the set is made after all.
FEW, HANDLED = 4000, 10_000
STRETCHES = {Way.TABLE: (10_000, 60_000), Way.ROW: (4000, 12_000)}
_ORDER_LOOKUPS = {
    "state": "state__in",
    "open": "is_open",
    "unit": "unit",
    "petition": "petition",
    "urgency": "urgency__in",
    "dispatched_after": "dispatched_at__gt",
    "dispatched_before": "dispatched_at__lt",
}


def given(asked: Mapping[str, Any], lookups: Mapping[str, str]) -> dict[str, Any]:
    """The filters that were given, as arguments of `filter`."""
    return {lookup: asked[name] for name, lookup in lookups.items() if name in asked}


def petitions(
    client: ApiClient, asked: Mapping[str, Any], *, at: datetime
) -> tuple[PetitionQuerySet, Order, Walk | None]:
    """The client's petitions that were asked for, the order in which they are paged, and the short way to a page."""
    is_feed = "updated_after" in asked
    ground = Petition.objects.filter(**given(asked, _RANGES))
    if is_feed:
        ground = ground.filter(updated_at__lt=at - FEED_MARGIN)
    rows = _narrow(ground.visible_to(client.actor), client, asked, at)
    walk = None
    # What names few petitions is found by what it names, not by walking to them.
    way = Way.SET if asked.keys() & _NAMING else way_for(client.unit)
    if way != Way.SET:
        by_row = _narrow(ground.visible_to(client.actor, way=way), client, asked, at)
        walk = Walk(ground, by_row, *STRETCHES[way])
    return rows, CHANGES if is_feed else NEWEST, walk


def way_for(unit: Unit) -> Way:
    """How a page of a unit's matters is found; it decides the time it takes, never what is on it."""
    handled, registered = reference.matters_of(unit, HANDLED)
    if handled + registered <= FEW:
        return Way.SET
    return Way.TABLE if handled <= HANDLED else Way.ROW


def _narrow(rows: PetitionQuerySet, client: ApiClient, asked: Mapping[str, Any], at: datetime) -> PetitionQuerySet:
    rows = rows.filter(**given(asked, _PETITION_LOOKUPS))
    if "category" in asked:
        rows = rows.filter(content_class__in=_class_ids(asked["category"].pk))
    if "source_ref" in asked:
        rows = rows.filter(channel=client.channel, numbering=client.numbering, source_ref=asked["source_ref"])
    if "due_before" in asked:
        rows = rows.filter(is_open=True, next_due_at__lt=asked["due_before"])
    if "rating" in asked:
        rows = rows.filter(any_standing(asked["rating"], at))
    if asked.get("q"):
        rows = search(rows, asked["q"], client.actor)
    if asked.get("person"):
        found = by_person(asked["person"], client.actor)
        rows = rows.filter(found) if found is not None else rows.none()
    return rows


def _class_ids(top: int) -> list[int]:
    """A content class and those below it (the tree has two levels)."""
    return [pk for pk, row in reference.classes().by_id.items() if top in (pk, row.parent_id)]


def work_orders(rows: WorkOrderQuerySet, asked: Mapping[str, Any]) -> WorkOrderQuerySet:
    """Narrow orders to what was asked for."""
    rows = rows.filter(**given(asked, _ORDER_LOOKUPS))
    if "due_before" in asked:
        rows = rows.filter(is_open=True, next_due_at__lt=asked["due_before"])
    return rows
