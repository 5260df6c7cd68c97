"""Addresses of work."""

from django.urls import path

from openum.work.views import capacity, cases, days, handing, mine, queues, rules, tasks

app_name = "work"
urlpatterns = [
    path("desk/", mine.mine, name="mine"),
    path("desk/next/", mine.take_next, name="next"),
    path("desk/seen/", mine.seen, name="seen"),
    path("desk/queues/", queues.board, name="queues"),
    path("desk/queues/new/", queues.new, name="new_queue"),
    path("desk/queues/<uuid:public_id>/", queues.one, name="queue"),
    path("desk/rules/", rules.rules, name="rules"),
    path("desk/rules/route-anew/", rules.route_anew, name="route_anew"),
    path("desk/days/", days.days, name="days"),
    path("desk/days/capacity/", days.capacity, name="capacity"),
    path("desk/days/<uuid:public_id>/cancel/", days.cancel, name="cancel_absence"),
    path("desk/capacity/", capacity.ahead, name="ahead"),
    path("desk/capacity/weeks/", capacity.take_in, name="take_in_weeks"),
    path("desk/capacity/sheet/", capacity.as_sheet, name="ahead_sheet"),
    path("desk/hand-over/", handing.hand_over, name="hand_over"),
    path("desk/hand-over/<uuid:public_id>/", handing.answer, name="answer_hand_over"),
    path("desk/on-call/", handing.on_call, name="on_call"),
    path("desk/on-call/<uuid:public_id>/cancel/", handing.cancel_on_call, name="cancel_on_call"),
    path("desk/tasks/<uuid:public_id>/", tasks.task, name="task"),
    path("cases/<uuid:public_id>/tasks/new/", tasks.new, name="new_task"),
    path("cases/<uuid:public_id>/steps/", cases.step, name="step"),
    path("cases/<uuid:public_id>/watch/", cases.watch, name="watch"),
    path("cases/<uuid:public_id>/tags/", cases.untag, name="untag"),
]
