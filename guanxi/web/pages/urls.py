"""Hand-made pages; they stand before the general ones of the same address."""

from __future__ import annotations

from django.urls import path

import guanxi.web.pages.built_in  # noqa: F401
import guanxi.web.pages.qualified  # noqa: F401
from guanxi.crm.leads.screens import LeadFormScreen
from guanxi.erp.configurator.screens import ProductModelScreen
from guanxi.erp.sales.screens import OrderScreen, QuotationScreen
from guanxi.kernel.custom.screens import CustomFieldScreen
from guanxi.shared.members.screens import MemberScreen, RoleScreen, TeamScreen
from guanxi.shared.messaging.screens import MessageScreen
from guanxi.shared.parties.screens import PartyScreen
from guanxi.web.pages import (
    beginning,
    bulk,
    configure,
    custom_field,
    customer,
    held,
    lead_form,
    leaving,
    mail,
    margin,
    offer,
    order,
    promises,
    quotation,
    roles,
    standing,
    teams,
    today,
    tracking,
)
from guanxi.web.setup import BulkRunScreen, EntityScreen

urlpatterns = [
    path("<set:set_key>/customers/<int:pk>/", customer.customer_page, {"screen": PartyScreen}),
    path("forms/<set:set_key>/<slug:code>/", lead_form.lead_form),
    path("offers/<set:set_key>/<str:token>/", offer.offer_page),
    path("offers/<set:set_key>/<str:token>/pdf/", offer.offer_paper),
    path("orders/<set:set_key>/<str:token>/", tracking.order_tracking),
    path("orders/<set:set_key>/<str:token>/photo/<int:delivery_id>/", tracking.order_photo),
    path("<set:set_key>/sales/quotations/<int:pk>/", quotation.quotation_page, {"screen": QuotationScreen}),
    path("<set:set_key>/sales/quotations/<int:pk>/compare/", quotation.compare_page, {"screen": QuotationScreen}),
    path("<set:set_key>/sales/quotations/<int:pk>/as-customer/", offer.offer_preview, {"screen": QuotationScreen}),
    path("<set:set_key>/setup/lead-forms/<int:pk>/", lead_form.form_page, {"screen": LeadFormScreen}),
    path(f"<set:set_key>/{today.PATH}/", today.today_page),
    path(f"<set:set_key>/{held.PATH}/", held.held_page),
    path("<set:set_key>/me/", standing.own_page, name="me"),
    path("<set:set_key>/me/stand-in/<int:pk>/", standing.stand_in, name="stand_in"),
    path("<set:set_key>/me/stand-down/", standing.stand_down, name="stand_down"),
    path("<set:set_key>/setup/members/<int:pk>/", leaving.member_page, {"screen": MemberScreen}),
    path("<set:set_key>/setup/members/<int:pk>/leaving/", leaving.leaving_page, {"screen": MemberScreen}),
    path(f"<set:set_key>/{beginning.PATH}/", beginning.beginning_page, {"screen": EntityScreen}),
    path(f"<set:set_key>/{teams.PATH}/", teams.tree_page, {"screen": TeamScreen}),
    path("<set:set_key>/setup/roles/<int:pk>/", roles.role_page, {"screen": RoleScreen}),
    path("<set:set_key>/setup/roles/<int:pk>/rights/", roles.rights_page, {"screen": RoleScreen}),
    path("<set:set_key>/sales/orders/<int:pk>/promise/", promises.promise_page, {"screen": OrderScreen}),
    path("<set:set_key>/sales/quotations/<int:pk>/promise/", promises.promise_page, {"screen": QuotationScreen}),
    path("<set:set_key>/product-models/<int:pk>/configure/", configure.configure_page, {"screen": ProductModelScreen}),
    path(f"<set:set_key>/{margin.PATH}/", margin.margin_page),
    path("<set:set_key>/sales/orders/<int:pk>/", order.order_page, {"screen": OrderScreen}),
    path("<set:set_key>/setup/custom-fields/<int:pk>/", custom_field.custom_field_page, {"screen": CustomFieldScreen}),
    path("<set:set_key>/bulk/<int:pk>/", bulk.run_page, {"screen": BulkRunScreen}),
    path("<set:set_key>/mail/<str:label>/<int:pk>/", mail.write_mail),
    path("<set:set_key>/messages/<int:pk>/", mail.message_page, {"screen": MessageScreen}),
    path("<set:set_key>/messages/<int:pk>/files/<int:file>/", mail.message_file, {"screen": MessageScreen}),
]
