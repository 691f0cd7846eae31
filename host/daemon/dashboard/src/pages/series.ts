// Prepares a series for a chart.

import type { S } from '../lib/api.ts';
import type { Line } from '../parts/chart.ts';

/** The minimum number of steps, also shortly after a start. */
const LEAST = 18;

export type Charted = { times: number[]; lines: Line[] };

/** Drops the steps before the start, and the step in progress, which would look like a dip. */
export function charted(series: S['Series'], lines: Line[]): Charted {
  const steps = series.accepted.length;
  const until = Date.parse(series.until) / 1_000;
  const end = Date.parse(series.until) > Date.now() ? steps - 1 : steps;
  const known = series.accepted.findIndex((value) => value !== null);
  const begin = Math.max(0, Math.min(known < 0 ? end : known, end - LEAST));
  const times = Array.from(
    { length: end - begin },
    (_, index) => until - (steps - 1 - begin - index) * series.step_seconds,
  );
  return { times, lines: lines.map((line) => ({ ...line, values: line.values.slice(begin, end) })) };
}
