"""The list of keys; they are made at the member whose rights they carry."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import AccessKey
from guanxi.kernel.screens.screen import Screen


class AccessKeyScreen(Screen):
    model = AccessKey
    path = "setup/keys"
    icon = "key"
    menu = ("setup", 60)
    columns = ("name", "member", "may_write", "models_only", "expires_at", "is_active")
    filters = ("member", "is_active")
    search = ("name", "member__name")
    default_sort = "name"
    sections = {_("API key"): ("name", "member", "may_write", "models_only", "expires_at", "is_active", "a_minute", "member_a_minute")}
    may_create = False
    may_edit = False
