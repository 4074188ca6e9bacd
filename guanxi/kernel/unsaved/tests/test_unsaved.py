"""What is typed survives a closed tab, belongs to who typed it, and is gone when it is saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from guanxi.kernel.access.models import Member
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.unsaved.jobs import forget_unsaved
from guanxi.kernel.unsaved.keeping import forget, keep, kept
from guanxi.kernel.unsaved.models import UnsavedForm


def test_a_form_is_kept_once_with_its_last_values(alpha):
    keep("setup/teams/new/", [("name", "No"), ("key", "k")], version=None, actor=alpha)
    keep("setup/teams/new/", [("name", "North"), ("x", "1"), ("x", "2")], version=3, actor=alpha)
    found = kept("setup/teams/new/", alpha)
    assert (found.fields, found.record_version, UnsavedForm.objects.count()) == ([["name", "North"], ["x", "1"], ["x", "2"]], 3, 1)
    assert found.sent.getlist("x") == ["1", "2"]
    forget("setup/teams/new/", alpha)
    assert kept("setup/teams/new/", alpha) is None


def test_nobody_else_reaches_it_nor_oneself_in_another_s_place(alpha):
    keep("setup/teams/new/", [("name", "North")], version=None, actor=alpha)
    other = Member.objects.create(code="other", name="Other")
    assert kept("setup/teams/new/", replace(alpha, member_id=other.pk)) is None
    in_place = replace(alpha, stand_in=SimpleNamespace(member_id=other.pk))
    assert kept("setup/teams/new/", in_place) is None
    assert keep("setup/teams/new/", [("name", "X")], version=None, actor=in_place) is False
    assert kept("setup/teams/new/", alpha).fields == [["name", "North"]]


def test_what_is_too_large_or_no_form_is_refused_in_words(alpha):
    with pytest.raises(Refused, match="too large"):
        keep("setup/teams/new/", [("name", "x" * 400_001)], version=None, actor=alpha)
    with pytest.raises(Refused, match="no such form"):
        keep("../x?", [], version=None, actor=alpha)


def test_after_two_weeks_it_is_gone(alpha):
    keep("setup/teams/new/", [("name", "North")], version=None, actor=alpha)
    forget_unsaved(actor=replace(alpha, now=alpha.now + timedelta(days=13)))
    assert UnsavedForm.objects.count() == 1
    forget_unsaved(actor=replace(alpha, now=alpha.now + timedelta(days=15)))
    assert UnsavedForm.objects.count() == 0
