"""The `openum` command."""

import argparse
import sys
from collections.abc import Sequence

import openum
from openum.cli import (
    attention,
    audit,
    case,
    claims,
    clock,
    clocks,
    cql,
    criteria,
    demo,
    feed,
    fhir,
    metrics,
    migrate,
    needs,
    notices,
    policies,
    processes,
    questionnaire,
    reference,
    routing,
    samples,
    sandbox,
    submit,
    value,
)
from openum.cli.errors import CommandFailed

COMMANDS = (
    demo.add, processes.add_serve, processes.add_worker, processes.add_live, migrate.add, submit.add, case.add,
    audit.add, clock.add, clocks.add, criteria.add, cql.add, fhir.add, needs.add, notices.add, policies.add, questionnaire.add,
    sandbox.add, metrics.add, samples.add, claims.add, routing.add, value.add, feed.add, attention.add, reference.add,
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    top = argparse.ArgumentParser(prog="openum", description="Open utilization management.")
    top.add_argument("--version", action="version", version=f"openum {openum.__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in COMMANDS:
        add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a failure is one sentence on standard error."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except CommandFailed as failure:
        print(failure.sentence, file=sys.stderr)
        return failure.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141
    except Exception as error:
        from openum.vocabulary.errors import OpenUMError

        if isinstance(error, OpenUMError):
            print(error.sentence, file=sys.stderr)
            return 1
        raise


if __name__ == "__main__":
    sys.exit(main())
