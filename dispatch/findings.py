"""What was found, in words: each fact said and linked; and the text of the order that would follow from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.durations import local_text
from accounts.models import Area, User
from dispatch.actions.clocks import policies
from dispatch.models import Proposal
from dispatch.supervision import LEVELS
from dispatch.timeline import rule_name
from petitions.models import ContentClass, Petition

_ICONS = {
    "overdue": "alarm-clock-off",
    "refuses": "corner-up-left",
    "unsolved": "circle-dashed",
    "bad_handling": "thumbs-down",
    "repeated": "repeat",
    "twice": "rotate-ccw",
    "late_pause": "circle-pause",
    "bad_rating": "star-off",
}


@dataclass(frozen=True)
class Finding:
    """A finding ready to draw. `petitions` are those the reader may see."""

    row: Proposal
    icon: str
    sentence: str
    petitions: Sequence[Petition] = ()
    facts: Sequence[str] = field(default_factory=list)


class Explainer:
    """Words for a page of findings, with what they name read once for all of them."""

    def __init__(self, user: User, rows: Iterable[Proposal], at: datetime) -> None:
        self.user, self.at, self.rows = user, at, list(rows)
        self.rules = {rule.key: rule for rule in policies()}
        facts = [row.facts for row in self.rows]
        self.classes = ContentClass.objects.in_bulk({f["class"] for f in facts if isinstance(f.get("class"), int)})
        self.areas = Area.objects.in_bulk({f["area"] for f in facts if isinstance(f.get("area"), int)})
        ids = {pk for f in facts for pk in f.get("petitions") or [] if isinstance(pk, int)}
        seen = Petition.objects.visible_to(user).filter(pk__in=ids).only("id", "year", "serial", "summary")
        self.petitions = {petition.pk: petition for petition in seen}

    def all(self) -> list[Finding]:
        """The findings in their order."""
        return [self.of(row) for row in self.rows]

    def of(self, row: Proposal) -> Finding:
        """One finding in words. Facts another rule left out must not take the page with it."""
        named = [self.petitions[pk] for pk in row.facts.get("petitions") or [] if pk in self.petitions]
        return Finding(row, _ICONS.get(row.trigger, "search-check"), self.sentence(row), named)

    def sentence(self, row: Proposal) -> str:
        """Why this is a finding, in one sentence."""
        make = getattr(self, f"_{row.trigger}", None)
        words = make(row.facts) if make else ""
        return words or str(row.get_trigger_display())

    def _overdue(self, facts: Mapping[str, Any]) -> str:
        rule = self.rules.get(facts.get("rule", ""))
        if rule is None or "due_at" not in facts:
            return ""
        due = local_text(datetime.fromisoformat(facts["due_at"]), self.at)
        return _("“%(rule)s” was due %(due)s and is not done.") % {"rule": rule_name(rule), "due": due}

    def _refuses(self, facts: Mapping[str, Any]) -> str:
        return _("It asked to give the order back, and the return was found groundless.")

    def _unsolved(self, facts: Mapping[str, Any]) -> str:
        if facts.get("send_backs"):
            n = facts["send_backs"]
            return ngettext("Feedback was sent back %(n)d time.", "Feedback was sent back %(n)d times.", n) % {"n": n}
        return _("The unit finds the facts true and the demand lawful, and reports it not solved.")

    def _bad_handling(self, facts: Mapping[str, Any]) -> str:
        if facts.get("was_contacted") is False:
            return _("At the callback the petitioner said that the unit never spoke with them.")
        if facts.get("was_truthful") is False:
            return _("At the callback the petitioner said that the feedback is not true.")
        return ""

    def _repeated(self, facts: Mapping[str, Any]) -> str:
        if facts.get("times"):
            return _("The same person raises the same matter for the %(n)d. time.") % {"n": facts["times"]}
        kind, area = self.classes.get(facts.get("class", 0)), self.areas.get(facts.get("area", 0))
        if kind is None or area is None:
            return ""
        words = {"n": facts.get("count"), "class": kind.label, "area": area.label, "days": facts.get("days")}
        return _("%(n)s petitions about “%(class)s” in %(area)s within %(days)s days.") % words

    def _twice(self, facts: Mapping[str, Any]) -> str:
        return _("It was reworked once and is still not done: no matter more than twice.")

    def _late_pause(self, facts: Mapping[str, Any]) -> str:
        rules = [rule_name(self.rules[key]) for key in facts.get("rules") or [] if key in self.rules]
        if not rules:
            return _("Its clock was paused in the last tenth of the term.")
        return _("%(rules)s: paused in the last tenth of the term.") % {"rules": _(", ").join(rules)}

    def _bad_rating(self, facts: Mapping[str, Any]) -> str:
        if facts.get("again"):
            return _("The petitioner is dissatisfied again after the correction.")
        return _("The petitioner is dissatisfied, and it was not put right in time.")


def draft_text(finding: Finding | None, level: str) -> str:
    """What the order would say, to be corrected by the person who issues it."""
    if finding is None:
        return ""
    row, days = finding.row, LEVELS[level].days
    number = row.order.number if row.order else row.petition.short_number if row.petition else ""
    words = {"number": number, "sentence": finding.sentence, "days": days}
    if number:
        return (
            _(
                "On %(number)s: %(sentence)s Please put this right and answer in writing within %(days)d working days: "
                "what has been done, why it came to this, what is still open and until when."
            )
            % words
        )
    return (
        _(
            "%(sentence)s Please put this right and answer in writing within %(days)d working days: "
            "what has been done, why it came to this, what is still open and until when."
        )
        % words
    )
