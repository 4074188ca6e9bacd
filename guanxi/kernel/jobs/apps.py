from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class JobsConfig(ModuleConfig):
    name = "guanxi.kernel.jobs"
    label = "jobs"
    verbose_name = _("Jobs")
    default = True
