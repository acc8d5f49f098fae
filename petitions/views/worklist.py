"""The worklist: tabs, filters, rows by deadline, pages; and a person's own saved views."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import urlencode

from django import forms
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import push_url

from accounts.addresses import address_of
from accounts.models import Area, User
from accounts.responses import go_to, is_htmx
from accounts.roles import Scope
from petitions import worklist as wl
from petitions.actions import note_lookup
from petitions.bulk import BULK_CAP, bulk_actions
from petitions.filters import FILTERS, PetitionFilters, due_q
from petitions.models import Channel, ContentClass, Petition, Purpose, SavedView, Urgency
from petitions.paging import Page, capped_counts, capped_text, counts_of_few, page_of
from petitions.querysets import PetitionQuerySet
from petitions.saved_views import delete_view, save_view
from petitions.search import by_number
from petitions.states import Refused, State

PAGE_SIZES = (50, 25)
CAP = 999
MANY_SECONDS = 60


def _many_keys(user: User, names: Iterable[str]) -> dict[str, str]:
    # Digests, because an address is longer than a cache key may be.
    return {f"many:{user.pk}:{sha256(name.encode()).hexdigest()[:24]}": name for name in names}


def known_to_be_many(user: User, names: Iterable[str]) -> list[str]:
    """Which of the counts were over the cap a minute ago: the dearest to ask, and "999+" for a while to come."""
    keys = _many_keys(user, names)
    return [keys[key] for key in cache.get_many(keys)]


def remember_many(user: User, names: Iterable[str]) -> None:
    """Spare the next pages the counts that are over the cap."""
    keys = _many_keys(user, names)
    if keys:
        cache.set_many(dict.fromkeys(keys, 1), MANY_SECONDS)


@dataclass
class Tab:
    """A built-in or saved view as a link with its count."""

    label: str
    query: str
    is_current: bool
    tone: str = ""
    count: str = ""
    saved: SavedView | None = None


class Desk:
    """One person's worklist at one moment, as an address asks for it."""

    def __init__(self, user: User, query: QueryDict, at: datetime) -> None:
        self.user, self.query, self.at = user, query, at
        self.filters = PetitionFilters(query, who=user, at=at)
        self.tabs_of = wl.views_for(user)
        # A search from the header names no view: look everywhere, not only among what waits for this person.
        default = wl.VIEWS[wl.SEARCH_VIEW] if self.filters.is_set else self.tabs_of[0]
        self.view = next((view for view in self.tabs_of if view.key == query.get("view")), default)
        self.sort = wl.sort_for(self.view, query.get("sort", ""))
        self.size = 25 if query.get("size") == "25" else PAGE_SIZES[0]

    @cached_property
    def scope(self) -> PetitionQuerySet:
        """What the person may see at all."""
        return Petition.objects.visible_to(self.user)

    def condition_of(self, view: wl.View) -> Q:
        """What a built-in view holds."""
        return view.condition(self.user, self.at)

    @cached_property
    def rows(self) -> PetitionQuerySet:
        """The rows of the current view that the filters leave."""
        return self.filters.apply(self.scope.filter(self.condition_of(self.view)))

    @cached_property
    def page(self) -> Page[Petition]:
        # Of the names a list may join, the rows of this page show two.
        rows = self.rows.for_lists().select_related(None).select_related("district", "lead_unit")
        return page_of(rows, wl.SORTS[self.sort], cursor=self.query.get("cursor", ""), size=self.size)

    @cached_property
    def groups(self) -> list[wl.Group]:
        by_deadline = self.view.has_deadlines and self.sort.endswith("due")
        return wl.groups_of(self.page.rows, self.at, by_deadline=by_deadline)

    def headed_groups(self) -> list[wl.Group]:
        """The groups with the number of all their rows, not only those of this page."""
        for group in self.groups:
            group.count = self.counts.get(self.group_key(group), "") if group.key else ""
        return self.groups

    @cached_property
    def saved(self) -> list[SavedView]:
        return list(SavedView.objects.filter(user=self.user))

    def condition_of_saved(self, saved: SavedView) -> Q | None:
        """What a saved view holds; None for one that is not counted: free text, or closed petitions."""
        query = QueryDict(saved.query)
        filters = PetitionFilters(query, who=self.user, at=self.at)
        view = wl.VIEWS.get(query.get("view", ""), wl.VIEWS["open"])
        return None if filters.text or not view.is_counted else self.condition_of(view) & filters.condition

    def wanted_counts(self) -> dict[str, Q]:
        """The conditions whose numbers the page shows. What it shows whole is counted by looking at it."""
        wanted = {f"view={view.key}": self.condition_of(view) for view in self.tabs_of if view.is_counted}
        saved = {f"saved={saved.pk}&{saved.query}": self.condition_of_saved(saved) for saved in self.saved}
        wanted |= {key: condition for key, condition in saved.items() if condition is not None}
        if self.view.is_counted and not self.page.is_whole and not self.filters.text:
            here = self.condition_of(self.view) & self.filters.condition
            wanted.setdefault(self.here, here)
            for group in self.groups:
                if group.key:
                    wanted.setdefault(self.group_key(group), here & due_q(group.key, self.at))
        return wanted

    @cached_property
    def here(self) -> str:
        """The name under which the current rows are counted: a tab's own where nothing narrows it."""
        return (
            f"view={self.view.key}&{self.filters.query().urlencode()}"
            if self.filters.is_set
            else f"view={self.view.key}"
        )

    def group_key(self, group: wl.Group) -> str:
        """The name of a group's count. Among all open petitions two groups are tabs, counted already."""
        if self.here == "view=open" and group.key in wl.VIEWS:
            return f"view={group.key}"
        return f"{self.here}&due={group.key}"

    @cached_property
    def counts(self) -> dict[str, str]:
        """Every number of the page from one statement."""
        wanted = self.wanted_counts()
        counts = dict.fromkeys(known_to_be_many(self.user, wanted), CAP + 1)
        missing = {key: condition for key, condition in wanted.items() if key not in counts}
        if self.user.scope_for("petitions.view") in {Scope.CITY, Scope.AREA}:
            parts = Petition.objects.parts_within(self.user, "petitions.view")
            numbers = capped_counts([[part.filter(q) for part in parts] for q in missing.values()], CAP)
        else:
            # Every counted view holds open petitions only.
            numbers = counts_of_few(self.scope.filter(is_open=True), list(missing.values()))
        counts |= dict(zip(missing, numbers, strict=True))
        remember_many(self.user, [key for key in missing if counts[key] > CAP])
        words = {key: capped_text(count, CAP) for key, count in counts.items()}
        if self.page.is_whole:
            words |= {self.group_key(group): str(len(group.lines)) for group in self.groups}
            words[self.here] = str(len(self.page.rows))
        return words

    @property
    def current_saved(self) -> SavedView | None:
        """The saved view this address shows."""
        here = self.state_query(sort=False)
        return next((saved for saved in self.saved if _sorted(saved.query) == _sorted(here)), None)

    def state_query(self, *, sort: bool = True) -> str:
        """View and filters as an address: what a saved view keeps, and what the next page is asked with."""
        query = self.filters.query()
        query["view"] = self.view.key
        if sort and self.query.get("sort") == self.sort:
            query["sort"] = self.sort
        if self.size != PAGE_SIZES[0]:
            query["size"] = str(self.size)
        return query.urlencode()

    def address(self) -> str:
        """This very page as an address."""
        cursor = self.query.get("cursor", "")
        return self.state_query() + (f"&{urlencode({'cursor': cursor})}" if cursor else "")

    def tabs(self) -> list[Tab]:
        """Built-in views, then the person's own."""
        mine = self.current_saved
        tabs = [
            Tab(
                label=str(view.label),
                query=f"view={view.key}",
                is_current=mine is None and view is self.view,
                tone=view.tone if self.counts.get(f"view={view.key}", "0") != "0" else "",
                count=self.counts.get(f"view={view.key}", ""),
            )
            for view in self.tabs_of
        ]
        return [
            *tabs,
            *(
                Tab(s.name, s.query, s == mine, count=self.counts.get(f"saved={s.pk}&{s.query}", ""), saved=s)
                for s in self.saved
            ),
        ]


