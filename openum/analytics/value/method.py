"""METHOD.md: what was compared, how, what came of it, and what it cannot say, in plain words."""

from collections.abc import Iterator
from typing import Any

from openum.analytics.value.plan import ALL, LABELS, LEAST_SETS, LEAST_SHOWN, VARIABLE_LABELS


def method(answer: dict[str, Any]) -> str:
    """Return the text for one comparison, made of what stands in value.json."""
    return "\n".join(_lines(answer)) + "\n"


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    choices, people = answer["choices"], answer["people"]
    paid = answer["results"][0]
    yield "# Coordinated and uncoordinated care, compared"
    yield ""
    yield f"Method version {answer['method_version']}. Claims with services to {answer['data_until']}" + (
        f", payments to {answer['paid_until']}." if answer["paid_until"] else "."
    )
    yield ""
    yield (
        "**Use.** This judges a programme. It says nothing about any person, and is never a reason to offer, deny, delay or end "
        "anybody's care. No file of it has a row per person."
    )
    yield ""
    yield "## In one sentence"
    yield ""
    yield _sentence(paid, choices["interval_percent"], is_conclusive=answer["is_conclusive"])
    yield ""
    if answer["warnings"]:
        yield "## Read this first"
        yield ""
        for warning in answer["warnings"]:
            yield f"- {warning['text']}"
        yield ""
    yield "## Result"
    yield ""
    yield f"Each difference is how much more (or, with a minus, less) the coordinated people changed than the people alike, with its {choices['interval_percent']} % interval."
    yield ""
    yield "| programme | outcome | unit | coordinated before → after | alike before → after | difference | interval |"
    yield "|---|---|---|---|---|---|---|"
    for row in answer["results"]:
        name = "all" if row["programme"] == ALL else row["programme"]
        yield (
            f"| {name} | {LABELS[row['outcome']]} ({row['definition']}) | {row['unit']} | {_n(row['coordinated_before'])} → "
            f"{_n(row['coordinated_after'])} | {_n(row['alike_before'])} → {_n(row['alike_after'])} | {_n(row['difference'])} | "
            f"{_n(row['low'])} to {_n(row['high'])} |"
        )
    yield ""
    yield from _net(answer)
    yield "## People"
    yield ""
    again = (
        f" ({people['listed_again']} name somebody again; the earliest start counts)" if people["listed_again"] else ""
    )
    yield f"- {people['listed']:,} rows in the file{again}."
    for reason, count in people["left_out"].items():
        yield f"- {count:,} left out: {reason}."
    yield f"- {people['followed']:,} could be followed, {people['matched']:,} have people alike: {people['compared_with']:,} of them, nobody twice."
    for group in people["unmatched"]:
        means = ", ".join(
            f"{VARIABLE_LABELS[key.removeprefix('mean_')]} {_n(value)}"
            for key, value in group.items()
            if key.startswith("mean_")
        )
        yield f"- {group['people']:,} have nobody alike: {group['why']}." + (
            f" Their means: {means}." if means else f" Groups below {LEAST_SHOWN} are not described."
        )
    yield f"- {people['member_months']:,} months of coordinated people after the start are in the result."
    yield ""
    yield "## How alike they are"
    yield ""
    yield "Means, and differences in standard deviations; below 0.1 is commonly taken as balanced."
    yield ""
    yield "| twelve months before | coordinated | everybody else | difference | matched coordinated | people alike | difference |"
    yield "|---|---|---|---|---|---|---|"
    for row in answer["balance"]:
        mark = "" if row["is_balanced"] else " (not balanced)"
        yield (
            f"| {VARIABLE_LABELS[row['variable']]} | {_n(row['coordinated'])} | {_n(row['everybody'])} | {_n(row['difference_before'])} | "
            f"{_n(row['coordinated_matched'])} | {_n(row['alike'])} | {_n(row['difference_after'])}{mark} |"
        )
    yield ""
    yield "## How far it can be trusted"
    yield ""
    yield "- **Before the start** (placebo): the same comparison of the younger with the older half of the twelve months before. Nothing can have worked yet, so each interval should hold zero. Cost is matched on the last three months as well, so its placebo says less than the others."
    yield from (
        f"  - {LABELS[row['outcome']]}: {_n(row['difference'])} ({_n(row['low'])} to {_n(row['high'])}) {row['unit']}"
        for row in answer["placebo"]
    )
    yield "- **Without outliers**: every monthly rate at most the 99th percentile of those of the people alike."
    yield from (
        f"  - {LABELS[row['outcome']]}: {_n(row['difference'])} ({_n(row['low'])} to {_n(row['high'])}) {row['unit']}"
        for row in answer["sensitivity"]["rates_capped"]
    )
    yield "- **Only the nearest** person of each set:"
    yield from (
        f"  - {LABELS[row['outcome']]}: {_n(row['difference'])} ({_n(row['low'])} to {_n(row['high'])}) {row['unit']}"
        for row in answer["sensitivity"]["nearest_only"]
    )
    yield "- **Something unmeasured** (E-value): how many times likelier it would have to make both coordination and the outcome to bring the ratio about alone; behind the stroke for the end of the interval nearer to 1."
    yield from (
        f"  - {LABELS[row['outcome']]}: ratio {_n(row['ratio'])}, E-value {_n(row['e_value'])} / {_n(row['e_value_of_interval'])}" if row["ratio"] is not None
        else f"  - {LABELS[row['outcome']]}: no ratio, nothing was to be expected"
        for row in answer["results"] if row["programme"] == ALL
    )  # fmt: skip
    yield ""
    yield "## Method"
    yield ""
    yield f"1. Coordinated people count from the month of their start. They need {choices['months_before']} whole months of unbroken enrolment with one payer before it and at least {choices['least_follow_up']} after; at most {choices['most_follow_up']} after are looked at. The month of the start belongs to neither side, unless it began on the first."
    yield "2. Comparison people are enrolled in the same months with the same payer, of the same sex and age band, and not in the file. They are looked at in the same calendar months."
    yield f"3. Of these the nearest are taken, up to {choices['neighbours']} for each and nobody twice: Mahalanobis distance over age, log of paid (of twelve months, and of the last three), acute admissions, emergency visits and categories of illness (CCS of the first diagnosis on each line) of the twelve months before, at most {choices['caliper']}. The earliest start is matched first; within a month the order is by chance."
    yield "4. Change is the monthly rate after the start less that before. The difference is the coordinated person's change less the mean change of the people alike, averaged by months after the start."
    yield f"5. Intervals are the middle {choices['interval_percent']} % of {choices['draws']:,} bootstrap samples of whole matched sets (seed {choices['seed']}; the same seed gives the same numbers). Fewer than {LEAST_SETS} sets give no result."
    yield "6. A reversed claim leaves no trace and a replaced one gives way. Paid is medical and pharmacy; readmissions are counted in the month of the first discharge."
    yield ""
    yield "## Limits"
    yield ""
    yield "- Nobody drew lots. People who were asked, agreed or were judged to need help may differ in ways that claims do not show: support at home, how ill they feel, what their doctor knows."
    yield "- The interval holds the chance of who was sampled. It does not hold such differences, nor errors of coding and payment."
    yield f"- Everybody needs {choices['least_follow_up']} months after the start. Who died or left before is left out on both sides; a programme that changes how many do is not seen here."
    yield "- The result speaks of the people who had somebody alike, in the months that were measured, at the prices paid then."
    yield "- Several outcomes are looked at. That one of them is clear by chance alone is not rare."
    yield "- Members who pay more themselves cost the plan less: paid is what the plan paid, not what care cost."


