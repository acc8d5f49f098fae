"""Checks of identity numbers: GB 11643-1999 for persons, GB 32100-2015 for organisations (domain-facts §7.2)."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_ORG_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MOBILE = re.compile(r"^1[3-9]\d{9}$")
LANDLINE = re.compile(r"^(0\d{2,3}-?)?\d{7,8}(-\d{1,6})?$")
SERVICE_NUMBER = re.compile(r"^(1\d{4}|\d{5,6})$")


@dataclass(frozen=True)
class ResidentId:
    """What a resident identity number says. `is_old_form` marks the 15-digit form, which carries no check digit."""

    number: str
    birth_date: date
    sex: str
    is_old_form: bool = False


def parse_resident_id(raw: str, *, today: date) -> ResidentId:
    """Check an identity number and read birth date and sex ("male"/"female") from it.

    The address code is not judged: districts change (§4.3). Raises ValueError with a sentence for the form.
    """
    number = "".join(raw.split()).upper()
    if re.fullmatch(r"\d{15}", number):
        return ResidentId(number, _date(f"19{number[6:12]}", today), _sex(number[14]), is_old_form=True)
    if not re.fullmatch(r"\d{17}[\dX]", number):
        raise ValueError(_("A resident identity number has 18 characters: 17 digits and a check character."))
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    if _CHECK[total % 11] != number[17]:
        raise ValueError(_("The check character does not fit. Please compare the number with the card."))
    return ResidentId(number, _date(number[6:14], today), _sex(number[16]))


def _date(digits: str, today: date) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        raise ValueError(_("The number contains no real date of birth.")) from None
    if born.year < 1900 or born > today:
        raise ValueError(_("The date of birth in the number lies before 1900 or in the future."))
    return born


def _sex(digit: str) -> str:
    return "male" if int(digit) % 2 else "female"


def check_organisation_code(raw: str) -> str:
    """The unified social credit code, normalised. Raises ValueError with a sentence for the form."""
    code = "".join(raw.split()).upper()
    if len(code) != 18 or any(ch not in _ORG_CHARS for ch in code):
        raise ValueError(_("A unified social credit code has 18 characters, without the letters I, O, S, V and Z."))
    total = sum(_ORG_CHARS.index(ch) * pow(3, i, 31) for i, ch in enumerate(code[:17]))
    if _ORG_CHARS[(31 - total % 31) % 31] != code[17]:
        raise ValueError(_("The check character does not fit. Please compare the code with the licence."))
    return code


def check_phone(raw: str) -> str:
    """A mobile, landline or service number without blanks. Raises ValueError with a sentence for the form."""
    phone = "".join(raw.split()).replace("—", "-")
    bare = phone.removeprefix("+86").lstrip("-")
    if MOBILE.match(bare) or LANDLINE.match(bare) or SERVICE_NUMBER.match(bare):
        return bare
    raise ValueError(_("Please give a mobile number of 11 digits or a landline such as 0574-87654321."))
