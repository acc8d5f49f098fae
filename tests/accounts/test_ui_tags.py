"""Tags and filters every template uses."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.utils.translation import override

from accounts.durations import ago_text, local_text, remaining, span_text
from accounts.models import User
from accounts.roles import Role
from accounts.widgets import FilesField, LocalDateTimeInput, Segmented

# Monday 2026-11-23, 15:12 in Shanghai.
NOW = datetime(2026, 11, 23, 7, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Any:
    with override("en"):
        yield


def draw(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("left", "state", "text"),
    [
        (timedelta(days=-2, hours=-4), "over", "overdue 2 d 4 h"),
        (timedelta(hours=-6), "over", "overdue 6 h"),
        (timedelta(seconds=-30), "over", "overdue 0 min"),
        (timedelta(0), "today", "0 min left"),
        (timedelta(hours=1, minutes=48), "today", "1 h 48 min left"),
        (timedelta(hours=20), "soon", "20 h left"),
        (timedelta(days=2, hours=23), "soon", "2 d 23 h left"),
        (timedelta(days=3), "soon", "3 d left"),
        (timedelta(days=3, minutes=1), "ok", "3 d left"),
        (timedelta(days=12), "ok", "12 d left"),
    ],
)
def test_a_deadline_says_how_it_stands(left: timedelta, state: str, text: str) -> None:
    found = remaining(NOW + left, NOW)
    assert found is not None
    assert (found["state"], found["text"]) == (state, text)


def test_the_share_used_runs_from_start_to_due() -> None:
    due = NOW + timedelta(days=3)
    assert remaining(due, NOW, start=NOW - timedelta(days=1))["pct"] == 25  # type: ignore[index]
    assert remaining(due, NOW, start=NOW)["pct"] == 0  # type: ignore[index]
    assert remaining(due, due + timedelta(days=9), start=NOW)["pct"] == 100  # type: ignore[index]
    # A term that ends before it starts is bad data, not a division by zero.
    assert 0 <= remaining(due, NOW, start=due)["pct"] <= 100  # type: ignore[index]


def test_a_paused_clock_says_so_and_no_deadline_says_nothing() -> None:
    assert remaining(NOW, NOW, is_paused=True)["state"] == "paused"  # type: ignore[index]
    assert remaining(None, NOW) is None
    assert draw("{% remaining due now as s %}{% sla_chip s %}", due=None, now=NOW) == ""


def test_spans_use_two_units_at_most() -> None:
    assert span_text(timedelta(days=1)) == "1 d"
    assert span_text(timedelta(days=1, minutes=59)) == "1 d"
    assert span_text(timedelta(minutes=-7)) == "7 min"


def test_times_are_written_in_shanghai_and_the_year_only_when_it_differs() -> None:
    assert local_text(NOW, NOW) == "11-23 15:12"
    assert local_text(NOW - timedelta(days=365), NOW) == "2025-11-23 15:12"
    assert local_text(date(2026, 1, 2), NOW) == "01-02"
    assert local_text(None) == ""
    # 2026-12-31 23:00 UTC is already next year in Shanghai.
    assert local_text(datetime(2026, 12, 31, 23, 0, tzinfo=UTC), NOW) == "2027-01-01 07:00"


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=12), "12 minutes ago"),
        (timedelta(hours=7), "today 08:12"),
        (timedelta(hours=21, minutes=32), "yesterday 17:40"),
        (timedelta(days=3), "11-20"),
        (timedelta(days=400), "2025-10-19"),
        (timedelta(days=-1), "tomorrow 15:12"),
    ],
)
def test_ago_is_as_exact_as_is_useful(passed: timedelta, text: str) -> None:
    assert ago_text(NOW - passed, NOW) == text


def test_the_chip_escapes_and_carries_icon_words_and_bar() -> None:
    html = draw("{% sla_chip s True %}", s={"state": "over", "text": "<b>", "pct": 130, "due": '"x'})
    assert "sla--over sla--lg" in html
    assert "&lt;b&gt;" in html
    assert "<svg" in html
    assert 'width="100%"' in html
    assert "style=" not in html


def test_a_status_takes_an_instance_a_choice_or_words() -> None:
    class Row:
        state_tone = "teal"

        def get_state_display(self) -> str:
            return "Replied"

    assert draw("{% status_chip row %}", row=Row()) == '<span class="st st--teal">Replied</span>'
    assert "Inspector" in draw("{% status_chip role 'green' %}", role=Role.INSPECTOR)
    assert draw("{% status_chip words 'nonsense' %}", words="<i>") == '<span class="st st--grey">&lt;i&gt;</span>'


def test_a_seal_speaks_its_meaning() -> None:
    html = draw("{% seal flag %}", flag=("集", "group visit", "amber"))
    assert "seal--amber" in html
    assert '<span class="vh">group visit</span>' in html


@pytest.mark.parametrize(
    "source", ["{% bar 140 %}", "{% dot 99 90 90 95 %}", "{% spark values %}", "{% icon 'x' 12 %}"]
)
def test_plots_are_svg_without_style(source: str) -> None:
    html = draw(source, values=[1, 1, 1])
    assert html.startswith("<svg")
    assert "style=" not in html
    assert draw("{% spark values %}", values=[1]) == ""


def test_may_asks_the_table() -> None:
    source = "{% if user|may:'accounts.manage' %}yes{% else %}no{% endif %}"
    assert draw(source, user=User(role=Role.SYSTEM_ADMIN)) == "yes"
    assert draw(source, user=User(role=Role.INSPECTOR)) == "no"
    assert draw(source, user=User(role=Role.SYSTEM_ADMIN, is_active=False)) == "no"
    assert draw(source, user=AnonymousUser()) == "no"
    assert draw(source) == "no"
    with pytest.raises(KeyError):
        draw("{{ user|may:'accounts.typo' }}", user=User(role=Role.INSPECTOR))


def test_query_strings_are_changed_not_rebuilt(rf: Any) -> None:
    request = rf.get("/?q=a b&area=1&area=2&page=3")
    assert draw("{% query_replace page=4 %}", request=request) == "?q=a+b&amp;area=1&amp;area=2&amp;page=4"
    assert draw("{% query_replace page=None q='' %}", request=request) == "?area=1&amp;area=2"
    assert draw("{% query_without 'area' 1 %}", request=request) == "?q=a+b&amp;area=2"
    assert draw("{% query_without 'q' %}", request=request) == "?area=1&amp;area=2"


class Sample(forms.Form):
    title = forms.CharField(max_length=20, help_text="In one sentence.")
    text = forms.CharField(max_length=500, widget=forms.Textarea)
    channel = forms.ChoiceField(choices=[("a", "Letter"), ("b", "Visit")], widget=Segmented)
    due = forms.DateTimeField(widget=LocalDateTimeInput)
    files = FilesField()
    agreed = forms.BooleanField()


def test_a_field_ties_help_and_error_to_the_control() -> None:
    form = Sample({"title": ""})
    html = draw("{% field form.title size='half' %}", form=form)
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert "field--half" in html


def test_a_long_text_counts_its_characters() -> None:
    html = draw("{% field form.text rows=7 %}", form=Sample({"text": "abc"}))
    assert 'rows="7"' in html
    assert 'data-counter="id_text_counter"' in html
    assert "3 / 500" in html


def test_choices_side_by_side_are_one_named_group() -> None:
    html = draw("{% field form.channel %}", form=Sample({}))
    assert 'role="radiogroup" aria-labelledby="id_channel_label" aria-describedby="id_channel_error"' in html
    assert html.count('type="radio"') == 2


def test_dates_and_files_use_what_the_browser_has() -> None:
    form = Sample(initial={"due": NOW})
    assert 'value="2026-11-23T15:12"' in draw("{% field form.due %}", form=form)
    html = draw("{% field form.files %}", form=form)
    assert "multiple" in html
    assert "data-max-bytes" in html


def test_a_value_cannot_break_out_of_its_field() -> None:
    html = draw("{% field form.title %}", form=Sample({"title": '"><script>x</script>'}))
    assert "<script>" not in html


def test_files_over_the_limit_are_refused_by_name(settings: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.ATTACHMENT_MAX_BYTES = 4
    field = FilesField()
    small, large = SimpleUploadedFile("a.txt", b"1234"), SimpleUploadedFile("b.txt", b"12345")
    assert field.clean([small]) == [small]
    assert FilesField(required=False).clean(None) == []
    with pytest.raises(forms.ValidationError, match=r"b\.txt"):
        field.clean([small, large])
    with pytest.raises(forms.ValidationError):
        field.clean([])
