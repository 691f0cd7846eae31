/** The longest wait that a receiver can ask for. The host does not wait longer either. */
const LONGEST_WAIT = 24 * 60 * 60 * 1000;

export class Failure extends Error {
  constructor(disposition, code, message) {
    super(message);
    this.name = "Failure";
    this.code = code;
    // What both engines pass to the host when it is thrown out of an export.
    this.payload = { disposition, code, message };
  }

  static retry(code, message) {
    return new Failure({ tag: "retry" }, code, message);
  }

  static retryAfter(milliseconds, code, message) {
    if (!(milliseconds >= 0)) return Failure.retry(code, message);
    return new Failure({ tag: "retry-after", val: Math.min(Math.ceil(milliseconds), LONGEST_WAIT) }, code, message);
  }

  static reject(code, message) {
    return new Failure({ tag: "reject" }, code, message);
  }

  static suspend(code, message) {
    return new Failure({ tag: "suspend" }, code, message);
  }

  static fromStatus(response, { code = `http_${response.status}`, message = said(response) } = {}) {
    const { status } = response;
    if ([404, 408, 409, 425, 429].includes(status) || (status >= 500 && status <= 599)) {
      const wait = wantedWait(response);
      return wait === undefined ? Failure.retry(code, message) : Failure.retryAfter(wait, code, message);
    }
    return status === 410 ? Failure.suspend(code, message) : Failure.reject(code, message);
  }
}

/** The status, and the beginning of the receiver's response. */
function said({ status, body }) {
  const words = typeof body === "string" ? body.trim() : "";
  // eslint-disable-next-line no-control-regex
  const short = [...words].slice(0, 200).join("").replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
  return `the receiver answered ${status}${short && `: ${short}`}`;
}

/**
 * `Retry-After` in milliseconds, from seconds or a date. A date is compared with the response's own `Date` if it has
 * one, so that a wrong clock does not make the wait longer or shorter.
 */
function wantedWait(response) {
  const value = response.header("retry-after")?.trim();
  if (!value) return undefined;
  if (/^[0-9]+$/.test(value)) return Number(value) * 1000;
  const until = httpDate(value);
  if (until === undefined) return undefined;
  return Math.max(0, until - (httpDate(response.header("date")?.trim() ?? "") ?? Date.now()));
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const TIME = "(?<h>\\d\\d):(?<m>\\d\\d):(?<s>\\d\\d)";
const DATES = [
  `^\\w{3}, (?<day>\\d\\d) (?<month>\\w{3}) (?<year>\\d{4}) ${TIME} GMT$`,
  `^\\w{6,9}, (?<day>\\d\\d)-(?<month>\\w{3})-(?<year>\\d\\d) ${TIME} GMT$`,
  `^\\w{3} (?<month>\\w{3}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`,
].map((form) => new RegExp(form));

/** The three forms of RFC 9110, section 5.6.7. `Date.parse` accepts nearly anything as a date, even `1.5`. */
function httpDate(value) {
  const date = DATES.map((form) => form.exec(value)?.groups).find(Boolean);
  const month = MONTHS.indexOf(date?.month);
  if (month < 0) return undefined;
  const year = date.year.length > 2 ? Number(date.year) : Number(date.year) + (date.year < 70 ? 2000 : 1900);
  return Date.UTC(year, month, Number(date.day), Number(date.h), Number(date.m), Number(date.s));
}