def _sentence(paid: dict[str, Any], percent: int, *, is_conclusive: bool) -> str:
    if not is_conclusive:
        return (
            f"**No conclusion on cost.** The {paid['coordinated']:,} coordinated people and those found for them were not alike in cost "
            "before the start, so what differs after it cannot be told from that. The numbers are shown for the record."
        )
    span = f"({percent} % interval {_n(paid['low'])} to {_n(paid['high'])})"
    if paid["high"] < 0:
        found = f"cost {_n(-paid['difference'])} dollars a month less than people alike would have {span}"
    elif paid["low"] > 0:
        found = f"cost {_n(paid['difference'])} dollars a month more than people alike would have {span}"
    else:
        found = f"cost neither clearly more nor clearly less than people alike: {_n(paid['difference'])} dollars a month {span}"
    return f"Beside their own past and that of people alike, {paid['coordinated']:,} coordinated people {found}."


def _net(answer: dict[str, Any]) -> Iterator[str]:
    net = answer["net"]
    if net is None:
        yield "What the programme costs was not given (`--programme-cost`), so savings are not set against it."
        yield ""
        return
    if not answer["is_conclusive"]:
        yield "There is no conclusion on cost, so these are no savings yet:"
        yield ""
    yield "| dollars | value | interval |"
    yield "|---|---|---|"
    for label, name in (("saved a member month", "saved"), ("net of the programme", "net"), ("saved together", "saved_together"), ("net together", "net_together")):  # fmt: skip
        yield f"| {label} | {_n(net[name]['value'])} | {_n(net[name]['low'])} to {_n(net[name]['high'])} |"
    yield ""
    yield f"The programme costs {_n(net['cost'])} dollars a coordinated member month ({_n(net['cost_together'])} together). Its cost is taken as certain."
    yield ""


def _n(value: float | None) -> str:
    if value is None:
        return "no bound"
    shown = f"{value:,.2f}"
    return "0.00" if shown == "-0.00" else shown
