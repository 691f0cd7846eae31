// Made by `npm run types` from `fanfare openapi`. Not to be edited.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The process answers. */
        Alive: {
            /** @description `ok`. */
            status: string;
        };
        /** @description The record of one attempt: everything an operator may ask about it later. */
        AttemptRecord: {
            /** @description Absent for a successful attempt. */
            class?: components["schemas"]["Class"] | null;
            code?: string | null;
            /** Format: double */
            duration_ms: number;
            error?: string | null;
            /** Format: uint64 */
            fuel: number;
            /**
             * Format: uint64
             * @description Peak linear memory in bytes.
             */
            memory: number;
            /**
             * Format: uint32
             * @description From 1. A replay restarts the count.
             */
            number: number;
            /** @description SHA-256 of the plugin's file, hex; the first 16 digits. */
            plugin: string;
            /** Format: date-time */
            started: string;
            /** @description The guest's last log lines, for a failed attempt. */
            trace?: string[];
            trigger: components["schemas"]["Trigger"];
        };
        /** @description A batch policy as the configuration writes it. */
        BatchPolicy: {
            /**
             * Format: uint64
             * @description Bytes in a batch at the most.
             */
            bytes: number;
            /** @description How long a batch waits for more. */
            linger: string;
            /**
             * Format: uint
             * @description Events in a batch at the most.
             */
            max: number;
            /** @description The attribute or the expression whose values have a batch each. Absent where there is one batch. */
            per?: string | null;
        };
        /** @description Work on dead letters that was begun, or only counted. */
        Begun: {
            dry_run: boolean;
            /**
             * Format: uint64
             * @description How many dead letters fit.
             */
            matched: number;
            /**
             * Format: int64
             * @description The job: `GET /v1/replays/{id}` says how far it has come. Absent after a dry run.
             */
            replay?: number | null;
        };
        /** @description The bounds of one run, as the configuration writes them. */
        Bounds: {
            /**
             * Format: uint
             * @description Runs at once.
             */
            concurrency: number;
            /** Format: uint64 */
            fuel: number;
            /** @description `64MiB`. */
            memory: string;
            /**
             * Format: uint32
             * @description Runs that an instance serves; 0: each has a fresh one.
             */
            reuse: number;
            /** @description Wall clock: `1s`. */
            timeout: string;
        };
        /** @description A breaker as the configuration writes it. It opens after `failures` in a row, or at a `ratio` of the last `of`. */
        Breaker: {
            /** Format: uint32 */
            failures?: number | null;
            /** Format: uint32 */
            of?: number | null;
            /** @description How long it stays open. */
            open: string;
            /**
             * Format: uint32
             * @description Attempts that are let through to see.
             */
            probes: number;
            /** Format: double */
            ratio?: number | null;
        };
        /** @description A page of the types of events. */
        Catalogue: {
            counted: components["schemas"]["CountedEvents"];
            /** @description The `after` of the next page; `null` on the last one. */
            next: string | null;
            /** @description Every schema in force. */
            schemas: components["schemas"]["EventSchema"][];
            types: components["schemas"]["EventType"][];
        };
        /** @description A channel: its plugin and policy, how it is doing, and what it has before it. */
        Channel: {
            /**
             * Format: uint64
             * @description Attempts, since the journal was made.
             */
            attempts: number;
            /** @description What to add to the configuration, for a file that waits for that. Absent otherwise. */
            configure?: string | null;
            /**
             * Format: uint64
             * @description Given up, since the journal was made.
             */
            dead: number;
            /**
             * Format: uint64
             * @description Of those, how many are kept.
             */
            dead_letters: number;
            /** @description Of those waiting, how many are deferred, by what they wait for. Absent where none is. */
            deferred?: {
                [key: string]: number;
            };
            /**
             * Format: uint64
             * @description Delivered, since the journal was made.
             */
            delivered: number;
            /** @description SHA-256 of its file, hex; `null` where there is nothing to call. */
            digest: string | null;
            /** @description Why there is nothing to call, or why the newest file was not taken. Absent where all is well. */
            error?: string | null;
            /** @description What waits for its batch to be closed. Absent where nothing does. */
            gathered?: components["schemas"]["Gathered"] | null;
            grants: components["schemas"]["Grants"] | null;
            /** @description Why nothing is attempted. Absent unless it is paused or suspended or its breaker is open. */
            hold?: components["schemas"]["Hold"] | null;
            /** @description The interfaces that it imports. */
            imports: string[];
            /**
             * Format: uint64
             * @description Of those, how many are being attempted.
             */
            in_flight: number;
            /** @description `channel`, `http-channel`, `incoming-handler`, `command` or `stage`; `null` where there is nothing to call. */
            kind: string | null;
            /** @description `null` where no attempt of this run has failed. */
            last_error: components["schemas"]["LastError"] | null;
            /** @description Of this run's attempts; `null` before the first. */
            latency: components["schemas"]["Latency"] | null;
            name: string;
            /**
             * Format: date-time
             * @description When the oldest of those pending was recorded; `null` where none is.
             */
            oldest_pending_at: string | null;
            /**
             * Format: uint64
             * @description Deliveries that have not ended.
             */
            pending: number;
            /**
             * @description As the configuration names it: `webhook`, `builtin:webhook`. `null`, as `grants` and `policy`, when only a backlog or
             *     dead letters are left of a channel.
             */
            plugin: string | null;
            policy: components["schemas"]["Policy"] | null;
            /** @description What sets each key of the policy. Those that are not listed have their built-in values. */
            policy_from: {
                [key: string]: components["schemas"]["PolicyLayer"];
            };
            /** @description The names of its secrets. */
            secrets: string[];
            /** @description The keys of its settings; values may be private. */
            settings: string[];
            /** @description Whether its requests are signed. */
            signed: boolean;
            /**
             * Format: uint64
             * @description Ended without an attempt, as that was not wanted any more.
             */
            skipped: number;
            state: components["schemas"]["ChannelState"];
            /**
             * Format: double
             * @description Delivered, of those that reached their end, from 0 to 1; `null` before the first.
             */
            success_rate: number | null;
            /**
             * Format: uint64
             * @description Of those pending, how many wait for their time.
             */
            waiting: number;
        };
        /** @description A channel's name. */
        ChannelName: string;
        /** @description Where one channel stands with one event. */
        ChannelResult: {
            /**
             * Format: uint64
             * @description Attempts so far.
             */
            attempts: number;
            /** @description The channel's name. */
            channel: string;
            /** @description How the last attempt failed. Absent where it did not. */
            class?: components["schemas"]["Class"] | null;
            /** @description What failed, as a word for programs such as `http_503`. Beside `class`. */
            code?: string | null;
            /** @description The same for every attempt, so that receivers can use it as an idempotency key. */
            delivery_id: string;
            /** @description The same in words. Beside `reason`. */
            detail?: string | null;
            /**
             * Format: double
             * @description How long the last attempt took, in milliseconds. Absent before the first.
             */
            duration_ms?: number | null;
            /** @description What failed, in words. Beside `class`. */
            error?: string | null;
            /** @description The channel that could not deliver the event, so that this one had it. Absent where there is none. */
            fallback_for?: string | null;
            /**
             * Format: date-time
             * @description When the next attempt is due; `null` if there will be none. Beside `class`.
             */
            next_attempt_at?: string | null;
            /** @description Why it was skipped. Only of a skipped one. */
            reason?: components["schemas"]["Skip"] | null;
            /** @description What the plugin noted, a JSON object. Only after a success. */
            receipt?: unknown;
            /** @description Its last replay, if that was skipped. Everything else says what the delivery had come to before. */
            skipped_replay?: components["schemas"]["SkippedReplay"] | null;
            /** @description `failed` is dead; `skipped` counts as settled. */
            status: components["schemas"]["ChannelStatus"];
            /**
             * Format: date-time
             * @description When the last attempt ended; before the first, when the event was recorded.
             */
            timestamp: string;
            /**
             * Format: date-time
             * @description Until when it waits, if that is known.
             */
            until?: string;
            /** @description What a pending delivery waits for. Absent where it is due, or under way. */
            waiting_for?: components["schemas"]["WaitingFor"] | null;
        };
        /** @description The channels that are configured, and those that have left something behind. */
        Channels: {
            channels: components["schemas"]["Channel"][];
            /** @description Always `null`: all of them stand on one page. */
            next: null;
        };
        /** @description What a channel does. */
        ChannelState: "active" | "missing" | "failed" | "paused" | "suspended" | "open" | "unconfigured";
        /** @description How many channels there are, by state. */
        ChannelStates: {
            /** Format: uint */
            active: number;
            /** Format: uint */
            failed: number;
            /** Format: uint */
            missing: number;
            /** Format: uint */
            open: number;
            /** Format: uint */
            paused: number;
            /** Format: uint */
            suspended: number;
            /** Format: uint */
            unconfigured: number;
        };
        /** @enum {string} */
        ChannelStatus: "success" | "failed" | "pending" | "skipped";
        /** @description Why an attempt failed, in the one word that an operator reads first. */
        Class: "retry" | "throttled" | "rejected" | "suspended" | "trap" | "fuel" | "timeout" | "memory" | "denied" | "host" | "expired";
        /** @description An event in the JSON event format of CloudEvents 1.0. Members that are not listed are extension attributes. */
        CloudEvent: {
            /** @description Any JSON. */
            data?: unknown;
            /** @description Data that is not text. */
            data_base64?: string | null;
            datacontenttype?: string | null;
            /** Format: uri */
            dataschema?: string | null;
            /** @description With `source`, the identity of the event. */
            id: string;
            /** Format: uri-reference */
            source: string;
            /** @constant */
            specversion: "1.0";
            subject?: string | null;
            /** Format: date-time */
            time?: string | null;
            type: string;
        } & {
            [key: string]: string | boolean | number | null;
        };
        /** @description One key and its value. */
        ConfigKey: {
            /** @description What the file says by now, and what takes effect at the next start. Absent where that is the value. */
            at_restart?: string | null;
            /** @description `server.listen` */
            key: string;
            /**
             * Format: uint
             * @description The line of the file that sets it. Absent where it has its built-in value.
             */
            line?: number | null;
            /** @description As the file would write it, without quotes. */
            value: string;
        };
        /** @description The configuration in force. Secrets are no part of it, nor are the settings of plugins. */
        Configuration: {
            /** @description The policy of a channel that sets nothing of its own. */
            defaults: components["schemas"]["Policy"];
            /** @description Which of its keys `[defaults]` sets. The others have their built-in values. */
            defaults_from: {
                [key: string]: components["schemas"]["PolicyLayer"];
            };
            /** @description The file that it was read from, or would be read from. */
            file: string;
            /** @description Those of `[server]`, `[journal]` and `[plugins]`. */
            keys: components["schemas"]["ConfigKey"][];
            /** @description How the file was last read: `errors` name file, line and key. `null` before the first time. */
            last_reload: components["schemas"]["ReloadReport"] | null;
        };
        /** @description What a replay would send. */
        Counted: {
            dry_run: boolean;
            /**
             * Format: uint64
             * @description How many events fit.
             */
            matched: number;
        };
        /** @description What the counts are of. */
        CountedEvents: {
            /** @description Whether some events cannot be read, and are not counted. */
            incomplete: boolean;
            /**
             * Format: uint64
             * @description Events of types that are not.
             */
            others: number;
            /**
             * Format: uint64
             * @description Events up to this offset are counted.
             */
            to: number;
            /**
             * Format: uint
             * @description Types that are told apart.
             */
            types: number;
        };
        /** @description How much a channel has before and behind it. */
        Counts: {
            /**
             * Format: uint64
             * @description Attempts, since the journal was made.
             */
            attempts: number;
            /**
             * Format: uint64
             * @description Given up, since the journal was made.
             */
            dead: number;
            /**
             * Format: uint64
             * @description Of those, how many are kept.
             */
            dead_letters: number;
            /** @description Of those waiting, how many are deferred, by what they wait for. Absent where none is. */
            deferred?: {
                [key: string]: number;
            };
            /**
             * Format: uint64
             * @description Delivered, since the journal was made.
             */
            delivered: number;
            /**
             * Format: uint64
             * @description Of those, how many are being attempted.
             */
            in_flight: number;
            /**
             * Format: date-time
             * @description When the oldest of those pending was recorded; `null` where none is.
             */
            oldest_pending_at: string | null;
            /**
             * Format: uint64
             * @description Deliveries that have not ended.
             */
            pending: number;
            /**
             * Format: uint64
             * @description Ended without an attempt, as that was not wanted any more.
             */
            skipped: number;
            /**
             * Format: double
             * @description Delivered, of those that reached their end, from 0 to 1; `null` before the first.
             */
            success_rate: number | null;
            /**
             * Format: uint64
             * @description Of those pending, how many wait for their time.
             */
            waiting: number;
        };
        /** @description A delivery that was given up. */
        DeadLetter: {
            /**
             * Format: date-time
             * @description When it was given up.
             */
            at: string;
            /**
             * Format: uint64
             * @description How many were made.
             */
            attempts: number;
            channel: string;
            /** @description How the last one failed. */
            class: components["schemas"]["Class"];
            /** @description What failed, as a word for programs such as `http_503`. */
            code: string;
            delivery_id: string;
            /** @description What failed, in words. */
            error: string;
            event_id: string;
            event_type: string;
            /**
             * Format: uint64
             * @description The event's place in the journal.
             */
            offset: number;
            /** @description The first digits of the plugin's digest at the last attempt; `null` where there was none. */
            plugin: string | null;
            /** @description A digest of the channel's settings at that time: whether they have changed since. */
            settings: string;
            /** @description The event's source. */
            source: string;
        };
        /** @description A dead letter with all that is needed to understand it. */
        DeadLetterInFull: {
            /**
             * Format: date-time
             * @description When it was given up.
             */
            at: string;
            /**
             * Format: uint64
             * @description How many were made.
             */
            attempts: number;
            channel: string;
            /** @description How the last one failed. */
            class: components["schemas"]["Class"];
            /** @description What failed, as a word for programs such as `http_503`. */
            code: string;
            delivery_id: string;
            /** @description What failed, in words. */
            error: string;
            /** @description `null` where it is gone. */
            event: components["schemas"]["CloudEvent"] | null;
            event_id: string;
            event_type: string;
            /** @description Every attempt on this channel, oldest first. */
            history: components["schemas"]["AttemptRecord"][];
            /**
             * Format: uint64
             * @description The event's place in the journal.
             */
            offset: number;
            /** @description The first digits of the plugin's digest at the last attempt; `null` where there was none. */
            plugin: string | null;
            /** @description `null` where the event is gone. */
            result: components["schemas"]["EventResult"] | null;
            /** @description A digest of the channel's settings at that time: whether they have changed since. */
            settings: string;
            /** @description The event's source. */
            source: string;
        };
        /** @description A page of dead letters. */
        DeadLetters: {
            dead_letters: components["schemas"]["DeadLetter"][];
            /** @description What is hidden. Beside `incomplete`. */
            holes?: components["schemas"]["Hole"][];
            /** @description `true` where a damaged part of the journal hides entries. Absent otherwise. */
            incomplete?: boolean;
            /**
             * Format: int64
             * @description The `after` of the next page; `null` on the last one.
             */
            next: number | null;
        };
        /** @description What a stage did with an event. */
        Did: ("changed" | "unchanged") | "dropped" | "failed";
        /** @description Ends a delivery as dead. */
        Drop: {
            /** @description Why, in at most 1024 bytes; it stays on record. */
            reason: string;
        };
        /** @description A delivery that was ended. */
        Dropped: {
            delivery_id: string;
            reason: string;
        };
        /** @description One event with everything that became of it. */
        Event: {
            /** @description Every attempt, oldest first, by channel. */
            attempts: {
                [key: string]: components["schemas"]["AttemptRecord"][];
            };
            event: components["schemas"]["CloudEvent"];
            /** @description `true` where the journal is damaged and this is not all that became of the event. Absent otherwise. */
            incomplete?: boolean;
            /**
             * Format: uint64
             * @description Its place in the journal.
             */
            offset: number;
            /** @description What cannot be read. Beside `incomplete`. */
            reason?: string | null;
            result: components["schemas"]["EventResult"];
            /** @description What the stages did, in their order. Absent where none ran. */
            stages?: components["schemas"]["StageRecord"][];
        };
        /** @description CloudEvents, all of which are recorded, or none. */
        EventBatch: components["schemas"]["CloudEvent"][];
        /** @description What has become of an event so far. */
        EventResult: {
            /**
             * Format: date-time
             * @description When it was recorded.
             */
            broadcast_at: string;
            /** @description Where each channel stands that the event goes to, by name. */
            channels: {
                [key: string]: components["schemas"]["ChannelResult"];
            };
            /** @description Whether the event was recorded by an earlier request, whose result this is. */
            duplicate: boolean;
            /** @description The event's `id`. */
            event_id: string;
            /** @description The event's `type`. */
            event_type: string;
            /**
             * Format: uint64
             * @description Its place in the journal: 1 for the first event, growing.
             */
            offset: number;
            /**
             * @description `success`: delivered on every channel, but for those that have skipped it. `failed`: dead on every channel.
             *     `partial`: both. `pending`: at least one channel has not ended. `unrouted`: no channel takes it. `cancelled`: it
             *     was for later, and was cancelled.
             */
            overall_status: components["schemas"]["OverallStatus"];
            /** @description How many channels there are, by status. */
            summary: components["schemas"]["Summary"];
        };
        /** @description A page of the history. */
        Events: {
            events: components["schemas"]["ListedEvent"][];
            /** @description What is hidden. Beside `incomplete`. */
            holes?: components["schemas"]["Hole"][];
            /** @description `true` where a damaged part of the journal hides entries. Absent otherwise. */
            incomplete?: boolean;
            /**
             * Format: int64
             * @description The `after` of the next page; `null` on the last one.
             */
            next: number | null;
        };
        /** @description A schema in force. */
        EventSchema: {
            /** @description The `dataschema` of the events that it is for; `null` where it is for those without one. */
            dataschema: string | null;
            file: string;
            /**
             * Format: uint64
             * @description Events since the start that did not fit.
             */
            mismatches: number;
            /** @description What becomes of an event that does not fit. */
            mode: components["schemas"]["Mode"];
            /** @description The pattern, and the version behind an `@`. */
            name: string;
            /** @description The types that it is for. */
            pattern: string;
            /** @description The schema itself. Absent from lists. */
            schema?: unknown;
        };
        /** @description A type of events. */
        EventType: {
            /**
             * Format: uint64
             * @description Those that the journal held at the start, and those that came since.
             */
            events: number;
            /** @description The newest of them. Absent where it is gone, or too large for a list. */
            example?: components["schemas"]["CloudEvent"] | null;
            /**
             * Format: uint64
             * @description The newest one's place in the journal; `null` where none was seen.
             */
            last_offset: number | null;
            /**
             * Format: date-time
             * @description `null` where none was seen.
             */
            last_seen: string | null;
            /** @description The names of what they may be held against; the first that is for an event counts. */
            schemas: string[];
            type: string;
        };
        /** @description A type of events with the schemas that are for it. */
        EventTypeInFull: {
            /** @description The schemas themselves. */
            definitions: components["schemas"]["EventSchema"][];
            /**
             * Format: uint64
             * @description Those that the journal held at the start, and those that came since.
             */
            events: number;
            /** @description The newest of them. Absent where it is gone. */
            example?: components["schemas"]["CloudEvent"] | null;
            /**
             * Format: uint64
             * @description The newest one's place in the journal; `null` where none was seen.
             */
            last_offset: number | null;
            /**
             * Format: date-time
             * @description `null` where none was seen.
             */
            last_seen: string | null;
            /** @description The names of what they may be held against; the first that is for an event counts. */
            schemas: string[];
            type: string;
        };
        /** @description What would become of an event. */
        Explained: {
            /** @description By name. */
            channels: {
                [key: string]: components["schemas"]["Explanation"];
            };
            /** @description The event as the stages left it. Absent where none ran, or one refused it. */
            event?: components["schemas"]["CloudEvent"] | null;
            event_id: string;
            event_type: string;
            /** @description Why a stage would not let it through. Absent where all would. */
            refused?: string | null;
            /** @description What it is held against. Absent where there is no schema for it. */
            schema?: components["schemas"]["SchemaSays"] | null;
            /** @description What each stage did. Absent where none ran. */
            stages?: components["schemas"]["StageRecord"][];
        };
        /** @description What would become of the event at one channel. */
        Explanation: {
            deliver: boolean;
            /** @description The same in words. */
            detail?: string | null;
            /** @description Why it would not be delivered. Absent where it would. */
            reason?: components["schemas"]["Reason"] | null;
            /**
             * Format: date-time
             * @description Until when.
             */
            until?: string;
            /** @description What the first attempt would wait for. Absent where it would not. */
            waiting_for?: components["schemas"]["Wait"] | null;
        };
        /** @description One error in an input. `pointer` is a JSON pointer (RFC 6901) to where it is. */
        FieldError: {
            detail: string;
            pointer: string;
        };
        /** @description A folder that a guest sees. */
        FileGrant: {
            /** @description The folder as the guest sees it. */
            guest: string;
            /** @description The folder on this machine. */
            host: string;
            /** @description Whether the guest may write there. */
            write: boolean;
        };
        /** @description A filter as the configuration writes it. Further members are filters in the CloudEvents dialects, by name. */
        Filter: {
            /** @description Types and patterns. Absent where every type passes. */
            types?: string[];
            /** @description The condition, in CEL. Absent where there is none. */
            when?: string | null;
        } & {
            [key: string]: unknown;
        };
        /** @description Ends what is pending for a channel that has left the configuration. */
        Forget: {
            /**
             * @description Only count. What cannot be undone has to be asked for, so the default is `true`.
             * @default true
             */
            dry_run: boolean;
        };
        /** @description What was left of a channel that has gone. */
        Forgotten: {
            channel: string;
            dry_run: boolean;
            /**
             * Format: uint64
             * @description How many were ended.
             */
            ended: number;
            /**
             * Format: uint64
             * @description Deliveries that were pending, and are dead letters now unless this was a dry run.
             */
            pending: number;
        };
        /** @description What waits for its batch to be closed. */
        Gathered: {
            /** Format: uint */
            batches: number;
            /** Format: uint */
            deliveries: number;
            /**
             * Format: date-time
             * @description When the first of them is closed.
             */
            until: string;
        };
        /** @description What a channel or a stage is granted, in the words of the configuration. */
        Grants: {
            /** @description Types of events that it may emit. */
            emit: string[];
            files: components["schemas"]["FileGrant"][];
            /** @description Hosts that it may send HTTP requests to. */
            http: string[];
            /** @description Whether it may reach private addresses. */
            private_network: boolean;
            /** @description Hosts and ports that it may connect to. */
            tcp: string[];
        };
        /** @description A grant that a plugin may need. */
        GrantWanted: {
            /** @description `grant.http` */
            grant: string;
            /** @description What for. */
            why: string;
        };
        /** @description Why nothing is attempted. */
        Hold: {
            kind: components["schemas"]["ChannelState"];
            /** @description What the operator or the receiver said; may be empty. */
            reason: string;
            /** Format: date-time */
            since: string;
            /**
             * Format: date-time
             * @description When the breaker lets an attempt through to see. Only of an open breaker.
             */
            until?: string | null;
        };
        /** @description A part of a list that cannot be read: what lies between two cursors, without them. */
        Hole: {
            /** Format: int64 */
            after: number;
            /** Format: int64 */
            before: number;
            /** @description Why, in words. */
            reason: string;
        };
        /** @description A job and how far it has come. */
        Job: {
            /** Format: date-time */
            changed_at: string;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: uint64
             * @description Of those that it has begun.
             */
            dead: number;
            /**
             * Format: uint64
             * @description Of those that it has begun.
             */
            delivered: number;
            /** @description Why it has failed. Absent where it has not. */
            error?: string | null;
            /** Format: int64 */
            id: number;
            kind: components["schemas"]["JobKind"];
            /**
             * Format: uint64
             * @description Events or dead letters that matched when it was made.
             */
            matched: number;
            /**
             * Format: uint64
             * @description Begun and not ended.
             */
            pending: number;
            /** @description What was asked for. */
            request: unknown;
            /**
             * Format: uint64
             * @description Deliveries that it has begun and that were not skipped, or dead letters that it has deleted.
             */
            sent: number;
            /**
             * Format: uint64
             * @description Deliveries that were under way already, or gone, or that a policy or a preference skipped when their turn came.
             */
            skipped: number;
            state: components["schemas"]["JobState"];
            /** @description What its pending deliveries wait for. Absent from lists, and where none waits. */
            waiting?: components["schemas"]["Waiting"][];
        };
        JobKind: "replay" | "redrive" | "purge";
        JobState: ("running" | "failed") | "paused" | "cancelled" | "done";
        /** @description The journal, and whether it can be written and read. */
        Journal: {
            /**
             * Format: uint64
             * @description Reads that met damage since the start. Absent where none did.
             */
            damage?: number | null;
            /** @description What is wrong. Absent where nothing is. */
            error?: string | null;
            /**
             * Format: uuid
             * @description Another one after the journal was put back from a copy.
             */
            id: string;
            /** @description When it was last put back from a copy; `null` when it never was. */
            restored: components["schemas"]["Restored"] | null;
            status: components["schemas"]["JournalStatus"];
        };
        /** @description Whether the journal can write, and what it holds can be read. */
        JournalHealth: {
            /**
             * Format: uint64
             * @description Reads that met damage since the start. Absent where none did.
             */
            damage?: number | null;
            /** @description What is wrong. Absent where nothing is. */
            error?: string | null;
            status: components["schemas"]["JournalStatus"];
        };
        JournalStatus: "ok" | "degraded" | "failing";
        /** @description How an attempt failed. */
        LastError: {
            /**
             * Format: date-time
             * @description When the attempt ended.
             */
            at: string;
            class: components["schemas"]["Class"];
            /** @description What failed, as a word for programs such as `http_503`. */
            code: string;
            /** @description What failed, in words. */
            error: string;
        };
        /** @description Percentiles in milliseconds. */
        Latency: {
            /** Format: double */
            p50_ms: number;
            /** Format: double */
            p90_ms: number;
            /** Format: double */
            p99_ms: number;
        };
        /** @description An event and where it stands. */
        ListedEvent: {
            event: components["schemas"]["CloudEvent"];
            /** @description `true` where the journal is damaged and the result is not all that became of the event. Absent otherwise. */
            incomplete?: boolean;
            /**
             * Format: uint64
             * @description Its place in the journal.
             */
            offset: number;
            /** @description What cannot be read. Beside `incomplete`. */
            reason?: string | null;
            result: components["schemas"]["EventResult"];
        };
        /** @description What becomes of an event that does not fit. */
        Mode: "reject" | "warn";
        /** @description An event in the simple form. Only `type` is required. With `specversion` it is read as a CloudEvent instead. */
        NewEvent: {
            /** @description Any JSON. */
            data?: unknown;
            /** @description The media type of `data`. */
            datacontenttype?: string | null;
            /** @description A URI that names the schema of `data`. */
            dataschema?: string | null;
            /**
             * Format: date-time
             * @description When it is to be delivered. Default: now.
             */
            deliverat?: string | null;
            /** @description With `source`, the identity of the event. Default: a UUIDv7. */
            id?: string | null;
            /** @description The event in words, for people. */
            message?: string | null;
            /** @description How serious it is. */
            severity?: string | null;
            /** @description Where it happened, a URI reference. Default: `/`. */
            source?: string | null;
            /** @description What or whom it is about. */
            subject?: string | null;
            /** @description Recorded as one attribute, joined by commas. */
            tags?: string[] | null;
            /**
             * Format: date-time
             * @description When it happened. Default: now.
             */
            time?: string | null;
            /** @description What happened, such as `user.signup`. */
            type: string;
        };
        /** @description A recipient, in the place of what was on record. */
        NewRecipient: {
            /** @description Anything else that channels and templates may use, at most 256 values. */
            attributes?: {
                [key: string]: unknown;
            };
            /** @description What was read may be sent back; this is not looked at. */
            changed_at?: unknown;
            /** @description What is wanted, by the name of a channel. */
            channels?: {
                [key: string]: {
                    /** @description Types that are not wanted on the channel; `true` switches the channel off. */
                    off?: string[] | boolean;
                    /** @description Types that are delivered all the same. */
                    on?: string[];
                };
            };
            email?: string;
            /** @description A language tag such as `de` or `pt-BR`. */
            locale?: string;
            phone?: string;
            /** @description Tokens of devices. */
            push?: string[];
            /** @description Quiet hours: a table, a list of up to 16, or `none`. */
            quiet?: "none" | {
                days?: string[];
                except?: string;
                from: string;
                to: string;
                zone: string;
            } | {
                days?: string[];
                except?: string;
                from: string;
                to: string;
                zone: string;
            }[];
            /** @description What was read may be sent back; this is not looked at. */
            source?: unknown;
            /** @description As in the path. */
            subject?: string;
        };
        /** @description Nothing is asked for: an empty object, or no body at all. */
        Nothing: Record<string, never>;
        /** @description Of several events in a window one is delivered. */
        Once: {
            /** @description Whether the last event is delivered, and not the first. */
            last: boolean;
            /** @description The attribute or the expression whose values have a window each. */
            per: string;
            /** @description How long the window is. */
            within: string;
        };
        /** @description What happens to an event whose stage fails. */
        OnError: "reject" | "pass";
        OverallStatus: ("success" | "partial" | "failed" | "pending" | "unrouted") | "cancelled";
        /** @description Pauses a channel. */
        Pause: {
            /**
             * @description Why, for whoever looks later.
             * @default
             */
            reason: string;
        };
        /** @description A place in the history: a number is an offset, a string a time. */
        Place: number | string;
        /** @description One file in the plugins' folder, or one plugin built into the binary. */
        Plugin: {
            /** @description Whether it takes many events in one call. Beside `kind`. */
            batches?: boolean;
            /** @description The channels that use it. */
            channels: components["schemas"]["ChannelName"][];
            /** @description What to add to the configuration, while the file waits for that. Absent otherwise. */
            configure?: string | null;
            /** @description SHA-256, hex. */
            digest: string;
            /** @description Why the file is not in use. Absent where it is. */
            error?: string | null;
            /** @description The interfaces that it exports. Beside `kind`. */
            exports?: string[];
            /** @description The file. Absent for one that is built in. */
            file?: string | null;
            /** @description The interfaces that it imports. Beside `kind`. */
            imports?: string[];
            /** @description `channel`, `http-channel`, `incoming-handler`, `command` or `stage`. Absent when the file could not be loaded. */
            kind?: string;
            /** @description `webhook`, `builtin:webhook`. */
            name: string;
            /**
             * Format: uint
             * @description Bytes.
             */
            size: number;
            /** @description The stages that use it. Absent where none does. */
            stages?: components["schemas"]["ChannelName"][];
            /** @description What it would need for what it imports. Whether it uses that, an import does not tell. Beside `kind`. */
            wants?: components["schemas"]["GrantWanted"][];
        };
        /** @description The plugins there are, and how the last reload went. */
        Plugins: {
            /** @description `null` before the first. */
            last_reload: components["schemas"]["ReloadReport"] | null;
            /** @description Always `null`: all of them stand on one page. */
            next: null;
            plugins: components["schemas"]["Plugin"][];
            /** @description The last fifty reloads since the start that have changed something or found something wrong, newest first. */
            reloads: components["schemas"]["ReloadReport"][];
        };
        /** @description A policy as the configuration writes it. */
        Policy: {
            /** @description Absent where deliveries go one by one. */
            batch?: components["schemas"]["BatchPolicy"] | null;
            /** @description Absent where there is none. */
            breaker?: components["schemas"]["Breaker"] | null;
            /**
             * Format: uint
             * @description Attempts in flight.
             */
            concurrency: number;
            /** @description How long every delivery waits first. Absent where none does. */
            delay?: string | null;
            /** @description Absent where deliveries do not expire. */
            expires?: string | null;
            /** @description The channels that get what this one cannot deliver, in this order. Absent where there are none. */
            fallback?: string[];
            /** @description After how long they get it, even before the delivery is dead. Absent where it has to be dead. */
            fallback_after?: string | null;
            /** @description Absent where the channel gets every event. */
            filter?: components["schemas"]["Filter"] | null;
            /** @description The condition of what goes ahead of the backlog. Absent where nothing does. */
            first?: string | null;
            /**
             * Format: uint64
             * @description Per attempt.
             */
            fuel: number;
            /** @description `none`, or how long a delivery may be due before operators are told. */
            lagging_after: string;
            /**
             * Format: uint64
             * @description Bytes.
             */
            memory: number;
            /** @description Absent where every event is delivered. */
            once?: components["schemas"]["Once"] | null;
            /** @description `none`, or the attribute whose values keep their order. */
            order: string;
            /** Format: int8 */
            priority: number;
            /** @description Absent where there are no quiet hours. */
            quiet?: components["schemas"]["Quiet"][];
            /** @description Absent where there is none. */
            rate?: components["schemas"]["Rate"] | null;
            /**
             * Format: uint32
             * @description Further attempts after the first.
             */
            retries: number;
            /**
             * Format: uint32
             * @description Attempts that an instance serves; 0: each has a fresh one.
             */
            reuse: number;
            /** @description Of one attempt, wall clock. */
            timeout: string;
            /** @description The waits before the first further attempts, without jitter. */
            waits: string[];
        };
        /** @description What sets a key of a policy. Each overrides those before it. */
        PolicyLayer: "defaults" | "sidecar" | "channel";
        /** @description Why a request was not done (RFC 9457). */
        Problem: {
            /** @description How the stage failed. Beside `stage`. */
            class?: components["schemas"]["Class"] | null;
            /** @description What failed in the stage, as a word for programs. Beside `stage`. */
            code?: string | null;
            /** @description What is wrong here, and what to do about it. */
            detail: string;
            /** @description Every member or query parameter that is wrong. Absent where the problem is not in the input. */
            errors?: components["schemas"]["FieldError"][];
            /** @description How the reload went; of `reload-rejected` alone. */
            report?: components["schemas"]["ReloadReport"] | null;
            /** @description The stage that refused the event; of a batch, the first. Only of `stage-rejected` and `stage-unavailable`. */
            stage?: string | null;
            /**
             * Format: uint16
             * @description The status code of the answer.
             */
            status: number;
            /** @description The kind of problem in words; the same for all of a kind. */
            title: string;
            /** @description What programs tell problems apart by. */
            type: string;
        };
        /** @description Quiet hours as the configuration writes them. */
        Quiet: {
            /** @description `mon` to `sun`. */
            days: string[];
            /** @description The condition of what is delivered all the same. Absent where there is none. */
            except?: string | null;
            /** @description A time of day: `22:00`. */
            from: string;
            to: string;
            /** @description `Europe/Berlin`. */
            zone: string;
        };
        /** @description A rate as the configuration writes it. */
        Rate: {
            /**
             * Format: uint32
             * @description Attempts that may be made at once.
             */
            burst: number;
            /** @description `10/s`, `100/min`. */
            limit: string;
            /** @description The attribute or the expression whose values have a rate each. Absent where it is the channel's. */
            per?: string | null;
        };
        Readiness: "ready" | "degraded" | "unavailable" | "draining";
        /** @description Whether events are taken. */
        Ready: {
            channels: components["schemas"]["ChannelStates"];
            journal: components["schemas"]["JournalHealth"];
            /** @description Absent when the last reload took everything. */
            rejected_reload?: components["schemas"]["ReloadReport"] | null;
            /** @description Absent where there are none. */
            stages?: components["schemas"]["StageStates"] | null;
            status: components["schemas"]["Readiness"];
            table: components["schemas"]["Table"];
            /** @description What should be watched for changes and is not, with the reason. Absent when everything is. */
            unwatched?: string[];
        };
        /** @description Why an event would not be delivered. */
        Reason: "filter" | "filter-error" | "fallback" | "preference";
        /** @description One of the last failed attempts. */
        RecentFailure: {
            /**
             * Format: date-time
             * @description When the attempt ended.
             */
            at: string;
            /**
             * Format: uint32
             * @description The number of the attempt: 1 for the first.
             */
            attempt: number;
            channel: string;
            class: components["schemas"]["Class"];
            /** @description What failed, as a word for programs such as `http_503`. */
            code: string;
            delivery_id: string;
            /** @description What failed, in words. */
            error: string;
        };
        /** @description A recipient as it is on record. */
        Recipient: {
            /** @description Anything else that channels and templates may use, at most 256 values. */
            attributes?: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description When it was set. Absent where a file has it.
             */
            changed_at?: string;
            /** @description What is wanted, by the name of a channel. */
            channels?: {
                [key: string]: {
                    /** @description Types that are not wanted on the channel; `true` switches the channel off. */
                    off?: string[] | boolean;
                    /** @description Types that are delivered all the same. */
                    on?: string[];
                };
            };
            email?: string;
            /** @description A language tag such as `de` or `pt-BR`. */
            locale?: string;
            phone?: string;
            /** @description Tokens of devices. */
            push?: string[];
            /** @description Quiet hours: a table, a list of up to 16, or `none`. */
            quiet?: "none" | {
                days?: string[];
                except?: string;
                from: string;
                to: string;
                zone: string;
            } | {
                days?: string[];
                except?: string;
                from: string;
                to: string;
                zone: string;
            }[];
            source: components["schemas"]["Source"];
            subject: string;
        };
        /** @description A page of recipients. */
        Recipients: {
            /** @description The `after` of the next page; `null` on the last one. */
            next: string | null;
            recipients: components["schemas"]["Recipient"][];
        };
        /** @enum {string} */
        ReloadOutcome: "ok" | "rejected";
        /** @description How a reload went. */
        ReloadReport: {
            /**
             * Format: date-time
             * @description When it ended.
             */
            at: string;
            /** @description What has changed, one line each. */
            changes: string[];
            /** @description What was wrong, one line each: file, line and key where there are any. */
            errors: string[];
            /** @description `ok` when everything that was found was taken; `rejected` when something was not, and the version before it runs on. */
            outcome: components["schemas"]["ReloadOutcome"];
        };
        /** @description A channel that has left the configuration, and what is left of it. */
        Removed: {
            channel: string;
            /** Format: uint64 */
            dead_letters: number;
            /** Format: uint64 */
            pending: number;
        };
        /** @description Which events to send again, and to whom. */
        Replay: {
            /** @description Events beyond this place. Default: from the oldest that is kept. */
            after?: components["schemas"]["Place"] | null;
            /** @description The channels that they are sent to. */
            channels: components["schemas"]["ChannelName"][];
            /**
             * @description Only count them.
             * @default false
             */
            dry_run: boolean;
            /**
             * @description Types or patterns. Default: all.
             * @default []
             */
            types: string[];
            /** @description Events up to this place. Default: until now. */
            until?: components["schemas"]["Place"] | null;
        };
        /** @description The newest hundred jobs, newest first. */
        Replays: {
            /** @description Always `null`: they stand on one page. */
            next: null;
            replays: components["schemas"]["Job"][];
        };
        /** @description The last time that the journal was put back. */
        Restored: {
            /**
             * Format: date-time
             * @description When a daemon first started on the copy.
             */
            at: string;
            /**
             * Format: date-time
             * @description When the copy was taken; `null` where it was not `fanfare backup` that took it.
             */
            copied_at: string | null;
            /**
             * Format: uint64
             * @description The copy's newest event. Later offsets have been given again, to other events.
             */
            last_offset: number;
        };
        /** @description Whether the event would be taken. */
        SchemaSays: {
            /** @description What does not fit. Absent where all does. */
            errors?: components["schemas"]["FieldError"][];
            fits: boolean;
            /** @description What becomes of an event that does not fit. */
            mode: components["schemas"]["Mode"];
            /** @description The name of the schema. */
            name: string;
        };
        /** @description Which dead letters to work on: those that fit every filter, or all. */
        Selection: {
            /**
             * @description Every one. It has no place beside a filter.
             * @default false
             */
            all: boolean;
            /** @description Of this channel. */
            channel?: components["schemas"]["ChannelName"] | null;
            /** @description That failed in this way. */
            class?: components["schemas"]["Class"] | null;
            /** @description That failed with this code. */
            code?: string | null;
            /** @description This one. */
            delivery_id?: string | null;
            /**
             * @description Only count them.
             * @default false
             */
            dry_run: boolean;
            /**
             * Format: date-time
             * @description Given up at or after this time.
             */
            since?: string | null;
            /** @description Of events of this type, or pattern. */
            type?: string | null;
            /**
             * Format: date-time
             * @description Given up before this time.
             */
            until?: string | null;
        };
        /** @description What happened in each step of a window, as rates per second. It is kept in memory, so it begins with the daemon. */
        Series: {
            /** @description Events recorded; `null` in steps before the start. */
            accepted: (number | null)[];
            /** @description By channel, for those with an attempt since the start. */
            channels: {
                [key: string]: components["schemas"]["SeriesRates"];
            };
            /** @description Deliveries that were given up. */
            dead: (number | null)[];
            /** @description Deliveries that were delivered. */
            delivered: (number | null)[];
            /** @description Attempts that failed. */
            failed: (number | null)[];
            /**
             * Format: uint32
             * @description Seconds of one step.
             */
            step_seconds: number;
            /**
             * Format: date-time
             * @description When the last step ended. It is a multiple of the step.
             */
            until: string;
            window: components["schemas"]["SeriesWindow"];
        };
        /** @description Rates per second, oldest step first; `null` in steps before the start. */
        SeriesRates: {
            /** @description Deliveries that were given up. */
            dead: (number | null)[];
            /** @description Deliveries that were delivered. */
            delivered: (number | null)[];
            /** @description Attempts that failed. */
            failed: (number | null)[];
        };
        /** @description How far back a series goes. */
        SeriesWindow: "hour" | "day";
        /** @description A delivery that has just ended: the data of a `settled` message of the stream. */
        SettledDelivery: {
            /**
             * Format: uint64
             * @description Attempts so far.
             */
            attempts: number;
            /** @description The channel's name. */
            channel: string;
            /** @description How the last attempt failed. Absent where it did not. */
            class?: components["schemas"]["Class"] | null;
            /** @description What failed, as a word for programs such as `http_503`. Beside `class`. */
            code?: string | null;
            /** @description The same for every attempt, so that receivers can use it as an idempotency key. */
            delivery_id: string;
            /** @description The same in words. Beside `reason`. */
            detail?: string | null;
            /**
             * Format: double
             * @description How long the last attempt took, in milliseconds. Absent before the first.
             */
            duration_ms?: number | null;
            /** @description What failed, in words. Beside `class`. */
            error?: string | null;
            event_id: string;
            event_type: string;
            /** @description The channel that could not deliver the event, so that this one had it. Absent where there is none. */
            fallback_for?: string | null;
            /**
             * Format: date-time
             * @description When the next attempt is due; `null` if there will be none. Beside `class`.
             */
            next_attempt_at?: string | null;
            /** Format: uint64 */
            offset: number;
            /** @description Why it was skipped. Only of a skipped one. */
            reason?: components["schemas"]["Skip"] | null;
            /** @description What the plugin noted, a JSON object. Only after a success. */
            receipt?: unknown;
            /** @description Its last replay, if that was skipped. Everything else says what the delivery had come to before. */
            skipped_replay?: components["schemas"]["SkippedReplay"] | null;
            /** @description `failed` is dead; `skipped` counts as settled. */
            status: components["schemas"]["ChannelStatus"];
            /**
             * Format: date-time
             * @description When the last attempt ended; before the first, when the event was recorded.
             */
            timestamp: string;
            /**
             * Format: date-time
             * @description Until when it waits, if that is known.
             */
            until?: string;
            /** @description What a pending delivery waits for. Absent where it is due, or under way. */
            waiting_for?: components["schemas"]["WaitingFor"] | null;
        };
        /** @description Why a delivery ends without an attempt. */
        Skip: "once" | "cancelled" | "preference";
        /** @description A replay that was skipped. */
        SkippedReplay: {
            /** Format: date-time */
            at: string;
            /** @description The same in words. */
            detail: string;
            reason: components["schemas"]["Skip"];
        };
        /**
         * @description Who says that a recipient is on record.
         * @enum {string}
         */
        Source: "file" | "api";
        /** @description A stage: its plugin and bounds, and what it has done. */
        Stage: {
            bounds: components["schemas"]["Bounds"];
            /** @description SHA-256 of its file, hex; `null` where there is nothing to call. */
            digest: string | null;
            /** @description Why there is nothing to call, or why the newest file was not taken. Absent where all is well. */
            error?: string | null;
            grants: components["schemas"]["Grants"];
            /** @description The interfaces that it imports. */
            imports: string[];
            /** @description `channel`, `http-channel`, `incoming-handler`, `command` or `stage`; `null` where there is nothing to call. */
            kind: string | null;
            /** @description `null` where it has not failed. */
            last_error: components["schemas"]["StageError"] | null;
            /** @description `null` before the first. */
            latency: components["schemas"]["Latency"] | null;
            name: string;
            on_error: components["schemas"]["OnError"];
            /** @description As the configuration names it: `enrich`, `builtin:enrich`. */
            plugin: string;
            /** @description Events, by what it did with them. */
            runs: {
                [key: string]: number;
            };
            /** @description The names of its secrets. */
            secrets: string[];
            /** @description The keys of its settings; values may be private. */
            settings: string[];
            state: components["schemas"]["StageState"];
            /** @description Types and patterns. Absent where every type passes it. */
            types?: string[];
            /** @description The condition of what passes it, in CEL. Absent where there is none. */
            when?: string | null;
        };
        /** @description How a stage last failed. What the plugin said is left out: it may repeat an event that is kept nowhere. */
        StageError: {
            /** Format: date-time */
            at: string;
            class: components["schemas"]["Class"];
            code: string;
        };
        /** @description The record of one stage for one event. It contains the names of members, never their values. */
        StageRecord: {
            /** @description JSON pointers to the members that it added, removed or changed. */
            changed?: string[];
            class?: components["schemas"]["Class"];
            code?: string;
            did: components["schemas"]["Did"];
            /** @description SHA-256 of the plugin's file, hex; the first 16 digits. Absent if there was no plugin to call. */
            digest?: string | null;
            /** Format: double */
            duration_ms: number;
            /** @description As in the configuration: `enrich`, `builtin:enrich`. */
            plugin: string;
            reason?: string;
            stage: components["schemas"]["ChannelName"];
        };
        /** @description What events pass before they go to channels. */
        Stages: {
            /** @description Always `null`: all of them stand on one page. */
            next: null;
            /** @description In the order in which events pass them. */
            stages: components["schemas"]["Stage"][];
        };
        /** @description What a stage does. */
        StageState: "active" | "missing" | "failed";
        /** @description How many stages there are, by state. */
        StageStates: {
            /** Format: uint */
            active: number;
            /** Format: uint */
            failed: number;
            /** Format: uint */
            missing: number;
        };
        /** @description The daemon at a glance. */
        Stats: {
            /** @description By name. */
            channels: {
                [key: string]: components["schemas"]["Counts"];
            };
            journal: components["schemas"]["Journal"];
            /** @description `null` before the first. */
            last_reload: components["schemas"]["ReloadReport"] | null;
            /** @description Of this run's attempts on all channels; `null` before the first. */
            latency: components["schemas"]["Latency"] | null;
            /** @description Attempts of this run, newest first. */
            recent_failures: components["schemas"]["RecentFailure"][];
            /** @description Channels that have left the configuration, and for which deliveries are pending: they keep every event after them. */
            removed: components["schemas"]["Removed"][];
            totals: components["schemas"]["Totals"];
            /**
             * Format: uint64
             * @description Seconds since the start.
             */
            uptime_seconds: number;
            version: string;
        };
        /** @description How many channels there are, by status. */
        Summary: {
            /** Format: uint64 */
            failed: number;
            /** Format: uint64 */
            pending: number;
            /** Format: uint64 */
            skipped: number;
            /** Format: uint64 */
            successful: number;
            /** Format: uint64 */
            total_channels: number;
        };
        /** @description Whether events go to the channels that are configured. */
        Table: {
            /** @description What is wrong. Absent where nothing is. */
            error?: string | null;
            status: components["schemas"]["TableStatus"];
        };
        TableStatus: "ok" | "behind" | "missing";
        /** @description How a test of a channel went. Nothing of it is recorded. */
        Tested: {
            channel: string;
            /** @description How it failed. Absent after a success. */
            class?: components["schemas"]["Class"] | null;
            /** @description Beside `class`. */
            code?: string | null;
            delivery_id: string;
            /**
             * Format: double
             * @description Milliseconds.
             */
            duration_ms: number;
            /** @description Beside `class`. */
            error?: string | null;
            /** Format: uint64 */
            fuel: number;
            /**
             * Format: uint64
             * @description Peak linear memory in bytes.
             */
            memory: number;
            /** @description What the plugin noted. Only after a success. */
            receipt?: unknown;
            /**
             * @description `success` or `failed`.
             * @enum {string}
             */
            status: "success" | "failed";
            /** @description The guest's last log lines. Only after a failure. */
            trace?: string[];
        };
        /** @description Over all channels there ever were, since the journal was made. */
        Totals: {
            /**
             * Format: uint64
             * @description Events.
             */
            accepted: number;
            /** Format: uint64 */
            attempts: number;
            /** Format: uint64 */
            dead: number;
            /** Format: uint64 */
            delivered: number;
            /**
             * Format: double
             * @description Attempts per delivery that reached its end; `null` before the first.
             */
            mean_attempts: number | null;
            /** Format: uint64 */
            pending: number;
            /**
             * Format: uint64
             * @description Ended without being delivered, as that was not wanted any more.
             */
            skipped: number;
            /**
             * Format: double
             * @description Delivered, of the deliveries that reached their end, from 0 to 1; `null` before the first.
             */
            success_rate: number | null;
        };
        /**
         * @description What triggered an attempt.
         * @enum {string}
         */
        Trigger: "first" | "retry" | "replay" | "manual" | "fallback";
        /** @description What a deferred delivery waits for. */
        Wait: "at" | "delay" | "quiet" | "once" | "rate" | "batch";
        /** @description Deliveries of one channel that a job has begun, and that are not attempted now. */
        Waiting: {
            channel: string;
            /** Format: uint64 */
            deliveries: number;
            /**
             * Format: date-time
             * @description When the first of them goes on, if that is known.
             */
            until?: string;
            waiting_for: components["schemas"]["WaitingFor"];
        };
        /** @description Why a pending delivery is not being attempted. */
        WaitingFor: "paused" | "suspended" | "breaker" | "rate" | "plugin" | "retry" | "at" | "delay" | "quiet" | "once" | "batch" | "order";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
