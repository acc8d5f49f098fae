"""What the API takes in: bodies of POST requests, checked field by field with sentences that say what to do."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.models import Area, Unit
from dispatch.models import ContactRecord, Explanation, Feedback, OrderReturn
from gateway import reference
from gateway.plainly import plain_reader
from gateway.strict import QUICK, Errors, LookupField, StrictSerializer, complain
from petitions.identity import check_organisation_code, check_phone, parse_resident_id
from petitions.models import Petitioner, Purpose, Urgency
from petitions.routes import Route

TEXT_LENGTH = 20_000
PLACES = {Area.Kind.DISTRICT, Area.Kind.FUNCTIONAL, Area.Kind.TOWN}


class AreaField(LookupField):
    """Where the problem is: district, functional area or town."""

    def find(self, code: str) -> Any:
        area = reference.areas().by_code.get(code)
        return area if area is not None and area.kind in PLACES else None

    def hint(self) -> str:
        return _("Give the code of a district, functional area or town from GET /api/v1/areas.")


class CategoryField(LookupField):
    """A content class in use."""

    def find(self, code: str) -> Any:
        found = reference.classes().by_code.get(code)
        return found if found is not None and found.is_active else None

    def hint(self) -> str:
        return _("Give a code from GET /api/v1/categories, or leave the field out and we propose one.")


class PhoneField(serializers.CharField):
    """A telephone number in its one spelling."""

    check = staticmethod(check_phone)

    def to_internal_value(self, data: Any) -> str:
        try:
            return self.check(super().to_internal_value(data))
        except ValueError as error:
            raise ValidationError(str(error), code="phone") from None


class PersonInput(StrictSerializer):
    """The petitioner. Name and numbers are stored encrypted and come back masked."""

    name = serializers.CharField(max_length=100, required=False, allow_blank=True)
    party_type = serializers.ChoiceField(Petitioner.PartyType.choices, default=Petitioner.PartyType.PERSON)
    phone = PhoneField(max_length=24, required=False, allow_blank=True)
    id_type = serializers.ChoiceField(Petitioner.IdType.choices, required=False)
    id_no = serializers.CharField(max_length=40, required=False, allow_blank=True)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    contact_preference = serializers.CharField(
        max_length=100, required=False, allow_blank=True, help_text="How to reach them: hours, an e-mail address."
    )

    def compare(self, values: dict[str, Any], errors: Errors) -> None:
        """Check the number of the paper by its kind; a resident card also tells the sex."""
        number = values.get("id_no", "")
        if not number or "id_type" in errors:
            return
        is_person = values.get("party_type") == Petitioner.PartyType.PERSON
        kinds = Petitioner.IdType
        kind = values.setdefault("id_type", kinds.RESIDENT if is_person else kinds.CREDIT_CODE)
        try:
            if kind == kinds.RESIDENT:
                card = parse_resident_id(number, today=timezone.localdate())
                values.update(id_no=card.number, sex=card.sex)
            elif kind == kinds.CREDIT_CODE:
                values["id_no"] = check_organisation_code(number)
        except ValueError as error:
            complain(errors, "id_no", str(error), "identity_number")


class PetitionInput(StrictSerializer):
    """A new petition. `content` and `area` are enough; the more is given, the sooner it reaches the right desk."""

    source_ref = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text="Your own number; the same number is one petition for ever.",
    )
    summary = serializers.CharField(max_length=200, required=False, allow_blank=True)
    content = serializers.CharField(max_length=TEXT_LENGTH)
    demand = serializers.CharField(max_length=TEXT_LENGTH, required=False, allow_blank=True)
    purpose = serializers.ChoiceField(Purpose.choices, default=Purpose.SETTLE)
    category = CategoryField(
        required=False, help_text="Code of a content class; proposed from the words when left out."
    )
    area = AreaField(help_text="Code of a district, functional area or town.")
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    urgency = serializers.ChoiceField(Urgency.choices, default=Urgency.NORMAL)
    petition_date = serializers.DateField(required=False, help_text="Day of the petition; today when left out.")
    occurred_on = serializers.DateField(required=False, allow_null=True)
    headcount = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)
    affected_count = serializers.IntegerField(min_value=1, max_value=10_000_000, required=False)
    is_anonymous = serializers.BooleanField(
        required=False, help_text="True when nobody is named; follows from the petitioner when left out."
    )
    is_open_to_public = serializers.BooleanField(default=False)
    is_confidential = serializers.BooleanField(default=False)
    petitioner = PersonInput(required=False)

    def compare(self, values: dict[str, Any], errors: Errors) -> None:
        today = timezone.localdate()
        for name in ("petition_date", "occurred_on"):
            _check_day(name, values.get(name), today, errors)
        if values.get("affected_count", 10_000_000) < values.get("headcount", 1):
            complain(errors, "affected_count", _("At least as many are affected as have signed."), "too_few")
        person = values.get("petitioner", {})
        is_known = bool(person.get("name") or person.get("phone"))
        if not is_known and values.get("is_anonymous") is False and "petitioner" not in errors:
            text = _("Give the petitioner's name or phone, or set is_anonymous to true.")
            errors["petitioner"] = {"name": [serializers.ErrorDetail(text, code="required")]}
        values.setdefault("is_anonymous", not is_known)


QUICK[PetitionInput] = plain_reader(PetitionInput)


def _check_day(name: str, day: date | None, today: date, errors: Errors) -> None:
    if day is not None and not 1949 <= day.year <= today.year + 1:
        complain(errors, name, _("Please check the year of this date."), "date")
    elif day is not None and day > today:
        complain(errors, name, _("This date lies in the future."), "date")


class WithdrawInput(StrictSerializer):
    """The petitioner takes the matter back."""

    reason = serializers.CharField(max_length=2000, help_text="Why and how the petitioner withdrew.")


class SignInput(StrictSerializer):
    """Nothing to say: send an empty object or no body."""


class ContactInput(StrictSerializer):
    """A talk with the petitioner, or the attempt."""

    means = serializers.ChoiceField(ContactRecord.Means.choices, default=ContactRecord.Means.PHONE)
    result = serializers.ChoiceField(ContactRecord.Result.choices, default=ContactRecord.Result.REACHED)
    said = serializers.CharField(max_length=TEXT_LENGTH, help_text="What was said.")


class UnitField(LookupField):
    """A unit that takes work orders, by its code."""

    def find(self, code: str) -> Any:
        return Unit.objects.handling().filter(code=code).first()

    def hint(self) -> str:
        return _("Give the code of a unit that takes work orders, from GET /api/v1/units.")


class ReturnInput(StrictSerializer):
    """Why the order is not the unit's: R1 wrong area, R2 wrong duty … R8 settled before."""

    reason = serializers.ChoiceField(OrderReturn.Reason.choices)
    words = serializers.CharField(max_length=2000, help_text="Facts and the rule they rest on; ten characters or more.")
    right_unit = UnitField(required=False, help_text="Code of the right unit; required for R1, R2 and R4.")
    missing = serializers.CharField(max_length=500, required=False, allow_blank=True, help_text="Required for R5.")
    duplicate = serializers.CharField(
        max_length=40, required=False, allow_blank=True, help_text="Number of the petition it repeats; for R6."
    )
    route = serializers.ChoiceField(Route.choices, required=False, help_text="Required for R7.")


class FeedbackInput(StrictSerializer):
    """The unit's answer to the office."""

    outcome = serializers.ChoiceField(Feedback.Outcome.choices)
    findings = serializers.CharField(
        min_length=10,
        max_length=TEXT_LENGTH,
        error_messages={
            "min_length": gettext_lazy("Please state what was found and done, in at least ten characters.")
        },
    )
    is_true = serializers.BooleanField(default=True, help_text="False when the facts are not as described.")
    legal_basis = serializers.CharField(max_length=300, required=False, allow_blank=True)
    explanation = serializers.CharField(
        max_length=TEXT_LENGTH, required=False, allow_blank=True, help_text="Required for explained and unsolved."
    )
    without_reason = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="Why it goes although assisting units or sub-orders have not fed back.",
    )


class ExplanationInput(StrictSerializer):
    """How an unsolved or groundless matter was explained to the person; needed before the office can reply."""

    explained_by = serializers.CharField(max_length=60)
    explained_at = serializers.DateTimeField()
    means = serializers.ChoiceField(ContactRecord.Means.choices)
    legal_basis = serializers.CharField(max_length=300)
    text = serializers.CharField(min_length=10, max_length=TEXT_LENGTH)
    stance = serializers.ChoiceField(Explanation.Stance.choices)
