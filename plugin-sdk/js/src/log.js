import { log as host } from "#host";

function line(level, message, fields = {}) {
  host.log(level, message, Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

export const log = {
  trace: (message, fields) => line("trace", message, fields),
  debug: (message, fields) => line("debug", message, fields),
  info: (message, fields) => line("info", message, fields),
  warn: (message, fields) => line("warn", message, fields),
  error: (message, fields) => line("error", message, fields),
};
