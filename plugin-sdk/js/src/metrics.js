import { metrics as host } from "#host";

const pairs = (labels) => Object.entries(labels).map(([name, value]) => [name, String(value)]);

export const metrics = {
  counter: (name, value = 1, labels = {}) => host.counter(name, value, pairs(labels)),
  gauge: (name, value, labels = {}) => host.gauge(name, value, pairs(labels)),
  histogram: (name, value, labels = {}) => host.histogram(name, value, pairs(labels)),
};
