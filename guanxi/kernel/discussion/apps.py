from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class DiscussionConfig(ModuleConfig):
    name = "guanxi.kernel.discussion"
    label = "discussion"
    verbose_name = _("Discussion")
