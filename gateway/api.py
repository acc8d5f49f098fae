"""The resources of /api/v1/: thin views that check, call one action of the room concerned, and answer."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.actions import orders, returns, talks
from dispatch.models import BadRating, Clock, Policy, SupervisionOrder, WorkOrder
from dispatch.rating_state import facts_at, standing
from dispatch.supervision_desk import with_deadline
from gateway import idempotency, outputs, queries, representations
from gateway import serializers as inputs
from gateway.deprecations import Announced
from gateway.gates import ClientRate, client_of
from gateway.idempotency import Answer
from gateway.intake import take_in
from gateway.models import ApiClient
from gateway.pagination import Order, Page, Walk, next_link, page
from gateway.preconditions import etag, expected_version
from gateway.problems import invalid, not_found
from gateway.reviews import REVIEW_COLUMNS, REVIEW_ROW_COLUMNS, review, review_block
from gateway.schema import READ, SEARCH, STEP, WRITE, GatewaySchema, answers, page_schema
from gateway.strict import StrictSerializer, clean
from petitions import actions as petitions
from petitions.models import Event, Petition, Petitioner, Rating, ReviewRequest
from petitions.search import by_number
from petitions.states import Refused

MAX_ID = 2**63 - 1


class ApiView(Announced):
    """Base of all resources. `scopes` names the scope for each method."""

    scopes: ClassVar[dict[str, str]] = {}
    throttle_classes = [ClientRate]
    schema = GatewaySchema()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises Problem (404) for an address with a NUL: no row has one, and the database refuses to look."""
        super().initial(request, *args, **kwargs)
        if any("\0" in value for value in kwargs.values() if isinstance(value, str)):
            raise not_found()

    @property
    def client(self) -> ApiClient:
        """Who asks."""
        return client_of(self.request)

    def body(self, kind: type[StrictSerializer]) -> dict[str, Any]:
        """The validated body; no body at all counts as an empty object, `null` does not."""
        return clean(kind, self.request.data)

    def query(self, kind: type[StrictSerializer]) -> dict[str, Any]:
        """The validated query string."""
        return clean(kind, queries.plain(self.request.query_params))

    def answer(self, body: Any, **headers: str) -> Response:
        return Response(body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def listed(
    request: Request,
    rows: QuerySet,
    order: Order,
    asked: dict[str, Any],
    *,
    columns: tuple[str, ...],
    shape: Callable[[dict[str, Any]], dict[str, Any]],
    row_type: type[serializers.Serializer],
    walk: Walk | None = None,
) -> Response:
    """One page of a list, thinned if asked, with the link that leads on."""
    names = _names(asked.get("fields", ""), row_type)
    limit, cursor = asked["limit"], asked.get("cursor", "")
    found = page(rows, order, columns=columns, limit=limit, cursor=cursor, count="count" in asked, walk=walk)
    body = _page_body(found, representations.thin([shape(row) for row in found.rows], names))
    if order is queries.CHANGES:
        body["resume"] = found.resume
    headers = {}
    if found.next and request.method == "GET":
        headers["Link"] = next_link(request.path, queries.plain(request.query_params), found.next)
    return Response(body, headers=headers)


def _page_body(found: Page, items: list[dict[str, Any]]) -> dict[str, Any]:
    body: dict[str, Any] = {"items": items, "next": found.next}
    if found.estimate is not None:
        body["count_estimate"] = found.estimate
    return body


def _names(text: str, row_type: type[serializers.Serializer]) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    known = row_type._declared_fields
    unknown = [name for name in names if name not in known]
    if unknown:
        detail = _("Choose from: %(words)s.") % {"words": ", ".join(known)}
        raise invalid([{"pointer": "/fields", "code": "unknown_field", "detail": detail}])
    return names


def people_of(petition_id: int) -> list[dict[str, Any]]:
    """The petitioners' masked columns, the main one first."""
    rows = Petitioner.objects.filter(petition_id=petition_id).order_by("-is_main", "id")
    return list(rows.values(*representations.PERSON_COLUMNS))


class Petitions(ApiView):
    scopes = {"GET": "petitions:read", "POST": "petitions:write"}

    @extend_schema(
        operation_id="petitions_list",
        summary="List petitions, or follow their changes",
        parameters=[queries.PetitionQuery],
        responses=answers(page_schema(outputs.PetitionRow), READ),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(queries.PetitionQuery)
        return list_petitions(request, self.client, asked)

    @extend_schema(
        operation_id="petitions_create",
        summary="Register a petition",
        request=inputs.PetitionInput,
        responses=answers(
            {
                201: OpenApiResponse(outputs.PetitionReceipt, description="Registered; Location and ETag are given"),
                200: OpenApiResponse(
                    outputs.PetitionReceipt, description="The petition with this source_ref, as it stands"
                ),
            },
            WRITE,
        ),
    )
    def post(self, request: Request) -> Response:
        at = timezone.now()
        return idempotency.once(request, lambda: self._create(at), at=at)

    def _create(self, at: datetime) -> Answer:
        taken = take_in(self.client, self.body(inputs.PetitionInput), at=at)
        petition = taken.petition
        columns = (*representations.PETITION_COLUMNS, "query_code")
        row = {name: getattr(petition, name) for name in columns}
        body = {**representations.petition(row), "query_code": petition.query_code}
        headers = {"Location": reverse("api_petition", args=[petition.pk]), "ETag": etag(petition.version)}
        return Answer(201 if taken.is_new else 200, body, headers)


def list_petitions(request: Request, client: ApiClient, asked: dict[str, Any]) -> Response:
    """A page of petitions for GET and `_search` alike."""
    rows, order, walk = queries.petitions(client, asked, at=timezone.now())
    shape, row_type = representations.petition, outputs.PetitionRow
    columns = representations.PETITION_COLUMNS
    return listed(request, rows, order, asked, walk=walk, columns=columns, shape=shape, row_type=row_type)


class PetitionSearch(ApiView):
    """Reads only, therefore without an Idempotency-Key."""

    scopes = {"POST": "petitions:read"}
    is_write = False

    @extend_schema(
        operation_id="petitions_search",
        summary="Search petitions by words, names and numbers that must not stand in an address",
        request=queries.PetitionSearch,
        responses=answers(page_schema(outputs.PetitionRow), SEARCH),
    )
    def post(self, request: Request) -> Response:
        return list_petitions(request, self.client, self.body(queries.PetitionSearch))


class OnePetition(ApiView):
    """What stands below one petition. Out of scope and unknown are both 404."""

    scopes = {"GET": "petitions:read", "POST": "petitions:write"}

    def visible(self, pk: int) -> QuerySet[Petition]:
        """The petition as a queryset of at most one row."""
        return Petition.objects.visible_to(self.client.actor).filter(pk=min(pk, MAX_ID))

    def require(self, pk: int) -> None:
        """Raises Problem (404) unless the client may see the petition."""
        if not self.visible(pk).exists():
            raise not_found()

    def detail(self, pk: int) -> dict[str, Any]:
        """The whole petition; raises Problem (404)."""
        columns = (*representations.PETITION_COLUMNS, *representations.PETITION_TEXTS, "repeat_of_id", *REVIEW_COLUMNS)
        facts = facts_at(timezone.now())
        row = self.visible(pk).annotate(**facts).values(*columns, *facts).first()
        if row is None:
            raise not_found()
        earlier = self.visible(row["repeat_of_id"]).first() if row["repeat_of_id"] else None
        return representations.petition_detail(
            row,
            people_of(pk),
            counters=representations.counters(row, WorkOrder.objects.filter(petition=pk, state="returned").count()),
            rating_state=standing(row),
            ratings=list(Rating.objects.filter(petition=pk).order_by("id").values(*representations.RATING_COLUMNS)),
            bad_rating=BadRating.objects.filter(petition=pk)
            .order_by("-id")
            .values(*representations.BAD_RATING_COLUMNS)
            .first(),
            review=review_block(row),
            # Only what the key may read: whether somebody has petitioned before is nobody else's business.
            repeat_of={"id": earlier.pk, "number": earlier.number} if earlier else None,
        )


class PetitionItem(OnePetition):
    @extend_schema(
        operation_id="petitions_read", summary="Read a petition", responses=answers(outputs.PetitionDetail, STEP)
    )
    def get(self, request: Request, pk: int) -> Response:
        found = self.detail(pk)
        return self.answer(found, ETag=etag(found["version"]))


class PetitionWithdrawal(OnePetition):
    needs_match = True

    def require_own(self, pk: int) -> None:
        """404 for what came in another way: handling a matter for the petitioner is no right to withdraw it."""
        own = Petition.objects.filter(
            register_unit__path__startswith=self.client.unit.path, channel=self.client.channel
        )
        if not own.filter(pk=pk).exists():
            raise not_found()

    @extend_schema(
        operation_id="petitions_withdraw",
        summary="Record that the petitioner took the matter back",
        request=inputs.WithdrawInput,
        responses=answers(outputs.PetitionDetail, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        at, version = timezone.now(), expected_version(request)

        def withdraw() -> Answer:
            self.require(pk)
            given = self.body(inputs.WithdrawInput)
            self.require_own(pk)
            moved = petitions.withdraw(pk, reason=given["reason"], actor=self.client.actor, at=at, version=version)
            return Answer(200, self.detail(pk), {"ETag": etag(moved.version)})

        return idempotency.once(request, withdraw, at=at)


class PetitionEvents(OnePetition):
    @extend_schema(
        operation_id="petitions_events",
        summary="What has happened to a petition",
        parameters=[queries.PageQuery],
        responses=answers(page_schema(outputs.EventRow), READ),
    )
    def get(self, request: Request, pk: int) -> Response:
        asked = self.query(queries.PageQuery)
        self.require(pk)
        rows = Event.objects.filter(petition_id=pk).exclude(kind__in=representations.INTERNAL_EVENTS)
        return listed(
            request,
            rows,
            queries.BY_SEQ,
            asked,
            columns=representations.EVENT_COLUMNS,
            shape=representations.event,
            row_type=outputs.EventRow,
        )


class PetitionClocks(OnePetition):
    @extend_schema(
        operation_id="petitions_clocks",
        summary="The deadlines of a petition and its work orders, each with its reason",
        responses=answers(page_schema(outputs.ClockRow), READ),
    )
    def get(self, request: Request, pk: int) -> Response:
        self.require(pk)
        at = timezone.now()
        rows = Clock.objects.filter(petition_id=pk).exclude(subject=Policy.Subject.PROMISE)
        rows = rows.select_related("policy").order_by("id")
        return self.answer({"items": [representations.clock(row, at=at) for row in rows], "next": None})


class PetitionClock(OnePetition):
    @extend_schema(
        operation_id="petitions_clock",
        summary="Why this date: one deadline told day by day",
        responses=answers(outputs.ClockWhy, READ),
    )
    def get(self, request: Request, pk: int, clock: int) -> Response:
        self.require(pk)
        rows = Clock.objects.filter(petition_id=pk, pk=min(clock, MAX_ID)).exclude(subject=Policy.Subject.PROMISE)
        row = rows.select_related("policy", "order__unit").first()
        if row is None:
            raise not_found()
        return self.answer(representations.clock_why(row, at=timezone.now()))


class PetitionSupervision(OnePetition):
    @extend_schema(
        operation_id="petitions_supervision",
        summary="Supervision orders on a petition, as far as the client's units may read them",
        responses=answers(page_schema(outputs.SupervisionRow), READ),
    )
    def get(self, request: Request, pk: int) -> Response:
        self.require(pk)
        rows = with_deadline(SupervisionOrder.objects.whole_to(self.client.actor).filter(petition=pk), "supervision")
        found = rows.order_by("id").values(*representations.SUPERVISION_COLUMNS)
        return self.answer({"items": [representations.supervision(row) for row in found], "next": None})


class PetitionReviews(OnePetition):
    @extend_schema(
        operation_id="petitions_reviews",
        summary="Requests for review and re-review of a petition, as far as the client's units may read them",
        responses=answers(page_schema(outputs.ReviewRow), READ),
    )
    def get(self, request: Request, pk: int) -> Response:
        self.require(pk)
        rows = ReviewRequest.objects.visible_to(self.client.actor).filter(petition=pk).order_by("id")
        return self.answer({"items": [review(row) for row in rows.values(*REVIEW_ROW_COLUMNS)], "next": None})


class WorkOrders(ApiView):
    scopes = {"GET": "petitions:read"}

    @extend_schema(
        operation_id="work_orders_list",
        summary="List work orders of the client's units",
        parameters=[queries.OrderQuery],
        responses=answers(page_schema(outputs.OrderRow), READ),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(queries.OrderQuery)
        return listed(
            request,
            queries.work_orders(WorkOrder.objects.visible_to(self.client.actor), asked),
            queries.NEWEST_ORDERS,
            asked,
            columns=representations.ORDER_COLUMNS,
            shape=representations.order,
            row_type=outputs.OrderRow,
        )


class OneOrder(ApiView):
    """What stands below one work order."""

    scopes = {"GET": "petitions:read", "POST": "orders:write"}

    def require(self, pk: int) -> None:
        """Raises Problem (404) unless the client may see the order."""
        if not WorkOrder.objects.visible_to(self.client.actor).filter(pk=min(pk, MAX_ID)).exists():
            raise not_found()

    def detail(self, pk: int) -> dict[str, Any]:
        """The whole work order; raises Problem (404)."""
        rows = WorkOrder.objects.visible_to(self.client.actor).filter(pk=min(pk, MAX_ID))
        row = rows.values(*representations.ORDER_COLUMNS, *representations.ORDER_TEXTS).first()
        if row is None:
            raise not_found()
        return representations.order_detail(row, people_of(row["petition_id"]))

    def step(
        self,
        request: Request,
        pk: int,
        kind: type[StrictSerializer],
        act: Callable[[dict[str, Any], datetime, int | None], Any],
    ) -> Response:
        """One step of the order: once per key, on the version the client saw, answered with the order."""
        at, version = timezone.now(), expected_version(request)

        def effect() -> Answer:
            self.require(pk)
            act(self.body(kind), at, version)
            found = self.detail(pk)
            return Answer(200, found, {"ETag": etag(found["version"])})

        return idempotency.once(request, effect, at=at)


class OrderItem(OneOrder):
    @extend_schema(
        operation_id="work_orders_read", summary="Read a work order", responses=answers(outputs.OrderDetail, STEP)
    )
    def get(self, request: Request, pk: int) -> Response:
        found = self.detail(pk)
        return self.answer(found, ETag=etag(found["version"]))


class OrderSign(OneOrder):
    needs_match = True

    @extend_schema(
        operation_id="work_orders_sign",
        summary="Sign for a work order",
        request=inputs.SignInput,
        responses=answers(outputs.OrderDetail, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        def act(_given: dict[str, Any], at: datetime, version: int | None) -> None:
            orders.sign(pk, actor=self.client.actor, at=at, version=version)

        return self.step(request, pk, inputs.SignInput, act)


class OrderContact(OneOrder):
    needs_match = True

    @extend_schema(
        operation_id="work_orders_contact",
        summary="Record a talk with the petitioner, or the attempt",
        request=inputs.ContactInput,
        responses=answers(outputs.OrderDetail, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        def act(given: dict[str, Any], at: datetime, version: int | None) -> None:
            orders.record_contact(pk, **given, actor=self.client.actor, at=at, version=version)

        return self.step(request, pk, inputs.ContactInput, act)


class OrderFeedback(OneOrder):
    needs_match = True

    @extend_schema(
        operation_id="work_orders_feedback",
        summary="Feed back the outcome",
        request=inputs.FeedbackInput,
        responses=answers(outputs.OrderDetail, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        def act(given: dict[str, Any], at: datetime, version: int | None) -> None:
            orders.feed_back(pk, **given, actor=self.client.actor, at=at, version=version)

        return self.step(request, pk, inputs.FeedbackInput, act)


class OrderReturnRequest(OneOrder):
    needs_match = True

    @extend_schema(
        operation_id="work_orders_return",
        summary="Ask the hub to take a work order back",
        request=inputs.ReturnInput,
        responses=answers(outputs.OrderDetail, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        def act(given: dict[str, Any], at: datetime, version: int | None) -> None:
            number = given.pop("duplicate", "")
            duplicate = self.duplicate(number) if number else None
            returns.ask_return(pk, **given, duplicate=duplicate, actor=self.client.actor, at=at, version=version)

        return self.step(request, pk, inputs.ReturnInput, act)

    def duplicate(self, number: str) -> Petition:
        """The petition of a number, among those the client may read. Raises Refused."""
        wanted = by_number(number)
        found = list(Petition.objects.visible_to(self.client.actor).filter(wanted)[:2]) if wanted is not None else []
        if len(found) != 1:
            raise Refused(
                _("There is no such petition, or more than one. Give year and number, as in 26-000123."),
                field="duplicate",
            )
        return found[0]


class OrderExplanation(OneOrder):
    needs_match = True

    @extend_schema(
        operation_id="work_orders_explanation",
        summary="Record how an unsolved matter was explained to the petitioner",
        request=inputs.ExplanationInput,
        responses=answers(outputs.OrderDetail, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        def act(given: dict[str, Any], at: datetime, version: int | None) -> None:
            talks.explain(pk, **given, actor=self.client.actor, at=at, version=version)

        return self.step(request, pk, inputs.ExplanationInput, act)
