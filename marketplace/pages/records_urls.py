"""Where the addresses about records lead, whichever front door they are behind."""

from django.urls import URLPattern, path

from marketplace.pages import records, records_held
from marketplace.pages.advocate import record
from marketplace.pages.commissioner import holds
from marketplace.pages.family import my_record

urlpatterns: list[URLPattern] = [
    path("family/my-record/", my_record.page, name="family_my_record"),
    path("family/my-record/correct/", my_record.correct, name="family_correct"),
    path("family/my-record/ask/<slug:what>/", my_record.ask, name="family_my_record_ask"),
    path("family/my-record/<uuid:reference>/", my_record.one, name="family_my_record_request"),
    path(
        "family/my-record/<uuid:reference>/download/",
        my_record.download,
        name="family_my_record_download",
    ),
    path("advocate/records/<uuid:reference>/", record.page, name="advocate_record"),
    path(
        "advocate/records/<uuid:reference>/ask/<slug:what>/", record.ask, name="advocate_record_ask"
    ),
    path(
        "advocate/records/copies/<uuid:reference>/",
        record.download,
        name="advocate_record_download",
    ),
    path("records/", records.waiting, name="records_waiting"),
    path("records/<uuid:reference>/", records.one, name="records_request"),
    path("records/<uuid:reference>/take/", records.take, name="records_take"),
    path("records/<uuid:reference>/read/", records.read, name="records_read"),
    path("records/<uuid:reference>/redact/", records.redact, name="records_redact"),
    path("records/<uuid:reference>/restore/", records.restore, name="records_restore"),
    path("records/<uuid:reference>/release/", records.release, name="records_release"),
    path("records/<uuid:reference>/answer/", records.answer, name="records_answer"),
    path("records/about/<uuid:reference>/", records_held.page, name="records_held"),
    path(
        "records/about/<uuid:reference>/download/",
        records_held.download,
        name="records_held_download",
    ),
    path("commissioner/holds/", holds.page, name="commissioner_holds"),
    path("commissioner/holds/<uuid:reference>/lift/", holds.lift, name="commissioner_hold_lift"),
]
