"""One view for all steps of findings, supervision orders and suggestions (dispatch/steps/supervision.py)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.context import forget_badges
from accounts.models import User
from accounts.responses import go_to
from dispatch.steps.supervision import RowStep
from dispatch.views.reading import safe_next
from petitions.attachments import lay_ready
from petitions.states import Move, Refused, check_move


def reaches(user: User, row: Any, permission: str) -> bool:
    """Whether the permission reaches this row for this person."""
    return bool(type(row).objects.within(user, permission).filter(pk=row.pk).exists())


def options(user: User, row: Any, steps: Mapping[str, RowStep], moves: Mapping[str, Move]) -> list[RowStep]:
    """The steps this person may take on the row now."""
    legal = [(step, [m for m in step.moves if row.state in moves[m].sources]) for step in steps.values()]
    known: dict[str, bool] = {}
    found = []
    for step, names in legal:
        for permission in {moves[name].permission for name in names}:
            if permission not in known:
                known[permission] = user.may(permission) and reaches(user, row, permission)
        if any(known[moves[name].permission] for name in names) and step.fits(user, row):
            found.append(step)
    return found


def take(
    request: HttpRequest,
    user: User,
    row: Any,
    name: str,
    *,
    steps: Mapping[str, RowStep],
    moves: Mapping[str, Move] | None,
    permission: str = "",
    back: str,
    context: Mapping[str, Any],
    page: str = "dispatch/supervision_step.html",
) -> HttpResponse:
    """Show the form of a step, or take the step. `permission` is for subjects without a move table.

    `page` draws the steps that name no template of their own. A row with files has a `petition` they are kept with.
    """
    step = steps.get(name)
    if step is None:
        raise Http404
    wanted = {moves[m].permission for m in step.moves} if moves else {permission}
    if not any(reaches(user, row, one) for one in wanted):
        raise PermissionDenied
    at = timezone.now()
    is_sent = request.method == "POST" and "find" not in request.POST
    if is_sent:
        form = step.form(request.POST, request.FILES, user=user, row=row, at=at)
        if form.is_valid() and _run(step, form, row, user, at):
            messages.success(request, str(step.done))
            forget_badges(user)
            return go_to(request, safe_next(request, back))
    else:
        # A change of the level asks for its fields; what was typed stays.
        typed = request.POST or request.GET
        form = step.form(
            initial={key: typed[key] for key in typed if key in step.form.base_fields}, user=user, row=row, at=at
        )
    stop = "" if is_sent or not moves else _illegal(step, moves, row)
    shown = {
        "form": form,
        "row": row,
        "step": step,
        "title": step.title,
        "submit": step.submit,
        "submit_tone": step.tone,
        "cancel_url": back,
        "stop": stop,
        "nav": "supervision_list",
        "now": at,
        **context,
    }
    template = "dispatch/step_stop.html" if stop else step.template or page
    return render(request, template, shown, status=422 if form.errors or stop else 200)


def _run(step: RowStep, form: Any, row: Any, user: User, at: datetime) -> bool:
    """Take the step; a refusal becomes an error of the form."""
    version = {"version": form.cleaned_data["version"]} if hasattr(row, "version") else {}
    try:
        # Before the step's transaction: a slow storage holds up nobody else's work on the case.
        files = {"uploads": lay_ready(row.petition_id, form.uploads(), actor=user)} if form.files_field else {}
        step.run(row.pk, **form.arguments(), actor=user, at=at, **version, **files)
    except Refused as refusal:
        field = form.files_field if refusal.field == "files" else refusal.field
        form.add_error(field if field in form.fields else None, str(refusal))
        if refusal.code == "stale" and version:
            row.refresh_from_db(fields=["version"])
            data = form.data.copy()
            data["version"] = str(row.version)
            form.data = data
        return False
    return True


def _illegal(step: RowStep, moves: Mapping[str, Move], row: Any) -> str:
    """The sentence why the step is not possible now; '' when it is."""
    if any(row.state in moves[name].sources for name in step.moves):
        return ""
    try:
        check_move(dict(moves), step.moves[0], row.state, row.get_state_display())
    except Refused as refusal:
        return str(refusal)
    return ""
