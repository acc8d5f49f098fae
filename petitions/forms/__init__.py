"""Forms of intake: what a clerk takes down (domain-facts §7.1-7.2), checked where it is typed."""

from petitions.forms.choices import URGENCY_MEANING, class_choices, district_choices, propose_summary, town_choices
from petitions.forms.registration import RegistrationForm, TypedMatter

__all__ = [
    "URGENCY_MEANING",
    "RegistrationForm",
    "TypedMatter",
    "class_choices",
    "district_choices",
    "propose_summary",
    "town_choices",
]
