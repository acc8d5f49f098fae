"""docs/deadlines.md from the rules as data: every clock in both legal profiles, its source, what is our own figure."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import override

from config.lifecycle import VERBS, markdown
from dispatch.conditions import CONDITIONS
from dispatch.models import Policy
from dispatch.policies import POLICIES
from petitions.models import Urgency

_HEAD = """# Deadlines

Generated from the rules by `python manage.py lifecycle_doc`; `make check` fails when it is stale. Do not edit.

Every deadline is a clock that runs by one version of a rule. A rule says which move starts it, which meets, pauses or
ends it, how long it is and in which unit, how far it may be extended, and who hears when. The figures below are those
a new office starts with; an office changes them at `/rules/` (see [operations.md](operations.md)), and the page of
each rule shows its versions. Legal deadlines and service promises run side by side: missing a promise is a service
failure, missing a legal deadline is a liability event.

**How time is counted.** The day of the start is not counted, the last day counts to its end (Civil Code 201). A legal
period in calendar days that ends on a day off ends on the next working day (Civil Code 203); the Regulation itself
has no counting article, so both are applied by analogy. Working days follow the State Council's calendar with its
make-up working days. Working minutes count office hours only; minutes and hours run through nights and holidays.

**Two legal profiles.** The national one (Regulation on Petition Work, 2022) is in force unless an office switches to
Zhejiang's (Regulation of 2016): whether the latter still applies could not be confirmed. A switch is previewed and
carried over like any other change: open clocks follow the rule that stands in for theirs, and back.

**What is no clock.** D14 (art. 19: a matter that is being handled, reviewed or re-reviewed is not accepted again
above) is a refusal: "no longer accepted" with that ground. Accusations that belong to a higher organ are not entered
here at all, so their five days run outside; what came in online is sent up and emptied. D10, the term an assignment
sets, runs for assignments only: thirty days until the closing report unless the assignment names another term, with
a reason. S01 is this office's own: article 29 names no figure for the answer to a suggestion.

**A right, not a duty.** The windows to object (D04) and to ask for review or re-review (D06, D08) lapse. Nobody is
chased, nothing counts as missed, and they are not a case's next deadline.
"""
_TAIL = """## Conditions

A rule that lists conditions starts only when all of them hold.

"""


def deadlines_document() -> str:
    """The whole page, in English whatever the language of the process."""
    with override("en"):
        return "\n".join(
            [
                _HEAD,
                "## Set by law\n",
                _table([rule for rule in POLICIES if rule.get("profile", "promise") != "promise"]),
                "## Service promises and supervision\n",
                _table([rule for rule in POLICIES if rule.get("profile", "promise") == "promise"]),
                _TAIL + markdown(["condition", "means"], [[f"`{k}`", str(c.label)] for k, c in CONDITIONS.items()]),
            ]
        )


def _table(rules: list[dict[str, Any]]) -> str:
    heads = ["rule", "name", "profile", "for", "starts with", "other moves", "length", "extension", "ladder", "source"]
    return markdown(heads, [_row(rule) for rule in rules])


def _row(rule: Mapping[str, Any]) -> list[str]:
    moves = [f"{verb}: {', '.join(rule[key])}" for key, verb in VERBS.items() if key != "start_moves" and rule.get(key)]
    ladder = "; ".join(f"{step['name']} {_when(step)} → {', '.join(step['to'])}" for step in rule["ladder"])
    own = " **(own figure)**" if rule.get("is_ours") else ""
    return [
        f"`{rule['key']}`",
        f"{rule['name_en']} ({rule['name']})",
        _profile(rule),
        _for(rule),
        ", ".join(rule["start_moves"]),
        "; ".join(moves),
        _length(rule["length"], rule) + (", ends on a working day" if rule.get("ends_on_work_day") else "") + own,
        f"{_length(rule['extend_max'], rule)} by {_extender(rule)}" if rule.get("extend_max") else "–",
        ladder or "a right: nobody is chased",
        rule["article"],
    ]


def _extender(rule: Mapping[str, Any]) -> str:
    """Who gives more: whoever holds a permission, or the decision that starts the clock."""
    return f"`{rule['extend_permission']}`" if rule.get("extend_permission") else "the decision that starts it"


def _profile(rule: Mapping[str, Any]) -> str:
    name = str(Policy.Profile(rule.get("profile", "promise")).label)
    return f"{name}, for `{rule['replaces']}`" if rule.get("replaces") else name


def _for(rule: Mapping[str, Any]) -> str:
    limits = [f"`{name}`" for name in rule.get("conditions", [])]
    limits += [str(Urgency(value).label).lower() for value in rule["urgencies"]]
    if rule.get("needs_person"):
        limits.append("not anonymous")
    subject = str(Policy.Subject(rule["subject"]).label)
    return f"{subject}: {', '.join(limits)}" if limits else subject


def _length(length: int, rule: Mapping[str, Any]) -> str:
    unit = rule["unit"].replace("_", " ").replace("wall minute", "minute")
    return f"{length} {unit}{'s' if length != 1 else ''}"


def _when(step: Mapping[str, Any]) -> str:
    if "fraction" in step:
        return f"at {round(step['fraction'] * 100)} %"
    minutes = step["after"]
    if minutes == 0:
        return "when due"
    return f"{minutes // 1440} d after" if minutes % 1440 == 0 else f"{minutes} min after"
