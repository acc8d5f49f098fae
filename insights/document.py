"""docs/indicators.md from the definitions. Pure text; `indicators_doc` writes it."""

from typing import Any

from django.utils.translation import override

from insights.fairness import LEAST_COUNT
from insights.indicators import GROUPS, Better, Indicator, Statistic, grouped

_HEAD = f"""# Indicators

Generated from `insights/indicators/` by `python manage.py indicators_doc`; `make check` fails when it is stale. Do not
edit. The same definitions make the figures, the rows behind each figure, and the page “Definitions”.

- Class A matters (accusations) are in no figure.
- A month is a month in Asia/Shanghai, by the indicator's own time basis.
- A figure of fewer than {LEAST_COUNT} rows is shown with its count, is not ranked and is not judged.
- Late is what the sweep found late (`breached_at`), whenever a page is opened; what is not due yet is not counted.
- “adjusted” indicators stand beside like matters as well: indirect standardisation over content class × urgency ×
  group × repeat, observed over expected with a 95 % interval (docs/adr/0024).
"""
_STATISTIC = {
    Statistic.RATE: "share",
    Statistic.COUNT: "count",
    Statistic.MEAN: "mean",
    Statistic.MEDIAN: "median",
    Statistic.P90: "90th percentile",
    Statistic.SUM: "sum",
}
_BETTER = {Better.HIGH: "high", Better.LOW: "low", Better.NEITHER: "–"}


def indicators_document() -> str:
    """The whole page, English and Chinese side by side, whatever the language of the process."""
    parts = [_HEAD]
    for key, label in GROUPS.items():
        parts.append(f"\n## {_both(label)}\n")
        parts.append("| key | name | numerator or value | denominator | time basis | kind | better | target | source |")
        parts.append("|---|---|---|---|---|---|---|---|---|")
        parts += [_row(row) for row in grouped(key)]
    return "\n".join(parts) + "\n"


def _row(row: Indicator) -> str:
    kind = _STATISTIC[row.statistic] + (", adjusted" if row.is_adjusted else "")
    target = f"{100 * row.target:.0f} %" if row.target else "–"
    cells = [
        f"`{row.key}`",
        _both(row.label),
        _both(row.over) if row.over else "–",
        _both(row.under),
        _both(row.basis_label),
        kind,
        _BETTER[row.better],
        target,
        row.source,
    ]
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _both(words: Any) -> str:
    with override("en"):
        english = str(words)
    with override("zh-hans"):
        chinese = str(words)
    return english if english == chinese else f"{english} · {chinese}"
