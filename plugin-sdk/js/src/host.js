// The daemon's side. Outside of a component, `#host` is testing.js instead: see "imports" in package.json.
export * as config from "fanfare:channel/config@0.1.0";
export * as emit from "fanfare:channel/emit@0.1.0";
export * as http from "fanfare:channel/http@0.1.0";
export * as log from "fanfare:channel/log@0.1.0";
export * as metrics from "fanfare:channel/metrics@0.1.0";
export * as published from "fanfare:channel/published@0.1.0";
export * as recipient from "fanfare:channel/recipient@0.1.0";
export * as state from "fanfare:channel/state@0.1.0";
export * as templates from "fanfare:channel/templates@0.1.0";
