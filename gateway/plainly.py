"""Bodies as they nearly always come, checked without Django REST Framework's pace.

Going through a serializer takes longer than registering the petition it describes. What is a plain object of strings,
whole numbers and true or false with nothing wrong is read here; of anything else nothing is said, and the serializer
judges it. So every sentence and every leniency stands in one place, and this one only ever agrees with it.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from gateway.strict import Errors, LookupField, StrictSerializer

Values = dict[str, Any]


class Unsure(Exception):
    """Not plain, or not right: the serializer shall say."""


ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def plain_reader(kind: type[StrictSerializer]) -> Callable[[Any], Values | None]:
    """What reads a body of this kind, or answers None where the serializer shall judge."""
    read = _body(kind())

    def values(data: Any) -> Values | None:
        try:
            return read(data)
        except Unsure:
            return None

    return values


def _body(serializer: StrictSerializer) -> Callable[[Any], Any]:
    readers = {name: _reader(field) for name, field in serializer.fields.items()}
    required = [name for name, field in serializer.fields.items() if field.required]
    defaults = {name: field.default for name, field in serializer.fields.items() if field.default is not empty}

    def read(data: Any) -> Values:
        if type(data) is not dict or any(name not in data for name in required):
            raise Unsure
        values = defaults.copy()
        for name, value in data.items():
            if name not in readers:
                raise Unsure
            values[name] = readers[name](value)
        errors: Errors = {}
        serializer.compare(values, errors)
        if errors:
            raise Unsure
        return values

    return read


def _reader(field: serializers.Field) -> Callable[[Any], Any]:
    if isinstance(field, StrictSerializer):
        return _body(field)
    if isinstance(field, LookupField):
        return _row(field)
    if isinstance(field, serializers.CharField):
        return _text(field)
    known: dict[type, Callable[[Any], Callable[[Any], Any]]] = {
        serializers.ChoiceField: _choice,
        serializers.IntegerField: _number,
        serializers.BooleanField: _flag,
        serializers.DateField: _day,
    }
    make = known.get(type(field))
    if make is None:
        return _unknown
    read = make(field)
    return (lambda value: None if value is None else read(value)) if field.allow_null else read


def _unknown(value: Any) -> Any:
    raise Unsure


def _text(field: serializers.CharField) -> Callable[[Any], str]:
    most, least, may_be_blank = field.max_length, field.min_length or 0, field.allow_blank
    check = getattr(field, "check", None)
    if most is None or not (type(field) is serializers.CharField or check):
        return _unknown

    def read(value: Any) -> str:
        # Without what no database keeps as text: NUL, and halves of a character.
        if type(value) is not str or "\0" in value or not _encodes(value):
            raise Unsure
        value = value.strip()
        if not value and may_be_blank:
            return ""
        if check is not None:
            try:
                value = check(value)
            except ValueError:
                raise Unsure from None
        if not value or not least <= len(value) <= most:
            raise Unsure
        return value

    return read


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _row(field: LookupField) -> Callable[[Any], Any]:
    most, find = field.max_length or 0, field.find

    def read(value: Any) -> Any:
        if type(value) is not str or len(value) > most or "\0" in value:
            raise Unsure
        row = find(value.strip())
        if row is None:
            raise Unsure
        return row

    return read


def _choice(field: serializers.ChoiceField) -> Callable[[Any], Any]:
    words = {word: word for word in field.choices if type(word) is str and word}

    def read(value: Any) -> Any:
        if type(value) is not str or value not in words:
            raise Unsure
        return words[value]

    return read


def _number(field: serializers.IntegerField) -> Callable[[Any], int]:
    least, most = field.min_value, field.max_value
    if least is None or most is None:
        return _unknown

    def read(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise Unsure
        return value

    return read


def _flag(field: serializers.BooleanField) -> Callable[[Any], bool]:
    def read(value: Any) -> bool:
        if type(value) is not bool:
            raise Unsure
        return value

    return read


def _day(field: serializers.DateField) -> Callable[[Any], date]:
    def read(value: Any) -> date:
        if type(value) is not str or not ISO_DAY.fullmatch(value):
            raise Unsure
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise Unsure from None

    return read
