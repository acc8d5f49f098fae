"""What is asked once for many rows."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from accounts.widgets import Segmented
from dispatch.forms.base import lines
from petitions.models import Urgency

DEFAULT_REPLY = "\n\n".join(
    (
        "{称呼}：",
        "您反映的“{事项}”（{编号}）收悉，现答复如下。",
        "{单位}核查办理情况：{办理情况}",
        "如有疑问，可随时与我们联系。",
    )
)


class BatchForm(forms.Form):
    """Base: `params()` is what the job keeps, as JSON."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def params(self) -> dict[str, Any]:
        """Cleaned values as JSON."""
        return {key: value.pk if isinstance(value, User) else value for key, value in self.cleaned_data.items()}


class BatchDispatchForm(BatchForm):
    instruction = forms.CharField(
        label=_("Instruction for all of them"), max_length=1000, required=False, widget=lines(2)
    )


class BatchReplyForm(BatchForm):
    text = forms.CharField(label=_("Reply"), max_length=5000, widget=lines(10), initial=DEFAULT_REPLY)


class BatchCloseForm(BatchForm):
    remark = forms.CharField(label=_("Remark"), max_length=1000, required=False, widget=lines(2))


class BatchNoteForm(BatchForm):
    text = forms.CharField(label=_("Note"), max_length=2000, widget=lines(4))


class BatchUrgencyForm(BatchForm):
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices, widget=Segmented)


class BatchRemindForm(BatchForm):
    text = forms.CharField(label=_("A word to the units"), max_length=300, required=False, widget=lines(3))


class BatchAssignForm(BatchForm):
    """Somebody of one's own unit."""

    handler = forms.ModelChoiceField(
        label=_("Handler"), queryset=User.objects.none(), widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(
            unit=self.user.unit_id, is_active=True, role__in=(Role.UNIT_ADMIN, Role.UNIT_HANDLER)
        )
        self.fields["handler"].queryset = people.order_by("role", "username")  # type: ignore[attr-defined]
