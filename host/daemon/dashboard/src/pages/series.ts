// What a series shows in a chart.

import type { S } from '../lib/api.ts';
import type { Line } from '../parts/chart.ts';

/** Steps at the least, however young the daemon is. */
const LEAST = 18;

export type Charted = { times: number[]; lines: Line[] };

/** The lines of a chart, from where something is known. A step that is still under way would look like a dip, so it is left out. */
export function charted(series: S['Series'], lines: Line[]): Charted {
  const steps = series.accepted.length;
  const until = Date.parse(series.until) / 1_000;
  const end = Date.parse(series.until) > Date.now() ? steps - 1 : steps;
  const known = series.accepted.findIndex((value) => value !== null);
  const begin = Math.max(0, Math.min(known < 0 ? end : known, end - LEAST));
  const times = Array.from({ length: end - begin }, (_, index) => until - (steps - 1 - begin - index) * series.step_seconds);
  return { times, lines: lines.map((line) => ({ ...line, values: line.values.slice(begin, end) })) };
}
