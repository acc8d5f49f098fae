"""Who must do what this week: deadlines by urgency, the ladder of what is overdue, the meeting, the key cases."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from backlog.counts import LADDER, STUCK_DAYS
from backlog.states import CaseState
from backlog.wall.look import Frame, day_of

URGENCIES: dict[str, tuple[Promise, str]] = {
    "overdue": (pgettext_lazy("musts of the wall", "Overdue"), "red"),
    "today": (pgettext_lazy("musts of the wall", "Today"), "amber"),
    "week": (pgettext_lazy("musts of the wall", "By Sunday"), "blue"),
}


class Week(Frame):
    """What a wall says of this week."""

    @cached_property
    def musts(self) -> list[dict[str, Any]]:
        """What is overdue, due today and due by Sunday, each with how many cases and the rows."""
        numbers = {"overdue": "overdue", "today": "due_today", "week": "due_week"}
        # So many lines stand on the wall: what is overdue and due today first, the rest of the week in what is left.
        lines = 10 if self.board.get("meeting") else 12
        today = min(len(self.board["musts"]["today"]), 4)
        overdue = min(len(self.board["musts"]["overdue"]), 5 if today else 6)
        most = {"today": today, "overdue": overdue, "week": max(lines - max(today, 1) - max(overdue, 1), 1)}
        return [
            {
                "key": key,
                "label": label,
                "tone": tone,
                "most": f":{most[key]}",
                "count": self.counts.get(numbers[key], 0),
                "rows": [self._must(row) for row in self.board["musts"][key] if row["case"] not in self.hidden],
                "url": self.rows("overdue") if key == "overdue" else self.address("backlog_tasks"),
            }
            for key, (label, tone) in URGENCIES.items()
        ]

    def _must(self, row: Mapping[str, Any]) -> dict[str, Any]:
        due = day_of(row["due_on"]) or self.today
        late = (self.today - due).days
        if late > 0:
            when = ngettext("%(n)d day overdue", "%(n)d days overdue", late) % {"n": late}
        else:
            when = _("today") if late == 0 else date_format(due, "l")
        place = self.places.get(row["district"])
        what = row["what_en"] if get_language() == "en" else row["what"]
        return {
            **row,
            "place": self.short(place) if place else "",
            "what": what,
            "when": when,
            "url": self.case(row["case"]),
        }

    @property
    def ladder(self) -> list[dict[str, Any]]:
        """Overdue cases by how long: the steps of the ladder."""
        most = max((self.counts.get(name, 0) for name, _first, _last in LADDER), default=0) or 1
        return [
            {
                "label": _("%(first)d–%(last)d days") % {"first": first, "last": last}
                if last
                else _("more than %(days)d days") % {"days": first - 1},
                "count": self.counts.get(name, 0),
                "share": 100 * self.counts.get(name, 0) / most,
                "url": self.rows("overdue", late=f"{first}-{last or ''}"),
            }
            for name, first, last in LADDER
        ]

    @property
    def meeting(self) -> dict[str, Any] | None:
        row = self.board.get("meeting")
        if not row:
            return None
        starts = datetime.fromisoformat(row["starts_at"])
        return {**row, "starts": starts, "url": self.address("meeting", row["id"])}

    @property
    def key_cases(self) -> list[dict[str, Any]]:
        rows = [row for row in self.board["key"] if row["case"] not in self.hidden]
        return [self._key_case(row) for row in rows]

    def _key_case(self, row: Mapping[str, Any]) -> dict[str, Any]:
        place = self.places.get(row["district"])
        forces = {force["id"]: self.label(force) for force in self.board["forces"]}
        since, moved = day_of(row["since"]) or self.today, day_of(row["moved"]) or self.today
        return {
            **row,
            "place": self.short(place) if place else "",
            "force": forces.get(row["force"], ""),
            "label": CaseState(row["state"]).label,
            "months": (self.today - since).days // 30,
            "still": (self.today - moved).days,
            "is_stuck": (self.today - moved).days > STUCK_DAYS,
            "target": day_of(row["target"]),
            "url": self.case(row["case"]),
        }
