"""The catalogue is complete and right, and machines without gettext can say so."""

import gettext
import os
from pathlib import Path

import polib
import pytest
from django.core.management import CommandError, call_command

from config import translations
from config.translations import CATALOGUE, collect, compile_stale, load, problems_of, save, updated

PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
for _x in (): _x()
a = _("Register")
b = gettext_lazy("Due " "today")
c = ngettext("%(count)d order", "%(count)d orders", 2) % {"count": 2}
d = pgettext("verb", "Return")
e = _(variable)
"""
TEMPLATE = """{% load i18n %}
    <p title="{% translate 'Seal' %}">{% trans "Return" context "noun" %} {{ _("Desk") }}</p>
  {% blocktranslate trimmed with name=unit.name %}
      Sent to {{ name }}
      in 100% of cases
  {% endblocktranslate %}
{% blocktranslate count n=items|length %}{{ n }} file{% plural %}{{ n }} files{% endblocktranslate %}
{# translate "Not a text" #}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "desk" / "templates").mkdir(parents=True)
    (tmp_path / "desk" / "migrations").mkdir()
    (tmp_path / "desk" / "views.py").write_text(PYTHON)
    (tmp_path / "desk" / "templates" / "desk.html").write_text(TEMPLATE)
    (tmp_path / "desk" / "migrations" / "0001.py").write_text("_('Old')")
    return tmp_path


def test_it_finds_every_kind_of_text_in_modules_and_templates(project):
    found = collect(project, ["desk"])
    assert set(found) == {
        (None, "Register"),
        (None, "Due today"),
        (None, "%(count)d order"),
        ("verb", "Return"),
        ("noun", "Return"),
        (None, "Seal"),
        (None, "Desk"),
        (None, "Sent to %(name)s in 100%% of cases"),
        (None, "%(n)s file"),
    }
    assert found[(None, "%(n)s file")].plural == "%(n)s files"
    assert found[(None, "Seal")].files == ["desk/templates/desk.html"]


def test_a_source_it_cannot_read_is_named(project):
    (project / "desk" / "templates" / "bad.html").write_text("{% blocktranslate %}{% if x %}{% endblocktranslate %}")
    with pytest.raises(Exception, match=r"desk/templates/bad\.html"):
        collect(project, ["desk"])


def translated(project: Path, **changes: str) -> polib.POFile:
    """The project's catalogue with every text translated into something with the same placeholders."""
    catalogue = updated(collect(project, ["desk"]), polib.POFile())
    for entry in catalogue:
        text = changes.get(entry.msgid, "译 " + (entry.msgid_plural or entry.msgid))
        if entry.msgid_plural:
            entry.msgstr_plural = {0: text}
        else:
            entry.msgstr = text
    return catalogue


def test_a_complete_catalogue_has_no_problems(project):
    assert problems_of(collect(project, ["desk"]), translated(project)) == []


def test_it_lists_missing_empty_fuzzy_and_obsolete_texts(project):
    catalogue = translated(project, Register="")
    catalogue.remove(catalogue.find("Seal"))
    catalogue.find("Desk").flags.append("fuzzy")
    catalogue.append(polib.POEntry(msgid="Gone", msgstr="没了"))
    problems = "\n".join(problems_of(collect(project, ["desk"]), catalogue))
    assert "no translation: 'Register' (desk/views.py)" in problems
    assert "not in the catalogue: 'Seal' (desk/templates/desk.html)" in problems
    assert "fuzzy: 'Desk'" in problems
    assert "not in the sources any more: 'Gone'" in problems
    assert len(problems.splitlines()) == 4


def test_it_lists_placeholders_that_differ(project):
    catalogue = translated(project, **{"Sent to %(name)s in 100%% of cases": "发往 %(nmae)s"})
    (problem,) = problems_of(collect(project, ["desk"]), catalogue)
    assert problem.startswith("placeholders differ")


def test_writing_adds_drops_and_keeps(project):
    old = translated(project)
    old.append(polib.POEntry(msgid="Gone", msgstr="没了"))
    (project / "desk" / "more.py").write_text("_('New')")
    path = project / CATALOGUE
    save(updated(collect(project, ["desk"]), old), path)
    new = load(path)
    assert new.find("Register").msgstr == "译 Register"
    assert new.find("New").msgstr == ""
    assert new.find("Gone") is None
    assert str(project) not in path.read_text()
    before = path.read_bytes()
    save(updated(collect(project, ["desk"]), new), path)
    assert path.read_bytes() == before


def test_it_compiles_only_what_is_stale(project):
    path = project / CATALOGUE
    save(translated(project), path)
    assert compile_stale(project / "locale") == [path.with_suffix(".mo")]
    assert compile_stale(project / "locale") == []
    os.utime(path, (path.stat().st_mtime + 5,) * 2)
    assert len(compile_stale(project / "locale")) == 1
    with path.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Register") == "译 Register"


def test_the_command_fails_with_a_count_until_everything_is_translated(project, settings, monkeypatch, capsys):
    settings.BASE_DIR = project
    monkeypatch.setattr("config.management.commands.check_translations.folders", lambda root: ["desk"])
    with pytest.raises(CommandError, match="9 of 9 texts need work"):
        call_command("check_translations")
    with pytest.raises(CommandError, match="9 of 9"):
        call_command("check_translations", write=True)
    save(translated(project), project / CATALOGUE)
    call_command("check_translations")
    assert "9 texts, all translated" in capsys.readouterr().out


def test_placeholders_ignore_a_literal_percent():
    assert translations.placeholders("100%% of %(name)s and {unit}") == ["%(name)s", "{unit}"]
