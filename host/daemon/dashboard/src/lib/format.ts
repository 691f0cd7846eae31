// Formats values for people. Pure functions; the current time is passed in.

const NARROW_SPACE = '\u202f';

/** Invisible characters, and those that change how the text around them reads: control characters, direction marks, zero-width
 * spaces. */
const MISLEADING =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

/** Untrusted text: misleading characters are escaped (`\\u{202e}`), long text is cut. */
export function clean(text: string, most = 300): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(MISLEADING, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** On one line. */
export function line(text: string, most = 300): string {
  return clean(text.replace(/\s+/g, ' '), most);
}

/** The daemon's details begin in lower case and have no full stop, because programs print them after a colon. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? '' : '.');
}

export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, NARROW_SPACE);
}

/** `1 event`, `2 events` */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

/** A number with three significant digits: `12.3k`. */
export function short(value: number): string {
  const units: [number, string][] = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  for (const [scale, unit] of units) {
    if (Math.abs(value) >= scale * 0.9995) {
      return digits(value / scale) + unit;
    }
  }
  return digits(value);
}

function digits(value: number): string {
  const size = Math.abs(value);
  const places = size >= 99.95 || Number.isInteger(value) ? 0 : size >= 9.995 ? 1 : 2;
  return value
    .toFixed(places)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

/** A rate per second: `0`, `0.03`, `4.2`, `1.3k`. */
export function rate(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return '–';
  }
  if (value > 0 && value < 0.005) {
    return '<0.01';
  }
  return short(value);
}

/** A share as a percentage: `99.98 %`. Only 1 is shown as 100 %. */
export function share(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return '–';
  }
  const percent = value * 100;
  const shown = percent === 100 || percent === 0 ? percent.toFixed(0) : percent.toFixed(percent > 99 ? 2 : 1);
  return `${shown === '100.00' ? '99.99' : shown.replace(/\.0$/, '')}${NARROW_SPACE}%`;
}

/** Milliseconds: `0.4 ms`, `12 ms`, `1.24 s`, `2 min 5 s`. */
export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return '–';
  }
  if (value < 1_000) {
    return `${digits(value < 0.1 && value > 0 ? 0.1 : Math.round(value * 10) / 10)}${NARROW_SPACE}ms`;
  }
  if (value < 60_000) {
    return `${digits(value / 1_000)}${NARROW_SPACE}s`;
  }
  return seconds(value / 1_000);
}

/** A duration in its two largest units: `3 d 4 h`, `12 min`, `5 s`. */
export function seconds(value: number): string {
  const units: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  let rest = Math.max(0, Math.round(value));
  const parts: string[] = [];
  for (const [scale, unit] of units) {
    const whole = Math.floor(rest / scale);
    rest -= whole * scale;
    if (whole > 0) {
      parts.push(`${whole}${NARROW_SPACE}${unit}`);
    } else if (parts.length > 0) {
      break;
    }
    if (parts.length === 2) {
      break;
    }
  }
  return parts.join(' ') || `0${NARROW_SPACE}s`;
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let scaled = value;
  let unit = 0;
  while (scaled >= 1_024 && unit < units.length - 1) {
    scaled /= 1_024;
    unit += 1;
  }
  return `${digits(scaled)}${NARROW_SPACE}${units[unit]}`;
}

const two = (value: number) => value.toString().padStart(2, '0');

/** The time of day, with the date if it is not today: `14:03:07`, `20 Nov 14:03`. */
export function moment(iso: string, now: Date): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) {
    return clean(iso, 40);
  }
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (time.toDateString() === now.toDateString()) {
    return `${clock}:${two(time.getSeconds())}`;
  }
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][time.getMonth()];
  const year = time.getFullYear() === now.getFullYear() ? '' : ` ${time.getFullYear()}`;
  return `${time.getDate()} ${month}${year} ${clock}`;
}

/** `3 min ago`, `in 12 s`, `now` */
export function ago(iso: string, now: Date): string {
  const difference = (now.getTime() - new Date(iso).getTime()) / 1_000;
  if (Number.isNaN(difference)) {
    return clean(iso, 40);
  }
  if (Math.abs(difference) < 1) {
    return 'now';
  }
  const [first] = seconds(Math.abs(difference)).split(' ');
  return difference > 0 ? `${first} ago` : `in ${first}`;
}

/** A duration as the configuration writes it (`1m 30s`, jiff's friendly form), left as it is. */
export function settings(text: string): string {
  return text.replace(/,/g, '');
}

/** The first digits of a digest. */
export function digest(hex: string | null | undefined): string {
  return hex ? hex.slice(0, 12) : '–';
}
