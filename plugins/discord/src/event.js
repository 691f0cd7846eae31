// CloudEvents over HTTP, binary mode: the attributes are headers, the data is the body.
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md

/** The request is not an event. The sender gets this status. */
export class Malformed extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function read(headers, data) {
  const contentType = headers.get("content-type") ?? undefined;
  if (/^application\/cloudevents/i.test(contentType)) throw new Malformed(415, "only binary mode is understood");
  const attributes = {};
  for (const [name, value] of headers) {
    if (name.startsWith("ce-")) attributes[name.slice(3)] = decode(name, value);
  }
  for (const name of ["specversion", "id", "source", "type"]) {
    if (!attributes[name]) throw new Malformed(400, `the header ce-${name} is missing`);
  }
  return { ...attributes, contentType, data };
}

/** Section 3.1.3.2: removes surrounding quotes, then decodes percent-encoding once. */
function decode(name, value) {
  const unquoted = /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;
  try {
    // A lone percent sign is literal.
    return decodeURIComponent(unquoted.replace(/%(?![0-9a-f]{2})/gi, "%25"));
  } catch {
    throw new Malformed(400, `the header ${name} is not UTF-8`);
  }
}
