from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.modules import ModuleConfig


class NumbersConfig(ModuleConfig):
    name = "guanxi.kernel.numbers"
    label = "numbers"
    verbose_name = _("Numbers")

    def finish_set(self, account_set) -> None:
        """Every series of every legal entity has its rule, so that they stand in one list and can be changed."""
        from guanxi.kernel.access.models import Entity
        from guanxi.kernel.numbers.models import NumberRule
        from guanxi.kernel.numbers.series import SERIES

        there = set(NumberRule.objects.values_list("key", "entity_id"))
        NumberRule.objects.bulk_create(
            NumberRule(key=declared.key, entity=entity, pattern=declared.usual(for_default_entity=entity.is_default))
            for entity in Entity.objects.order_by("pk")
            for declared in SERIES.values()
            if (declared.key, entity.pk) not in there
        )
