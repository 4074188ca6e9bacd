from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class MembersConfig(ModuleConfig):
    name = "guanxi.shared.members"
    label = "members"
    verbose_name = _("People and rights")
