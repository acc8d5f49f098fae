"""The only code that writes task forces, workgroups, their members and reports (domain-facts §3.4).

Their past is kept in history tables with the change in words; a member who goes stays as a row with its last day.
Offices change them: those of the city all, a district's its own workgroup. Rows are locked before they are checked.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Scope
from backlog.actions.moves import check_version
from backlog.models import GroupMember, GroupReport, TaskForce, Workgroup
from dispatch.clocks import city_day
from petitions.states import Refused

_EDIT = "backlog.edit_forces"


@transaction.atomic
def save_force(
    force_id: int | None, *, changes: dict[str, Any], actor: User | Actor, at: datetime, version: int | None = None
) -> TaskForce:
    """Add a task force (`force_id` None; `name` needed) or change one. Raises Refused."""
    who = Actor.of(actor)
    if force_id is None:
        if who.scope_for(_EDIT) != Scope.CITY:
            raise Refused(_("Only an office of the whole city adds task forces."), code="forbidden")
        last = TaskForce.objects.aggregate(last=Max("id"))["last"] or 0
        row = TaskForce(key=f"force-{last + 1}", position=last + 1)
    else:
        row = _locked(TaskForce, force_id, who, version)
    begins, ends = changes.get("begins_on", row.begins_on), changes.get("ends_on", row.ends_on)
    if begins and ends and begins >= ends:
        raise Refused(_("The campaign ends before it begins. Change one of the two days."), field="ends_on")
    return _write(row, changes, who, at, is_new=force_id is None)


@transaction.atomic
def set_focus(force_id: int, *, focus: str, actor: User | Actor, at: datetime, version: int | None = None) -> TaskForce:
    """What the force wants said on the wall this week; '' takes it off. Raises Refused."""
    return save_force(force_id, changes={"focus": focus.strip()[:60]}, actor=actor, at=at, version=version)


@transaction.atomic
def save_group(
    group_id: int, *, changes: dict[str, Any], actor: User | Actor, at: datetime, version: int | None = None
) -> Workgroup:
    """Change a workgroup: leader, office, rhythm, rules, whether it is at work. Raises Refused."""
    who = Actor.of(actor)
    row = _locked(Workgroup, group_id, who, version)
    if (changes.get("meets_on", row.meets_on) is None) != (changes.get("meets_at", row.meets_at) is None):
        raise Refused(_("Give day and time of the meeting, or neither."), field="meets_at")
    return _write(row, changes, who, at)


@transaction.atomic
def add_member(
    *,
    name: str,
    actor: User | Actor,
    at: datetime,
    force: int | None = None,
    group: int | None = None,
    unit: Unit | None = None,
    title: str = "",
    duty: str = "",
    since: date | None = None,
    version: int | None = None,
) -> GroupMember:
    """Add a member to a task force or a workgroup (its key); the account follows from name and unit. Raises Refused."""
    who = Actor.of(actor)
    row = _locked(TaskForce, force, who, version) if force else _locked(Workgroup, group or 0, who, version)
    name = name.strip()
    if not 2 <= len(name) <= 40:
        raise Refused(_("Give the member's name."), field="name")
    if row.members.filter(until=None, name=name, unit=unit).exists():
        raise Refused(_("%(name)s is a member already.") % {"name": name}, field="name")
    people = list(User.objects.filter(is_active=True, name=name, unit=unit)[:2]) if unit else []
    member = GroupMember.objects.create(
        force=row if force else None,
        group=None if force else row,
        user=people[0] if len(people) == 1 else None,
        name=name,
        unit=unit,
        title=title.strip()[:40],
        duty=duty.strip()[:60],
        since=since or city_day(at),
    )
    _write(row, {}, who, at, words=_("Member added: %(name)s") % {"name": name})
    return member


@transaction.atomic
def end_member(member_id: int, *, actor: User | Actor, at: datetime) -> GroupMember:
    """The member leaves today; the row stays for the record. Raises Refused."""
    who = Actor.of(actor)
    found = GroupMember.objects.get(pk=member_id)
    model, pk = (TaskForce, found.force_id) if found.force_id else (Workgroup, found.group_id)
    row = _locked(model, pk or 0, who, None)
    member = GroupMember.objects.select_for_update().get(pk=member_id)
    if member.until is not None:
        raise Refused(_("%(name)s has left already.") % {"name": member.name}, code="gone")
    member.until = city_day(at)
    member.save(update_fields=["until"])
    _write(row, {}, who, at, words=_("Member left: %(name)s") % {"name": member.name})
    return member


@transaction.atomic
def report(
    group_id: int,
    *,
    text: str,
    actor: User | Actor,
    at: datetime,
    on: date | None = None,
    version: int | None = None,
) -> GroupReport:
    """A workgroup hands in its report as of a day up to today. Raises Refused."""
    who = Actor.of(actor)
    row = _locked(Workgroup, group_id, who, version)
    day = on or city_day(at)
    if day > city_day(at):
        raise Refused(_("That day has not come yet."), field="on")
    if len(text.strip()) < 10:
        raise Refused(_("Write what was done, what is difficult and what comes next."), field="text")
    return GroupReport.objects.create(group=row, on=day, text=text.strip(), by=who.user, at=at)


def _locked(model: Any, pk: int, who: Actor, version: int | None) -> Any:
    """The row, locked, once permission and version are right."""
    row = model.objects.select_for_update(of=("self",)).get(pk=pk)
    if not model.objects.within(who, _EDIT).filter(pk=pk).exists():
        raise Refused(_("Your role may not change this group."), code="forbidden")
    check_version(row, version)
    return row


def _write(
    row: Any, changes: dict[str, Any], who: Actor, at: datetime, *, words: str = "", is_new: bool = False
) -> Any:
    """Save the row with its past: who, when, what changed in words. Nothing changed: nothing written."""
    wanted = {name: value for name, value in changes.items() if value != getattr(row, name)}
    if not wanted and not words and not is_new:
        return row
    labels = _(", ").join(str(row._meta.get_field(name).verbose_name) for name in wanted)
    for name, value in wanted.items():
        setattr(row, name, value)
    row.version += 0 if is_new else 1
    row._history_user, row._history_date = who.user, at
    row._change_reason = (words or labels)[:100]
    row.save()
    return row
