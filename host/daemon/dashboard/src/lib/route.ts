// Routes are in the URL's fragment, so links can be shared and the back button works.

export type Route = { page: string; rest: string[]; query: URLSearchParams };

/** Reads `#/events/ID?source=/shop`. */
export function parse(hash: string): Route {
  const text = hash.replace(/^#\/?/, '');
  const question = text.indexOf('?');
  const path = question < 0 ? text : text.slice(0, question);
  const [page = '', ...rest] = path.split('/').map(decode);
  return { page: page || 'overview', rest, query: new URLSearchParams(question < 0 ? '' : text.slice(question + 1)) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export type Values = Record<string, string | number | undefined | null>;

/** The inverse of `parse`. Empty values are left out. */
export function link(path: string[], values: Values = {}): string {
  const text = search(values);
  return `#/${path.map(encodeURIComponent).join('/')}${text}`;
}

/** `?type=a&limit=1`, or an empty string. */
export function search(values: Values): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') {
      query.set(name, String(value));
    }
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}

export function go(href: string): void {
  window.location.hash = href;
}

/** Goes to a page with what the fields of its filter contain. */
export function goFiltered(path: string[], form: HTMLFormElement | null): void {
  if (form) {
    go(link(path, Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]))));
  }
}
