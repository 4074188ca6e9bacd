"""Which modules this installation consists of, lowest first: the only list of them."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent

KERNEL = (
    "guanxi.kernel.sets.apps.SetsConfig",
    "guanxi.kernel.records.apps.RecordsConfig",
    "guanxi.kernel.access.apps.AccessConfig",
    "guanxi.kernel.acts.apps.ActsConfig",
    "guanxi.kernel.events.apps.EventsConfig",
    "guanxi.kernel.numbers.apps.NumbersConfig",
    "guanxi.kernel.search.apps.SearchConfig",
    "guanxi.kernel.views.apps.ViewsConfig",
    "guanxi.kernel.discussion.apps.DiscussionConfig",
    "guanxi.kernel.printing.apps.PrintingConfig",
    "guanxi.kernel.custom.apps.CustomConfig",
    "guanxi.kernel.notices.apps.NoticesConfig",
    "guanxi.kernel.deeds.apps.DeedsConfig",
    "guanxi.kernel.unsaved.apps.UnsavedConfig",
    "guanxi.kernel.likeness.apps.LikenessConfig",
    "guanxi.kernel.transfer.apps.TransferConfig",
    "guanxi.kernel.importing.apps.ImportingConfig",
    "guanxi.kernel.api.apps.ApiConfig",
    "guanxi.kernel.openapi.apps.OpenapiConfig",
    "guanxi.kernel.jobs.apps.JobsConfig",
    "guanxi.kernel.outbox.apps.OutboxConfig",
    "guanxi.kernel.files.apps.FilesConfig",
)
BUSINESS = (
    "guanxi.shared.merging.apps.MergingConfig",
    "guanxi.shared.parties.apps.PartiesConfig",
    "guanxi.shared.catalog.apps.CatalogConfig",
    "guanxi.shared.activities.apps.ActivitiesConfig",
    "guanxi.shared.members.apps.MembersConfig",
    "guanxi.shared.messaging.apps.MessagingConfig",
    "guanxi.shared.webhooks.apps.WebhooksConfig",
    "guanxi.erp.finance.apps.FinanceConfig",
    "guanxi.erp.inventory.apps.InventoryConfig",
    "guanxi.erp.configurator.apps.ConfiguratorConfig",
    "guanxi.erp.credit.apps.CreditConfig",
    "guanxi.erp.promising.apps.PromisingConfig",
    "guanxi.erp.pricing.apps.PricingConfig",
    "guanxi.erp.sales.apps.SalesConfig",
    "guanxi.erp.returns.apps.ReturnsConfig",
    "guanxi.erp.contracts.apps.ContractsConfig",
    "guanxi.crm.needs.apps.NeedsConfig",
    "guanxi.crm.leads.apps.LeadsConfig",
)
EXPECTED_RECEIPTS = ("guanxi.erp.promising.adapters.receipts.DraftedReceipts",)
"""Who knows of goods that are to come: adapters of the port in `erp/promising/ports.py`."""
FACES = ("guanxi.web.apps.WebConfig",)
ELSEWHERE = tuple(sorted(point.value.replace(":", ".") for point in entry_points(group="guanxi.modules")))
"""Modules of other packages, which name their configuration as an entry point."""
MODULES = (*KERNEL, *BUSINESS, *ELSEWHERE, *FACES)


def locale_folders() -> list[str]:
    """Every folder with translations, whether its package is an application or not."""
    return sorted(str(folder) for depth in ("*/locale", "*/*/locale") for folder in PACKAGE.glob(depth))
