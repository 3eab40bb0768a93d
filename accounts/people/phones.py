"""How a phone number is shown: as it is dialled in France, two digits at a time."""

import phonenumbers
from django import template

register = template.Library()
FRANCE = 33


@register.filter
def phone(number: str) -> str:
    """Return a French number as « 06 39 98 12 34 », a foreign one with its country; anything else as it was given."""
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, form.NATIONAL if parsed.country_code == FRANCE else form.INTERNATIONAL)
