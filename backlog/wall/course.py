"""The course of the weeks, and the five goals."""

from datetime import timedelta
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backlog.indicators import INDICATORS, Figure
from backlog.wall.look import Frame, day_of


class Course(Frame):
    """Trend and goals of a wall."""

    @cached_property
    def trend(self) -> dict[str, Any]:
        """Taken up and settled week by week, as points of a stretched drawing 100 × 100."""
        weeks = self.board["trend"]
        most = max((max(w["new"], w["settled_in"]) for w in weeks), default=0)
        top = next(n for n in (4, 8, 12, 20, 40, 60, 100, 200, 400, 1000, 10_000, most + 1) if n >= most)
        last = max(len(weeks) - 1, 1)

        def points(name: str) -> str:
            return " ".join(f"{100 * i / last:.2f},{100 - 100 * w[name] / top:.2f}" for i, w in enumerate(weeks))

        labels = [
            {"x": f"{100 * i / last:.2f}", "text": f"{day_of(w['week']):%m-%d}"}
            for i, w in enumerate(weeks)
            if i % 6 == 0 or i == last
        ]
        ends = self._ends([("new", weeks[-1]["new"]), ("settled_in", weeks[-1]["settled_in"])], top)
        return {
            "new": points("new"),
            "settled": points("settled_in"),
            "grid": [(f"{100 - 25 * i}", top * i // 4) for i in range(5)],
            "labels": labels,
            "ends": ends,
            "sum_new": sum(w["new"] for w in weeks),
            "sum_settled": sum(w["settled_in"] for w in weeks),
            "weeks": len(weeks),
        }

    @staticmethod
    def _ends(values: list[tuple[str, int]], top: int) -> list[dict[str, Any]]:
        """Labels at the end of the lines, pushed apart where they would touch."""
        places, last = [], -99.0
        for name, value in sorted(values, key=lambda row: -row[1]):
            last = max(100 - 100 * value / top, last + 14)
            places.append((name, value, last))
        beyond = max(last - 100, 0.0)
        return [{"name": name, "value": value, "y": f"{y - beyond:.2f}"} for name, value, y in places]

    @property
    def goals(self) -> list[dict[str, Any]]:
        """The five goals (降总量 清存量 控增量 提质量 防变量): a figure, which way it goes, whether that is good."""
        found, past = self.counts, (self.board["past"] or [{"counts": {}}])[-1]["counts"]
        now, before = self.board.get("volume") or (0, 0)
        volume = 100 * (now - before) / before if before else None
        rate, quality = INDICATORS["settle_rate"].figure(found), INDICATORS["rebound_rate"].figure(found)
        risk, was = found.get("overdue", 0) + found.get("stuck", 0), past.get("overdue", 0) + past.get("stuck", 0)
        new, old = found.get("new_30", 0), found.get("new_60", 0)
        kept = 100 - quality.value if quality.value is not None else None
        return [
            self._goal(_("Volume down"), _("%(n)d petitions in 30 days") % {"n": now}, volume, "%", False),
            self._goal(
                _("Stock cleared"), _("%(rate)s%% settled") % {"rate": rate.text}, self._step_of(rate), "", True
            ),
            self._goal(_("New ones controlled"), _("%(n)d new in 30 days") % {"n": new}, new - old, "", False),
            self._goal(
                _("Quality up"),
                _("%(rate)s%% not rebounded") % {"rate": f"{kept:.1f}" if kept is not None else "–"},
                -(self._step_of(quality) or 0),
                "",
                True,
            ),
            self._goal(
                _("Risks prevented"),
                _("%(n)d overdue or stuck") % {"n": risk},
                risk - was if self.board["past"] else None,
                "",
                False,
            ),
        ]

    def _step_of(self, figure: Figure) -> float | None:
        """Points more than a week ago."""
        if not self.board["past"]:
            return None
        before = figure.indicator.figure(self.board["past"][-1]["counts"]).value
        return figure.value - before if figure.value is not None and before is not None else None

    @staticmethod
    def _goal(label: str, words: str, moved: float | None, unit: str, is_up_good: bool) -> dict[str, Any]:
        moved = round(moved, 1) if moved is not None else 0
        change = f"{moved:+g}{unit}" if moved else ""
        return {"label": label, "words": words, "change": change, "is_up": moved > 0, "good": (moved > 0) == is_up_good}

    @property
    def date_words(self) -> str:
        return date_format(self.today, "DATE_FORMAT")

    @property
    def week_label(self) -> str:
        monday = self.today - timedelta(days=self.today.weekday())
        return f"{monday:%m-%d} – {monday + timedelta(days=6):%m-%d}"
