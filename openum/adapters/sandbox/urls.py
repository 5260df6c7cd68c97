from django.urls import path

from openum.adapters.sandbox import api
from openum.adapters.sandbox.views import arming, messages

app_name = "sandbox"

urlpatterns = [
    path("sandbox/", arming.home, name="home"),
    path("sandbox/order/", arming.standing_order_of, name="order"),
    path("sandbox/messages/", messages.messages, name="messages"),
    path("sandbox/messages/export/", messages.export, name="export"),
    path("sandbox/messages/<uuid:public_id>/", messages.message, name="message"),
    path("sandbox/api/next-answer", api.next_answer, name="next-answer"),
]
