"""A company that nobody here made up: Northwind through the public import (M14.3, M15.3, M18.2), to the cent.

The files stay outside the repository: they are taken from $GUANXI_NORTHWIND, or from ../shared/data/northwind beside it.
"""

from __future__ import annotations

import importlib.util
import os
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from guanxi.config import check
from guanxi.config.stamp import PACKAGE
from guanxi.erp.finance.plaintext import BOOKS, write_books
from guanxi.erp.finance.queries import trial_balance
from guanxi.erp.inventory.models import StockBalance, StockCost
from guanxi.erp.sales.models import Order
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.models import Act
from guanxi.kernel.database import in_set
from guanxi.kernel.records.models import History
from guanxi.kernel.transfer.mapping import read_mapping
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Contact, Party
from tests.support.books import assert_adds_up

HERE = PACKAGE.parent / "examples" / "northwind"
FOLDER = Path(os.environ.get("GUANXI_NORTHWIND") or PACKAGE.parent.parent / "shared" / "data" / "northwind")
FIGURES = {
    "customers": 91, "orders": 830, "lines": 2155, "ordered": 1265793.29,
    "ordered_by_year": {"1996": 208083.99, "1997": 617085.35, "1998": 440623.95},
    "invoiced": 1239855.85, "receivable": 1239855.85, "trial_balance": 0.0,
}

SMALL = {
    "region.csv": "region_id,region_description\n1,Eastern\n",
    "territories.csv": "territory_id,territory_description,region_id\n01581,Westboro,1\n",
    "employees.csv": "employee_id,last_name,first_name,title,home_phone,reports_to\n1,Davolio,Nancy,Sales,1,2\n2,Fuller,Andrew,Chief,2,\n",
    "categories.csv": "category_id,category_name\n1,Beverages\n",
    "suppliers.csv": "supplier_id,company_name,contact_name,contact_title,address,city,region,postal_code,country,phone\n"
                     "1,Exotic,Ann,Boss,Street 1,London,,E1,UK,5\n",
    "products.csv": "product_id,product_name,supplier_id,category_id,quantity_per_unit,unit_price,units_in_stock,reorder_level,discontinued\n"
                    "1,Tea,1,1,10 bags,5,7,0,0\n2,Coffee,1,1,1 kg,9.99,0,0,1\n3,Water,1,1,1 l,1,0,0,0\n",
    "customers.csv": "customer_id,company_name,contact_name,contact_title,address,city,region,postal_code,country,phone,fax\n"
                     "AAAAA,First,Bea,Owner,Weg 1,Berlin,,1,Germany,1,2\nBBBBB,Second,Cid,Owner,Rua 2,Rio,RJ,2,Brazil,3,\n",
    "orders.csv": "order_id,customer_id,employee_id,order_date,required_date,shipped_date,freight\n"
                  "1,AAAAA,1,1996-12-30,1997-01-20,1997-01-03,12.5\n2,BBBBB,2,1997-02-01,1997-03-01,1997-02-05,0\n3,AAAAA,1,1998-03-01,,,3\n",
    "order_details.csv": "order_id,product_id,unit_price,quantity,discount\n1,1,5,10,0.1\n1,2,9.99,3,0.15\n2,1,4.5,2,0\n3,1,5,4,0\n3,2,9.99,1,0\n",
}


@pytest.fixture(scope="module")
def northwind() -> ModuleType:
    """The program behind examples/northwind/load."""
    spec = importlib.util.spec_from_file_location("northwind_load", HERE / "load.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def traces() -> tuple[int, int, int]:
    """What any writing would leave behind."""
    with in_set("northwind"):
        return Act.objects.count(), History.objects.count(), sum(Order.objects.values_list("version", flat=True))


def load_twice(northwind: Any, folder: Path) -> dict[str, Any]:
    northwind.make_set()
    assert northwind.load(folder) == 0
    before = traces()
    assert northwind.load(folder) == 0
    assert traces() == before, "taking the same files in again has changed something"
    return dict(northwind.figures())


def assert_books_hold(capsys: Any, folder: Path) -> None:
    """To us, and to two other programs."""
    assert check.main(["northwind"]) == 0, capsys.readouterr().out
    with in_set("northwind"):
        entity, actor = Entity.objects.get(is_default=True), system_actor()
        for form in BOOKS:
            assert_adds_up(form, "".join(write_books(entity, form, actor)), trial_balance(entity.pk), folder)


def test_a_company_of_the_same_shape_is_taken_in_to_the_cent(northwind, fresh_database, tmp_path, capsys):
    for name, text in SMALL.items():
        (tmp_path / name).write_text(text)
    # 10 × 5.00 − 10 % = 45.00; 3 × 9.99 − 15 % = 25.4745, so 25.47; 2 × 4.50 = 9.00; 4 × 5.00 = 20.00; 9.99.
    assert load_twice(northwind, tmp_path) == {
        "customers": 2, "orders": 3, "lines": 5, "ordered": 109.46, "ordered_by_year": {"1996": 70.47, "1997": 9.0, "1998": 29.99},
        "invoiced": 79.47, "receivable": 79.47, "trial_balance": 0.0,
    }
    with in_set("northwind"):
        assert list(Order.objects.order_by("number").values_list("number", "status", "owner__name")) == [
            ("1", "confirmed", "Nancy Davolio"), ("2", "confirmed", "Andrew Fuller"), ("3", "confirmed", "Nancy Davolio")]
        # Tea: 7 left of the 19 there were, 4 of them reserved for the order that waits; coffee: nothing left.
        assert [(int(b.on_hand), int(b.reserved)) for b in StockBalance.objects.order_by("product__code")] == [(7, 4), (0, 0)]
        assert sum(StockCost.objects.values_list("value", flat=True)) == 21
        assert Contact.objects.count() == 3
        assert str(Product.objects.get(code="2").note) == "Discontinued"
        assert Party.objects.get(code="S1").is_supplier
    assert_books_hold(capsys, tmp_path)


def test_northwind_is_taken_in_to_the_cent_and_again_changes_nothing(northwind, fresh_database, tmp_path, capsys):
    if not (FOLDER / "order_details.csv").is_file():
        warnings.warn(
            f"The Northwind files are not in {FOLDER} (set GUANXI_NORTHWIND): its figures are NOT shown by this run, "
            "only that every mapping can be read and that the small company above comes out right.", stacklevel=1,
        )
        for name, _file in northwind.STEPS:
            read_mapping(HERE / "mappings" / f"{name}.toml")
        return
    assert load_twice(northwind, FOLDER) == FIGURES
    assert_books_hold(capsys, tmp_path)