def _sorted(query: str) -> list[tuple[str, str]]:
    pairs = [(name, value) for name, values in QueryDict(query).lists() for value in values]
    return sorted(pair for pair in pairs if pair[0] not in {"sort", "size"})


def filter_choices() -> dict[str, Any]:
    """What the drop-down filters offer."""
    kinds = [Area.Kind.DISTRICT]
    return {
        "district": [(area.code, area.label) for area in Area.objects.filter(kind__in=kinds).order_by("code")],
        "class": [(c.code, c.label) for c in ContentClass.objects.filter(level=1, is_active=True).order_by("code")],
        "channel": Channel.choices,
        "state": State.choices,
        "urgency": Urgency.choices,
        "purpose": Purpose.choices,
        # Filters of later rooms say themselves what they take.
        **{name: row.choices.choices for name, row in FILTERS.items() if name in MORE_FILTERS and row.choices},
    }


# The drop-downs of the filter bar; the other filters stand in its fold.
FIRST_FILTERS = ("district", "class", "channel", "state", "urgency")
MORE_FILTERS = (
    "purpose",
    "unit",
    "since",
    "until",
    "steps",
    "rating",
    "mine",
    "group",
    "repeat",
    "raised",
    "suspected",
    "supervised",
    "backlog",
)


class Filtered(Protocol):
    """What has filters: a worklist, a search."""

    filters: PetitionFilters


def controls(desk: Filtered, names: tuple[str, ...], choices: dict[str, Any]) -> list[dict[str, Any]]:
    """The filters as the page draws them."""
    kinds = {"unit": "text", "since": "date", "until": "date"}
    return [
        {
            "name": name,
            "label": FILTERS[name].label,
            "value": next(iter(desk.filters.values.get(name, [])), ""),
            "choices": choices.get(name),
            "kind": "select" if name in choices else kinds.get(name, "check"),
        }
        for name in names
    ]


