"""Everybody saves views for themselves; who leads others shares them."""

from guanxi.kernel.access.roles import every_role

every_role({
    "views.savedview": "view:own view:shared add:own change:own delete:own",
    **{f"views.{verb}_view": "company" for verb in ("save", "pin", "unpin")},
    "views.choose_default_view": "company",
    **{f"views.{verb}_view": "own" for verb in ("update", "rename", "delete")},
})
