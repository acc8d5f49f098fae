"""Backlog cases, milestones and tasks over the API: the same actions as the pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit
from backlog.actions import command, milestones, tasking
from backlog.models import BacklogCase, Milestone, Task
from gateway import idempotency
from gateway.api import MAX_ID, ApiView, listed
from gateway.backlog import asking, rows, shapes
from gateway.idempotency import Answer
from gateway.preconditions import etag, expected_version
from gateway.problems import not_found
from gateway.schema import READ, STEP, WRITE, answers, page_schema
from gateway.strict import StrictSerializer
from petitions.states import Refused


class BacklogView(ApiView):
    """Base: what the client's units may read of the backlog. Out of scope and unknown are both 404."""

    scopes = {"GET": "backlog:read", "POST": "backlog:write"}

    def case(self, pk: int) -> BacklogCase:
        """The case; raises Problem (404)."""
        found = BacklogCase.objects.visible_to(self.client.actor).filter(pk=min(pk, MAX_ID))
        row = found.select_related("assessment").first()
        if row is None:
            raise not_found()
        return row

    def task(self, pk: int) -> dict[str, Any]:
        """One task as answered; raises Problem (404)."""
        visible = Task.objects.visible_to(self.client.actor).filter(pk=min(pk, MAX_ID))
        row = visible.values(*rows.TASK_COLUMNS).first()
        if row is None:
            raise not_found()
        return rows.task(row)

    def milestone(self, pk: int) -> dict[str, Any]:
        """One milestone as answered; raises Problem (404)."""
        cases = BacklogCase.objects.visible_to(self.client.actor)
        row = Milestone.objects.filter(pk=min(pk, MAX_ID), case__in=cases).values(*rows.MILESTONE_COLUMNS).first()
        if row is None:
            raise not_found()
        return rows.milestone(row)

    def step(
        self,
        request: Request,
        kind: type[StrictSerializer],
        read: Callable[[], dict[str, Any]],
        act: Callable[[dict[str, Any], datetime, int | None], Any],
    ) -> Response:
        """One step of a row: once per key, on the version the client saw, answered with the row."""
        at, version = timezone.now(), expected_version(request)

        def effect() -> Answer:
            read()
            act(self.body(kind), at, version)
            found = read()
            return Answer(200, found, {"ETag": etag(found["version"])})

        return idempotency.once(request, effect, at=at)


