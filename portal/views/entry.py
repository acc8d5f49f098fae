"""The door: query code in, session out; large print."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from petitions.models import Rating
from portal import actions, limits
from portal.access import by_code, current, enter, leave, normal_code, open_page
from portal.demo import samples
from portal.forms import TrackForm
from portal.models import Link

# Where the door may lead; anything else leads to the progress.
GOALS = {"rate": "portal_rate", "documents": "portal_documents"}
LARGE_COOKIE = "yq_large"


@open_page
@require_http_methods(["GET", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Ask for the code; or show the matter that is open."""
    at = timezone.now()
    goal = GOALS.get(request.GET.get("to", ""), "portal_matter")
    if request.method == "GET":
        if current(request, at=at) is not None and "number" not in request.GET:
            return redirect(goal)
        form = TrackForm(initial={"number": request.GET.get("number", "")[:40]})
        context = {"form": form, "has_ended": "ended" in request.GET, "samples": list(samples())}
        return render(request, "portal/track.html", context)
    form = TrackForm(request.POST)
    if not form.is_valid():
        return render(request, "portal/track.html", {"form": form}, status=422)
    number, code = form.cleaned_data["number"].strip(), normal_code(form.cleaned_data["code"])
    if limits.is_tired_of(code):
        return _refuse(request, form, _("Too many attempts. Please wait ten minutes, or ask the office by telephone."))
    # One matter's code cannot be guessed; one of all codes could be, so that the number is asked for then.
    if limits.has_tried_much(request) and not number:
        words = _("Too many attempts from your network. Please enter the number of your matter and the query code.")
        return _refuse(request, form, words)
    petition = by_code(number, code)
    if petition is None:
        limits.note_failure(request, code)
        words = _("We find no matter with this number and code. Please compare them with your slip.")
        return _refuse(request, form, words, status=422)
    enter(request, petition, way=Rating.Way.CODE, at=at)
    return redirect(goal)


def _refuse(request: HttpRequest, form: TrackForm, words: str, *, status: int = 429) -> HttpResponse:
    form.add_error(None, words)
    return render(request, "portal/track.html", {"form": form}, status=status)


@open_page
@require_POST
def sign_off(request: HttpRequest) -> HttpResponse:
    """Close the matter in this browser."""
    leave(request)
    return redirect("portal_left")


@open_page
@require_GET
def left(request: HttpRequest) -> HttpResponse:
    """Said after closing: the next person at this screen sees nothing."""
    return render(request, "portal/left.html")


@open_page
@require_POST
def print_size(request: HttpRequest) -> HttpResponse:
    """Switch large print and stay on the page."""
    back = request.POST.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if is_safe else "/portal/")
    if request.POST.get("large") == "1":
        response.set_cookie(
            LARGE_COOKIE,
            "1",
            max_age=365 * 24 * 3600,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(LARGE_COOKIE, samesite="Lax")
    return response


@open_page
@require_GET
def rated(request: HttpRequest) -> HttpResponse:
    """Thanks; names no matter, for the session may be closed already."""
    is_open = current(request, at=timezone.now()) is not None
    return render(request, "portal/rated.html", {"is_open": is_open})


@open_page
@require_GET
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Open a matter by a link, one tap. A telephone that fetches it beforehand spends nothing: it is not used up."""
    at = timezone.now()
    # No limit: a token is 128 random bits, and its holder must get in whoever else sits behind the same address.
    found = actions.open_link(token[:64], at=at)
    if found is None:
        return render(request, "portal/link_dead.html", status=404)
    page = GOALS.get(found.goal, "portal_matter")
    # At the counter the screen is an officer's: one page, so that nobody acts there in the petitioner's name.
    enter(request, found.petition, way=found.way, at=at, only=page if found.way == Link.Way.COUNTER else "")
    return redirect(page)
