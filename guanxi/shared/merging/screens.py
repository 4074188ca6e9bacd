"""All merges in one list."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.screens.screen import Screen
from guanxi.shared.merging.models import Merge


class MergeScreen(Screen):
    model = Merge
    path = "setup/merges"
    icon = "git-merge"
    menu = ("setup", 82)
    columns = ("at", "gone_title", "gone_key", "survivor_model", "survivor", "member")
    filters = ("survivor_model", "member", "at")
    search = ("gone_title", "gone_key")
    default_sort = "-at"
    sections = {_("Merge"): ("gone_title", "gone_key", "survivor_model", "survivor", "member", "at")}
    may_create = False
    may_edit = False