class Cases(BacklogView):
    @extend_schema(
        operation_id="backlog_cases_list",
        summary="List backlog cases",
        parameters=[shapes.CaseQuery],
        responses=answers(page_schema(shapes.CaseRow), READ),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(shapes.CaseQuery)
        return listed(
            request,
            asking.cases(self.client.actor, asked, at=timezone.now()),
            asking.NEWEST_CASES,
            asked,
            columns=rows.CASE_COLUMNS,
            shape=rows.case,
            row_type=shapes.CaseRow,
        )


class CaseItem(BacklogView):
    @extend_schema(
        operation_id="backlog_cases_read",
        summary="Read a backlog file",
        responses=answers(shapes.CaseDetail, STEP),
    )
    def get(self, request: Request, pk: int) -> Response:
        found = self.case(pk)
        row = BacklogCase.objects.filter(pk=found.pk).values(*rows.CASE_COLUMNS).get()
        return self.answer(rows.detail(found, row, self.client.actor), ETag=etag(row["version"]))


class CaseMilestones(BacklogView):
    """The plan of a case."""

    @extend_schema(
        operation_id="backlog_cases_milestones",
        summary="The milestones of a backlog case",
        responses=answers(page_schema(shapes.MilestoneRow), READ),
    )
    def get(self, request: Request, pk: int) -> Response:
        found = Milestone.objects.filter(case=self.case(pk), dropped_at=None).values(*rows.MILESTONE_COLUMNS)
        return self.answer({"items": [rows.milestone(row) for row in found], "next": None})

    @extend_schema(
        operation_id="backlog_cases_plan",
        summary="Add a milestone to the plan",
        request=shapes.MilestoneInput,
        responses=answers(
            {201: OpenApiResponse(shapes.MilestoneRow, description="Planned; Location and ETag are given")}, WRITE
        ),
    )
    def post(self, request: Request, pk: int) -> Response:
        at = timezone.now()
        return idempotency.once(request, lambda: self._plan(pk, at), at=at)

    def _plan(self, pk: int, at: datetime) -> Answer:
        self.case(pk)
        row = milestones.plan(pk, **self.body(shapes.MilestoneInput), actor=self.client.actor, at=at)
        headers = {"Location": reverse("api_backlog_milestone", args=[row.pk]), "ETag": etag(row.version)}
        return Answer(201, self.milestone(row.pk), headers)


class MilestoneItem(BacklogView):
    @extend_schema(
        operation_id="backlog_milestones_read",
        summary="Read a milestone",
        responses=answers(shapes.MilestoneRow, STEP),
    )
    def get(self, request: Request, pk: int) -> Response:
        found = self.milestone(pk)
        return self.answer(found, ETag=etag(found["version"]))


class MilestoneChange(BacklogView):
    needs_match = True

    @extend_schema(
        operation_id="backlog_milestones_change",
        summary="Change a milestone: name, days, note",
        request=shapes.ChangeInput,
        responses=answers(shapes.MilestoneRow, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        def act(given: dict[str, Any], at: datetime, version: int | None) -> None:
            reason = given.pop("reason", "")
            milestones.edit(pk, changes=given, reason=reason, actor=self.client.actor, at=at, version=version)

        return self.step(request, shapes.ChangeInput, lambda: self.milestone(pk), act)


class MilestoneReach(BacklogView):
    needs_match = True

    @extend_schema(
        operation_id="backlog_milestones_reach",
        summary="Record that a milestone was reached",
        request=shapes.ReachInput,
        responses=answers(shapes.MilestoneRow, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        def act(given: dict[str, Any], at: datetime, version: int | None) -> None:
            milestones.reach(pk, **given, actor=self.client.actor, at=at, version=version)

        return self.step(request, shapes.ReachInput, lambda: self.milestone(pk), act)


class MilestoneRemove(BacklogView):
    needs_match = True

    @extend_schema(
        operation_id="backlog_milestones_remove",
        summary="Take a milestone off the plan",
        request=shapes.RemoveInput,
        responses=answers(shapes.MilestoneRow, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        def act(given: dict[str, Any], at: datetime, version: int | None) -> None:
            milestones.remove(pk, **given, actor=self.client.actor, at=at, version=version)

        return self.step(request, shapes.RemoveInput, lambda: self.milestone(pk), act)


class CaseTasks(BacklogView):
    """Tasks of a case: those the client's units may read; give one to a unit of its own."""

    @extend_schema(
        operation_id="backlog_cases_tasks",
        summary="The tasks of a backlog case",
        responses=answers(page_schema(shapes.TaskRow), READ),
    )
    def get(self, request: Request, pk: int) -> Response:
        case = self.case(pk)
        found = Task.objects.visible_to(self.client.actor).filter(case=case).order_by("due_on", "id")
        return self.answer({"items": [rows.task(row) for row in found.values(*rows.TASK_COLUMNS)], "next": None})

    @extend_schema(
        operation_id="backlog_cases_assign",
        summary="Give a task to a unit of the client's own",
        request=shapes.TaskInput,
        responses=answers(
            {201: OpenApiResponse(shapes.TaskRow, description="Given; Location and ETag are given")}, WRITE
        ),
    )
    def post(self, request: Request, pk: int) -> Response:
        at = timezone.now()
        return idempotency.once(request, lambda: self._assign(pk, at), at=at)

    def _assign(self, pk: int, at: datetime) -> Answer:
        actor = self.client.actor
        self.case(pk)
        given = self.body(shapes.TaskInput)
        unit = given["unit"]
        if not Unit.objects.below(self.client.unit).filter(pk=unit.pk).exists():
            raise Refused(_("Your system gives tasks to its own units only."), field="unit")
        task = command.give_task(pk, **given, actor=actor, at=at)
        headers = {"Location": reverse("api_backlog_task", args=[task.pk]), "ETag": etag(task.version)}
        return Answer(201, self.task(task.pk), headers)


class Tasks(BacklogView):
    @extend_schema(
        operation_id="backlog_tasks_list",
        summary="List tasks of the client's units",
        parameters=[shapes.TaskQuery],
        responses=answers(page_schema(shapes.TaskRow), READ),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(shapes.TaskQuery)
        return listed(
            request,
            asking.tasks(self.client.actor, asked),
            asking.NEWEST_TASKS,
            asked,
            columns=rows.TASK_COLUMNS,
            shape=rows.task,
            row_type=shapes.TaskRow,
        )


class TaskItem(BacklogView):
    @extend_schema(operation_id="backlog_tasks_read", summary="Read a task", responses=answers(shapes.TaskRow, STEP))
    def get(self, request: Request, pk: int) -> Response:
        found = self.task(pk)
        return self.answer(found, ETag=etag(found["version"]))


class TaskReport(BacklogView):
    needs_match = True

    @extend_schema(
        operation_id="backlog_tasks_report",
        summary="Report a task done",
        request=shapes.TaskReportInput,
        responses=answers(shapes.TaskRow, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        def act(given: dict[str, Any], at: datetime, version: int | None) -> None:
            tasking.report(pk, **given, actor=self.client.actor, at=at, version=version)

        return self.step(request, shapes.TaskReportInput, lambda: self.task(pk), act)
