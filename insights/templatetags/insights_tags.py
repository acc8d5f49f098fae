"""Small drawings of this room: an O/E ratio with its interval, a reliability diagram. SVG, no script, no style."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.calibration import Calibration
from insights.fairness import Comparison
from insights.indicators import Indicator, Statistic

register = template.Library()

# A ratio beyond three times as many is drawn at the edge.
WIDEST = 3.0
VERDICTS = {
    "less": ("green", gettext_lazy("better than like matters")),
    "more": ("red", gettext_lazy("worse than like matters")),
    "same": ("grey", gettext_lazy("no clear difference")),
    "few": ("grey", gettext_lazy("too few to say")),
}


@register.simple_tag
def ratio_plot(fair: Comparison | None) -> SafeString | str:
    """The ratio as a dot on a line from 0 to 3 with its interval; the tick is 1, "as many as expected"."""
    if fair is None or fair.ratio is None or fair.low is None or fair.high is None:
        return ""
    at, low, high = (f"{100 * min(WIDEST, v) / WIDEST:.2f}" for v in (fair.ratio, fair.low, fair.high))
    one = f"{100 / WIDEST:.2f}"
    return format_html(
        '<svg class="dotp dotp--{0}" width="100%" height="12" aria-hidden="true">'
        '<line class="ax" x1="0" x2="100%" y1="6" y2="6"/><line class="tgt" x1="{1}%" x2="{1}%" y1="0" y2="12"/>'
        '<line class="ln" x1="{2}%" x2="{3}%" y1="6" y2="6"/><circle cx="{4}%" cy="6" r="4.5"/></svg>',
        VERDICTS[fair.verdict][0],
        one,
        low,
        high,
        at,
    )


@register.filter
def verdict_tone(fair: Comparison) -> str:
    return VERDICTS[fair.verdict][0]


@register.filter
def verdict_words(fair: Comparison) -> str:
    return str(VERDICTS[fair.verdict][1])


@register.simple_tag
def fair_sentence(fair: Comparison, indicator: Indicator) -> str:
    """The comparison in plain words."""
    if fair.ratio is None:
        return _("The city has no like matters to compare with.")
    values = {
        "expected": f"{fair.expected:.1f}",
        "observed": f"{fair.observed:.0f}",
        "ratio": f"{fair.ratio:.2f}",
        "low": f"{fair.low:.2f}",
        "high": f"{fair.high:.2f}",
        "n": fair.of,
    }
    if indicator.statistic == Statistic.RATE:
        text = _(
            "On %(n)s like matters the city as a whole would have had %(expected)s bad ones, this unit had "
            "%(observed)s: %(ratio)s times as many (95%% interval %(low)s–%(high)s)."
        )
    else:
        text = _(
            "For %(n)s like matters this unit took %(ratio)s times as long as the city as a whole "
            "(95%% interval %(low)s–%(high)s)."
        )
    return text % values


SIDE = 320


@register.simple_tag
def reliability(found: Calibration) -> SafeString:
    """Forecast against outcome by tenths; the diagonal is perfect, a dot's area its number of forecasts."""
    most = max((b.count for b in found.bins), default=0) or 1
    dots = format_html_join(
        "",
        '<circle class="pt" cx="{}" cy="{}" r="{}"><title>{}</title></circle>',
        (
            (
                f"{SIDE * b.said:.1f}",
                f"{SIDE * (1 - b.came):.1f}",
                f"{4 + 12 * (b.count / most) ** 0.5:.1f}",
                _("forecast %(said).0f%%, came true %(came).0f%%, %(n)d forecasts")
                % {"said": 100 * b.said, "came": 100 * b.came, "n": b.count},
            )
            for b in found.bins
            if b.said is not None and b.came is not None
        ),
    )
    lines = format_html_join(
        "",
        '<line class="gr" x1="{0}" x2="{0}" y1="0" y2="{1}"/><line class="gr" x1="0" x2="{1}" y1="{0}" y2="{0}"/>',
        ((SIDE * i / 5, SIDE) for i in range(6)),
    )
    marks = format_html_join(
        "",
        '<text x="{0}" y="{1}" text-anchor="middle">{2}%</text><text x="-8" y="{3}" text-anchor="end">{2}%</text>',
        ((SIDE * i / 5, SIDE + 18, 20 * i, SIDE * (1 - i / 5) + 4) for i in range(6)),
    )
    return format_html(
        '<svg class="rel-plot" viewBox="-46 -14 {0} {1}" role="img" aria-label="{2}">{3}'
        '<line class="id" x1="0" y1="{4}" x2="{4}" y2="0"/>{5}{6}'
        '<text class="ti" x="{7}" y="{8}" text-anchor="middle">{9}</text></svg>',
        SIDE + 70,
        SIDE + 56,
        _("Reliability of the forecasts, by tenths; the table beside it has the numbers"),
        lines,
        SIDE,
        dots,
        marks,
        SIDE / 2,
        SIDE + 36,
        _("forecast probability (across) and what came true (up)"),
    )


@register.filter
def target_percent(target: float | None) -> float:
    """A target share as 0–100; 100 where the office has set none, so that the line shows what is missing."""
    return 100.0 if target is None else 100 * target


@register.filter
def within(percent: float, highest: float) -> float:
    """A percentage as part of a shorter axis, 0–100."""
    return 100 * percent / highest if highest else 0.0


@register.filter
def days(minutes: int) -> str:
    """Minutes as days with one decimal."""
    return f"{minutes / 1440:.1f}"