def exact_hit(desk: Desk) -> Petition | None:
    """The one petition a number in the search box means, when nothing else narrows the list."""
    number = by_number(desk.filters.text) if desk.filters.text and not desk.filters.values else None
    found = list(desk.scope.filter(number).only("pk")[:2]) if number is not None else []
    return found[0] if len(found) == 1 else None


def note_person_search(user: User, text: str, ip: str | None, at: datetime) -> None:
    """Who sees identities masked may look a whole number up, and that is logged: the answer says whose it is not."""
    if user.may("petitions.register"):
        note_lookup(user, text, at=at, ip=ip)


@require_GET
@never_cache
def worklist(request: HttpRequest) -> HttpResponse:
    """The list itself, whole or as the fragment htmx swaps in."""
    user = _reader(request)
    desk = Desk(user, request.GET, timezone.now())
    note_person_search(user, desk.filters.text, address_of(request), desk.at)
    hit = exact_hit(desk) if "cursor" not in request.GET else None
    if hit is not None:
        return go_to(request, "petition", pk=hit.pk)
    choices = filter_choices()
    base = reverse("worklist")
    context = {
        "desk": desk,
        "here": desk.state_query(),
        "tabs": desk.tabs(),
        "filters": controls(desk, FIRST_FILTERS, choices),
        "more_filters": controls(desk, MORE_FILTERS, choices),
        "more_open": any(name in desk.filters.values for name in MORE_FILTERS),
        "sorts": [(key, words) for key, words in wl.SORT_WORDS.items() if wl.sort_for(desk.view, key) == key],
        "tags": removable(desk),
        "headings": headings(desk),
        "groups": desk.headed_groups(),
        "total": desk.counts.get(desk.here, ""),
        "sort_words": wl.SORT_WORDS[desk.sort],
        "bulk": bulk_actions(user),
        "bulk_cap": BULK_CAP,
        "everywhere": f"{base}?{urlencode({'view': 'all', 'q': desk.filters.text})}",
        "all_open": f"{base}?view=open",
        "now": desk.at,
    }
    name = "petitions/worklist.html#work" if is_htmx(request) else "petitions/worklist.html"
    response = render(request, name, context)
    # Whole page and fragment share an address: a browser going back must not show the fragment.
    patch_vary_headers(response, ["HX-Request"])
    if is_htmx(request):
        # The form sends its empty fields too; the address keeps only what is set.
        push_url(response, f"{base}?{desk.address()}")
    return response


def _reader(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.may("petitions.view"):
        raise PermissionDenied
    return user


def removable(desk: Desk) -> list[dict[str, str]]:
    """The set filters, each with the address that has all the others."""
    found = []
    for tag in desk.filters.tags():
        query = QueryDict(desk.state_query(), mutable=True)
        query.setlist(tag.name, [value for value in query.getlist(tag.name) if value != tag.value])
        found.append({"label": tag.label, "words": tag.words, "without": f"?{query.urlencode()}"})
    return found


def headings(desk: Desk) -> dict[str, dict[str, str]]:
    """Links of the sortable column headings: the address to go to and the direction shown now."""
    pairs = {"due": ("due", "-due"), "number": ("new", "old"), "updated": ("updated", "-updated")}
    found = {}
    for column, (first, second) in pairs.items():
        if column == "due" and not desk.view.has_deadlines:
            continue
        query = desk.filters.query()
        query["view"] = desk.view.key
        query["sort"] = second if desk.sort == first else first
        current = {first: wl.SORTS[first], second: wl.SORTS[second]}.get(desk.sort)
        direction = ("descending" if current.is_descending else "ascending") if current else ""
        found[column] = {"query": query.urlencode(), "direction": direction}
    return found


class SaveViewForm(forms.Form):
    """A name for the filters that are set."""

    name = forms.CharField(label=gettext_lazy("Name of the view"), max_length=20)


@require_http_methods(["GET", "POST"])
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the address under a name, as a page or in the dialog."""
    user = _reader(request)
    desk = Desk(user, request.GET, timezone.now())
    form = SaveViewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_view(user, name=form.cleaned_data["name"], query=desk.state_query())
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return go_to(request, f"{reverse('worklist')}?{saved.query}")
    context = {
        "form": form,
        "title": _("Save as a view"),
        "intro": _("Keeps: %(view)s; %(filters)s.")
        % {
            "view": desk.view.label,
            "filters": _(", ").join(f"{t.label} {t.words}" for t in desk.filters.tags()) or _("no filter"),
        },
        "submit": _("Save"),
        "cancel_url": f"{reverse('worklist')}?{desk.state_query()}",
        "nav": "worklist",
    }
    return render(request, "components/form_page.html", context, status=422 if form.errors else 200)


@require_POST
def view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own view."""
    # Nobody but its owner knows of a view, so who owns none finds none.
    if not isinstance(request.user, User) or not delete_view(request.user, pk):
        raise Http404
    return go_to(request, "worklist")
