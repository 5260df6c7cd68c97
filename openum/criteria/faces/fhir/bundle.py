"""All FHIR faces of one guideline version, one by one or together."""

from collections.abc import Iterator

from openum.criteria.faces.fhir.addresses import Addresses, Resource, header, slug
from openum.criteria.faces.fhir.library import HELPERS, HELPERS_NAME, helpers, library, sources
from openum.criteria.faces.fhir.plan import plan_definition
from openum.criteria.faces.fhir.questionnaire import ADAPTIVE, adaptive_questionnaire, questionnaire, settling_of
from openum.criteria.faces.fhir.valuesets import answer_set, answer_set_name, code_system, value_set
from openum.criteria.program import Program

KINDS = ("Questionnaire", "Library", "ValueSet", "CodeSystem", "PlanDefinition")


class Package:
    """The FHIR faces of one compiled guideline under one base address."""

    def __init__(self, program: Program, *, base: str) -> None:
        """Prepare the addresses; nothing is made before it is asked for."""
        self.program = program
        self.places = Addresses(base.rstrip("/"), program.guideline)

    def names(self) -> list[tuple[str, str]]:
        """Return kind and name of every resource, the form first; a kind that occurs once has no name."""
        g = self.program.guideline
        chosen = [answer for answer in g.answers.values() if answer.kind == "choice"]
        return [
            ("Questionnaire", ""),
            ("Questionnaire", ADAPTIVE),
            ("PlanDefinition", ""),
            *(("Library", name) for name in (self.places.logic, self.places.faces, *g.libraries, HELPERS_NAME)),
            *(("ValueSet", slug(name)) for name in g.value_sets),
            *(("ValueSet", answer_set_name(answer.link)) for answer in chosen),
            *(("CodeSystem", slug(answer.link)) for answer in chosen),
        ]

    def identity(self, kind: str, name: str = "") -> tuple[str, str, str, str]:
        """Return address, version, id and machine name of a resource, without making it."""
        if (kind, name) == ("Library", HELPERS_NAME):
            url, _bar, version = HELPERS.partition("|")
            return url, version, self.places.id("Library-FHIRHelpers"), HELPERS_NAME
        head = header(self.places, kind, name)
        return head["url"], head["version"], head["id"], name if kind == "Library" else head["name"]

    def resource(self, kind: str, name: str = "") -> Resource | None:
        """Return one resource, or None where the guideline has no such face."""
        if (kind, name) not in self.names():
            return None
        g = self.program.guideline
        answers = {answer.link: answer for answer in g.answers.values() if answer.kind == "choice"}
        if (kind, name) == ("Questionnaire", ADAPTIVE):
            return adaptive_questionnaire(self.places)
        if kind == "Questionnaire":
            return questionnaire(self.places, settling_of(self.program))
        if kind == "PlanDefinition":
            return plan_definition(self.places)
        if (kind, name) == ("Library", HELPERS_NAME):
            return helpers(self.places)
        if kind == "Library":
            return library(self.places, name, self.sources())
        if kind == "CodeSystem":
            return code_system(self.places, next(a for a in answers.values() if slug(a.link) == name))
        for answer in answers.values():
            if answer_set_name(answer.link) == name:
                return answer_set(self.places, answer)
        return value_set(self.places, next(each for each in g.value_sets if slug(each) == name))

    def sources(self) -> dict[str, str]:
        """Return the CQL of every library, by name."""
        g = self.program.guideline
        filling = [answer.prefill for answer in g.answers.values() if answer.prefill]
        known = self.program.library.definitions
        return sources(self.places, {name: self.program.library.result_type(name) for name in filling if name in known})

    def bundle(self) -> Resource:
        """Return everything as one collection, the Questionnaire first."""
        return {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {"fullUrl": self.places.served(kind, name), "resource": resource}
                for kind, name in self.names()
                for resource in self._made(kind, name)
            ],
        }

    def _made(self, kind: str, name: str) -> Iterator[Resource]:
        resource = self.resource(kind, name)
        if resource is not None:
            yield resource
