"""What people read of codes that were added after an operation."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.cases.models import Case
from openum.determination.added_codes import Why
from openum.determination.models import AddedCode

WORDS: dict[Why, str | Promise] = {
    Why.PERMITTED: _("The plan's policy permits it for this operation."),
    Why.NO_POLICY: _("The plan's policy names nothing that may be added to this service: a person reviews it."),
    Why.NOT_IN_FAMILY: _("The code is not one that the plan's policy lets be added: a person reviews it."),
    Why.TOO_LATE: _("It was told later than the plan's policy says: a person reviews it."),
    Why.TOO_MANY: _("It is more than the plan's policy lets be added: a person reviews it."),
    Why.OTHER_DAY: _("The day lies outside the authorization: a person reviews it."),
}
"""What an office and the staff read of what the policy said when the code was told."""


def added_codes_of(case: Case) -> dict[int, dict[str, Any]]:
    """Return number, words, rule and paper of each line that was added after an operation, by its primary key."""
    rows = AddedCode.objects.filter(line__case=case).select_related(
        "authorization", "policy", "note", "added_by", "line", "beside"
    )
    return {
        row.line_id: {
            "row": row,
            "number": row.authorization.number,
            "says": WORDS[Why(row.why)],
            "rule": f"{row.policy.key} {row.policy.version}, {row.row}" if row.policy else "",
        }
        for row in rows.defer("note__content").order_by("added_at", "pk")
    }
