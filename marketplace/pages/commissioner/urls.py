"""Where the addresses of the commissioner's door lead."""

from django.urls import URLPattern, path

from marketplace.pages.commissioner import (
    agreements_urls,
    approvals,
    approvals_list,
    criteria,
    funds,
    gaps,
    prices,
    prices_acts,
    promises,
    routes,
    spend,
)

urlpatterns: list[URLPattern] = [
    path("", spend.home, name="commissioner_home"),
    path("spend/", spend.review, name="commissioner_spend"),
    path("spend/movements/", spend.movements, name="commissioner_movements"),
    path("spend/table.csv", spend.download, name="commissioner_spend_csv"),
    path("approvals/", approvals_list.waiting, name="commissioner_approvals"),
    path("approvals/several/", approvals_list.several, name="commissioner_approvals_several"),
    path("approvals/<uuid:reference>/", approvals.approval, name="commissioner_approval"),
    path("approvals/<uuid:reference>/approve/", approvals.approve, name="commissioner_approve"),
    path("approvals/<uuid:reference>/refuse/", approvals.refuse, name="commissioner_refuse"),
    path("funds/", funds.listing, name="commissioner_funds"),
    path("funds/new/", funds.new, name="commissioner_fund_new"),
    path("funds/<uuid:reference>/pay-in/", funds.pay_in, name="commissioner_fund_pay_in"),
    *agreements_urls.behind("commissioner"),
    path("routes/", routes.page, name="commissioner_routes"),
    path("routes/about/<uuid:reference>/", routes.about, name="commissioner_routes_about"),
    path("promises/", promises.kept, name="commissioner_promises"),
    path("promises/<uuid:reference>/chase/", promises.chase, name="commissioner_chase"),
    path("gaps/", gaps.page, name="commissioner_gaps"),
    path("criteria/", criteria.listing, name="commissioner_criteria"),
    path("criteria/about/<uuid:reference>/", criteria.about, name="commissioner_criteria_about"),
    path("criteria/<slug:slug>/decline/", criteria.decline, name="commissioner_criteria_decline"),
    path("criteria/<slug:slug>/", criteria.service, name="commissioner_criteria_service"),
    path("criteria/<slug:slug>/change/", criteria.change, name="commissioner_criteria_change"),
    path("prices/", prices.listing, name="commissioner_prices"),
    path("prices/about/<uuid:reference>/", prices.about, name="commissioner_price_about"),
    path("prices/<slug:slug>/", prices.show, name="commissioner_price"),
    path("prices/<slug:slug>/set/", prices_acts.set_price, name="commissioner_price_set"),
    path("prices/<slug:slug>/cost/", prices_acts.unit_cost, name="commissioner_unit_cost"),
    path(
        "prices/<slug:slug>/<uuid:reference>/correct/",
        prices_acts.correct,
        name="commissioner_price_correct",
    ),
    path(
        "prices/<slug:slug>/<uuid:reference>/end/",
        prices_acts.end,
        name="commissioner_price_end",
    ),
    path(
        "prices/<slug:slug>/<uuid:reference>/remove/",
        prices_acts.remove,
        name="commissioner_price_remove",
    ),
    path(
        "prices/<slug:slug>/<uuid:reference>/shares/",
        prices_acts.shares,
        name="commissioner_price_shares",
    ),
    path(
        "prices/<slug:slug>/asked/<uuid:reference>/accept/",
        prices_acts.accept,
        name="commissioner_price_accept",
    ),
    path(
        "prices/<slug:slug>/asked/<uuid:reference>/refuse/",
        prices_acts.refuse,
        name="commissioner_price_refuse",
    ),
    path("unit-costs/", prices.compare, name="commissioner_unit_costs"),
]
