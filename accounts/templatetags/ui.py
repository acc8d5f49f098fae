"""Interface tags, known in every template without `{% load %}` (builtins in settings).

The markup carries no `style=""`: the content security policy forbids it, so geometry is SVG presentation attributes.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import lucide
from django import template
from django.contrib.auth.models import AnonymousUser
from django.forms import BaseForm, BoundField
from django.forms import widgets as django_widgets
from django.template import Context
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from structlog.contextvars import get_contextvars

from accounts import durations
from accounts.models import User
from accounts.roles import Scope

register = template.Library()

Text = str | Promise
SLA_ICONS = {
    "over": "triangle-alert",
    "today": "alarm-clock",
    "soon": "clock",
    "ok": "circle",
    "paused": "circle-pause",
}
TONES = frozenset({"brand", "blue", "teal", "amber", "orange", "green", "violet", "red", "grey"})


@lru_cache(maxsize=512)
def _icon(name: str, size: int, css: str) -> SafeString:
    # ElementTree escapes the attributes it writes, so the string is safe as it stands.
    svg = lucide._render_icon(name, size, **{"class": css}).replace("<svg", '<svg aria-hidden="true"', 1)
    return mark_safe(svg)  # noqa: S308


def _tone(tone: str) -> str:
    return tone if tone in TONES else "grey"


@register.simple_tag
def icon(name: str, size: int = 16, css: str = "i") -> SafeString:
    """A lucide icon, hidden from screen readers: the words beside it (or the aria-label around it) speak."""
    return _icon(str(name), int(size), str(css))


@register.simple_tag
def request_id() -> str:
    """The id of this request in the logs (and in X-Request-ID); "" outside a request. Asks no context and no data."""
    return str(get_contextvars().get("request_id", ""))


@register.simple_tag
def sla_chip(remaining: Mapping[str, Any] | None, big: bool = False) -> SafeString | str:
    """The deadline chip of a `Remaining` (see `remaining` tag): colour + icon + words + share used. '' for None."""
    if not remaining:
        return ""
    state = remaining["state"] if remaining["state"] in SLA_ICONS else "ok"
    return format_html(
        '<span class="sla sla--{}{}" title="{}">{}<span class="sla__t num">{}</span>'
        '<svg class="sla__bar" width="100%" height="3" aria-hidden="true">'
        '<rect class="trk" width="100%" height="3"/><rect class="fil" width="{}%" height="3"/></svg></span>',
        state,
        " sla--lg" if big else "",
        _("Due %(due)s") % {"due": remaining["due"]} if remaining["due"] else remaining["text"],
        _icon(SLA_ICONS[state], 13, "i"),
        remaining["text"],
        min(100, max(0, int(remaining["pct"]))),
    )


@register.simple_tag(name="remaining")
def remaining_tag(
    due: datetime | None, now: datetime, start: datetime | None = None, paused: bool = False
) -> durations.Remaining | None:
    """`{% remaining order.due now start=order.sent as s %}{% sla_chip s %}`."""
    return durations.remaining(due, now, start=start, is_paused=bool(paused))


@register.simple_tag
def status_chip(state: Any, tone: str = "") -> SafeString:
    """The status of a row. `state`: a model instance with `get_state_display()` and maybe `state_tone`, a
    TextChoices member, or the words themselves; `tone` wins over the instance's."""
    title = ""
    if hasattr(state, "get_state_display"):
        label, tone = state.get_state_display(), tone or getattr(state, "state_tone", "")
        # A matter whose procedure has ended shows how, as the national system does; the status itself is the hint.
        if getattr(state, "end_label", "") and not getattr(state, "is_open", True):
            label, tone, title = state.end_label, "violet", label
    else:
        label = getattr(state, "label", state)
    if title:
        return format_html('<span class="st st--{}" title="{}">{}</span>', _tone(tone), title, label)
    return format_html('<span class="st st--{}">{}</span>', _tone(tone), label)


