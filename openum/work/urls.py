"""Addresses of work."""

from django.urls import path

from openum.work.views import cases, days, mine, queues, rules, tasks

app_name = "work"
urlpatterns = [
    path("work/", mine.mine, name="mine"),
    path("work/next/", mine.take_next, name="next"),
    path("work/seen/", mine.seen, name="seen"),
    path("work/queues/", queues.board, name="queues"),
    path("work/queues/new/", queues.new, name="new_queue"),
    path("work/queues/<uuid:public_id>/", queues.one, name="queue"),
    path("work/rules/", rules.rules, name="rules"),
    path("work/rules/route-anew/", rules.route_anew, name="route_anew"),
    path("work/days/", days.days, name="days"),
    path("work/days/capacity/", days.capacity, name="capacity"),
    path("work/days/<uuid:public_id>/cancel/", days.cancel, name="cancel_absence"),
    path("work/tasks/<uuid:public_id>/", tasks.task, name="task"),
    path("cases/<uuid:public_id>/tasks/new/", tasks.new, name="new_task"),
    path("cases/<uuid:public_id>/steps/", cases.step, name="step"),
    path("cases/<uuid:public_id>/watch/", cases.watch, name="watch"),
    path("cases/<uuid:public_id>/tags/", cases.untag, name="untag"),
]
