"""Addresses of review: the nurse's pages, conversations, and the provider's side of both."""

from django.urls import path

from openum.review import portal
from openum.review.views import conversations, lines, unsent

app_name = "review"
urlpatterns = [
    path("review/", lines.worklist, name="worklist"),
    path("review/<uuid:public_id>/", lines.line, name="line"),
    path("review/<uuid:public_id>/start/", lines.start, name="start"),
    path("review/<uuid:public_id>/release/", lines.release, name="release"),
    path("review/<uuid:public_id>/criteria/<str:leaf>/", lines.answer, name="answer"),
    path("review/<uuid:public_id>/links/", lines.link, name="link"),
    path("review/<uuid:public_id>/links/<uuid:link_id>/", lines.settle_link, name="settle_link"),
    path("review/<uuid:public_id>/ask/", lines.ask, name="ask"),
    path("review/<uuid:public_id>/unsent/<str:form>/", unsent.keep, name="keep"),
    path("review/<uuid:public_id>/refer/", lines.refer, name="refer"),
    path("conversations/", conversations.conversations, name="conversations"),
    path("conversations/<uuid:public_id>/", conversations.conversation, name="conversation"),
    path("conversations/<uuid:public_id>/attempts/", conversations.attempt, name="attempt"),
    path("requests/conversations/<uuid:public_id>/", portal.book, name="book"),
    path("requests/questions/<uuid:public_id>/", portal.respond, name="respond"),
]