@register.simple_tag
def seal(flag: Sequence[Text]) -> SafeString:
    """A one-letter flag such as 集 (group visit): `(letter, meaning, tone)`."""
    letter, meaning, tone = flag
    return format_html(
        '<span class="seal seal--{}" title="{}"><span aria-hidden="true">{}</span><span class="vh">{}</span></span>',
        _tone(str(tone)),
        meaning,
        letter,
        meaning,
    )


@register.simple_tag
def bar(pct: float, tone: str = "brand", h: int = 6, target: float | None = None) -> SafeString:
    """A share as a bar from 0 to 100, `target` as a tick. Say the number in words beside it."""
    tick: SafeString | str = ""
    if target is not None:
        tick = format_html('<rect class="tgt" x="{}%" y="0" width="2" height="{}"/>', target, h)
    return format_html(
        '<svg class="bar bar--{0}" width="100%" height="{1}" aria-hidden="true">'
        '<rect class="trk" width="100%" height="{1}" rx="{2}"/><rect class="fil" width="{3}%" height="{1}" rx="{2}"/>'
        "{4}</svg>",
        _tone(tone),
        h,
        h / 2,
        min(100, max(0, pct)),
        tick,
    )


@register.simple_tag
def dot(value: float, low: float, high: float, target: float, tone: str = "brand") -> SafeString:
    """A lollipop for values in a narrow range such as 90–100 %: a bar from zero would hide the differences."""
    span = (high - low) or 1
    at, goal = (min(100.0, max(0.0, 100 * (v - low) / span)) for v in (value, target))
    return format_html(
        '<svg class="dotp dotp--{0}" width="100%" height="12" aria-hidden="true">'
        '<line class="ax" x1="0" x2="100%" y1="6" y2="6"/><line class="tgt" x1="{1}%" x2="{1}%" y1="0" y2="12"/>'
        '<line class="ln" x1="{2}%" x2="{3}%" y1="6" y2="6"/><circle cx="{4}%" cy="6" r="4.5"/></svg>',
        _tone(tone),
        f"{goal:.2f}",
        f"{min(at, goal):.2f}",
        f"{max(at, goal):.2f}",
        f"{at:.2f}",
    )


@register.simple_tag
def spark(values: Sequence[float], tone: str = "brand") -> SafeString | str:
    """A sparkline of at least two values; '' otherwise. Say the last value and the trend in words beside it."""
    if len(values) < 2:
        return ""
    low, span, last = min(values), (max(values) - min(values)) or 1, len(values) - 1
    line = " ".join(f"{100 * i / last:.1f},{88 - 76 * (v - low) / span:.1f}" for i, v in enumerate(values))
    return format_html(
        '<svg class="spark spark--{0}" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">'
        '<polygon class="ar" points="0,100 {1} 100,100"/><polyline class="ln" points="{1}"/></svg>',
        _tone(tone),
        line,
    )


@register.filter
def local_dt(value: datetime | date | None, now: datetime | None = None) -> str:
    """`{{ event.at|local_dt }}` → 11-23 17:00 in Asia/Shanghai, with the year when it is not this one."""
    return durations.local_text(value, now)


@register.filter
def ago(value: datetime | None, now: datetime | None = None) -> str:
    """`{{ row.updated|ago:now }}`; `now` is in every context, views under test pass their own."""
    return durations.ago_text(value, now)


@register.filter
def may(user: User | AnonymousUser | None, permission: str) -> bool:
    """`{% if user|may:"dispatch.check" %}`. Raises KeyError for a permission no table holds: a typing error."""
    return isinstance(user, User) and user.may(permission)


@register.filter
def percent(value: float | None, digits: int = 1) -> str:
    """`{{ 0.9731|percent }}` → 97.3%; an en dash for None, because no data is not zero."""
    return "–" if value is None else f"{100 * value:.{digits}f}%"


