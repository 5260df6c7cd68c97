// Reads cases (JSON) from standard input, runs their ELM in cql-execution and writes the answers (JSON).
// A case: {id, libraries: [ELM, main first], bundle, valueSets: {url: [{code, system}]}, parameters, now}.
import cql from "cql-execution";
import fhir from "cql-exec-fhir";
import { readFileSync } from "node:fs";

const number = (value) => ({ Number: String(value) });

function plain(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return { Boolean: value };
  if (typeof value === "number" || typeof value === "bigint") return number(value);
  if (typeof value === "string") return { String: value };
  if (Array.isArray(value)) return { List: value.map(plain) };
  if (value.isUncertainty) return { Interval: [plain(value.low), true, plain(value.high), true] };
  if (value.isTime && value.isTime()) return { Time: value.toString().replace(/^T/, "") };
  if (value.isDateTime) return { DateTime: value.toString() };
  if (value.isDate) return { Date: value.toString() };
  if (value.isQuantity) return { Quantity: [String(value.value), value.unit ?? "1"] };
  if (value.isRatio) return { Ratio: [plain(value.numerator), plain(value.denominator)] };
  if (value.isInterval) return { Interval: [plain(value.low), value.lowClosed, plain(value.high), value.highClosed] };
  if (value.isConcept) return { Concept: value.codes.map(plain) };
  if (value.isCode) return { Code: [value.system ?? null, value.code ?? null] };
  if (value.isValueSet) return { ValueSet: value.id ?? value.oid };
  if (typeof value.getTypeInfo === "function") {
    const kind = value.getTypeInfo()?.name?.replace(/^FHIR\./, "") ?? "";
    const primitive = value.value === null || value.value === undefined || typeof value.value.getTypeInfo !== "function";
    return primitive && !/^(Quantity|Age|Duration|Count|Distance|Money|Identifier|ContactPoint|Extension|Observation)/.test(kind)
      && "value" in value && value.value !== undefined ? plain(value.value) : { FHIR: kind };
  }
  const found = {};
  for (const [name, inner] of Object.entries(value)) if (inner !== null && inner !== undefined) found[name] = plain(inner);
  return { Tuple: found };
}

function parameter(value) {
  if (typeof value !== "object" || value === null) return value;
  if (value.DateTime) return cql.DateTime.parse(value.DateTime);
  if (value.Date) return cql.Date.parse(value.Date);
  if (value.Interval) return new cql.Interval(parameter(value.Interval[0]), parameter(value.Interval[1]));
  if (value.Code) return new cql.Code(value.Code[1], value.Code[0]);
  return value;
}

async function answer(one) {
  const [main, ...others] = one.libraries;
  const byName = {};
  for (const other of others) byName[`${other.library.identifier.id}|${other.library.identifier.version ?? ""}`] = other;
  const named = Object.fromEntries(others.map((o) => [o.library.identifier.id, o]));
  const repository = {
    resolve: (name, version) => {
      const found = byName[`${name}|${version ?? ""}`] ?? named[name] ?? named[name.split(".").pop()];
      return found === undefined ? undefined : new cql.Library(found, repository);
    },
  };
  const sets = {};
  for (const [url, codes] of Object.entries(one.valueSets ?? {})) sets[url] = { "": codes };
  const codeService = new cql.CodeService(sets);
  const source = fhir.PatientSource.FHIRv401(true);
  const bundle = one.bundle ?? { resourceType: "Bundle", entry: [{ resource: { resourceType: "Patient", id: "p1" } }] };
  source.loadBundles([bundle]);
  const parameters = Object.fromEntries(Object.entries(one.parameters ?? {}).map(([k, v]) => [k, parameter(v)]));
  const now = cql.DateTime.parse(one.now);
  const library = new cql.Library(main, repository);
  const run = async (names) => {
    source.loadBundles([bundle]);
    const executor = new cql.Executor(library, codeService, parameters);
    const results = names === null ? await executor.exec(source, now) : await executor.exec_expression(names, source, now);
    const found = { ...results.unfilteredResults, ...Object.values(results.patientResults)[0] };
    source.reset?.();
    return found;
  };
  const definitions = (main.library.statements?.def ?? []).filter(
    (d) => d.type !== "FunctionDef" && d.name !== "Patient" && (!one.only || one.only.includes(d.name)),
  );
  const answers = {};
  try {
    const all = await run(null);
    for (const { name } of definitions) answers[name] = plain(all[name]);
    return answers;
  } catch {
    source.reset?.();
  }
  for (const { name } of definitions) {
    try {
      answers[name] = plain((await run(name))[name]);
    } catch (error) {
      answers[name] = { Error: String(error.message ?? error).slice(0, 200) };
      source.reset?.();
    }
  }
  return answers;
}

const log = console.log;
console.log = console.warn = console.error = () => {};
const cases = JSON.parse(readFileSync(0, "utf-8"));
const found = {};
for (const one of cases) {
  try {
    found[one.id] = await answer(one);
  } catch (error) {
    found[one.id] = { Error: String(error.stack ?? error).slice(0, 400) };
  }
}
log(JSON.stringify(found));
