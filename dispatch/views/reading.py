"""How the views of this room find what they show: through `visible_to`, else 404."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from dispatch.models import WorkOrder
from petitions.models import Petition

_JOINED = (
    "district",
    "area__district",
    "area__parent__parent__parent",
    "content_class__parent",
    "register_unit",
    "registrar",
    "lead_unit",
    "first_unit",
    "respondent_unit",
    "repeat_of__lead_unit",
    "checklist",
)


def reader(request: HttpRequest) -> User:
    """The signed-in person; the sign-in middleware let nobody else through."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def permitted(request: HttpRequest, permission: str) -> User:
    """The signed-in person whose role holds the permission.

    Without it the page of one thing is 404, as if it were not there (docs/architecture.md, rule 3); a page of the
    office's own, which is no secret, is 403.
    """
    user = reader(request)
    if user.may(permission):
        return user
    if request.resolver_match and "pk" in request.resolver_match.kwargs:
        raise Http404
    raise PermissionDenied


def petition_or_404(user: User, pk: int) -> Petition:
    """The petition if this person may read it; out of scope is 404, not 403 (docs/architecture.md, rule 3)."""
    return get_object_or_404(Petition.objects.visible_to(user).select_related(*_JOINED), pk=pk)


def order_or_404(user: User, pk: int) -> WorkOrder:
    """The order if this person may read it, with its petition. Whoever sees an order sees its petition or neither."""
    order = get_object_or_404(WorkOrder.objects.visible_to(user).select_related("unit", "handler"), pk=pk)
    petition = Petition.objects.visible_to(user).select_related(*_JOINED).filter(pk=order.petition_id).first()
    if petition is None:
        raise Http404
    order.petition = petition
    return order


def safe_next(request: HttpRequest, default: str) -> str:
    """The `next` of a form when it stays on this site."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and is_safe else default
