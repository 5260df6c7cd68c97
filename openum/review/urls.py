"""Addresses of review: the nurse's pages, conversations, and the provider's side of both."""

from django.urls import path

from openum.review.portal import answers, talks
from openum.review.views import calendar, conversations, lines, messages, papers, schedule, unsent, worklist

app_name = "review"
urlpatterns = [
    path("review/", worklist.worklist, name="worklist"),
    path("review/many/", worklist.change_many, name="change_many"),
    path("review/many/<uuid:public_id>/undo/", worklist.undo, name="undo"),
    path("review/views/", worklist.save, name="save_view"),
    path("review/<uuid:public_id>/", lines.line, name="line"),
    path("review/<uuid:public_id>/start/", lines.start, name="start"),
    path("review/<uuid:public_id>/release/", lines.release, name="release"),
    path("review/<uuid:public_id>/criteria/<str:leaf>/", lines.answer, name="answer"),
    path("review/<uuid:public_id>/links/", lines.link, name="link"),
    path("review/<uuid:public_id>/links/<uuid:link_id>/", lines.settle_link, name="settle_link"),
    path("review/<uuid:public_id>/notes/", lines.note, name="anchor_note"),
    path("review/<uuid:public_id>/notes/<uuid:note_id>/away/", lines.take_note_away, name="take_note_away"),
    path("review/<uuid:public_id>/ask/", lines.ask, name="ask"),
    path("review/<uuid:public_id>/papers/<str:kind>/", papers.mark, name="mark_paper"),
    path("review/requests/<uuid:public_id>/missing/", papers.ask_missing, name="ask_missing"),
    path("review/<uuid:public_id>/unsent/<str:form>/", unsent.keep, name="keep"),
    path("review/<uuid:public_id>/refer/", lines.refer, name="refer"),
    path("messages/", messages.inbox, name="inbox"),
    path("cases/<uuid:public_id>/messages/", messages.thread, name="messages"),
    path("conversations/", conversations.conversations, name="conversations"),
    path("conversations/calendar/", calendar.calendar, name="calendar"),
    path("conversations/calendar/<uuid:public_id>/withdraw/", calendar.withdraw, name="withdraw"),
    path("conversations/schedule/", schedule.schedule, name="schedule"),
    path("conversations/<uuid:public_id>/", conversations.conversation, name="conversation"),
    path("conversations/<uuid:public_id>/arrange/", schedule.arrange, name="arrange"),
    path("conversations/<uuid:public_id>/attempts/", conversations.attempt, name="attempt"),
    path("conversations/<uuid:public_id>/change/", conversations.change, name="change"),
    path("conversations/<uuid:public_id>/conversation.ics", conversations.calendar, name="calendar_file"),
    path("requests/conversations/<uuid:public_id>/", talks.book, name="book"),
    path("requests/conversations/about/<uuid:public_id>/", talks.ask, name="ask_to_talk"),
    path("requests/questions/<uuid:public_id>/", answers.respond, name="respond"),
]
