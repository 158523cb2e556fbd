const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const SAMPLE = /^([^\s{]+)(?:\{(.*)\})? (NaN|[+-]?Inf|[+-]?[0-9.]+(?:e[+-]?[0-9]+)?)$/;
const PAIR = /([^=,]+)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

/**
 * What `promtool check metrics` would find wrong with a text of the format 0.0.4: form, names, the order of HELP, TYPE and samples,
 * families that are torn apart, series that stand twice, names that do not say what they count.
 */
export function expositionFaults(text: string): readonly string[] {
  const faults: string[] = [];
  const closed = new Set<string>();
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const series = new Set<string>();
  let open = '';
  if (text !== '' && !text.endsWith('\n')) faults.push('the last line has no end');
  const enter = (name: string): void => {
    if (name === open) return;
    if (closed.has(name)) faults.push(`${name} is torn apart`);
    closed.add(open);
    open = name;
  };
  for (const line of text.split('\n').slice(0, -1)) {
    const about = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (about !== null) {
      const [, what, name = '', rest = ''] = about;
      enter(name);
      if (what === 'HELP') {
        if (helped.has(name)) faults.push(`${name} has two helps`);
        helped.add(name);
        continue;
      }
      if (types.has(name)) faults.push(`${name} has two types`);
      if (!['counter', 'gauge'].includes(rest)) faults.push(`${name} is of type ${rest}`);
      if ((rest === 'counter') !== name.endsWith('_total')) faults.push(`${name} is no name of a ${rest}`);
      types.set(name, rest);
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (sample === null) {
      faults.push(`no line of the format: ${line}`);
      continue;
    }
    const [, name = '', labels = ''] = sample;
    enter(name);
    if (!NAME.test(name)) faults.push(`no name: ${name}`);
    if (!types.has(name)) faults.push(`${name} has no type`);
    if (!helped.has(name)) faults.push(`${name} has no help`);
    if (/(_seconds|_bytes)_(seconds|bytes)/.test(name)) faults.push(`${name} has two units`);
    faults.push(...labelFaults(name, labels));
    if (series.has(`${name}{${labels}}`)) faults.push(`${name}{${labels}} stands twice`);
    series.add(`${name}{${labels}}`);
  }
  for (const name of types.keys()) {
    if (![...series].some((each) => each.startsWith(`${name}{`))) faults.push(`${name} has no series`);
  }
  return faults;
}

function labelFaults(name: string, labels: string): readonly string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  PAIR.lastIndex = 0;
  for (let at = 0; at < labels.length; at = PAIR.lastIndex) {
    const pair = PAIR.exec(labels);
    if (pair === null) return [...faults, `labels of ${name} cannot be read: ${labels.slice(at)}`];
    const [, label = ''] = pair;
    if (!LABEL.test(label) || label.startsWith('__')) faults.push(`${label} is no label`);
    if (seen.has(label)) faults.push(`${name} has the label ${label} twice`);
    seen.add(label);
  }
  return faults;
}
