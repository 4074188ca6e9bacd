from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class AccessConfig(ModuleConfig):
    name = "guanxi.kernel.access"
    label = "access"
    verbose_name = _("Access")

    def set_sql(self) -> list[str]:
        from guanxi.kernel.access.teams_sql import TEAM_TREE

        return [TEAM_TREE]

    def quiet_sql(self) -> list[tuple[str, list]]:
        return [("UPDATE access_accesskey SET is_active = false, version = version + 1 WHERE is_active", [])]

    def prepare_set(self, account_set) -> None:
        from guanxi.kernel.access.models import Entity
        from guanxi.kernel.access.roles import sync_roles

        sync_roles()
        if not Entity.objects.exists():
            Entity.objects.create(
                code="MAIN", name=account_set.name, currency=account_set.currency, country=account_set.country,
                timezone=account_set.timezone, is_default=True,
            )
