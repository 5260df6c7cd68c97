"""Addresses of decisions: physicians, the provider's board, the member's page."""

from django.urls import path

from openum.determination.portal import adding, again, board, bulk, links, member
from openum.determination.views import (
    affirming,
    decisions,
    ending,
    looking,
    reading_rules,
    readings,
    reopening,
    returning,
    safeguards,
    seeking,
    telling,
)

app_name = "determination"
urlpatterns = [
    path("decisions/", decisions.worklist, name="worklist"),
    path("decisions/<uuid:public_id>/", decisions.decide, name="decide"),
    path("decisions/<uuid:public_id>/approve/", decisions.approve, name="approve"),
    path("decisions/<uuid:public_id>/alternative/", decisions.alternative, name="alternative"),
    path("decisions/<uuid:public_id>/intend/", decisions.intend, name="intend"),
    path("decisions/<uuid:public_id>/offer/", decisions.offer, name="offer"),
    path("decisions/<uuid:public_id>/return/", returning.give_back, name="give_back"),
    path("decisions/<uuid:public_id>/deny/", decisions.deny, name="deny"),
    path("decisions/<uuid:public_id>/attempts/", seeking.attempts, name="attempts"),
    path("decisions/<uuid:public_id>/network/", telling.network, name="network"),
    path("decisions/<uuid:public_id>/told/", telling.told, name="told"),
    path("decisions/<uuid:public_id>/end/", ending.end, name="end"),
    path("decisions/<uuid:public_id>/reopen/", reopening.reopen, name="reopen"),
    path("decisions/<uuid:public_id>/decided/", decisions.decided, name="decided"),
    path("readings/", readings.readings, name="readings"),
    path("readings/rules/", reading_rules.reading_rules, name="reading-rules"),
    path("readings/<uuid:public_id>/", readings.reading, name="reading"),
    path("cases/<uuid:public_id>/flags/", safeguards.flags, name="flags"),
    path("cases/<uuid:public_id>/machines.csv", safeguards.case_machines, name="case-machines"),
    path("machines/", safeguards.machines, name="machines"),
    path("machines.csv", safeguards.machines_file, name="machines-file"),
    path("safeguards/statement/", affirming.statement, name="statement"),
    path("safeguards/approvals/", looking.approvals, name="approvals"),
    path("safeguards/approvals/<uuid:public_id>/", looking.approval, name="approval"),
    path("safeguards/", safeguards.watch, name="watch"),
    path("automation/", safeguards.automation, name="automation"),
    path("requests/", board.board, name="board"),
    path("requests/status/", bulk.bulk_status, name="bulk-status"),
    path("requests/<uuid:public_id>/", board.request_page, name="request"),
    path("requests/<uuid:public_id>/again/", again.ask_again, name="again"),
    path("requests/lines/<uuid:public_id>/added-code/", adding.add, name="add_code"),
    path("requests/lines/<uuid:public_id>/renew/", again.renew, name="renew"),
    path("share/<uuid:public_id>/", links.share, name="share"),
    path("status/<str:token>/", links.status, name="status"),
    path("my/", member.my_requests, name="my_requests"),
    path("my/<uuid:public_id>/", member.my_request, name="my_request"),
]
