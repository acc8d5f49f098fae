"""Steps on findings, supervision orders and suggestions: form, action, words. What is legal the move tables say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dispatch.actions import suggestions, supervision
from dispatch.forms import supervision as forms


def _always(_user: Any, _row: Any) -> bool:
    return True


@dataclass(frozen=True)
class RowStep:
    """One step with a page of its own, on a row that is no petition and no work order."""

    name: str
    title: Promise
    icon: str
    form: type[forms.RowForm]
    run: Callable[..., Any]
    submit: Promise
    done: Promise
    # Rows of the subject's move table it can take; empty where there is no such table (findings).
    moves: tuple[str, ...] = ()
    tone: str = "brand"
    is_rare: bool = False
    # Whether a legal step makes sense to offer for this row and person; whoever asks for it all the same hears why not.
    fits: Callable[[Any, Any], bool] = _always
    # Empty: the page of the subject's room.
    template: str = ""


def _steps(*rows: RowStep) -> dict[str, RowStep]:
    return {row.name: row for row in rows}


FINDING_STEPS = _steps(
    RowStep(
        "set_aside",
        _("Set aside"),
        "circle-x",
        forms.SetAsideForm,
        supervision.set_aside,
        _("Set aside"),
        _("Set aside, with your reason."),
    ),
    RowStep(
        "snooze",
        _("Look again later"),
        "alarm-clock-plus",
        forms.SnoozeForm,
        supervision.snooze,
        _("Put off"),
        _("It will be shown again on that day."),
    ),
)
_RAISES = ("raise_order", "raise_listed", "raise_interview", "raise_circular")
SUPERVISION_STEPS = _steps(
    RowStep(
        "answer",
        _("Answer the supervision"),
        "message-square-reply",
        forms.SupervisionAnswerForm,
        supervision.answer,
        _("Send the answer"),
        _("Answered. The office checks it now."),
        moves=("answer",),
    ),
    RowStep(
        "accept",
        _("Accept and end"),
        "circle-check",
        forms.AcceptForm,
        supervision.accept,
        _("Accept and end"),
        _("Accepted. The supervision has ended."),
        moves=("accept",),
    ),
    RowStep(
        "send_back",
        _("Send the answer back"),
        "corner-down-left",
        forms.SendAnswerBackForm,
        supervision.send_back,
        _("Send back"),
        _("Sent back. The unit has been told."),
        moves=("send_back",),
    ),
    RowStep(
        "record_talk",
        _("Record the talk"),
        "messages-square",
        forms.TalkForm,
        supervision.record_talk,
        _("Save the record"),
        _("The record is saved."),
        moves=("record_talk",),
    ),
    RowStep(
        "raise",
        _("Raise the level"),
        "chevrons-up",
        forms.RaiseForm,
        supervision.raise_level,
        _("Raise the level"),
        _("Raised. Those it concerns have been told."),
        moves=_RAISES,
        template="dispatch/supervision_raise.html",
    ),
    RowStep(
        "lift",
        _("Lift the supervision"),
        "circle-x",
        forms.ReasonForm,
        supervision.lift,
        _("Lift the supervision"),
        _("Lifted. The unit has been told."),
        moves=("lift",),
        tone="danger",
        is_rare=True,
    ),
)
SUGGESTION_STEPS = _steps(
    RowStep(
        "answer",
        _("Answer the suggestion"),
        "message-square-reply",
        forms.SuggestionAnswerForm,
        suggestions.answer,
        _("Send the answer"),
        _("Answered. The office has been told."),
        moves=("answer",),
    ),
    RowStep(
        "follow_up",
        _("Record what came of it"),
        "list-checks",
        forms.FollowUpForm,
        suggestions.follow_up,
        _("Save"),
        _("It is recorded."),
        moves=("follow_up",),
    ),
    RowStep(
        "publish",
        _("Publish or hide"),
        "globe",
        forms.PublishForm,
        suggestions.publish,
        _("Save"),
        _("It is saved."),
        moves=("publish",),
        is_rare=True,
    ),
    RowStep(
        "withdraw",
        _("Take the suggestion back"),
        "undo-2",
        forms.ReasonForm,
        suggestions.withdraw,
        _("Take back"),
        _("Taken back. The addressee has been told."),
        moves=("withdraw",),
        tone="danger",
        is_rare=True,
    ),
)
