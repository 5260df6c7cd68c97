"""The synthetic patients of the record system, as FHIR resources that anybody may load elsewhere."""

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from openum.accounts.gate import needs
from openum.accounts.rules import Permission
from openum.db.clock import now


@require_GET
@needs(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS)
def patients(request: HttpRequest) -> HttpResponse:
    """List the patients with the order each chart holds."""
    from samples.ehr.chart import ORDER
    from samples.ehr.stories import STORIES

    rows = []
    for story in STORIES.values():
        chart = story.chart(now())
        patient, order = chart.one("Patient"), chart.get(ORDER) or {}
        name = patient["name"][0]
        rows.append(
            {
                "story": story,
                "name": f"{' '.join(name['given'])} {name['family']}",
                "number": patient["identifier"][0]["value"],
                "born": patient["birthDate"],
                "code": order["code"]["coding"][0]["code"],
                "resources": len(chart.resources),
            }
        )
    return render(request, "sandbox/patients.html", {"rows": rows, "here": "patients"})


@require_GET
@needs(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS)
def chart(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out a chart as a FHIR Bundle."""
    from samples.ehr.stories import STORIES

    story = STORIES.get(key)
    if story is None:
        raise Http404
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in story.chart(now()).resources],
    }
    response = HttpResponse(orjson.dumps(bundle, option=orjson.OPT_INDENT_2), content_type="application/fhir+json")
    response.headers["Content-Disposition"] = f'attachment; filename="chart-{key}.json"'
    return response
