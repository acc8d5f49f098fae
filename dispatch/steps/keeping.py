"""Steps after the end of a case: into the archive, held back (domain-facts §1.18)."""

from django.utils.translation import gettext_lazy as _

from dispatch.forms.keeping import ArchiveForm, HoldForm, ReleaseForm
from dispatch.steps.base import Step
from petitions.actions import archiving

KEEPING_STEPS: tuple[Step, ...] = (
    Step(
        "archive",
        _("Put into the archive"),
        "archive",
        ArchiveForm,
        archiving.archive,
        _("Archive the case"),
        _("The case is in the archive."),
        moves=("archive",),
        reader=_("The number is given by your office; it is not given twice."),
        template="dispatch/step_archive.html",
        is_rare=True,
    ),
    Step(
        "hold",
        _("Place a legal hold"),
        "lock",
        HoldForm,
        archiving.hold,
        _("Place the hold"),
        _("The case is held: nothing of it is removed until the hold is lifted."),
        own_permission="petitions.hold",
        is_rare=True,
    ),
    Step(
        "release_hold",
        _("Lift the legal hold"),
        "lock-open",
        ReleaseForm,
        archiving.release_hold,
        _("Lift the hold"),
        _("The hold is lifted."),
        own_permission="petitions.hold",
        is_rare=True,
    ),
)
