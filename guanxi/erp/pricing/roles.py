"""Who makes policies and promotions, and who sells by them."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_READING = {"pricing.salespolicy": "view", "pricing.promotion": "view", "pricing.coupon": "view"}

role("salesperson", _("Salesperson"), {**_READING, "pricing.read_policy": "company"})
role(
    "sales_manager", _("Sales manager"),
    {
        "pricing.salespolicy": "view add change delete", "pricing.promotion": "view add change delete", "pricing.coupon": "view add change delete",
        "pricing.promotionuse": "view",
        **dict.fromkeys(
            (
                "pricing.publish_policy", "pricing.withdraw_policy", "pricing.redraft_policy", "pricing.read_policy", "pricing.start_promotion",
                "pricing.end_promotion", "pricing.redraft_promotion", "pricing.make_coupons",
            ),
            "company",
        ),
    },
    sees=("see_cost", "see_price_audience"),
)
role("accountant", _("Accountant"), {**_READING, "pricing.promotionuse": "view", "pricing.read_policy": "company"})
