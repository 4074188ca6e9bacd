"""After the demo: the page that shows what an empty account set takes along, and how to make it."""

from __future__ import annotations

import html

from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.writer import create_records
from guanxi.shared.parties.models import Party

PAGE = "setup/beginning/"


def test_it_says_what_comes_along_what_stays_and_the_command(admin, inside):
    with inside():
        Role.objects.create(key="own", name={"en": "Night shift"}, grants={})
        create_records(Party, [{"name": "Acme"}, {"name": "Bolt"}], actor=system_actor())
    page = html.unescape(admin.get(f"{PAGE}?key=fresh&name=Li's own").content.decode())
    assert "1 role of your own" in page and "Night shift" in page
    assert '<li><span>Customers</span><span class="num">2</span></li>' in page
    name = "'Li'\"'\"'s own'"
    assert f"guanxi set begin fresh --from alpha --name {name}</code>" in page
    assert f"guanxi set begin fresh --from alpha --name {name} --yes fresh</code>" in page
    assert "guanxi set drop alpha --yes alpha</code>" in page and "/setup/beginning/" in page


def test_a_key_that_cannot_be_one_is_refused_in_words(admin):
    for key in ("", "Big", "accounts", "x; rm", "a" * 40):
        page = html.unescape(admin.get(f"{PAGE}?key={key}").content.decode())
        assert "Small letters, digits and _" in page and "set begin" not in page


def test_only_who_looks_after_the_company_sees_it(visitor):
    assert visitor(grants={"access.entity": "view", "access.member": "view"}).get(PAGE).status_code == 403
    halfway = visitor(grants={"access.entity": "view change"}).get(PAGE).content.decode()
    assert "0 people" in halfway and "<span>Customers</span>" not in halfway
