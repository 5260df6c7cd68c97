from django.urls import path

from openum.adapters.sandbox import api
from openum.adapters.sandbox.views import arming, conversations, documents, messages, patients

app_name = "sandbox"

urlpatterns = [
    path("sandbox/", arming.home, name="home"),
    path("sandbox/order/", arming.standing_order_of, name="order"),
    path("sandbox/messages/", messages.messages, name="messages"),
    path("sandbox/messages/export/", messages.export, name="export"),
    path("sandbox/messages/<uuid:public_id>/", messages.message, name="message"),
    path("sandbox/conversations/", conversations.conversations, name="conversations"),
    path("sandbox/conversations/<uuid:public_id>/", conversations.conversation, name="conversation"),
    path("sandbox/patients/", patients.patients, name="patients"),
    path("sandbox/patients/<slug:key>/", patients.chart, name="chart"),
    path("openapi.json", documents.openapi, name="openapi"),
    path("sandbox/api/next-answer", api.next_answer, name="next-answer"),
]
