// Small line charts without axes.

/** An SVG path through `values`, with gaps where a value is unknown. */
export function path(values: (number | null)[], width: number, height: number): string {
  const most = Math.max(...values.map((value) => value ?? 0), 1e-9);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let pen = false;
  let text = '';
  values.forEach((value, index) => {
    if (value === null) {
      pen = false;
      return;
    }
    const y = height - (value / most) * height;
    text += `${pen ? 'L' : 'M'}${trim(index * step)} ${trim(y)}`;
    pen = true;
  });
  return text;
}

/** Drops unknown values at the beginning, but keeps at least `least` values. */
export function known(values: (number | null)[], least: number): (number | null)[] {
  const first = values.findIndex((value) => value !== null);
  return values.slice(Math.max(0, Math.min(first < 0 ? values.length : first, values.length - least)));
}

/** The mean of each run of `size` values. */
export function thin(values: (number | null)[], size: number): (number | null)[] {
  const out: (number | null)[] = [];
  for (let end = values.length; end > 0; end -= size) {
    const run = values.slice(Math.max(0, end - size), end).filter((value): value is number => value !== null);
    out.unshift(run.length === 0 ? null : run.reduce((sum, value) => sum + value, 0) / run.length);
  }
  return out;
}

function trim(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}

/** The mean of the last `count` known values; `undefined` where none is known. */
export function recent(values: (number | null)[], count: number): number | undefined {
  const known = values.slice(-count).filter((value): value is number => value !== null);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}
