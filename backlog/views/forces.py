"""Task forces, workgroups and their rules (专项攻坚组、专班、制度)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.responses import go_to
from accounts.roles import Scope
from backlog import force_board as board
from backlog.actions import forces as actions
from backlog.forms.forces import ForceForm
from backlog.models import GroupMember, TaskForce, Workgroup
from backlog.steps.forces import FORCE_STEPS, GROUP_STEPS
from dispatch.views.reading import permitted, reader
from dispatch.views.row_steps import reaches, take
from petitions.states import Refused

_EDIT = "backlog.edit_forces"
HISTORY = 8


@require_GET
@never_cache
def forces(request: HttpRequest) -> HttpResponse:
    """All of them: what each has done beside the time that has passed, and which districts' groups stand."""
    user, at = permitted(request, "backlog.view_forces"), timezone.now()
    groups = board.group_lines(user, at)
    standing = sum(not line.missing for line in groups)
    context = {
        "forces": board.force_lines(user, at),
        "groups": groups,
        "standing": standing,
        "percent": round(100 * standing / len(groups)) if groups else 0,
        "late": sum(line.days_late > 0 for line in groups),
        "may_add": user.scope_for(_EDIT) == Scope.CITY,
        "now": at,
        "nav": "backlog",
    }
    return render(request, "backlog/forces.html", context)


def _row_or_404(user: User, model: Any, pk: int) -> Any:
    joined = ("leader", "lead_unit") if model is TaskForce else ("leader", "office", "district")
    return get_object_or_404(model.objects.visible_to(user).select_related(*joined), pk=pk)


def _editable_or_404(user: User, model: Any, pk: int) -> Any:
    """The row within the person's reach to change; outside it is 404."""
    row = _row_or_404(user, model, pk)
    if not reaches(user, row, _EDIT):
        raise Http404
    return row


def _shared(user: User, row: Any, at: Any) -> dict[str, Any]:
    """What both kinds of page show."""
    members = list(row.members.select_related("unit", "user"))
    return {
        "row": row,
        "members": [member for member in members if member.until is None],
        "former": [member for member in members if member.until is not None],
        "rules": board.paragraphs(row.rules),
        "history": list(row.history.select_related("history_user")[:HISTORY]),
        "may_edit": user.may(_EDIT) and reaches(user, row, _EDIT),
        "now": at,
        "nav": "backlog",
    }


@require_GET
@never_cache
def force(request: HttpRequest, pk: int) -> HttpResponse:
    """One task force: leader, members, cases by state, progress beside time, rules."""
    user, at = permitted(request, "backlog.view_forces"), timezone.now()
    row = _row_or_404(user, TaskForce, pk)
    context = {
        **_shared(user, row, at),
        "line": board.force_lines(user, at, [row])[0],
        "states": board.states_of(user, Q(force=row)),
        "missed": board.missed_of(user, {"force": row}, at),
        "filter": f"force={row.key}",
    }
    return render(request, "backlog/force.html", context)


@require_GET
@never_cache
def workgroup(request: HttpRequest, pk: int) -> HttpResponse:
    """A district's workgroup: rhythm, members, reports, rules, and how its cases stand."""
    user, at = permitted(request, "backlog.view_forces"), timezone.now()
    row = get_object_or_404(board.groups(user), pk=pk)
    figures = board.figures_by(user, "district").get(row.district_id, board.Figures())
    context = {
        **_shared(user, row, at),
        "line": board.GroupLine(row, figures, at),
        "states": board.states_of(user, Q(district=row.district)),
        "missed": board.missed_of(user, {"district": row.district}, at),
        "reports": list(row.reports.select_related("by")[:HISTORY]),
        "filter": f"district={row.district.code}",
    }
    return render(request, "backlog/workgroup.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def force_new(request: HttpRequest) -> HttpResponse:
    """Another task force beside the three."""
    user, at = reader(request), timezone.now()
    if user.scope_for(_EDIT) != Scope.CITY:
        raise PermissionDenied
    form = ForceForm(request.POST or None, user=user, row=TaskForce(), at=at)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.save_force(None, **form.arguments(), actor=user, at=at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, ValidationError(str(refusal)))
        else:
            messages.success(request, _("The task force is added."))
            return go_to(request, "force", pk=made.pk)
    context = {
        "form": form,
        "title": _("Add a task force"),
        "submit": _("Add"),
        "cancel_url": reverse("forces"),
        "nav": "backlog",
    }
    return render(request, "components/form_page.html", context, status=422 if form.errors else 200)


def _act(request: HttpRequest, model: Any, pk: int, name: str) -> HttpResponse:
    user = reader(request)
    row = _editable_or_404(user, model, pk)
    steps, url = (FORCE_STEPS, "force") if model is TaskForce else (GROUP_STEPS, "workgroup")
    return take(
        request, user, row, name, steps=steps, moves=None, permission=_EDIT, page="backlog/force_step.html",
        back=reverse(url, args=[pk]), context={"nav": "backlog"},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@never_cache
def force_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A step of a task force."""
    return _act(request, TaskForce, pk, name)


@require_http_methods(["GET", "POST"])
@never_cache
def workgroup_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A step of a workgroup."""
    return _act(request, Workgroup, pk, name)


@require_POST
def member_end(request: HttpRequest, pk: int) -> HttpResponse:
    """A member leaves."""
    user = reader(request)
    member = get_object_or_404(GroupMember.objects.select_related("force", "group"), pk=pk)
    row = member.force or member.group
    _editable_or_404(user, type(row), row.pk)  # type: ignore[union-attr]
    try:
        actions.end_member(pk, actor=user, at=timezone.now())
        messages.success(request, _("%(name)s has left the group.") % {"name": member.name})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("force" if member.force_id else "workgroup", row.pk)  # type: ignore[union-attr]


def _rules(request: HttpRequest, model: Any, pk: int, url: str) -> HttpResponse:
    user, at = permitted(request, "backlog.view_forces"), timezone.now()
    row = _row_or_404(user, model, pk)
    context = {
        "row": row,
        "back": reverse(url, args=[pk]),
        "rules": board.paragraphs(row.rules),
        "rhythm": board.rhythm_words(row) if model is Workgroup else "",
        "members": list(row.members.filter(until=None).select_related("unit")),
        "issued": row.history.first(),
        "now": at,
        "nav": "backlog",
    }
    return render(request, "backlog/rules_print.html", context)


@require_GET
@never_cache
def force_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules of a task force as a page to print and post."""
    return _rules(request, TaskForce, pk, "force")


@require_GET
@never_cache
def workgroup_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules of a workgroup as a page to print and post."""
    return _rules(request, Workgroup, pk, "workgroup")