@register.simple_tag(takes_context=True)
def query_replace(context: Context, **changes: Any) -> str:
    """The current query string with some parameters set; None or '' removes one. Always starts with `?`."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def query_without(context: Context, name: str, value: Any = None) -> str:
    """The current query string without one parameter, or without one of its values; the page number goes as well."""
    query = context["request"].GET.copy()
    kept = [] if value is None else [v for v in query.getlist(name) if v != str(value)]
    query.setlist(name, kept)
    query.pop("page", None)
    return "?" + query.urlencode()


KINDS: tuple[tuple[type[django_widgets.Widget], str], ...] = (
    (django_widgets.CheckboxSelectMultiple, "checks"),
    (django_widgets.RadioSelect, "radios"),
    (django_widgets.CheckboxInput, "check"),
    (django_widgets.FileInput, "file"),
    (django_widgets.PasswordInput, "secret"),
    (django_widgets.Textarea, "textarea"),
    (django_widgets.Select, "select"),
)


def _kind(bound: BoundField) -> str:
    widget = bound.field.widget
    if getattr(widget, "kind", ""):
        return str(widget.kind)
    return next((kind for cls, kind in KINDS if isinstance(widget, cls)), "text")


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, **options: Any) -> dict[str, Any]:
    """One form field with label, help and error; the options are described in components/field.html."""
    kind = options.get("kind") or _kind(bound)
    attrs: dict[str, Any] = {
        key: options[key] for key in ("rows", "placeholder", "autocomplete", "inputmode") if key in options
    }
    if options.get("autofocus"):
        attrs["autofocus"] = True
    limit = getattr(bound.field, "max_length", None)
    has_counter = bool(limit) and options.get("counter", kind == "textarea")
    if has_counter:
        attrs["data-counter"] = f"{bound.auto_id}_counter"
    if kind in {"text", "textarea", "select", "secret"}:
        attrs["class"] = " ".join(filter(None, ["input", bound.field.widget.attrs.get("class", "")]))
    if kind == "textarea":
        attrs.setdefault("rows", 4)
    is_group = kind in {"radios", "checks", "segmented"}
    return {
        "field": bound,
        "kind": kind,
        "is_group": is_group,
        "control": "" if is_group else bound.as_widget(attrs=attrs),
        "described_by": bound.aria_describedby or "",
        "limit": limit if has_counter else None,
        "used": len(str(bound.value() or "")),
        "size": options.get("size", ""),
        "hint": options.get("hint", ""),
        "stack": options.get("stack", False),
        "label": options.get("label") or bound.label,
        "is_marked": bound.field.required and options.get("mark", True),
        "hide_label": options.get("hide_label", False),
    }


@register.simple_tag
def join_words(words: Sequence[Text], separator: str = " · ") -> SafeString:
    """The non-empty words with a separator between them, each escaped."""
    return format_html_join(separator, "{}", ((word,) for word in words if word))


@register.filter
def faulty_fields(form: BaseForm) -> list[BoundField]:
    """The visible fields that were refused, in the order of the form."""
    return [bound for bound in form.visible_fields() if bound.errors]


SCOPE_TONES = {Scope.CITY: "brand", Scope.AREA: "teal", Scope.UNIT: "green", Scope.OWN: "amber", Scope.NAMED: "violet"}
SCOPE_WORDS = {
    Scope.CITY: pgettext_lazy("scope", "City"),
    Scope.AREA: pgettext_lazy("scope", "District"),
    Scope.UNIT: pgettext_lazy("scope", "Unit"),
    Scope.OWN: pgettext_lazy("scope", "Own"),
    Scope.NAMED: pgettext_lazy("scope", "Named"),
}


@register.filter
def scope_tone(scope: Scope) -> str:
    """The tone of a scope's chip."""
    return SCOPE_TONES[scope]


@register.filter
def scope_word(scope: Scope) -> Promise:
    """A scope in one word; the words below the matrix say it in full."""
    return SCOPE_WORDS[scope]
